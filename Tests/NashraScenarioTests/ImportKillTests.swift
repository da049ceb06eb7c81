// SPDX-License-Identifier: Apache-2.0
//
// kill -9 during an import that joins and drops people, at every place where it commits: the same command then makes the
// same register and the same counts as one that was never cut off, and the import can be taken back.
// Starts real processes.
import Foundation
import Testing

@Suite struct ImportKillTests {
    private static let before =
        "email,name,city\n" + (0..<30).map { "p\($0)@example.org,شخص \($0),الدوحة\n" }.joined()
    private static let after =
        "email,name,city\n" + (10..<40).map { "p\($0)@example.org,شخص \($0),جدة\n" }.joined() + "bad,,\n"

    private func world() throws -> (world: World, command: [String]) {
        let world = try World()
        let old = world.folder.appending(path: "قبل.csv")
        let new = world.folder.appending(path: "بعد.csv")
        try Self.before.write(to: old, atomically: true, encoding: .utf8)
        try Self.after.write(to: new, atomically: true, encoding: .utf8)
        #expect(try world.run(["topics", "add", "staff"]).status == 0)
        #expect(
            try world.run(["subscribers", "import", old.path, "--topic", "staff", "--source", "old"]).status
                == 0
        )
        return (
            world,
            [
                "subscribers", "import", new.path, "--topic", "staff", "--source", "list", "--sync", "--yes",
                "--format", "json",
            ]
        )
    }

    /// All that an import decides, without times.
    private func dump(_ world: World) throws -> String {
        try world.python(
            """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for sql in (
                "SELECT address_key, name, attributes, state, import_id FROM subscriber ORDER BY address_key",
                "SELECT s.address_key, u.source, u.ended_reason IS NULL, u.import_id FROM subscription u"
                " JOIN subscriber s ON s.id = u.subscriber_id ORDER BY s.address_key",
                "SELECT s.address_key, c.import_id, what, before FROM import_change c"
                " JOIN subscriber s ON s.id = c.subscriber_id ORDER BY s.address_key, what",
                "SELECT id, state, position, counts FROM import ORDER BY id",
            ):
                for row in db.execute(sql):
                    print(row)
            """,
            [world.workspace.appending(path: "var/nashra.db").path]
        )
    }

    @Test(arguments: [
        "import-read", "before-import-commit@1", "after-import-commit@1", "before-import-commit@2",
        "after-import-commit@2",
    ])
    func `killed anywhere and said again, an import is as if it had never been cut off`(_ place: String)
        throws
    {
        let (whole, command) = try world()
        let done = try whole.run(command)
        #expect(done.status == 1, "\(done)")
        let (cut, again) = try world()
        let killed = try cut.run(again, environment: ["NASHRA_FAILPOINT": place])
        #expect(killed.status != 0 && killed.status != 1, "\(killed)")
        let second = try cut.run(again)
        #expect(second.status == 1, "\(second)")
        let (found, wanted) = (try dump(cut), try dump(whole))
        #expect(found == wanted)
        #expect(second.out.contains("\"left\":10"), "\(second)")
        let names = try FileManager.default.contentsOfDirectory(
            atPath: cut.workspace.appending(path: "var").path
        )
        #expect(!names.contains { $0.hasPrefix("nashra-") }, "\(names)")

        let undone = try cut.run(["imports", "undo", "2", "--yes", "--format", "json"])
        #expect(undone.status == 0, "\(undone)")
        let counts = try #require(try undone.json()["counts"] as? [String: Int])
        #expect(counts["removed"] == 10 && counts["restored"] == 20 && counts["returned"] == 10, "\(undone)")
    }
}
