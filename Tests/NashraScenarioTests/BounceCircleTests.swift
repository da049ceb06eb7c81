// SPDX-License-Identifier: Apache-2.0
//
// The whole circle with real servers: Nashra sends through Postfix to a Postfix that refuses; what comes back goes to a
// Dovecot mailbox, a Maildir, a pipe or LMTP, and from there into the store; the next campaign leaves them out.
// Starts the servers on loopback, as root; the packages are those of Scripts/bootstrap --tests.
import Foundation
import NashraTestKit
import Testing

@Suite struct BounceCircleTests {
    /// A workspace, a relay, and a server that refuses; the ways in are the tests' own.
    private final class Circle {
        let world: World
        let relay: PostfixInstance
        private let refusing: PostfixInstance

        /// Starts the servers; `way` adds to the relay what it does with mail to the envelope's domain.
        init(_ way: (inout PostfixInstance.Setup) throws -> Void) throws {
            var far = PostfixInstance.Setup()
            far.hostName = "mx.refuse.example"
            far.refusals = [
                "unknown@refuse.example": "550 5.1.1 User unknown",
                "full@refuse.example": "552 5.2.2 The mailbox is full",
            ]
            far.headerRefusals = [("^To:.*strict@refuse", "5.7.1 Message content rejected")]
            far.maildirs = [(#"@refuse\.example$"#, "kept")]
            refusing = try PostfixInstance(far)
            var near = PostfixInstance.Setup()
            near.hostName = "relay.example"
            near.transports = [
                ("later.example", "later:"), ("refuse.example", "smtp:[127.0.0.1]:\(refusing.port)"),
            ]
            // Taken at first, and returned by the relay itself when the program that should deliver it says no.
            near.services = [
                "later unix - n n - - pipe user=nobody argv=/bin/sh -c {echo 5.1.1 No such user here; exit 67}"
            ]
            try way(&near)
            relay = try PostfixInstance(near)
            world = try World(relay: "smtp://127.0.0.1:\(relay.port)")
            try people()
        }

        private func people() throws {
            let csv = """
                email,name,language
                unknown@refuse.example,سارة القحطاني,ar
                full@refuse.example,باسم العلي,ar
                strict@refuse.example,Claire O'Neil,fr
                gone@later.example,Jean Dupont,en
                welcome@refuse.example,نورة,ar

                """
            let file = world.folder.appending(path: "people.csv")
            try csv.write(to: file, atomically: true, encoding: .utf8)
            try expect(["topics", "add", "public", "--title", "ar=تنبيهات عامة"])
            try expect(["subscribers", "import", file.path, "--topic", "public", "--source", "test"])
        }

        @discardableResult
        func expect(_ arguments: [String], environment: [String: String] = [:]) throws -> Output {
            let output = try world.run(arguments, environment: environment)
            guard output.status == 0 else {
                throw WorldError(text: "\(arguments): \(output)\n\(relay.log.suffix(3000))")
            }
            return output
        }

        /// How many returned mails are recorded.
        func recorded() throws -> Int {
            let list = try expect(["bounces", "list", "--format", "json"]).json()
            return (list["bounces"] as? [[String: Any]])?.count ?? 0
        }

        /// Sends, waits for what comes back with `takeIn`, and looks what became of it.
        func run(takeIn: () throws -> Void) throws {
            let campaign = try world.send("2026-001")
            do { try takeIn() } catch {
                throw WorldError(text: "\(error)\n\(relay.log.suffix(6000))")
            }
            #expect(try recorded() == 4, "\(relay.log.suffix(3000))")
            let report = try expect(["report", campaign, "--format", "json"]).json()
            #expect((report["deliveries"] as? [String: Int])?["accepted"] == 5)
            #expect(report["bounces"] as? [String: Int] == ["hard": 2, "soft": 2])
            let list = try expect(["suppressions", "list", "--format", "json"]).json()
            let addresses = (list["suppressions"] as? [[String: Any]])?.compactMap {
                $0["address"] as? String
            }
            #expect(addresses?.sorted() == ["gone@later.example", "unknown@refuse.example"])
            let next = try world.send("2026-002")
            let after = try expect(["report", next, "--format", "json"]).json()
            #expect(after["audience"] as? Int == 3)
        }
    }

    /// The domain of the envelope's senders.
    private static let envelope = "moi.example"

    @Test(arguments: ["--imap", "--pop3"])
    func
        `what comes back to a Dovecot mailbox is fetched, understood, acted on, and left out of the next campaign`(
            way: String
        ) throws
    {
        let dovecot = try DovecotInstance()
        let mailbox = dovecot.newUser()
        let circle = try Circle { setup in
            setup.maildirs = [(#"^b\+.*@moi\.example$"#, "\(mailbox)/Maildir")]
            setup.main = ["virtual_mailbox_base = \(dovecot.folder.path)/mail"]
        }
        let user = mailbox.replacing("@", with: "%40")
        let url =
            way == "--imap"
            ? "imap://\(user)@127.0.0.1:\(dovecot.imapPort)/INBOX"
            : "pop3://\(user)@127.0.0.1:\(dovecot.pop3Port)"
        try circle.run {
            _ = try MailSystem.wait(for: 4, filesIn: dovecot.maildir(of: mailbox).appending(path: "new"))
            let secret = ["NASHRA_BOUNCES_MAILBOX_PASSWORD": DovecotInstance.password]
            try circle.expect(["bounces", "ingest", way, url], environment: secret)
            #expect(try dovecot.messages(of: mailbox).isEmpty)
        }
    }

    @Test func `the same by a Maildir`() throws {
        let circle = try Circle { $0.maildirs = [(#"^b\+.*@moi\.example$"#, "box")] }
        try circle.run {
            let box = circle.relay.maildir("box")
            _ = try MailSystem.wait(for: 4, filesIn: box.appending(path: "new"))
            try circle.expect(["bounces", "ingest", "--maildir", box.path])
            #expect(try FileManager.default.contentsOfDirectory(atPath: box.path + "/new").isEmpty)
        }
    }

    @Test func `the same by LMTP`() throws {
        let socket = "/tmp/nl-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: socket, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: socket) }
        // As docs/returned-mail.md says: the folder's group is Postfix's, and the socket inherits it.
        let group = try #require(getgrnam("postfix")?.pointee.gr_gid, "install the package postfix")
        chown(socket, 0, group)
        chmod(socket, 0o2750)
        let circle = try Circle { $0.transports.append((Self.envelope, "lmtp:unix:\(socket)/lmtp.sock")) }
        let listener = try circle.world.start(["bounces", "listen", "--lmtp", "\(socket)/lmtp.sock"])
        try #require(listener.wait { listener.text.contains("nashra.listen.v1") }, "\(listener.errorText)")
        try circle.run {
            for _ in 0..<300 {
                guard try circle.recorded() < 4 else { break }
                _ = poll(nil, 0, 100)
            }
        }
        kill(listener.process.processIdentifier, SIGTERM)
        listener.process.waitUntilExit()
        #expect(!FileManager.default.fileExists(atPath: "\(socket)/lmtp.sock"))
        #expect(circle.relay.log.contains("status=sent (250 2.0.0 Kept"))
    }

    @Test func `the same by a pipe that runs as another user, also while its spool is not writable`() throws {
        let link = "/tmp/nw-\(UUID().uuidString.prefix(8))"
        defer { unlink(link) }
        let circle = try Circle { setup in
            setup.transports.append((Self.envelope, "nashra:"))
            setup.services.append(
                "nashra unix - n n - - pipe flags=R user=nobody argv=\(World.program.path) bounces ingest --mta "
                    + "--workspace \(link) --recipient ${recipient}"
            )
        }
        let workspace = circle.world.workspace
        symlink(workspace.path, link)
        let spool = workspace.appending(path: "var/spool")
        try circle.run {
            // At first nobody may write there, and nothing is lost.
            for _ in 0..<600 {
                guard !circle.relay.log.contains("status=deferred") else { break }
                _ = poll(nil, 0, 50)
            }
            #expect(
                circle.relay.log.contains("dsn=4.3.0, status=deferred"),
                "\(circle.relay.log.suffix(2000))"
            )
            for path in [workspace.path, workspace.path + "/var"] { chmod(path, 0o755) }
            try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
            chown(spool.path, MailSystem.nobody, MailSystem.nobody)
            _ = try MailSystem.wait(for: 4, filesIn: spool.appending(path: "new"))
            try circle.expect(["bounces", "ingest", "--spool"])
        }
    }
}
