// SPDX-License-Identifier: Apache-2.0
//
// Segments through the real program: saved, counted, listed, explained, sent to; and what is said of faults.
// Starts real processes.
import Foundation
import Testing

@Suite struct SegmentScenarioTests {
    static let file = """
        segments:
          arabic-in-doha:
            title: {ar: "قراء العربية في الدوحة", en: "Arabic readers in Doha"}
            query: language = ar and city = الدوحه
          in-english: {query: "not (language = ar or name contains \\"jean\\")"}

        """

    static func world(_ file: String = file) throws -> World {
        let world = try World()
        try world.people(20)
        let path = world.workspace.appending(path: "subscribers/segments.yaml")
        try file.write(to: path, atomically: true, encoding: .utf8)
        return world
    }

    @Test func `a saved segment is counted, listed, explained and searched in Arabic`() throws {
        let world = try Self.world()
        let list = try world.run(["segments", "list"])
        #expect(list.status == 0 && list.out.contains("قراء العربية في الدوحة"), "\(list)")
        let count = try world.run(["segments", "count", "arabic-in-doha", "--format", "json"])
        #expect(try count.json()["members"] as? Int == 12, "\(count)")
        #expect(try count.json()["query"] as? String == "language = ar and attr.city = الدوحه")
        let typed = try world.run([
            "segments", "count", "name contains \"محمد العلى\" and subscribed to public",
        ])
        #expect(typed.out == "4\n", "\(typed)")
        let members = try world.run(["segments", "members", "in-english", "--format", "json", "--limit", "2"])
        #expect(try members.json()["total"] as? Int == 4, "\(members)")
        #expect(try (members.json()["subscribers"] as? [Any])?.count == 2)
        let shown = try world.run(["segments", "show", "arabic-in-doha", "--explain", "--format", "json"])
        let explanation = try #require(try shown.json()["explanation"] as? [String: Any], "\(shown)")
        #expect((explanation["sql"] as? String)?.contains("الدوحه") == false)
        #expect(
            (explanation["terms"] as? [[String: Any]])?.map { $0["members"] as? Int } == [12, 20],
            "\(shown)"
        )
        let text = try world.run(["segments", "show", "arabic-in-doha", "--explain"])
        #expect(text.status == 0 && text.out.contains("nashra_attr_fold"), "\(text)")
        let whose = try world.run(["subscribers", "list", "--where", "language = fr", "--format", "json"])
        #expect(try whose.json()["total"] as? Int == 4, "\(whose)")
    }

    @Test func `a bulletin is sent to a segment's subscribers, once`() throws {
        let world = try Self.world()
        let sink = try world.sink()
        _ = try world.run([
            "subscribers", "add", "ghost@example.org", "--language", "ar", "--set", "city=الدوحة",
        ])
        let arguments = ["send", "2026-001", "--to", "segment:arabic-in-doha", "--yes", "--format", "json"]
        let plan = try world.run(["send", "2026-001", "--to", "segment:arabic-in-doha", "--dry-run"])
        #expect(plan.status == 0 && (plan.out + plan.error).contains("not-subscribed 1"), "\(plan)")
        let sent = try world.run(arguments)
        #expect(sent.status == 0, "\(sent)")
        #expect(try sent.json()["audience"] as? Int == 12)
        #expect(try sink.recipients().count == 12)
        #expect(try !sink.recipients().contains { $0.contains("ghost") })
        let again = try world.run(arguments)
        #expect(again.status == 77, "\(again)")
        let rest = try world.run(["segments", "count", "language = ar and not received 2026-001"])
        #expect(rest.out == "1\n", "\(rest)")
    }

    @Test func `faults name their place, in a query and in the file`() throws {
        let world = try Self.world()
        let typed = try world.run(["segments", "count", "language = ar and citty = Doha"])
        #expect(typed.status == 65, "\(typed)")
        #expect(typed.error.contains("column 19") && typed.error.contains("^^^^^"), "\(typed)")
        #expect(typed.error.contains("Did you mean city?"), "\(typed)")
        let name = try world.run(["segments", "count", "arabic-in-dohaa"])
        #expect(name.status == 67 && name.error.contains("Did you mean arabic-in-doha?"), "\(name)")

        let bad = """
            segments:
              first:
                query: >-
                  language = ar
                  and subscribed to publik
              second: {query: "name contains \\"x\\" and نوع = 1"}
              Third: {query: bounced}
              fourth: {qeury: bounced, query: 'city > "a"'}

            """
        let path = world.workspace.appending(path: "subscribers/segments.yaml")
        try bad.write(to: path, atomically: true, encoding: .utf8)
        let checked = try world.run(["config", "check"])
        #expect(checked.status == 78, "\(checked)")
        for place in [
            "segments.yaml:5:25: ", "segments.yaml:6:44: ", "segments.yaml:7:10: ", "segments.yaml:8:43: ",
        ] {
            #expect(checked.error.contains(place), "\(place) in \(checked)")
        }
        #expect(checked.error.contains("Did you mean public?"), "\(checked)")
        #expect(checked.error.contains("“fourth.qeury”") || checked.error.contains("qeury"), "\(checked)")
    }

    @Test func `the file of a new workspace and of the repository holds examples that are right`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let shipped = try String(
            contentsOf: root.appending(path: "subscribers/segments.yaml"),
            encoding: .utf8
        )
        let world = try World()
        try world.people(20)
        let made = world.workspace.appending(path: "subscribers/segments.yaml")
        #expect(try String(contentsOf: made, encoding: .utf8) == shipped)
        #expect(try world.run(["config", "check"]).status == 0)
        // The commented examples, once their names are there.
        let examples = shipped.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0 != "# segments:" }.map { $0.hasPrefix("# ") ? String($0.dropFirst(2)) : "" }
            .joined(separator: "\n").replacing("subscribed to fraud", with: "subscribed to public")
            .replacing("2026-014", with: "2026-001").replacing("attr.grade", with: "attr.city")
        try examples.write(
            to: world.workspace.appending(path: "subscribers/segments.yaml"),
            atomically: true,
            encoding: .utf8
        )
        let list = try world.run(["segments", "list", "--format", "json"])
        #expect(list.status == 0, "\(list)")
        #expect(try (list.json()["segments"] as? [Any])?.count == 2, "\(list)")
    }
}
