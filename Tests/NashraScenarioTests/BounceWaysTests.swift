// SPDX-License-Identifier: Apache-2.0
//
// The ways in that need no other server: standard input, mbox, a mail system's pipe, LMTP.
import Foundation
import Testing

@Suite struct BounceWaysTests {
    /// A world in which one mail was sent.
    private func world() throws -> (World, SentMail) {
        let world = try World()
        let sink = try world.sink()
        try world.people(1)
        _ = try world.send("2026-001")
        return (world, try #require(try sink.messages().compactMap(SentMail.init).first))
    }

    @Test func `standard input and an mbox are taken in`() throws {
        let (world, mail) = try world()
        let piped = try world.run(
            ["bounces", "ingest", "--stdin", "--format", "json"],
            input: mail.bounce("4.2.2")
        )
        #expect(try piped.json()["soft"] as? Int == 1, "\(piped)")
        let file = world.folder.appending(path: "box")
        let mbox = ["hard", "again"].map { _ in
            "From MAILER-DAEMON Sun Nov 22 10:00:00 2026\n\(mail.bounce("5.1.1"))\n"
        }
        try mbox.joined().write(to: file, atomically: true, encoding: .utf8)
        let boxed = try world.run(["bounces", "ingest", "--mbox", file.path, "--format", "json"])
        #expect(try boxed.json()["read"] as? Int == 2, "\(boxed)")
        #expect(try boxed.json()["suppressed"] as? Int == 1)
        #expect(try Data(contentsOf: file).isEmpty)
    }

    @Test func `a pipe's mail goes to the spool at once and is read later`() throws {
        let (world, mail) = try world()
        let bounce = mail.bounce("5.1.1", to: "undisclosed@mx.example.org")
        let taken = try world.run(["bounces", "ingest", "--mta", "--recipient", mail.sender], input: bounce)
        #expect(taken.status == 0, "\(taken)")
        #expect(taken.out.isEmpty)
        #expect(try world.run(["bounces", "list"]).out == "Nothing came back.\n")
        let read = try world.run(["bounces", "ingest", "--spool", "--format", "json"])
        #expect(try read.json()["suppressed"] as? Int == 1, "\(read)")
        let list = try world.run(["bounces", "list", "--format", "json"]).json()
        #expect((list["bounces"] as? [[String: Any]])?.first?["proof"] as? String == "envelope")
    }

    @Test(arguments: [
        ["bounces", "ingest", "--mta", "--nonsense"], ["bounces", "ingest", "--mta", "--stdin"],
        ["bounces", "ingest", "--mta", "--recipient"],
        ["bounces", "ingest", "--mta", "--workspace", "/nowhere"],
        ["bounces", "ingest", "--mta", "x"], ["bounces", "ingest", "--mta", "--maildir"],
        ["--lang", "xx", "bounces", "ingest", "--mta"], ["bounces", "ingest", "--mta", "--help"],
    ])
    func `a mail system hears 75 and a line of its own form, whatever is wrong with the arguments`(
        _ arguments: [String]
    ) throws {
        let world = try World()
        let done = try world.run(arguments, input: "x")
        #expect(done.status == 75, "\(done)")
        #expect(done.out.hasPrefix("4.3.0 "), "\(done)")
        #expect(done.out.split(separator: "\n").count == 1)
    }

    @Test func `a mail system hears 75 when the configuration is broken or the spool cannot be written`()
        throws
    {
        let world = try World()
        let spool = world.folder.appending(path: "file")
        try "x".write(to: spool, atomically: true, encoding: .utf8)
        let unwritable = try world.run(
            ["bounces", "ingest", "--mta"],
            environment: ["NASHRA_BOUNCES_SPOOL": "\(spool.path)/spool"],
            input: "x"
        )
        #expect(unwritable.status == 75, "\(unwritable)")
        #expect(unwritable.out.hasPrefix("4.3.0 "))
        try "nonsense: yes\n".write(to: world.configuration, atomically: true, encoding: .utf8)
        let broken = try world.run(["bounces", "ingest", "--mta"], input: "x")
        #expect(broken.status == 75, "\(broken)")
        #expect(broken.out.hasPrefix("4.3.0 "))
    }

    @Test func `LMTP takes a mail for a recipient and it acts at once`() throws {
        let (world, mail) = try world()
        let listener = try world.start(["bounces", "listen", "--lmtp", "0"])
        #expect(listener.wait { listener.text.contains("\n") }, "\(listener.errorText)")
        let port = try #require(listener.text.firstMatch(of: /127\.0\.0\.1:(\d+)/)).1
        let script = """
            import smtplib, sys
            with smtplib.LMTP("127.0.0.1", int(sys.argv[1])) as server:
                server.sendmail("", [sys.argv[2]], sys.argv[3].encode())
            """
        _ = try world.python(
            script,
            [String(port), mail.sender, mail.bounce("5.1.1", to: "other@mx.example")]
        )
        let acted = listener.wait {
            ((try? world.run(["suppressions", "list"]).out) ?? "").contains("hard_bounce")
        }
        #expect(acted, "\(listener.errorText)")
        kill(listener.process.processIdentifier, SIGTERM)
        let ended = try listener.finish()
        #expect(ended.status == 0, "\(ended)")
    }

    @Test func `a watched Maildir is read as mails arrive, until it is asked to end`() throws {
        let (world, mail) = try world()
        let maildir = try world.deliver([])
        let watcher = try world.start([
            "bounces", "ingest", "--maildir", maildir, "--watch", "--format", "json",
        ])
        _ = try world.deliver([mail.bounce("5.1.1")])
        #expect(watcher.wait { (try? world.waiting()) == 0 }, "\(watcher.errorText)")
        kill(watcher.process.processIdentifier, SIGINT)
        let ended = try watcher.finish()
        #expect(ended.status == 0, "\(ended)")
        #expect(try ended.json()["suppressed"] as? Int == 1)
    }

    @Test func `a kept Maildir keeps its mails, and they are not read twice`() throws {
        let (world, mail) = try world()
        let maildir = try world.deliver([mail.bounce("4.2.2")])
        let ingest = ["bounces", "ingest", "--maildir", maildir, "--keep", "--format", "json"]
        #expect(try world.run(ingest).json()["read"] as? Int == 1)
        #expect(try world.waiting() == 1)
        #expect(try world.run(ingest).json()["read"] as? Int == 0)
    }

    @Test func `two ways at once, and options that do not fit, are usage errors`() throws {
        let world = try World()
        for arguments in [
            ["--stdin", "--spool"], ["--watch"], ["--keep", "--spool"], ["--recipient", "a@b.example"],
            ["--imap", "http://x/"], ["--pop3", "imap://x/"],
        ] {
            let done = try world.run(["bounces", "ingest"] + arguments)
            #expect(done.status == 64, "\(arguments): \(done)")
        }
        #expect(try world.run(["bounces", "ingest", "--maildir", "nowhere"]).status == 66)
    }
}
