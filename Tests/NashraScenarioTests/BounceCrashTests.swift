// SPDX-License-Identifier: Apache-2.0
//
// Ingest that is killed, at each named place: every mail is recorded once, and none is deleted unrecorded.
import Foundation
import Testing

@Suite struct BounceCrashTests {
    @Test(arguments: [
        "bounces-classified", "before-bounce-commit", "after-bounce-commit", "bounces-recorded",
        "bounces-acknowledged",
    ])
    func `killed at a step, the next ingest goes on and each mail is recorded once`(_ place: String) throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(12)
        _ = try world.send("2026-001")
        let sent = try sink.messages().compactMap(SentMail.init)
        let mails = sent.enumerated().map { index, mail in
            index % 2 == 0 ? mail.bounce("5.1.1") : mail.reply("رد رقم \(index)")
        }
        let maildir = try world.deliver(mails)
        let killed = try world.run(
            ["bounces", "ingest", "--maildir", maildir, "--no-send"],
            environment: ["NASHRA_FAILPOINT": place]
        )
        #expect(killed.status == -9, "\(killed)")
        let recorded = try world.run(["bounces", "list", "--format", "json"]).json()
        let count = (recorded["bounces"] as? [Any])?.count ?? 0
        #expect(try world.waiting() + count >= 12, "a mail is gone that nobody recorded")
        _ = try world.ingest(maildir)
        #expect(try world.waiting() == 0)
        let list = try world.run(["bounces", "list", "--format", "json"]).json()
        let bounces = try #require(list["bounces"] as? [[String: Any]])
        #expect(bounces.count == 12)
        #expect(bounces.allSatisfy { $0["standing"] as? String == "counted" })
        #expect(try world.run(["suppressions", "list"]).out.split(separator: "\n").count == 7)
        let replies = try world.run(["replies", "list", "--format", "json"]).json()
        #expect((replies["replies"] as? [Any])?.count == 6)
    }
}
