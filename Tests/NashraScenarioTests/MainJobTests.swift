// SPDX-License-Identifier: Apache-2.0
//
// The main job as its users do it: init, import, send, report, through real processes.
import Foundation
import Testing

@Suite struct MainJobTests {
    @Test func `everybody gets the bulletin once, in their language, and the report adds up`() throws {
        let world = try World()
        let maildir = world.folder.appending(path: "mail")
        let sink = try world.sink(["--maildir", maildir.path])
        try world.people(300)
        let sent = try world.run(["send", "2026-001", "--to", "topic:public", "--yes", "--format", "json"])
        #expect(sent.status == 0, "\(sent)")
        let report = try sent.json()
        #expect(report["schema"] as? String == "nashra.report.v1")
        #expect(report["audience"] as? Int == 300)
        #expect(report["state"] as? String == "finished")
        let states = try #require(report["deliveries"] as? [String: Int])
        #expect(states.count == 9)
        #expect(states.values.reduce(0, +) == 300)
        #expect(states["accepted"] == 300)
        let recipients = try sink.recipients()
        #expect(recipients.count == 300)
        #expect(Set(recipients).count == 300)
        let languages = try #require(report["by_language"] as? [[String: Any]])
        let counts = Dictionary(
            uniqueKeysWithValues: languages.map {
                ($0["language"] as? String ?? "", $0["audience"] as? Int ?? 0)
            }
        )
        #expect(counts == ["ar": 180, "en": 60, "fr": 60])
        let files = try FileManager.default.contentsOfDirectory(atPath: maildir.appending(path: "new").path)
        #expect(files.count == 300)
    }

    @Test func `the same revision is not sent to the same audience twice unless somebody insists`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(10)
        let send = ["send", "2026-002", "--to", "topic:public", "--yes"]
        #expect(try world.run(send).status == 0)
        let second = try world.run(send)
        #expect(second.status == 77, "\(second)")
        #expect(second.error.contains("c-2"))
        #expect(try sink.recipients().count == 10)
        #expect(try world.run(send + ["--again"]).status == 0)
        #expect(try sink.recipients().count == 20)
    }

    @Test func `a dry run composes every message and connects to nobody`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(25)
        let dry = try world.run(
            ["send", "2026-003", "--to", "topic:public", "--dry-run", "--format", "json"])
        #expect(dry.status == 0, "\(dry)")
        #expect(try dry.json()["messages"] as? Int == 25)
        #expect(try sink.recipients().isEmpty)
        let list = try world.run(["campaigns", "list", "--format", "json"]).json()
        #expect((list["campaigns"] as? [Any])?.isEmpty == true)
    }

    @Test func `the count must be the audience's, and without an answer nothing goes`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(10)
        let send = ["send", "2026-001", "--to", "topic:public"]
        #expect(try world.run(send + ["--confirm-count", "11"]).status == 64)
        #expect(try world.run(send + ["--no-input"]).status == 64)
        #expect(try world.run(send).status == 64)
        #expect(try sink.recipients().isEmpty)
        #expect(try world.run(send + ["--confirm-count", "10"]).status == 0)
        #expect(try sink.recipients().count == 10)
    }

    @Test func `language and domain narrow the audience, and the plan says who is left out`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(30)
        let sent = try world.run([
            "send", "2026-001", "--to", "topic:public", "--language", "ar", "--domain", "example.org",
            "--yes",
        ])
        #expect(sent.status == 0, "\(sent)")
        #expect(sent.error.contains("other-language"))
        #expect(sent.error.contains("other-domain"))
        #expect(try sink.recipients().allSatisfy { $0.hasSuffix("@example.org") })
        #expect(try sink.recipients().count == 6)
    }

    @Test func `who is suppressed gets nothing, and lifting the suppression brings them back`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(6)
        #expect(
            try world.run(["suppressions", "add", "PERSON0@example.org", "--reason", "operator"]).status == 0
        )
        #expect(try world.run(["send", "2026-001", "--to", "topic:public", "--yes"]).status == 0)
        #expect(try sink.recipients().count == 5)
        #expect(try world.run(["suppressions", "remove", "person0@example.org"]).status == 0)
        #expect(try world.run(["send", "2026-002", "--to", "topic:public", "--yes"]).status == 0)
        #expect(try sink.recipients().count == 11)
    }

    @Test func `refused, put-off and full mailboxes are told apart and the report names the reasons`() throws
    {
        let world = try World()
        _ = try world.sink()
        let csv = """
            email,name,language
            5.1.1.one@example.org,سارة,ar
            full.two@example.org,Ali,en
            tempfail-three@example.org,Zoé,fr
            good@example.org,نور,ar
            """
        let file = world.folder.appending(path: "few.csv")
        try csv.write(to: file, atomically: true, encoding: .utf8)
        #expect(try world.run(["topics", "add", "public"]).status == 0)
        #expect(
            try world.run(["subscribers", "import", file.path, "--topic", "public", "--source", "t"]).status
                == 0
        )
        let sent = try world.run(["send", "2026-001", "--to", "topic:public", "--yes", "--format", "json"])
        #expect(sent.status == 75, "\(sent)")
        let report = try sent.json()
        let states = try #require(report["deliveries"] as? [String: Int])
        #expect(states["accepted"] == 1)
        #expect(states["rejected"] == 1)
        #expect(states["deferred"] == 2)
        let reasons = try #require(report["reasons"] as? [[String: Any]])
        #expect(
            reasons.contains {
                $0["reason"] as? String == "unknown-user" && $0["status"] as? String == "5.1.1"
            }
        )
        #expect(sent.error.contains("campaigns resume"))
    }
}
