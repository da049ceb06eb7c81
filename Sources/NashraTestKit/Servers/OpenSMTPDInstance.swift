// SPDX-License-Identifier: Apache-2.0
//
// A real OpenSMTPD on loopback that passes everything on to one server and reports what that refuses.
// Needs root and the package opensmtpd, unpacked; it knows its paths and users by heart, so it gets them in mounts of
// its own.
// Rules: smtpd.conf(5).
public import Foundation

/// A running OpenSMTPD.
public final class OpenSMTPDInstance {
    /// Where everything is.
    public let folder: URL
    /// Where it takes mail.
    public let port = LoopbackPort.free()
    private var process: ServerProcess?

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - nextHop: The port of 127.0.0.1 to which all mail goes.
    ///   - lifetime: For how many seconds it tries again; after one second it warns.
    /// - Throws: ``ServerFailure``, which names what is missing.
    public init(nextHop: Int, lifetime: Int = 4) throws {
        try MailSystem.requireRoot("OpenSMTPD")
        let program = try MailSystem.unpacked("opensmtpd", "usr/sbin/smtpd")
        folder = try MailSystem.makeFolder("no")
        for name in ["spool/smtpd", "run", "lib/opensmtpd/empty"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name),
                withIntermediateDirectories: true
            )
        }
        chmod(path("spool/smtpd"), 0o711)
        try MailSystem.writeUsers(["opensmtpd", "opensmtpq"], firstNumber: 65521, in: folder)
        let text = """
            listen on 127.0.0.1 port \(port) hostname opensmtpd.example
            bounce warn-interval 1s
            queue ttl \(lifetime)s
            action "next" relay host "smtp://127.0.0.1:\(nextHop)" helo opensmtpd.example
            match from any for any action "next"

            """
        try MailSystem.write(text, to: folder.appending(path: "conf"))
        process = try MailSystem.start(
            [program, "-d", "-f", path("conf")],
            mounts: [
                (path("passwd"), "/etc/passwd"), (path("group"), "/etc/group"), (path("spool"), "/var/spool"),
                (path("run"), "/run"), (path("lib"), "/var/lib"),
            ],
            output: path("log")
        )
        do { try ServerProcess.waitForPort(port, name: "OpenSMTPD") } catch {
            throw ServerFailure("\(error)\n\(log)")
        }
    }

    deinit {
        process?.stop()
        if getenv("KEEP") == nil { try? FileManager.default.removeItem(at: folder) }
    }

    /// What it has logged.
    public var log: String { (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "" }

    private func path(_ name: String) -> String { folder.appending(path: name).path }
}
