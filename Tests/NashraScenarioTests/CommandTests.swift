// SPDX-License-Identifier: Apache-2.0
//
// The commands as people use them day by day: what they print, and what they leave behind.
import Foundation
import Testing

@Suite struct CommandTests {
    @Test func `a mandatory topic's mail has no way to unsubscribe, and a public one's has`() throws {
        let world = try World()
        let maildir = world.folder.appending(path: "بريد")
        try world.sink(["--maildir", maildir.path])
        #expect(try world.run(["topics", "add", "staff", "--visibility", "mandatory"]).status == 0)
        #expect(try world.run(["topics", "add", "public"]).status == 0)
        for topic in ["staff", "public"] {
            let added = try world.run([
                "subscribers", "add", "\(topic)@example.org", "--name", "سارة", "--topic", topic,
            ])
            #expect(added.status == 0, "\(added)")
            let sent = try world.run(["send", "2026-001", "--to", "topic:\(topic)", "--yes", "--quiet"])
            #expect(sent.status == 0, "\(sent)")
        }
        let new = maildir.appending(path: "new")
        let mails = try FileManager.default.contentsOfDirectory(atPath: new.path).map {
            try String(contentsOf: new.appending(path: $0), encoding: .utf8)
        }
        let staff = try #require(mails.first { $0.contains("<staff@example.org>") })
        let open = try #require(mails.first { $0.contains("<public@example.org>") })
        #expect(!staff.contains("List-Unsubscribe"))
        #expect(open.contains("List-Unsubscribe: ") && open.contains("List-Unsubscribe-Post: "))
    }

    @Test func `render shows what somebody in the register would get: their language and their name`() throws
    {
        let world = try World()
        let added = try world.run([
            "subscribers", "add", "claire@example.org", "--name", "Claire", "--language", "fr",
        ])
        #expect(added.status == 0, "\(added)")
        let shown = try world.run(["bulletin", "render", "2026-001", "--to", "claire@example.org"])
        #expect(shown.status == 0, "\(shown)")
        #expect(shown.out.contains("Content-Language: fr"))
        #expect(shown.out.contains("To: Claire <claire@example.org>"))
        let told = try world.run([
            "bulletin", "render", "2026-001", "--to", "claire@example.org", "--set", "language=ar",
        ])
        #expect(told.out.contains("Content-Language: ar"))
    }

    @Test func `texts can be checked where there is no store, and looking at them makes none`() throws {
        let world = try World()
        let state = world.workspace.appending(path: "var")
        try FileManager.default.removeItem(at: state)
        let linted = try world.run(["bulletin", "lint"])
        #expect(linted.status == 0, "\(linted)")
        #expect(!FileManager.default.fileExists(atPath: state.path))
    }

    @Test func `every list has a table, CSV and JSON with its schema`() throws {
        let world = try World()
        try world.people(3)
        #expect(try world.run(["suppressions", "add", "x@بريد.example"]).status == 0)
        let lists: [([String], String, String)] = [
            (["topics", "list"], "topics", "public"),
            (["subscribers", "list"], "subscribers", "سارة القحطاني"),
            (["suppressions", "list"], "suppressions", "x@بريد.example"),
            (["bulletin", "list"], "bulletins", "2026-001"),
            (["campaigns", "list"], "campaigns", "campaign"),
        ]
        for (command, key, sample) in lists {
            let json = try world.run(command + ["--format", "json"]).json()
            #expect(json["schema"] as? String == "nashra.\(key).v1", "\(json)")
            #expect(json[key] is [Any])
            let csv = try world.run(command + ["--format", "csv"])
            #expect(csv.status == 0 && csv.out.hasPrefix("\"") && csv.out.contains(sample), "\(csv)")
            let table = try world.run(command, environment: ["LANG": "C", "NO_COLOR": "1"])
            #expect(
                table.status == 0 && table.out.contains(sample) && !table.out.contains("\u{1B}"),
                "\(table)"
            )
        }
        let topic = try world.run(["topics", "show", "public", "--format", "json"]).json()
        #expect(topic["schema"] as? String == "nashra.topic.v1")
    }

    @Test func `the workspace is found above the current folder, and quiet says nothing`() throws {
        let world = try World()
        let below = world.workspace.appending(path: "bulletins/مجلد فيه فراغ")
        try FileManager.default.createDirectory(at: below, withIntermediateDirectories: true)
        let found = try world.run(["topics", "add", "public", "--quiet", "--workspace", "w"])
        #expect(found.status == 0 && found.error.isEmpty && found.out.isEmpty, "\(found)")
        let process = try world.start(
            ["topics", "list", "--format", "csv"],
            environment: ["NASHRA_WORKSPACE": ""],
            shell: "cd '\(below.path)'"
        )
        let list = try process.finish()
        #expect(list.status == 0 && list.out.contains("\"public\""), "\(list)")
    }

    @Test func `secrets are masked wherever the configuration is shown`() throws {
        let world = try World()
        let secret = "كلمة-سر-7"
        for format in ["table", "json", "csv"] {
            let shown = try world.run(
                ["config", "show", "--origin", "--format", format],
                environment: [
                    "NASHRA_RELAYS_PRIMARY_USER": "nashra", "NASHRA_RELAYS_PRIMARY_PASSWORD": secret,
                ]
            )
            #expect(shown.status == 0, "\(shown)")
            #expect(!shown.out.contains(secret) && !shown.error.contains(secret))
            #expect(shown.out.contains("NASHRA_RELAYS_PRIMARY_PASSWORD"))
        }
    }

    @Test func `with --wait those who were put off are tried again until they are accepted`() throws {
        let world = try World()
        let sink = try world.sink()
        #expect(try world.run(["topics", "add", "public"]).status == 0)
        for address in ["tempfail-1@example.org", "سارة@بريد.example", "tempfail-2@example.org"] {
            #expect(try world.run(["subscribers", "add", address, "--topic", "public"]).status == 0)
        }
        let sent = try world.run(
            ["send", "2026-003", "--to", "topic:public", "--yes", "--wait", "--format", "json"],
            environment: ["NASHRA_SENDING_RETRY_WAITS": "[200ms, 1s]"]
        )
        #expect(sent.status == 0, "\(sent)")
        #expect(try sink.recipients().count == 3)
        #expect((try sent.json()["deliveries"] as? [String: Int])?["accepted"] == 3)
    }

    @Test func `while the relay is away the progress says why, and until when it is waited for`() throws {
        let world = try World()
        try world.people(2)
        let sent = try world.run(
            ["send", "2026-001", "--to", "topic:public", "--yes"],
            environment: ["NASHRA_SENDING_RELAY_PATIENCE": "1s"]
        )
        #expect(sent.status == 69, "\(sent)")
        #expect(sent.error.contains("127.0.0.1 port 9"))
        #expect(sent.error.contains("giving up at "))
    }

    @Test func `addresses can be reached without a topic, in the register or not`() throws {
        let world = try World()
        let sink = try world.sink()
        let add = ["subscribers", "add", "ali@بريد.example", "--name", "علي", "--language", "en"]
        #expect(try world.run(add).status == 0)
        let sent = try world.run([
            "send", "2026-001", "--to", "ali@بريد.example", "--to", "stranger@example.org", "--confirm-count",
            "2",
            "--rate", "50/s", "--expires", "1h", "--format", "json",
        ])
        #expect(sent.status == 0, "\(sent)")
        #expect(Set(try sink.recipients()) == ["ali@xn--ngbof4h.example", "stranger@example.org"])
        let languages = try sent.json()["by_language"] as? [[String: Any]] ?? []
        #expect(Set(languages.compactMap { $0["language"] as? String }) == ["ar", "en"])
    }

    @Test func `a clone that has neither keys nor a store gets them from init, once`() throws {
        let world = try World()
        try FileManager.default.removeItem(at: world.workspace.appending(path: "var"))
        let lost = try world.run(["topics", "add", "public"])
        #expect(lost.status == 66 && lost.error.contains("nashra init"), "\(lost)")
        let before = try String(contentsOf: world.configuration, encoding: .utf8)
        let made = try world.run(["init", "w", "--no-input"])
        #expect(made.status == 0, "\(made)")
        #expect(try String(contentsOf: world.configuration, encoding: .utf8) == before)
        #expect(try world.run(["topics", "add", "public"]).status == 0)
        #expect(try world.run(["config", "check"]).status == 0)
        let again = try world.run(["init", "w", "--no-input"])
        #expect(again.status == 73, "\(again)")
    }

    @Test func `a reader that has gone is an error of the stream, and no crash`() throws {
        let world = try World()
        try world.people(2)
        let full = try world.start(["subscribers", "list"], shell: "exec > /dev/full").finish()
        #expect(full.status == 74, "\(full)")
        let closed = try world.start(["subscribers", "list"], shell: "exec >&-").finish()
        #expect(closed.status == 74, "\(closed)")
    }
}
