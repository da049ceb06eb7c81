// SPDX-License-Identifier: Apache-2.0
//
// Joining by an own yes, through the program as people run it: asked, mailed by a real sink, answered by mail, told.
// Starts processes and python3; loopback only.
import Foundation
import NashraTestKit
import Testing

@Suite struct DoubleOptInTests {
    /// A workspace with a topic and a sink that keeps what it gets.
    private func world() throws -> (world: World, mails: URL) {
        let world = try World()
        let mails = world.folder.appending(path: "mails")
        try world.sink(["--maildir", mails.path])
        let made = try world.run([
            "topics", "add", "fraud", "--title", "ar=تنبيهات الاحتيال", "--title", "en=Fraud",
        ])
        try #require(made.status == 0, "\(made)")
        return (world, mails)
    }

    /// The newest mail of the sink, as Python reads it.
    private func mail(_ mails: URL) throws -> (read: PythonMail, bytes: [UInt8]) {
        let files = try #require(FileManager.default.enumerator(at: mails, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter {
                (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
            }
        let bytes = [UInt8](try Data(contentsOf: try #require(files.max { $0.path < $1.path })))
        return (try #require(try PythonMail.read([bytes]).first), bytes)
    }

    private func token(_ text: String) throws -> String {
        let start = try #require(text.range(of: "v1.c."))
        return String(text[start.lowerBound...].prefix { !$0.isWhitespace && !"@<>\"".contains($0) })
    }

    @Test func `a person is asked, answers by mail, and is subscribed with time, source and words`() throws {
        let (world, mails) = try world()
        let asked = try world.run([
            "subscribers", "add", "sara@بريد.example", "--name", "سارة القحطاني", "--language", "ar",
            "--topic", "fraud",
            "--confirm", "--source", "معرض الأمن",
        ])
        #expect(asked.status == 0, "\(asked)")
        let pending = try world.run([
            "subscribers", "list", "--pending", "--search", "ساره", "--format", "json",
        ])
        let found = try pending.json()["subscribers"] as? [Any]
        #expect(found?.count == 1, "\(pending)")
        let mail = try mail(mails).read
        #expect(mail.defects.isEmpty, "\(mail.defects)")
        #expect(mail.header("Subject") == "تأكيد الاشتراك: تنبيهات الاحتيال")
        #expect(mail.text?.contains("أوافق على أن تصلني") == true)
        #expect(mail.text?.contains("سارة") == false, "nothing in it was typed by whoever asked")
        let token = try token(#require(mail.text))
        let letter = """
            From: sara@xn--mgbb0c.example
            To: <confirm+\(token)@moi.example>
            Subject: confirm

            """
        let ingested = try world.run(["bounces", "ingest", "--stdin", "--format", "json"], input: letter)
        #expect(ingested.status == 0, "\(ingested)")
        #expect(try ingested.json()["confirmed"] as? Int == 1, "\(ingested)")
        let again = try world.run(["subscribers", "confirm", token, "--format", "json"])
        #expect(try again.json()["repeated"] as? Bool == true, "\(again)")
        let history = try world.run(["subscribers", "history", "sara@بريد.example", "--format", "json"])
        let events = try #require(try history.json()["events"] as? [[String: Any]])
        #expect(
            events.compactMap { $0["what"] as? String } == [
                "registered", "asked for", "asked", "confirmed", "joined", "edited",
            ],
            "\(history)"
        )
        #expect(
            events.contains {
                $0["consent_text"] as? String == "2026-1" && $0["source"] as? String == "معرض الأمن"
            }
        )
        let shown = try world.run(["subscribers", "show", "sara@بريد.example"])
        #expect(
            shown.out.contains("agreed to text 2026-1") && shown.out.contains("State      active"),
            "\(shown)"
        )
    }

    @Test func `the token works by hand, and wrong ones say what they are`() throws {
        let (world, mails) = try world()
        let asked = try world.run(["subscribers", "add", "a@example.org", "--topic", "fraud", "--confirm"])
        #expect(asked.status == 0, "\(asked)")
        let token = try token(#require(try mail(mails).read.text))
        let wrong = try world.run(["subscribers", "confirm", token + "x"])
        #expect(wrong.status == 65, "\(wrong)")
        let late = try world.run(
            ["subscribers", "confirm", token],
            environment: ["NASHRA_TEST_CLOCK": "+8d"]
        )
        #expect(late.status == 77 && late.error.contains("--confirm"), "\(late)")
        let confirmed = try world.run(["subscribers", "confirm", token])
        #expect(
            confirmed.status == 0 && confirmed.out.contains("a@example.org is subscribed to fraud."),
            "\(confirmed)"
        )
        let often = try world.run(["subscribers", "add", "b@example.org", "--topic", "fraud", "--confirm"])
        #expect(often.status == 0, "\(often)")
        let tooOften = try world.run(["subscribers", "add", "b@example.org", "--topic", "fraud", "--confirm"])
        #expect(tooOften.status == 75 && tooOften.error.contains("Ask again after"), "\(tooOften)")
    }

    @Test func `a relay that is away keeps the question, and it is sent later`() throws {
        let (world, mails) = try world()
        try world.setRelay("smtp://127.0.0.1:9")
        let asked = try world.run(["subscribers", "add", "a@example.org", "--topic", "fraud", "--confirm"])
        #expect(asked.status == 69 && asked.error.contains("confirmations send"), "\(asked)")
        try world.sink(["--maildir", mails.path])
        let sent = try world.run(
            ["subscribers", "confirmations", "send"],
            environment: ["NASHRA_TEST_CLOCK": "+1d"]
        )
        #expect(sent.status == 0 && sent.error.contains("1 sent"), "\(sent)")
        _ = try token(#require(try mail(mails).read.text))
    }

    @Test func `people are paused, changed and let go, and mandatory topics hold`() throws {
        let (world, _) = try world()
        for (topic, more) in [("staff", ["--visibility", "mandatory"]), ("weather", [])] {
            #expect(try world.run(["topics", "add", topic] + more).status == 0)
        }
        for topic in ["fraud", "staff", "weather"] {
            let added = try world.run([
                "subscribers", "add", "n@example.org", "--name", "نورة", "--topic", topic,
            ])
            #expect(added.status == 0, "\(added)")
        }
        let paused = try world.run(["subscribers", "pause", "n@example.org", "--until", "30d"])
        #expect(paused.status == 0 && paused.error.contains("Mandatory, and not paused: staff"), "\(paused)")
        let resumed = try world.run(["subscribers", "resume", "n@example.org"])
        #expect(resumed.error.contains("goes on with fraud, weather"), "\(resumed)")
        let edited = try world.run([
            "subscribers", "edit", "n@example.org", "--name", "نورة العتيبي", "--topic", "fraud",
            "--frequency", "weekly",
            "--address", "نورة@بريد.example",
        ])
        #expect(edited.status == 0, "\(edited)")
        let shown = try world.run(["subscribers", "show", "نورة@بريد.example", "--format", "json"]).json()
        let topics = try #require(shown["subscriptions"] as? [[String: Any]])
        #expect(topics.first?["frequency"] as? String == "weekly")
        let left = try world.run(["subscribers", "unsubscribe", "نورة@بريد.example"])
        #expect(
            left.status == 0 && left.out.contains("has left fraud, weather") && left.out.contains("staff"),
            "\(left)"
        )
        let refused = try world.run(["subscribers", "unsubscribe", "نورة@بريد.example", "--topic", "staff"])
        #expect(refused.status == 77 && refused.error.contains("--force"), "\(refused)")
        #expect(try world.run(["subscribers", "unsubscribe", "v1.u.abcd.x"]).status == 65)
        #expect(
            try world.run(["subscribers", "edit", "نورة@بريد.example", "--frequency", "daily"]).status == 64
        )
        let history = try world.run(["subscribers", "history", "نورة@بريد.example"])
        #expect(
            history.out.contains("before n@example.org") && history.out.contains("نورة → نورة العتيبي"),
            "\(history)"
        )
    }
}
