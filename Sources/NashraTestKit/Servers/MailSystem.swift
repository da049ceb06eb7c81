// SPDX-License-Identifier: Apache-2.0
//
// What the real mail systems of the tests have in common: a folder, packages, submitting, waiting for files.
// Loopback only; starts python3 to submit, because its SMTP client is not ours.
public import Foundation

/// Tools for mail systems in temporary folders.
public enum MailSystem {
    /// Nobody's number, as which mailboxes are written.
    public static let nobody: uid_t = 65534

    /// Makes a folder that daemons of other users may pass; short, for the paths of sockets have 108 bytes.
    static func makeFolder(_ prefix: String) throws -> URL {
        let folder = URL(filePath: "/tmp/\(prefix)-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        chmod(folder.path, 0o755)
        return folder
    }

    /// Throws unless the test runs as root, as all mail systems want it.
    static func requireRoot(_ name: String) throws {
        guard geteuid() != 0 else { return }
        throw ServerFailure(
            "\(name) is started by root only: run this test as root, as continuous integration does"
        )
    }

    /// A program of a package that is unpacked and not installed, because it excludes Postfix.
    static func unpacked(_ package: String, _ program: String) throws -> String {
        let sources = URL(filePath: #filePath).resolvingSymlinksInPath()
        var root = sources
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let path = root.appending(path: ".servers/\(package)/\(program)").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ServerFailure(
                "\(path) is missing: run Scripts/bootstrap --tests, which unpacks the package \(package)"
            )
        }
        return path
    }

    /// Writes a file that every user may read.
    static func write(_ text: String, to file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
        chmod(file.path, 0o644)
    }

    /// Copies of the system's users and groups with some more in them, to be mounted over the real files.
    static func writeUsers(_ names: [String], firstNumber: Int, in folder: URL) throws {
        var users = try String(contentsOfFile: "/etc/passwd", encoding: .utf8)
        var groups = try String(contentsOfFile: "/etc/group", encoding: .utf8)
        for (index, name) in names.enumerated() {
            let number = firstNumber + index
            users += "\(name):x:\(number):\(number)::/var/lib/opensmtpd/empty:/usr/sbin/nologin\n"
            groups += "\(name):x:\(number):\n"
        }
        try write(users, to: folder.appending(path: "passwd"))
        try write(groups, to: folder.appending(path: "group"))
    }

    /// Starts a program that sees some of our files in place of the system's, so that nothing has to be installed.
    ///
    /// - Parameters:
    ///   - program: The program and its arguments.
    ///   - mounts: What it sees, by the place where it sees it.
    ///   - output: Where it writes.
    /// - Returns: The program.
    /// - Throws: ``ServerFailure``.
    static func start(_ program: [String], mounts: [(ours: String, place: String)], output: String) throws
        -> ServerProcess
    {
        let script = mounts.indices.map { "mount --bind \"${\(2 * $0 + 1)}\" \"${\(2 * $0 + 2)}\" && " }
            .joined()
        let words = mounts.flatMap { [$0.ours, $0.place] }
        return try ServerProcess(
            "/usr/bin/unshare",
            ["--mount", "sh", "-c", "\(script)shift \(words.count) && exec \"$@\"", "sh"] + words + program,
            output: output
        )
    }

    /// One message to submit.
    public struct Letter: Sendable {
        /// The envelope's sender.
        public var sender: String
        /// The envelope's recipients.
        public var recipients: [String]
        /// The message with any line ends.
        public var text: String

        /// Makes a letter.
        public init(from sender: String, to recipients: [String], _ text: String) {
            self.sender = sender
            self.recipients = recipients
            self.text = text
        }
    }

    /// Hands letters to a server on loopback over one connection.
    ///
    /// - Throws: When the server refuses one.
    public static func submit(_ letters: [Letter], port: Int) throws {
        let script = """
            import json, smtplib, sys
            with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=60) as client:
                for sender, recipients, text in json.loads(sys.argv[2]):
                    refused = client.sendmail(sender, recipients, text.encode(), ["BODY=8BITMIME"])
                    assert not refused, refused
            """
        let list = letters.map { [$0.sender, $0.recipients, $0.text] as [Any] }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: list), as: UTF8.self)
        let output = "/tmp/nashra-submit-\(UUID().uuidString)"
        defer { unlink(output) }
        let status = try ServerProcess.run(
            "/usr/bin/env",
            ["python3", "-c", script, "\(port)", json],
            output: output
        )
        guard status == 0 else {
            let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            throw ServerFailure(
                "python3 (package python3) could not submit to port \(port): \(said.suffix(1000))"
            )
        }
    }

    /// Waits until a folder holds as many files as that, for as long as `seconds`.
    ///
    /// - Returns: Their paths, in the order of their names.
    public static func wait(for count: Int, filesIn folder: URL, seconds: Int = 60) throws -> [String] {
        var names: [String] = []
        for _ in 0..<seconds * 20 {
            names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            if names.count >= count { break }
            _ = poll(nil, 0, 50)
        }
        guard names.count >= count else {
            throw ServerFailure("\(names.count) messages of \(count) came to \(folder.path) in \(seconds) s")
        }
        return names.sorted().map { folder.appending(path: $0).path }
    }
}
