// SPDX-License-Identifier: Apache-2.0
//
// The loop of bounces as its users see it: sent, come back, taken in, suppressed, left out, reported.
import Foundation
import Testing

@Suite struct BounceLoopTests {
    @Test func `who bounces hard is left out of the next campaign, and the report says what came back`()
        throws
    {
        let world = try World()
        let sink = try world.sink()
        try world.people(30)
        let campaign = try world.send("2026-001")
        let sent = try sink.messages().compactMap(SentMail.init)
        #expect(sent.count == 30)
        let maildir = try world.deliver([
            sent[0].bounce("5.1.1", words: "User unknown"), sent[1].bounce("5.1.1", words: "لا يوجد مستخدم"),
            sent[2].bounce("5.2.2", words: "Mailbox full"), sent[3].bounce("4.4.1", action: "delayed"),
            sent[4].complaint(), sent[5].vacation(), sent[6].bounce("5.7.1", words: "blocked using Spamhaus"),
        ])
        let summary = try world.ingest(maildir)
        #expect(summary["read"] == 7)
        #expect(summary["hard"] == 2)
        #expect(summary["soft"] == 3)
        #expect(summary["complaint"] == 1)
        #expect(summary["auto_reply"] == 1)
        #expect(summary["suppressed"] == 3)
        #expect(summary["untied"] == 0)
        #expect(try world.waiting() == 0)

        let report = try world.run(["report", campaign, "--format", "json"]).json()
        #expect(report["bounces"] as? [String: Int] == ["hard": 2, "soft": 3])
        #expect(report["complaints"] as? Int == 1)
        #expect(try world.run(["report", campaign]).out.contains("Came back: hard 2, soft 3"))

        _ = try world.send("2026-002")
        let again = Set(try sink.messages().dropFirst(30).compactMap(SentMail.init).map(\.recipient))
        #expect(again.count == 27)
        for index in [0, 1, 4] { #expect(!again.contains(sent[index].recipient)) }

        let list = try world.run(["suppressions", "list", "--format", "json"]).json()
        let reasons = (list["suppressions"] as? [[String: Any]])?.compactMap { $0["reason"] as? String }
        #expect(reasons?.sorted() == ["complaint", "hard_bounce", "hard_bounce"])
    }

    @Test func `the same mail twice is one record, and another mail about the same delivery changes nothing`()
        throws
    {
        let world = try World()
        let sink = try world.sink()
        try world.people(3)
        _ = try world.send("2026-001")
        let mail = try #require(try sink.messages().compactMap(SentMail.init).first)
        let bounce = mail.bounce("5.1.1")
        #expect(try world.ingest(try world.deliver([bounce]))["suppressed"] == 1)
        let before = try world.standing()
        let second = try world.ingest(
            try world.deliver([bounce, bounce, mail.bounce("5.1.1"), mail.bounce("4.2.2")])
        )
        #expect(second["duplicates"] == 2)
        #expect(second["repeated"] == 2)
        #expect(second["suppressed"] == 0)
        #expect(try world.standing() == before)
    }

    @Test func `a person's reply is kept, shown, and forwarded as it is, with no sender to answer`() throws {
        let world = try World()
        let mails = world.folder.appending(path: "relayed")
        let sink = try world.sink(["--maildir", mails.path])
        try world.people(3)
        let campaign = try world.send("2026-001")
        let mail = try #require(try sink.messages().compactMap(SentMail.init).first)
        let reply = mail.reply("شكرا لكم. وصلتني الرسالة نفسها من رقم مجهول.")
        let maildir = try world.deliver([reply])
        #expect(try world.ingest(maildir)["replies"] == 1)

        let forwarded = try sink.messages().dropFirst(3)
        #expect(forwarded.count == 1)
        #expect(forwarded.first?["mail_from"] as? String == "")
        #expect(forwarded.first?["recipients"] as? [String] == ["awareness@moi.example"])
        let files = try FileManager.default.contentsOfDirectory(atPath: mails.appending(path: "new").path)
        let texts = try files.map {
            try String(contentsOf: mails.appending(path: "new/\($0)"), encoding: .utf8)
        }
        let text = try #require(texts.first { $0.contains("X-Nashra-Forwarded: \(campaign)") })
        #expect(text.contains("Resent-To: <awareness@moi.example>"))
        #expect(text.contains("وصلتني الرسالة نفسها من رقم مجهول"))

        // Back at our door it is a letter that went through here, and goes nowhere.
        #expect(try world.ingest(try world.deliver([text]))["replies"] == 0)
        #expect(try sink.messages().count == 4)

        let list = try world.run(["replies", "list", "--format", "json"]).json()
        let first = try #require((list["replies"] as? [[String: Any]])?.first)
        #expect(first["campaign"] as? String == campaign)
        #expect(first["forwarding"] as? String == "sent")
        let number = try #require(first["number"] as? Int)
        let shown = try world.run(["replies", "show", String(number)])
        #expect(shown.out == reply)
        #expect(try world.run(["replies", "export", "out"]).status == 0)
        let exported = world.folder.appending(path: "out/reply-\(number).eml")
        #expect(try String(contentsOf: exported, encoding: .utf8) == reply)
        let report = try world.run(["report", campaign, "--format", "json"]).json()
        #expect(report["replies"] as? Int == 1)
    }

    @Test
    func `writing to the address in List-Unsubscribe unsubscribes, and a machine's answer there does not`()
        throws
    {
        let world = try World()
        let mails = world.folder.appending(path: "relayed")
        _ = try world.sink(["--maildir", mails.path])
        try world.people(2)
        let campaign = try world.send("2026-001")
        let files = try FileManager.default.contentsOfDirectory(atPath: mails.appending(path: "new").path)
            .sorted()
        let addresses = try files.map { name in
            let text = try String(contentsOf: mails.appending(path: "new/\(name)"), encoding: .utf8)
                .replacing("\r\n ", with: "")
            return try #require(text.firstMatch(of: /<mailto:([^?>]+)/)).1.description
        }
        func mail(_ address: String, _ more: String = "") -> String {
            "From: person@example.org\nTo: \(address)\nSubject: unsubscribe\nMessage-ID: <\(UUID().uuidString)@x>\n\(more)\n\n"
        }
        let forged = addresses[0].replacing("v1.u.", with: "v1.u.a")
        let summary = try world.ingest(
            try world.deliver([
                mail(addresses[0]), mail(addresses[1], "Auto-Submitted: auto-replied\n"), mail(forged),
            ])
        )
        #expect(summary["unsubscribes"] == 1)
        #expect(summary["forged"] == 1)
        let report = try world.run(["report", campaign, "--format", "json"]).json()
        #expect(report["unsubscribed"] as? Int == 1)
    }

    @Test func `what is forged, replayed or without a token changes nobody, ten thousand times`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(60)
        _ = try world.send("2026-001")
        let sent = try sink.messages().compactMap(SentMail.init)
        let real = sent[0].bounce("5.1.1")
        _ = try world.ingest(try world.deliver([real]))
        let before = try world.standing()
        var mails: [String] = []
        for index in 0..<10_000 {
            let mail = sent[1 + index % 59]
            switch index % 4 {
            case 0:
                // One character of the token is another one.
                var token = Array(mail.sender.utf8)
                let place = 2 + (index / 4) % 29
                token[place] = token[place] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
                let forged = SentMail([
                    "recipients": [mail.recipient], "mail_from": String(decoding: token, as: UTF8.self),
                    "message_id": "<\(index)@elsewhere.example>",
                ])
                mails.append(forged?.bounce("5.1.1") ?? "")
            case 1: mails.append(real)
            case 2:
                let stripped = SentMail([
                    "recipients": [mail.recipient], "mail_from": "bulletin@moi.example",
                    "message_id": "<\(index)@elsewhere.example>",
                ])
                mails.append(stripped?.bounce("5.1.1") ?? "")
            default:
                // A complaint with a Message-ID that we did not make.
                var name = Array(mail.messageID.utf8)
                let place = 3 + (index / 4) % 29
                name[place] = name[place] == UInt8(ascii: "c") ? UInt8(ascii: "d") : UInt8(ascii: "c")
                let forged = SentMail([
                    "recipients": [mail.recipient], "mail_from": "fbl@moi.example",
                    "message_id": String(decoding: name, as: UTF8.self),
                ])
                mails.append(forged?.complaint() ?? "")
            }
        }
        let summary = try world.ingest(try world.deliver(mails))
        #expect(summary["read"] == 10_000)
        #expect(summary["duplicates"] == 2_500)
        #expect(summary["suppressed"] == 0)
        #expect((summary["forged"] ?? 0) + (summary["untied"] ?? 0) == 7_500)
        #expect((summary["forged"] ?? 0) >= 4_900)
        #expect(try world.standing() == before)
    }
}
