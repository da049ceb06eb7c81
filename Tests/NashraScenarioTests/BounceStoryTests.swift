// SPDX-License-Identifier: Apache-2.0
//
// One person's story over three months, and what operators see and decide; the clock is set ahead for it.
import Foundation
import Testing

@Suite struct BounceStoryTests {
    @Test func `mailed, soft, soft, probe, hard, suppressed, lifted by an operator, mailed again`() throws {
        let world = try World()
        let sink = try world.sink()
        let file = world.folder.appending(path: "one.csv")
        try "email,name,language\nsara@example.org,سارة القحطاني,ar\n"
            .write(to: file, atomically: true, encoding: .utf8)
        #expect(try world.run(["topics", "add", "public"]).status == 0)
        #expect(try world.run(["subscribers", "import", file.path, "--topic", "public"]).status == 0)
        try """
        soft: {campaigns: 2, span: 14d}
        probe: {enabled: yes}

        """.write(
            to: world.workspace.appending(path: "config/bounce-policy.yaml"),
            atomically: true,
            encoding: .utf8
        )
        func at(_ days: Int) -> [String: String] { ["NASHRA_TEST_CLOCK": "+\(days)d"] }
        func last() throws -> SentMail { try #require(try sink.messages().last.flatMap(SentMail.init)) }

        let first = try world.send("2026-001", environment: at(1))
        let soft = try world.ingest(try world.deliver([try last().bounce("5.2.2")]), environment: at(2))
        #expect(soft["soft"] == 1)
        #expect(soft["suppressed"] == 0)
        _ = try world.send("2026-002", environment: at(20))
        let second = try world.ingest(try world.deliver([try last().bounce("5.2.2")]), environment: at(21))
        #expect(second["probes"] == 1)
        #expect(second["suppressed"] == 0)
        let probe = try last()
        #expect(probe.sender.hasPrefix("p+"))
        #expect(probe.recipient == "sara@example.org")
        let hard = try world.ingest(try world.deliver([probe.bounce("5.1.1")]), environment: at(22))
        #expect(hard["suppressed"] == 1)
        #expect(
            try world.run(["send", "2026-003", "--to", "topic:public", "--yes"], environment: at(30)).status
                == 65
        )
        let lifted = try world.run(["suppressions", "remove", "sara@example.org"], environment: at(40))
        #expect(lifted.status == 0, "\(lifted)")
        _ = try world.send("2026-003", environment: at(60))

        let trace = try world.run(["trace", "Sara@example.org", "--format", "json"])
        let events = try #require(try trace.json()["events"] as? [[String: Any]])
        let story = events.compactMap { $0["what"] as? String }.filter {
            ["mailed", "soft", "probe", "probe sent", "hard", "suppressed", "lifted"].contains($0)
        }
        #expect(
            story == [
                "mailed", "soft", "mailed", "soft", "probe", "probe sent", "hard", "suppressed", "lifted",
                "mailed",
            ],
            "\(trace)"
        )
        let text = try world.run(["trace", "sara@example.org"]).out
        #expect(text.contains("سارة القحطاني"))
        #expect(text.contains("2 in a row"))
        let one = try world.run(["trace", try last().messageID])
        #expect(one.status == 0, "\(one)")
        #expect(!one.out.contains(first))
        #expect(try world.run(["trace", "nobody@example.org"]).status == 67)
        #expect(try world.run(["trace", "<m1aaaaaaaaaaaaaaaaaaaaaaaaaaaaa@moi.example>"]).status == 67)
    }

    @Test func `a domain in trouble is an alarm, not a hundred suppressions, until an operator decides`()
        throws
    {
        let world = try World()
        let sink = try world.sink()
        try world.people(90)
        _ = try world.send("2026-001")
        let sent = try sink.messages().compactMap(SentMail.init).filter {
            $0.recipient.hasSuffix("@example.org")
        }
        #expect(sent.count == 30)
        let summary = try world.ingest(try world.deliver(sent.map { $0.bounce("5.1.1") }))
        #expect(summary["alarms"] == 1)
        #expect(summary["suppressed"] == 0)
        let alarms = try world.run(["bounces", "alarms", "list", "--format", "json"]).json()
        let alarm = try #require((alarms["alarms"] as? [[String: Any]])?.first)
        #expect(alarm["domain"] as? String == "example.org")
        #expect(alarm["state"] as? String == "open")
        let number = try #require(alarm["number"] as? Int)
        #expect(try world.run(["bounces", "alarms", "accept", String(number)]).status == 0)
        let list = try world.run(["suppressions", "list", "--format", "json"]).json()
        #expect((list["suppressions"] as? [Any])?.count == 30)
        #expect(try world.run(["bounces", "alarms", "dismiss", String(number)]).status == 0)
        let after = try world.run(["suppressions", "list", "--format", "json"]).json()
        #expect((after["suppressions"] as? [Any])?.isEmpty == true)
        #expect(try world.run(["bounces", "alarms", "accept", "99"]).status == 67)
    }

    @Test func `lists filter and page, and say how many there are`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(6)
        let campaign = try world.send("2026-001")
        let sent = try sink.messages().compactMap(SentMail.init)
        _ = try world.ingest(
            try world.deliver(
                sent.prefix(3).map { $0.bounce("5.2.2") } + [sent[3].bounce("5.1.1"), sent[4].complaint()]
            )
        )
        func count(_ arguments: [String]) throws -> Int? {
            let list = try world.run(["bounces", "list", "--format", "json"] + arguments).json()
            return (list["bounces"] as? [Any])?.count
        }
        #expect(try count([]) == 5)
        #expect(try count(["--kind", "soft"]) == 3)
        #expect(try count(["--standing", "forged"]) == 0)
        #expect(try count(["--campaign", campaign, "--limit", "2"]) == 2)
        #expect(try count(["--since", "1h"]) == 5)
        #expect(try world.run(["bounces", "list", "--kind", "sofft"]).error.contains("Did you mean soft?"))
        #expect(try world.run(["bounces", "list", "--campaign", "c-1999-0001"]).status == 67)
        let counts = try world.run(["bounces", "list", "--summary", "--format", "csv"])
        #expect(counts.out.contains("\"soft\",\"counted\",\"3\""), "\(counts)")
    }
}
