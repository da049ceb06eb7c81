// SPDX-License-Identifier: Apache-2.0
//
// Handing out, exporting, erasing and pruning through the real program: what is in the files afterwards, byte by byte.
// Starts real processes on loopback.
import Foundation
import Testing

@Suite struct PrivacyTests {
    /// Files below the workspace that hold a text in plain, whatever the case of its ASCII letters.
    private func files(_ world: World, naming text: String) throws -> [String] {
        let wanted = Data(text.lowercased().utf8)
        let names =
            FileManager.default.enumerator(atPath: world.workspace.path)?.compactMap { $0 as? String } ?? []
        return try names.filter { name in
            let url = world.workspace.appending(path: name)
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
                return false
            }
            let lower = Data(try Data(contentsOf: url).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
            return lower.range(of: wanted) != nil
        }.sorted()
    }

    private func write(_ world: World, _ name: String, _ text: String) throws -> String {
        let file = world.folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    @Test func `a person is handed out, erased from every file, and neither imported nor mailed again`()
        throws
    {
        let world = try World()
        let sink = try world.sink()
        try world.people(40)
        let csv = "email,name,language,city\r\nMaryam.Q@qatami.example,مريم القطامي,ar,رأس لفان\r\n"
        let file = try write(world, "maryam.csv", csv)
        #expect(try world.run(["subscribers", "import", file, "--topic", "public"]).status == 0)
        let sent = try world.run(["send", "2026-001", "--to", "topic:public", "--yes", "--format", "json"])
        #expect(sent.status == 0, "\(sent)")
        let campaign = try #require(try sent.json()["campaign"] as? String)
        let report = try world.run(["report", campaign, "--format", "json"]).out

        let export = try world.run(["subscribers", "export", "maryam.q@qatami.example"])
        #expect(export.status == 0, "\(export)")
        let person = try export.json()
        #expect((person["subscriber"] as? [String: Any])?["name"] as? String == "مريم القطامي")
        #expect((person["deliveries"] as? [[String: Any]])?.first?["campaign"] as? String == campaign)
        #expect((person["attempts"] as? [[String: Any]])?.count == 1)

        // What lies about in the state's folder: a waiting mail and a file of rejected rows.
        let spool = world.workspace.appending(path: "var/spool/new")
        try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
        try Data("To: <maryam.q@qatami.example>\r\n\r\nx\r\n".utf8).write(to: spool.appending(path: "1.eml"))
        let rejected = world.workspace.appending(path: "var/imports/7-rejected.csv")
        try FileManager.default.createDirectory(
            at: rejected.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        let rows = ["\"line\",\"email\"", "\"2\",\"maryam.q@qatami.example\"", "\"3\",\"two\nlines@x\"", ""]
        try Data(rows.joined(separator: "\r\n").utf8).write(to: rejected)
        try Data(csv.utf8).write(to: world.workspace.appending(path: "subscribers/maryam.csv"))

        #expect(try world.run(["subscribers", "erase", "maryam.q@qatami.example"]).status == 64)
        #expect(
            try world.run(["subscribers", "erase", "maryam.q@qatami.example", "--no-input"]).status == 64
        )
        let erased = try world.run([
            "subscribers", "erase", "maryam.q@qatami.example", "--yes", "--format", "json",
        ])
        #expect(erased.status == 0, "\(erased)")
        #expect(try erased.json()["traces"] as? String == "clean")
        let label = ((try erased.json()["erased"] as? [[String: Any]])?.first?["label"] as? String) ?? ""
        #expect(label.hasPrefix("erased-"))
        #expect(try files(world, naming: "maryam.q") == ["subscribers/maryam.csv"])
        #expect(try files(world, naming: "مريم القطامي") == ["subscribers/maryam.csv"])
        #expect(erased.out.contains("subscribers/maryam.csv"))
        #expect(
            try String(contentsOf: rejected, encoding: .utf8)
                == [rows[0], rows[2], rows[3]].joined(separator: "\r\n")
        )
        // She was the only one at qatami.example, so the domain has gone from the report, and nothing else has.
        let after = try world.run(["report", campaign, "--format", "json"]).out
        #expect(after == report.replacing("qatami.example\"", with: "\(label).invalid\""), "\(after)")
        #expect(after != report)
        #expect(try files(world, naming: "qatami") == ["subscribers/maryam.csv"])

        let again = try world.run(["subscribers", "import", file, "--topic", "public", "--format", "json"])
        #expect(again.status == 1 || again.status == 0, "\(again)")
        #expect(try world.run(["subscribers", "show", "maryam.q@qatami.example"]).status == 67)
        let single = try world.run(["send", "2026-002", "--to", "maryam.q@qatami.example", "--yes"])
        #expect(single.status == 65, "\(single)")
        let both = try world.run(
            ["send", "2026-002", "--to", "maryam.q@qatami.example", "--to", "person1@example.com", "--yes"]
        )
        #expect(both.status == 0, "\(both)")
        #expect(both.error.contains("erased"))
        let recipients = try sink.recipients().filter { $0.lowercased().hasPrefix("maryam") }
        #expect(recipients.count == 1)
        let nobody = try world.run(["subscribers", "export", "maryam.q@qatami.example"])
        #expect(nobody.status == 67)
        #expect(nobody.error.contains("was erased"))
        #expect(try world.run(["subscribers", "erase", "maryam.q@qatami.example", "--yes"]).status == 67)
    }

    @Test func `an export imports again to the same export, formulas and Arabic included`() throws {
        let one = try World()
        let other = try World()
        let csv = #"""
            email,name,language,city,note
            علي@بريد.example,علي بن سالم,ar,الدوحة,=1+1
            eve@example.org,"=HYPERLINK(""http://x"")",en,"@Paris; ""x""",'=1
            zoe@example.org,Zoé,fr,+97455551234,-
            """#
        let file = try write(one, "people.csv", csv.replacing("\n", with: "\r\n"))
        for world in [one, other] { #expect(try world.run(["topics", "add", "public"]).status == 0) }
        let imported = try one.run(["subscribers", "import", file, "--topic", "public"])
        #expect(imported.status == 0, "\(imported)")
        let exported = one.folder.appending(path: "export.csv").path
        let first = try one.run(["subscribers", "export", "--topic", "public", "--output", exported])
        #expect(first.status == 0, "\(first)")
        let mode = try FileManager.default.attributesOfItem(atPath: exported)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let bytes = try Data(contentsOf: URL(filePath: exported))
        #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(String(decoding: bytes, as: UTF8.self).contains("\"'=HYPERLINK(\"\"http://x\"\")\""))
        #expect(try other.run(["subscribers", "import", exported, "--topic", "public"]).status == 0)
        let again = other.folder.appending(path: "export.csv")
        #expect(
            try other.run(["subscribers", "export", "--topic", "public", "--output", again.path]).status == 0
        )
        #expect(try Data(contentsOf: again) == bytes)
        let plain = try other.run(["subscribers", "export", "--plain", "--delimiter", "semicolon"])
        #expect(plain.out.hasPrefix("\"email\";\"name\";\"language\";\"city\";\"note\"\r\n"))
        #expect(plain.out.contains(";\"=1+1\""))
        let lines = try other.run(["subscribers", "export", "--format", "json"]).out.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.contains("nashra.export.v1") })
    }

    @Test func `an export is whole or not there, and says what cannot be`() throws {
        let world = try World()
        try world.people(3)
        let target = world.folder.appending(path: "no/such/folder.csv").path
        #expect(try world.run(["subscribers", "export", "--output", target]).status == 73)
        #expect(try world.run(["subscribers", "export", "--topic", "publik"]).status == 67)
        #expect(try world.run(["subscribers", "export", "--state", "erased"]).status == 64)
        #expect(try world.run(["subscribers", "export", "--delimiter", "|"]).status == 64)
        #expect(try world.run(["subscribers", "export", "person0@example.org", "--plain"]).status == 64)
        #expect(try world.run(["subscribers", "export", "nobody@example.org"]).status == 67)
    }

    @Test func `pruning counts first, asks, and leaves reports as they are`() throws {
        let world = try World()
        _ = try world.sink()
        try world.people(30)
        let sent = try world.run(["send", "2026-001", "--to", "topic:public", "--yes", "--format", "json"])
        let campaign = try #require(try sent.json()["campaign"] as? String)
        let report = try world.run(["report", campaign, "--format", "json"]).out
        let yaml = try String(contentsOf: world.configuration, encoding: .utf8)
        try yaml.replacing("    deliveries:\n", with: "    deliveries: 1d\n").replacing(
            "    attempts:\n",
            with: "    attempts: 1d\n"
        ).write(to: world.configuration, atomically: true, encoding: .utf8)
        let later = ["NASHRA_TEST_CLOCK": "+2d"]
        let early = try world.run(["privacy", "prune", "--yes", "--format", "json"])
        #expect(early.status == 0, "\(early)")
        #expect(early.out.contains("\"pruned\":30") == false)
        let dry = try world.run(["privacy", "prune", "--dry-run", "--format", "json"], environment: later)
        #expect(dry.out.contains("\"due\":30"), "\(dry)")
        #expect(try world.run(["privacy", "prune", "--no-input"], environment: later).status == 64)
        let pruned = try world.run(["privacy", "prune", "--yes", "--format", "json"], environment: later)
        #expect(pruned.out.contains("\"pruned\":30"), "\(pruned)")
        #expect(try world.run(["report", campaign, "--format", "json"]).out == report)
        let person = try world.run(["subscribers", "export", "person1@example.com"]).json()
        #expect((person["deliveries"] as? [Any])?.isEmpty == true)
        let held = try world.run(["privacy", "show", "--format", "json"]).json()
        let tables = try #require(held["tables"] as? [[String: Any]])
        #expect(tables.first { $0["table"] as? String == "attempt" }?["rows"] as? Int == 0)
        #expect(tables.first { $0["table"] as? String == "delivery" }?["rows"] as? Int == 30)
    }
}
