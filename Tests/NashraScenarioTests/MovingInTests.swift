// SPDX-License-Identifier: Apache-2.0
//
// Moving in from four systems, 1,000 people each, through the real program; the register is read by Python, which knows
// what the exports say of each person.
// Starts real processes.
import Foundation
import Testing

@Suite struct MovingInTests {
    @Test(arguments: ["listmonk", "mailman", "phplist", "sympa"])
    func `1,000 people of another system keep their states`(_ system: String) throws {
        let world = try World()
        let files = try world.exports(of: system)
        let arguments = ["subscribers", "import", "--from", system] + files
        let refused = try world.run(arguments)
        #expect(refused.status == 67, "\(refused)")
        #expect(refused.error.contains("--create-topics"), "\(refused)")

        let dry = try world.run(arguments + ["--create-topics", "--dry-run", "--format", "json"])
        let done = try world.run(arguments + ["--create-topics", "--format", "json"])
        // A pattern on Sympa's blocklist is rejected.
        #expect(done.status == (system == "sympa" ? 1 : 0), "\(done)")
        #expect(dry.status == done.status, "\(dry)")
        #expect(try Self.counts(done)["added"] == 1_000, "\(done)")
        #expect(try Self.counts(dry) == Self.counts(done))
        #expect(try world.python(Self.compare, [world.store, world.expected(of: system)]) == "1000 right\n")

        let again = try world.run(arguments + ["--create-topics", "--format", "json"])
        #expect(try Self.counts(again)["added"] == 0, "\(again)")
        #expect(try Self.counts(again)["updated"] == 0, "\(again)")
        #expect(try world.python(Self.compare, [world.store, world.expected(of: system)]) == "1000 right\n")
        try Self.checkAudience(world, system)
    }

    @Test func `a list becomes the topic that the operator names`() throws {
        let world = try World()
        #expect(try world.run(["topics", "add", "scams"]).status == 0)
        let file = world.folder.appending(path: "fraud@lists.moi.example.txt")
        try "نورة <nora@example.org>\n".write(to: file, atomically: true, encoding: .utf8)
        let done = try world.run([
            "subscribers", "import", "--from", "mailman", file.path, "--topic-map", "fraud=scams",
        ])
        #expect(done.status == 0, "\(done)")
        let shown = try world.run(["subscribers", "show", "nora@example.org"])
        #expect(shown.out.contains("scams") && shown.out.contains("نورة"), "\(shown)")
    }

    @Test func `a file of the wrong system says which export is wanted and how it is made`() throws {
        let world = try World()
        let file = world.folder.appending(path: "صفحة.html")
        try "<html>\n".write(to: file, atomically: true, encoding: .utf8)
        for (system, hint) in [
            ("listmonk", "/api/subscribers"), ("mailman", "mailman members"), ("phplist", "Export"),
            ("sympa", "sympa.pl dump"),
        ] {
            let output = try world.run(["subscribers", "import", "--from", system, file.path])
            #expect(output.status == 65 && output.error.contains(hint), "\(output)")
        }
        let unknown = try world.run(["subscribers", "import", "--from", "mailchimp", file.path])
        #expect(unknown.status == 64 && unknown.error.contains("listmonk"), "\(unknown)")
    }

    /// Those who would get a bulletin are those whom the other system would have mailed.
    private static func checkAudience(_ world: World, _ system: String) throws {
        let text = try String(contentsOfFile: world.expected(of: system), encoding: .utf8)
        let people = try text.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
        let topics = people.map { $0["topics"] as? [String: [String: Any]] ?? [:] }
        let names = Set(topics.flatMap(\.keys))
        #expect(names.count == 3)
        for name in names {
            let reachable = zip(people, topics).count { person, topics in
                guard let topic = topics[name], person["suppression"] is NSNull else { return false }
                return topic["state"] as? String == "active" && topic["paused"] as? Bool == false
            }
            let plan = try world.run([
                "send", "2026-001", "--to", "topic:\(name)", "--dry-run", "--format", "json",
            ])
            #expect(try plan.json()["messages"] as? Int == reachable, "\(name): \(plan)")
        }
    }

    private static func counts(_ output: Output) throws -> [String: Int] {
        let json = try output.json()
        let objects = (json["files"] as? [[String: Any]]) ?? [json]
        let counts = objects.flatMap {
            ($0["counts"] as? [String: Any] ?? $0).compactMap { key, value in
                (value as? Int).map { (key, $0) }
            }
        }
        return Dictionary(counts.filter { ["added", "updated", "rejected", "refused"].contains($0.0) }) {
            $0 + $1
        }
    }

    /// Prints how many people stand in the register as expected, and the first who do not.
    private static let compare = """
        import json, sqlite3, sys
        from datetime import datetime, timezone
        db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
        db.row_factory = sqlite3.Row
        def iso(ms):
            return ms and datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        def topic(row, wanted):
            state = "ended" if row["ended_at_ms"] else "pending" if row["is_pending"] else "active"
            ended = state == "ended"
            return {"state": state,
                    "consent": iso(row["consent_at_ms"]) if wanted and wanted["consent"] else None,
                    "frequency": wanted["frequency"] if wanted and ended else row["frequency"],
                    "paused": wanted["paused"] if wanted and ended else row["paused_from_ms"] is not None,
                    "until": wanted["until"] if wanted and ended else iso(row["paused_until_ms"])}
        right, wrong = 0, 0
        for line in open(sys.argv[2], encoding="utf-8"):
            wanted = json.loads(line)
            person = db.execute("SELECT * FROM subscriber WHERE address = ?", [wanted["address"]]).fetchone()
            found = None
            if person:
                rows = db.execute("SELECT t.name, u.* FROM subscription u JOIN topic t ON t.id = u.topic_id"
                                  " WHERE u.subscriber_id = ?", [person["id"]]).fetchall()
                reason = db.execute("SELECT reason FROM suppression WHERE address_key = ? AND topic_id = 0",
                                    [person["address_key"]]).fetchone()
                found = {"address": person["address"], "name": person["name"], "language": person["language"],
                         "attributes": json.loads(person["attributes"]),
                         "created": iso(person["created_at_ms"]) if wanted["created"] else None,
                         "suppression": reason and reason["reason"],
                         "topics": {row["name"]: topic(row, wanted["topics"].get(row["name"])) for row in rows}}
            if found == wanted:
                right += 1
            else:
                wrong += 1
                if wrong < 4: print("wanted", wanted, "found", found, sep="\\n")
        print(right, "right")
        """
}

extension World {
    var store: String { workspace.appending(path: "var/nashra.db").path }

    func expected(of system: String) -> String { folder.appending(path: "\(system)/expected.jsonl").path }

    /// Writes a system's exports and names their files, blocklists and bounces last.
    func exports(of system: String) throws -> [String] {
        let script = Page.repository.appending(path: "Scripts/make_exports.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script, system, folder.appending(path: system).path]
        let made = try Running(process, folder: folder, input: "").finish()
        guard made.status == 0 else { throw WorldError(text: "\(made)") }
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder.appending(path: system).path)
        let files = all.filter {
            $0.hasSuffix(".json") || $0.hasSuffix(".txt") || $0.hasSuffix(".csv") || $0.hasSuffix(".dump")
        }
        return files.sorted { ($0.hasPrefix("b") ? 1 : 0, $0) < ($1.hasPrefix("b") ? 1 : 0, $1) }
            .map { folder.appending(path: "\(system)/\($0)").path }
    }
}
