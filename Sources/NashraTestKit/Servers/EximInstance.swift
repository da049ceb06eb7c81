// SPDX-License-Identifier: Apache-2.0
//
// A real Exim on loopback that passes everything on to one server and reports what that refuses.
// Needs root and the package exim4-daemon-light, unpacked; its user exists only for it, in a mount of its own.
// Rules: the Exim specification, chapters 14 (main options) and 32 (retry rules).
public import Foundation

/// A running Exim.
public final class EximInstance {
    /// Where everything is.
    public let folder: URL
    /// Where it takes mail.
    public let port = LoopbackPort.free()
    private var process: ServerProcess?

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - nextHop: The port of 127.0.0.1 to which mail for `domains` goes; mail for others cannot be routed.
    ///   - domains: Their names.
    ///   - patient: Recipients for which it waits after a 4xx and says so after a second; for the others it gives up.
    /// - Throws: ``ServerFailure``, which names what is missing.
    public init(nextHop: Int, domains: [String], patient: [String] = []) throws {
        try MailSystem.requireRoot("Exim")
        let program = try MailSystem.unpacked("exim4-daemon-light", "usr/sbin/exim4")
        folder = try MailSystem.makeFolder("nx")
        let number: uid_t = 65520
        for name in ["spool", "log"] {
            let part = folder.appending(path: name)
            try FileManager.default.createDirectory(at: part, withIntermediateDirectories: true)
            chown(part.path, number, number)
        }
        try MailSystem.writeUsers(["Debian-exim"], firstNumber: Int(number), in: folder)
        let text = configuration(program, nextHop, domains, patient)
        try MailSystem.write(text, to: folder.appending(path: "conf"))
        process = try MailSystem.start(
            [program, "-C", path("conf"), "-bdf", "-q1s"],
            mounts: [(path("passwd"), "/etc/passwd"), (path("group"), "/etc/group")],
            output: path("output")
        )
        do { try ServerProcess.waitForPort(port, name: "Exim") } catch {
            let output = (try? String(contentsOfFile: path("output"), encoding: .utf8)) ?? ""
            throw ServerFailure("\(error)\n\(output)\n\(log)")
        }
    }

    deinit {
        process?.stop()
        if getenv("KEEP") == nil { try? FileManager.default.removeItem(at: folder) }
    }

    /// What it has logged.
    public var log: String {
        (try? String(contentsOf: folder.appending(path: "log/mainlog"), encoding: .utf8)) ?? ""
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func configuration(_ program: String, _ nextHop: Int, _ domains: [String], _ patient: [String])
        -> String
    {
        """
        primary_hostname = exim.example
        exim_path = \(program)
        spool_directory = \(path("spool"))
        log_file_path = \(path("log"))/%slog
        pid_file_path = \(path("pid"))
        local_interfaces = 127.0.0.1
        daemon_smtp_ports = \(port)
        disable_ipv6
        host_lookup =
        tls_advertise_hosts =
        keep_environment =
        smtputf8_advertise_hosts =
        acl_smtp_rcpt = accept
        acl_smtp_data = accept
        delay_warning = 1s:1h
        queue_run_max = 2

        begin routers
        next:
          driver = manualroute
          domains = \(domains.joined(separator: " : "))
          transport = next
          route_list = * 127.0.0.1 byname
          self = send

        begin transports
        next:
          driver = smtp
          port = \(nextHop)
          allow_localhost

        begin retry
        \(patient.map { "\($0) * F,10m,1s\n" }.joined())
        """
    }
}
