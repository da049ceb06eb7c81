// SPDX-License-Identifier: Apache-2.0
//
// What people mistype, and what attackers send in: each has an error that says how to mend it, its exit status, and
// leaves everything as it was.
import Foundation
import Testing

@Suite struct BadInputTests {
    /// Arguments, and the status that they lead to.
    private static let wrong: [([String], Int32)] = [
        (["send"], 64),
        (["send", "2026-999", "--to", "topic:public"], 67),
        (["send", "../../etc/passwd", "--to", "topic:public"], 67),
        (["send", "2026-001", "--to", "topic:pubilc"], 67),
        (["send", "2026-001", "--to", "segment:x"], 67),
        (["send", "2026-001", "--to", "people.csv"], 64),
        (["send", "2026-001", "--to", "a@b.example\r\nRCPT TO:<x@y.example>"], 64),
        (["send", "2026-001", "--to", "topic:public", "--yes", "--rate", "0"], 64),
        (["send", "2026-001", "--to", "topic:public", "--yes", "--connections", "201"], 64),
        (["send", "2026-001", "--to", "topic:public", "--yes", "--expires", "أمس"], 64),
        (["send", "2026-001", "--to", "topic:public", "--yes", "--expires", "2020-01-01T00:00:00Z"], 65),
        (["send", "2026-001", "--to", "topic:public", "--language", "عربي", "--dry-run"], 64),
        (["send", "2026-001", "--to", "topic:public", "--domain", "a b", "--dry-run"], 64),
        (["send", "2026-001", "--to", "topic:public", "--no-input"], 64),
        (["send", "2026-001", "--to", "topic:public"], 64),
        (["topics", "add", "عام"], 65),
        (["topics", "add", "new", "--title", "ar=سطر\nثان"], 64),
        (["topics", "add", "new", "--title", "عربي=عنوان"], 64),
        (["topics", "add", "new", "--visibility", "سري"], 64),
        (["topics", "show", "pubilc"], 67),
        (["subscribers", "add", "x y@example.org"], 65),
        (["subscribers", "add", "a@b.example", "--name", "a\r\nBcc: x@y.example"], 65),
        (["subscribers", "add", "a@b.example", "--set", "city=\u{202E}قطر"], 65),
        (["subscribers", "add", "a@b.example", "--set", "email=z@b.example"], 64),
        (["subscribers", "add", "a@b.example", "--set", "مدينة"], 64),
        (["subscribers", "add", "a@b.example", "--language", "لغة"], 64),
        (["subscribers", "show", "nobody@example.org"], 67),
        (["subscribers", "remove", "nobody@example.org"], 67),
        (["subscribers", "list", "--limit", "0"], 64),
        (["subscribers", "list", "--state", "foo"], 64),
        (["subscribers", "import", "غائب.csv"], 66),
        (["suppressions", "remove", "nobody@example.org"], 67),
        (["suppressions", "add", "a@b.example", "--reason", "سبب"], 64),
        (["bulletin", "lint", "2026-01"], 67),
        (["bulletin", "render", "2026-001", "--to", "bad"], 65),
        (["bulletin", "render", "2026-001", "--to", "a@b.example", "--set", "language=لغة"], 64),
        (["bulletin", "render", "2026-001", "--to", "a@b.example", "--output", "/غائب/x"], 73),
        (["campaigns", "show", "c-2026-0001"], 67),
        (["campaigns", "pause", "c-2026-0001"], 67),
        (["campaigns", "resume", "c-2026-0001"], 67),
        (["campaigns", "cancel", "c-2026-0001", "--yes"], 67),
        (["report", "c-2026-0001"], 67),
        (["topics", "list", "--workspace", "غائب"], 66),
        (["init", "w", "--no-input"], 73),
        (["init", "--workspace", "w2", "--no-input"], 64),
        (["init", "w2", "--no-input"], 64),
    ]

    @Test func `a wrong argument has its status, an explanation, and changes nothing`() throws {
        let world = try World()
        try world.people(2)
        let before = try world.run(["subscribers", "list", "--format", "json"]).out
        for (arguments, status) in Self.wrong {
            let output = try world.run(arguments)
            #expect(output.status == status, "\(arguments): \(output)")
            #expect(output.error.contains("nashra: ") || output.error.contains("Usage: "), "\(output)")
            #expect(output.out.isEmpty)
        }
        #expect(try world.run(["subscribers", "list", "--format", "json"]).out == before)
        let campaigns = try world.run(["campaigns", "list", "--format", "json"]).json()
        #expect((campaigns["campaigns"] as? [Any])?.isEmpty == true)
        let topics = try world.run(["topics", "list", "--format", "json"]).json()
        #expect((topics["topics"] as? [Any])?.count == 1)
    }

    @Test func `a store of a newer version is refused by name, and left as it is`() throws {
        let world = try World()
        try world.people(2)
        let list = ["subscribers", "list", "--format", "json"]
        let before = try world.run(list).out
        let version = try world.run(["version", "--format", "json"]).json()
        let own = try #require(version["store_schema"] as? Int)
        try setVersion(99, of: world)
        for command in [["topics", "list"], ["send", "2026-001", "--to", "topic:public", "--yes"]] {
            let output = try world.run(command)
            #expect(output.status == 78, "\(output)")
            #expect(output.error.contains("99") && output.error.contains("newer"), "\(output)")
        }
        try setVersion(UInt8(own), of: world)
        #expect(try world.run(list).out == before)
        #expect(try world.run(["campaigns", "list"]).out.contains("No campaign"))
    }

    /// Bytes 60 to 63 of a SQLite file hold its user version.
    private func setVersion(_ version: UInt8, of world: World) throws {
        let store = world.workspace.appending(path: "var/nashra.db")
        let handle = try FileHandle(forUpdating: store)
        try handle.seek(toOffset: 60)
        try handle.write(contentsOf: [0, 0, 0, version])
        try handle.close()
    }

    @Test func `one file that is missing stops an import before the first row`() throws {
        let world = try World()
        let file = world.folder.appending(path: "قائمة جديدة.csv")
        try "email,name\nnew@example.org,نور\n".write(to: file, atomically: true, encoding: .utf8)
        let output = try world.run(["subscribers", "import", file.path, "غائب.csv"])
        #expect(output.status == 66 && output.error.contains("غائب.csv"), "\(output)")
        #expect(try world.run(["subscribers", "show", "new@example.org"]).status == 67)
    }

    @Test func `a campaign that has ended can be neither paused, resumed nor cancelled`() throws {
        let world = try World()
        try world.sink()
        try world.people(2)
        #expect(try world.run(["send", "2026-001", "--to", "topic:public", "--yes"]).status == 0)
        let list = try world.run(["campaigns", "list", "--format", "json"]).json()
        let name = try #require((list["campaigns"] as? [[String: Any]])?.first?["campaign"] as? String)
        for verb in [["pause", name], ["resume", name], ["cancel", name, "--yes"]] {
            let output = try world.run(["campaigns"] + verb)
            #expect(output.status == 64 && output.error.contains("finished"), "\(output)")
        }
        let again = try world.run(["send", "2026-001", "--to", "topic:public", "--yes"])
        #expect(again.status == 77 && again.error.contains("report \(name)"), "\(again)")
    }

    @Test func `a password file that others can read is refused, and so is one that is gone`() throws {
        let world = try World()
        let file = world.workspace.appending(path: "كلمة-السر")
        try "geheim-9\n".write(to: file, atomically: true, encoding: .utf8)
        let environment = [
            "NASHRA_RELAYS_PRIMARY_USER": "nashra", "NASHRA_RELAYS_PRIMARY_PASSWORD_FILE": "كلمة-السر",
        ]
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        let open = try world.run(["config", "check"], environment: environment)
        #expect(open.status == 78 && open.error.contains("chmod 0600"), "\(open)")
        try FileManager.default.removeItem(at: file)
        let gone = try world.run(["config", "check"], environment: environment)
        #expect(gone.status == 78 && gone.error.contains("cannot be read"), "\(gone)")
    }

    @Test func `templates that were deleted stop a send before anybody is connected to`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(2)
        try FileManager.default.removeItem(at: world.workspace.appending(path: "templates"))
        let output = try world.run(["send", "2026-001", "--to", "topic:public", "--yes"])
        #expect(output.status == 65 && output.error.contains("layouts"), "\(output)")
        #expect(try sink.messages().isEmpty)
    }
}
