// SPDX-License-Identifier: Apache-2.0
//
// `why` and `suppressions` as an operator uses them: the real program, a sink, an Arabic name and address.
import Foundation
import Testing

@Suite struct `Why and suppressions` {
    private static let nora = "نورة@مثال.example"

    private func world() throws -> World {
        let world = try World()
        try world.sink()
        for topic in ["fraud", "traffic"] {
            let made = try world.run(["topics", "add", topic, "--title", "ar=تنبيهات"])
            #expect(made.status == 0, "\(made)")
        }
        for person in [Self.nora, "sara@example.org"] {
            let added = try world.run([
                "subscribers", "add", person, "--topic", "fraud", "--name", "نُورَة العتيبي", "--language",
                "ar",
            ])
            #expect(added.status == 0, "\(added)")
        }
        return world
    }

    private func why(_ world: World, _ arguments: [String]) throws -> [String: Any] {
        let output = try world.run(["why"] + arguments + ["--format", "json"])
        #expect(output.status == 0, "\(output)")
        let answer = try output.json()
        #expect(answer["schema"] as? String == "nashra.why.v1")
        return answer
    }

    private func next(_ answer: [String: Any], _ topic: String) -> [String: Any]? {
        (answer["next"] as? [[String: Any]])?.first { $0["topic"] as? String == topic }
    }

    @Test func `why says who is reached, what stands in the way, and what to do about it`() throws {
        let world = try world()
        var answer = try why(world, [Self.nora])
        #expect(answer["reached"] as? Bool == true)
        #expect(answer["state"] as? String == "active")
        #expect(next(answer, "fraud")?["reached"] as? Bool == true)
        #expect(next(answer, "traffic")?["reason"] as? String == "not-subscribed")
        #expect((answer["notes"] as? [String])?.contains { $0.contains("SMTPUTF8") } == true)
        let added = try world.run([
            "suppressions", "add", Self.nora, "--topic", "fraud", "--expires", "90d", "--note", "اتصلت بنا",
        ])
        #expect(added.status == 0, "\(added)")
        answer = try why(world, [Self.nora, "--topic", "fraud"])
        #expect(answer["reached"] as? Bool == false)
        #expect(next(answer, "fraud")?["reason"] as? String == "suppressed")
        let screen = try world.run(["why", Self.nora])
        #expect(screen.out.contains("نُورَة العتيبي"))
        #expect(screen.out.contains("nashra suppressions remove \(Self.nora) --topic fraud"), "\(screen)")
        #expect(screen.out.split(separator: "\n", omittingEmptySubsequences: false).count < 30, "one screen")
        let lifted = try world.run(["suppressions", "remove", Self.nora])
        #expect(lifted.status == 67, "it is suppressed for the topic only: \(lifted)")
        #expect(lifted.error.contains("topic:fraud"), "\(lifted)")
        #expect(try world.run(["suppressions", "remove", Self.nora, "--topic", "fraud"]).status == 0)
        #expect(try why(world, [Self.nora])["reached"] as? Bool == true)
    }

    @Test func `an unknown address gets the one that was meant, and an unknown topic its nearest`() throws {
        let world = try world()
        let answer = try why(world, ["sara@exmaple.org"])
        #expect(answer["state"] as? String == "not-registered")
        #expect(answer["did_you_mean"] as? [String] == ["sara@example.org"])
        let topic = try world.run(["why", Self.nora, "--topic", "fruad"])
        #expect(topic.status == 67)
        #expect(topic.error.contains("fraud"), "\(topic)")
        #expect(try world.run(["why", "no address"]).status == 65)
        #expect(try world.run(["why", Self.nora, "--topic", "fraud", "--campaign", "x"]).status == 64)
    }

    @Test func `the plan names who is left out, and why tells what the campaign did`() throws {
        let world = try world()
        #expect(try world.run(["suppressions", "add", "sara@example.org", "--topic", "fraud"]).status == 0)
        let sent = try world.run(["send", "2026-001", "--to", "topic:fraud", "--yes"])
        #expect(sent.status == 0, "\(sent)")
        #expect(sent.error.contains("Left out   suppressed 1"), "\(sent)")
        let nora = try why(world, [Self.nora])["campaigns"] as? [[String: Any]]
        #expect(nora?.first?["state"] as? String == "accepted")
        let sara = try why(world, ["sara@example.org"])["campaigns"] as? [[String: Any]]
        #expect(sara?.first?["reason"] as? String == "suppressed")
        let bulletin = try why(world, [Self.nora, "--bulletin", "2026-001"])
        #expect(bulletin["bulletin_language"] as? String == "ar")
    }

    @Test func `an export imports again to the same, as CSV and as JSON Lines`() throws {
        let world = try world()
        let list = """
            address,scope,reason,note,created,expires
            \(Self.nora),topic:fraud,complaint,"=HYPERLINK(""x"")",2026-01-31T08:00:00Z,
            sara@example.org,all,hard_bounce,"الصندوق, ""مغلق"" اليوم",2026-02-01,2099-01-01
            غريب@example.net,all,operator,,,

            """
        let file = world.folder.appending(path: "list.csv")
        try list.write(to: file, atomically: true, encoding: .utf8)
        let imported = try world.run(["suppressions", "import", file.path, "--format", "json"])
        #expect(imported.status == 0, "\(imported)")
        let counts = (try imported.json()["files"] as? [[String: Any]])?.first
        #expect(counts?["added"] as? Int == 3)
        for format in ["csv", "json"] {
            let first = world.folder.appending(path: "first.\(format)")
            let export = ["suppressions", "export", "--format", format, "--output"]
            #expect(try world.run(export + [first.path]).status == 0)
            let bytes = try Data(contentsOf: first)
            if format == "csv" {
                #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]), "Excel needs it")
                #expect(String(decoding: bytes, as: UTF8.self).contains("\"'=HYPERLINK"))
            }
            for address in [Self.nora, "sara@example.org", "غريب@example.net"] {
                let topic = address == Self.nora ? ["--topic", "fraud"] : []
                #expect(try world.run(["suppressions", "remove", address] + topic).status == 0)
            }
            let again = try world.run(["suppressions", "import", first.path])
            #expect(again.status == 0, "\(again)")
            let second = world.folder.appending(path: "second.\(format)")
            #expect(try world.run(export + [second.path]).status == 0)
            #expect(try Data(contentsOf: second) == bytes)
        }
    }
}
