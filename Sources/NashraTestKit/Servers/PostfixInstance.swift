// SPDX-License-Identifier: Apache-2.0
//
// A whole Postfix on loopback in a temporary folder, with a queue and a configuration of its own.
// Needs root and the package postfix; the Postfix of the system, if there is one, is not touched.
// Rules: postconf(5), master(5); no chroot, no DNS, no biff, short waits.
public import Foundation

/// A running Postfix.
public final class PostfixInstance {
    /// How one is to be.
    public struct Setup: Sendable {
        /// Its name for the world.
        public var hostName = "mx.example"
        /// Where mail for a domain goes, such as `lmtp:unix:/path`, `smtp:[127.0.0.1]:2525` or `error:5.1.1 gone`.
        ///
        /// Addresses may stand there too. The first that fits counts.
        public var transports: [(to: String, by: String)] = []
        /// What is answered at RCPT to a recipient: `550 5.1.1 no such user`.
        public var refusals: [String: String] = [:]
        /// What is answered after the dot when a header line matches an expression.
        public var headerRefusals: [(pattern: String, reply: String)] = []
        /// Expressions of addresses and the Maildir below `mail/` that gets their mail.
        public var maildirs: [(pattern: String, folder: String)] = []
        /// More lines for main.cf.
        public var main: [String] = []
        /// More lines for master.cf.
        public var services: [String] = []

        /// An instance that takes everything and knows nobody.
        public init() {}
    }

    /// Where everything is.
    public let folder: URL
    /// Where it takes mail.
    public let port = LoopbackPort.free()
    private var process: ServerProcess?

    /// Starts it and waits until it listens.
    public init(_ setup: Setup) throws {
        try MailSystem.requireRoot("Postfix")
        let master = "/usr/lib/postfix/sbin/master"
        guard FileManager.default.isExecutableFile(atPath: master) else {
            throw ServerFailure("\(master) is missing: install the package postfix")
        }
        folder = try MailSystem.makeFolder("np")
        for name in ["queue", "data", "mail"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name),
                withIntermediateDirectories: true
            )
        }
        try write(setup)
        let status = try ServerProcess.run(
            "/usr/sbin/postfix",
            ["-c", folder.path, "check"],
            output: path("check")
        )
        guard status == 0 else { throw ServerFailure("postfix check: \(text("check")) \(log)") }
        process = try ServerProcess(master, ["-c", folder.path, "-s"], output: path("output"))
        do { try ServerProcess.waitForPort(port, name: "Postfix") } catch {
            throw ServerFailure("\(error)\n\(text("output"))\n\(log.suffix(2000))")
        }
    }

    deinit {
        stop()
        if getenv("KEEP") == nil { try? FileManager.default.removeItem(at: folder) }
    }

    /// Stops it; safe to call twice.
    public func stop() {
        process?.stop()
        process = nil
    }

    /// What it has logged.
    public var log: String { text("log") }

    /// A Maildir of `Setup.maildirs`.
    public func maildir(_ name: String) -> URL { folder.appending(path: "mail/\(name)") }

    /// Tries everything that waits at once.
    public func flush() throws {
        _ = try ServerProcess.run("/usr/sbin/postqueue", ["-c", folder.path, "-f"], output: path("check"))
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    private func write(_ setup: Setup) throws {
        func lines(_ text: [String]) -> String { text.map { $0 + "\n" }.joined() }
        func put(_ name: String, _ text: String) throws {
            try MailSystem.write(text, to: folder.appending(path: name))
        }
        chown(path("data"), getpwnam("postfix")?.pointee.pw_uid ?? 0, 0)
        chown(path("mail"), MailSystem.nobody, MailSystem.nobody)
        try put("transport", lines(setup.transports.map { "\($0.to) \($0.by)" }))
        try put("refusals", lines(setup.refusals.map { "\($0.key) \($0.value)" }))
        try put("headers", lines(setup.headerRefusals.map { "/\($0.pattern)/ REJECT \($0.reply)" }))
        try put("mailboxes", lines(setup.maildirs.map { "/\($0.pattern)/ \($0.folder)/" }))
        try put("main.cf", main(setup) + lines(setup.main))
        try put("master.cf", services + lines(setup.services))
    }

    private func main(_ setup: Setup) -> String {
        let domains = Set(setup.maildirs.compactMap { $0.pattern.split(separator: "@").last })
            .map { $0.filter { $0 != "\\" && $0 != "$" } }.sorted()
        return """
            compatibility_level = 3.6
            queue_directory = \(path("queue"))
            data_directory = \(path("data"))
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            maillog_file_prefixes = \(folder.path)
            maillog_file = \(path("log"))
            myhostname = \(setup.hostName)
            mydestination =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            alias_maps =
            local_recipient_maps =
            smtp_dns_support_level = disabled
            smtp_host_lookup = native
            smtputf8_autodetect_classes = all
            recipient_delimiter = +
            transport_maps = texthash:\(path("transport"))
            virtual_mailbox_domains = \(domains.joined(separator: " "))
            virtual_mailbox_base = \(path("mail"))
            virtual_mailbox_maps = regexp:\(path("mailboxes"))
            virtual_uid_maps = static:\(MailSystem.nobody)
            virtual_gid_maps = static:\(MailSystem.nobody)
            smtpd_relay_restrictions = permit_mynetworks, reject
            smtpd_recipient_restrictions =
                check_recipient_access texthash:\(path("refusals")), permit_mynetworks, reject
            smtpd_client_connection_rate_limit = 0
            header_checks = regexp:\(path("headers"))
            nested_header_checks =
            mime_header_checks =
            queue_run_delay = 1s
            minimal_backoff_time = 1s
            maximal_backoff_time = 2s

            """
    }

    /// The queue manager looks at incoming mail every two seconds and not every five minutes: a message that its scan
    /// meets while a deferral is being written (`skipped, still being delivered`) goes back there and waits.
    private var services: String {
        """
        \(port) inet n - n - - smtpd
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 2 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        flush unix n - n - 0 flush
        proxymap unix - - n - - proxymap
        smtp unix - - n - - smtp
        lmtp unix - - n - - lmtp
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        virtual unix - n n - - virtual
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd

        """
    }
}
