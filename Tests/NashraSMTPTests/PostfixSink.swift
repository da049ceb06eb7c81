// SPDX-License-Identifier: Apache-2.0
//
// Postfix's smtp-sink as a test's server: a real part that is not ours.
// Starts a process on a free loopback port and stops that one process.
import Foundation
import Testing

/// A running `smtp-sink`.
final class PostfixSink {
    let port: Int
    private let process = Process()

    /// Starts it with `options`, such as `-q MAIL`, and waits until it listens.
    init(_ options: [String] = []) throws {
        let places = ["/usr/sbin/smtp-sink", "/usr/local/sbin/smtp-sink", "/usr/lib/postfix/smtp-sink"]
        let path = try #require(
            places.first { FileManager.default.isExecutableFile(atPath: $0) },
            "smtp-sink is missing: install the package `postfix`"
        )
        let (descriptor, port) = ScriptedServer.listen()
        close(descriptor)
        self.port = port
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments =
            (geteuid() == 0 ? ["-u", "nobody"] : []) + options + ["127.0.0.1:\(port)", "100"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try waitUntilListening()
    }

    /// Not SIGTERM: a child inherits this process's signal mask, and with it the sink would outlive the test.
    deinit { kill(process.processIdentifier, SIGKILL) }

    private func waitUntilListening() throws {
        for _ in 0..<500 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            address.sin_port = UInt16(port).bigEndian
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result == 0 { return }
            _ = poll(nil, 0, 10)
        }
        try #require(Bool(false), "smtp-sink does not listen on port \(port)")
    }
}
