// SPDX-License-Identifier: Apache-2.0
//
// A workspace of its own for one scenario, the program as its users run it, and a sink beside it.
// Starts real processes; stops what it started, by pid.
import Foundation
import NashraCore

/// What a finished process said.
struct Output: CustomStringConvertible {
    let status: Int32
    let out: String
    let error: String

    var description: String { "exit \(status)\n--- stdout\n\(out)\n--- stderr\n\(error)" }

    /// The JSON object on stdout.
    func json() throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(out.utf8))
        guard let object = value as? [String: Any] else { throw WorldError(text: "not an object: \(out)") }
        return object
    }
}

struct WorldError: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

/// A folder that is gone when the scenario passes, with a workspace in `w`.
final class World {
    let folder: URL
    private var sinks: [Sink] = []
    private var children: [Process] = []

    /// Makes the folder, and the workspace with `nashra init` against `relay`.
    init(relay: String = "smtp://127.0.0.1:9", languages: String = "ar,en,fr") throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "nashra-scenario-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let made = try run([
            "init", "w", "--name", "التوعية الأمنية", "--sender", "bulletin@moi.example", "--relay", relay,
            "--languages", languages, "--no-input",
        ])
        guard made.status == 0 else { throw WorldError(text: "init failed: \(made)") }
    }

    deinit {
        for child in children where child.isRunning { kill(child.processIdentifier, SIGKILL) }
        for sink in sinks { sink.stop() }
        try? FileManager.default.removeItem(at: folder)
    }

    var workspace: URL { folder.appending(path: "w") }
    var configuration: URL { workspace.appending(path: "config/nashra.yaml") }

    /// The program under test, beside the test's own executable.
    static var program: URL {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appending(path: "nashra")
    }

    /// Runs the program to its end in the workspace.
    @discardableResult
    func run(_ arguments: [String], environment: [String: String] = [:], input: String = "") throws -> Output
    {
        let process = try start(arguments, environment: environment, input: input)
        return try process.finish()
    }

    /// Starts the program and leaves it running.
    func start(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = "",
        shell: String? = nil
    ) throws -> Running {
        let process = Process()
        if let shell {
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", "\(shell); exec \"$0\" \"$@\"", Self.program.path] + arguments
        } else {
            process.executableURL = Self.program
            process.arguments = arguments
        }
        var all = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NASHRA_") }
        let hasWorkspace = FileManager.default.fileExists(atPath: configuration.path)
        if hasWorkspace { all["NASHRA_WORKSPACE"] = workspace.path }
        all.merge(environment) { $1 }
        process.environment = all
        process.currentDirectoryURL = folder
        let running = try Running(process, folder: folder, input: input)
        children.append(process)
        return running
    }

    /// Starts a sink and points the workspace's relay at it.
    @discardableResult
    func sink(_ arguments: [String] = [], relay: Bool = true) throws -> Sink {
        let ledger = folder.appending(path: "sink-\(sinks.count).jsonl")
        let running = try start(["sink", "--port", "0", "--ledger", ledger.path] + arguments)
        let sink = try Sink(running, ledger: ledger)
        sinks.append(sink)
        if relay { try setRelay("smtp://127.0.0.1:\(sink.port)") }
        return sink
    }

    /// Rewrites the relay's URL in the configuration.
    func setRelay(_ url: String) throws {
        let text = try String(contentsOf: configuration, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.trimmingCharacters(in: .whitespaces).hasPrefix("url: ") && line.contains("smtp")
                ? String(line.prefix { $0 == " " }) + "url: \(url)" : String(line)
        }
        try lines.joined(separator: "\n").write(to: configuration, atomically: true, encoding: .utf8)
    }

    /// Writes `count` people as CSV and imports them into topic `public`.
    func people(_ count: Int) throws {
        var csv = "email,name,language,city\r\n"
        let names = [
            "سارة القحطاني", "مُحَمَّد العَلي", "Claire O'Neil", "Jean \"JD\" <Dupont> & fils; SA", "علي, باسم",
        ]
        for index in 0..<count {
            let name = names[index % names.count].replacing("\"", with: "\"\"")
            csv += "person\(index)@\(["example.org", "example.com", "بريد.example"][index % 3]),\"\(name)\","
            csv += "\(["ar", "ar", "en", "fr", "ar"][index % 5]),\"الدوحة\"\r\n"
        }
        let file = folder.appending(path: "people.csv")
        try csv.write(to: file, atomically: true, encoding: .utf8)
        let added = try run(["topics", "add", "public", "--title", "ar=تنبيهات عامة"])
        guard added.status == 0 else { throw WorldError(text: "topics add: \(added)") }
        let imported = try run(["subscribers", "import", file.path, "--topic", "public", "--source", "test"])
        guard imported.status == 0 else { throw WorldError(text: "import: \(imported)") }
    }
}

/// A process that was started, with its output going to files so that no pipe can fill up.
final class Running {
    let process: Process
    private let out: URL
    private let error: URL

    init(_ process: Process, folder: URL, input: String) throws {
        self.process = process
        let id = UUID().uuidString
        out = folder.appending(path: "\(id).out")
        error = folder.appending(path: "\(id).err")
        let inputFile = folder.appending(path: "\(id).in")
        for (url, text) in [(out, ""), (error, ""), (inputFile, input)] { try Data(text.utf8).write(to: url) }
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: error)
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        try process.run()
    }

    var text: String { (try? String(contentsOf: out, encoding: .utf8)) ?? "" }
    var errorText: String { (try? String(contentsOf: error, encoding: .utf8)) ?? "" }

    /// Waits for the end.
    func finish() throws -> Output {
        process.waitUntilExit()
        let status =
            process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Output(status: status, out: text, error: errorText)
    }

    /// Waits until `condition` holds, at most ten seconds.
    func wait(until condition: () -> Bool) -> Bool {
        for _ in 0..<1_000 {
            if condition() { return true }
            if !process.isRunning { return condition() }
            var pause = timespec(tv_sec: 0, tv_nsec: 10_000_000)
            nanosleep(&pause, nil)
        }
        return false
    }
}

/// A running `nashra sink`.
final class Sink {
    let port: Int
    let first: [String: Any]
    private let running: Running
    private let ledger: URL

    init(_ running: Running, ledger: URL) throws {
        self.running = running
        self.ledger = ledger
        guard running.wait(until: { running.text.contains("\n") }) else {
            throw WorldError(text: "the sink did not start: \(running.errorText)")
        }
        let line = running.text.split(separator: "\n").first.map(String.init) ?? ""
        first = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        guard let port = first["port"] as? Int else { throw WorldError(text: "no port in \(line)") }
        self.port = port
    }

    /// What it accepted, one object a message.
    func messages() throws -> [[String: Any]] {
        guard let text = try? String(contentsOf: ledger, encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }

    /// The recipients of all accepted messages, each as often as it was accepted.
    func recipients() throws -> [String] {
        try messages().flatMap { $0["recipients"] as? [String] ?? [] }
    }

    func stop() {
        guard running.process.isRunning else { return }
        kill(running.process.processIdentifier, SIGTERM)
        running.process.waitUntilExit()
    }
}
