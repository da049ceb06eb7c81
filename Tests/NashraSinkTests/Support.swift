// SPDX-License-Identifier: Apache-2.0
//
// What the sink's tests share: a folder that goes away, Python as a client, a session by hand.
// Starts python3; writes under the system's temporary folder.
import Foundation
import NashraCore
import Testing

@testable import NashraSink

/// A folder that is removed with the value.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "nashra-sink-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file(name)) ?? Data(), as: UTF8.self)
    }

    /// The messages of the Maildir at `name`, in the order in which they came.
    func messages(_ name: String) throws -> [[UInt8]] {
        let folder = file(name) + "/new"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return names.sorted { sequence($0) < sequence($1) }
            .map { [UInt8](FileManager.default.contents(atPath: "\(folder)/\($0)") ?? Data()) }
    }

    private func sequence(_ name: String) -> Int {
        Int(name.drop { $0 != "Q" }.dropFirst().prefix { $0.isNumber }) ?? 0
    }
}

/// Runs a Python script against a port; what it prints, line by line.
func python(_ script: String, port: Int, _ arguments: [String] = []) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-I", "-c", prelude + script, String(port)] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    #expect(process.terminationStatus == 0, "python3 said: \(text)")
    return text.split(separator: "\n").map(String.init)
}

/// What every script starts with: `port`, `read(socket)` up to a whole reply, `talk(socket, bytes, replies)`.
private let prelude = """
    import sys, socket, smtplib, ssl, struct, hashlib
    port = int(sys.argv[1])
    def connect():
        s = socket.create_connection(("127.0.0.1", port), timeout=10)
        return s, s.makefile("rb")
    def reply(f):
        text = b""
        while True:
            line = f.readline()
            text += line
            if not line or line[3:4] != b"-": return text.decode().strip()
    def talk(s, f, data, replies):
        s.sendall(data)
        return [reply(f)[:9] for _ in range(replies)]

    """

/// A sink that is stopped when the test is over.
func withSink<Result>(
    _ change: (inout SinkOptions) -> Void = { _ in },
    _ body: (SinkServer) throws -> Result
) throws -> Result {
    var options = SinkOptions()
    change(&options)
    let sink = try SinkServer.start(options)
    defer { sink.stop() }
    return try body(sink)
}

extension SinkSession {
    /// A session by hand; its greeting has been taken.
    static func forTests(_ change: (inout SinkOptions) -> Void = { _ in }) -> SinkSession {
        var options = SinkOptions()
        change(&options)
        let settings = Settings(
            options: options,
            script: SinkScript(options.rules, usesBuiltIn: options.usesBuiltInScript),
            budget: MemoryBudget(limit: options.memoryLimit)
        )
        return SinkSession(settings, connection: 1, isSecure: false)
    }

    /// What the session says and does on `text`: the first nine bytes of each reply, `keep`, `end close`, ….
    mutating func answers(to text: String) -> [String] { answers(to: Array(text.utf8)) }

    mutating func answers(to bytes: [UInt8]) -> [String] {
        receive(bytes)
        return takeSteps().flatMap { step in
            switch step {
            case .say(let bytes, _):
                String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map { String($0.prefix(9)) }
            case .keep: ["keep"]
            case .keepAndEnd(_, let how): ["keep", "end \(how)"]
            case .startTLS: ["tls"]
            case .end(let how): ["end \(how)"]
            }
        }
    }
}
