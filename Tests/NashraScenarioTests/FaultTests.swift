// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong outside: each fault has a clear error, the right exit status, and loses nothing.
import Foundation
import Testing

@Suite struct FaultTests {
    @Test func `a mistyped key stops the program with the place and a suggestion`() throws {
        let world = try World()
        let text = try String(contentsOf: world.configuration, encoding: .utf8)
        try text.replacing("  envelope_domain:", with: "  envelop_domain:")
            .write(to: world.configuration, atomically: true, encoding: .utf8)
        let checked = try world.run(["config", "check"])
        #expect(checked.status == 78, "\(checked)")
        #expect(checked.error.contains("nashra.yaml:"))
        #expect(checked.error.contains("envelope_domain"))
    }

    @Test func `a root key that others can read, or that is gone, is an error with a remedy`() throws {
        let world = try World()
        _ = try world.sink()
        try world.people(3)
        let key = world.workspace.appending(path: "var/keys/root.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key.path)
        let open = try world.run(["send", "2026-001", "--to", "topic:public", "--yes"])
        #expect(open.status == 78, "\(open)")
        #expect(open.error.contains("600"))
        try FileManager.default.removeItem(at: key)
        let gone = try world.run(["send", "2026-001", "--to", "topic:public", "--yes"])
        #expect(gone.status == 78, "\(gone)")
    }

    @Test func `a relay that is down is 69, everybody stays in the queue, and resume finishes the job`()
        throws
    {
        let world = try World()
        try world.people(20)
        let environment = ["NASHRA_SENDING_RELAY_PATIENCE": "1s"]
        let down = try world.run(
            ["send", "2026-001", "--to", "topic:public", "--yes"],
            environment: environment
        )
        #expect(down.status == 69, "\(down)")
        #expect(down.error.contains("campaigns resume c-"))
        let list = try world.run(["campaigns", "list", "--format", "json"]).json()
        let campaign = try #require((list["campaigns"] as? [[String: Any]])?.first?["campaign"] as? String)
        let sink = try world.sink()
        let resumed = try world.run(["campaigns", "resume", campaign, "--format", "json"])
        #expect(resumed.status == 0, "\(resumed)")
        #expect(Set(try sink.recipients()).count == 20)
    }

    @Test(arguments: [
        (["--no-starttls"], ["NASHRA_RELAYS_PRIMARY_TLS": "starttls"]),
        (["--tls"], ["NASHRA_RELAYS_PRIMARY_TLS": "starttls"]),
        ([], ["NASHRA_RELAYS_PRIMARY_USER": "nashra", "NASHRA_RELAYS_PRIMARY_PASSWORD": "سر"]),
        (
            ["--user", "nashra:right", "--allow-plain-auth"],
            ["NASHRA_RELAYS_PRIMARY_USER": "nashra", "NASHRA_RELAYS_PRIMARY_PASSWORD": "wrong"]
        ),
    ])
    func `a relay without TLS, with a strange certificate, without AUTH or refusing it gets no byte of mail`(
        _ sinkOptions: [String],
        _ environment: [String: String]
    ) throws {
        let world = try World()
        let sink = try world.sink(sinkOptions)
        try world.people(5)
        let sent = try world.run(
            ["send", "2026-001", "--to", "topic:public", "--yes"],
            environment: environment
        )
        #expect(sent.status == 78, "\(sent)")
        #expect(try sink.messages().isEmpty)
        #expect(sent.error.contains("campaigns resume"))
        let shown = try world.run(["campaigns", "list", "--format", "json"]).json()
        #expect((shown["campaigns"] as? [[String: Any]])?.first?["state"] as? String == "paused")
    }

    @Test func `an unknown merge field is found before anybody is connected to`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(3)
        let folder = try #require(
            try FileManager.default.contentsOfDirectory(
                atPath: world.workspace.appending(path: "bulletins").path
            )
            .first { $0.hasPrefix("2026-001") }
        )
        let file = world.workspace.appending(path: "bulletins/\(folder)/ar.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        try (text + "\n\nرقمك {{identity_nummber|غير معروف}}\n").write(
            to: file,
            atomically: true,
            encoding: .utf8
        )
        let sent = try world.run(["send", "2026-001", "--to", "topic:public", "--yes"])
        #expect(sent.status == 65, "\(sent)")
        #expect(sent.error.contains("ar.md:"))
        #expect(sent.error.contains("identity_nummber"))
        #expect(try sink.messages().isEmpty)
    }

    @Test func `an empty audience and an unknown topic are errors that say so`() throws {
        let world = try World()
        _ = try world.sink()
        #expect(try world.run(["topics", "add", "empty"]).status == 0)
        let empty = try world.run(["send", "2026-001", "--to", "topic:empty", "--yes"])
        #expect(empty.status == 65, "\(empty)")
        let unknown = try world.run(["send", "2026-001", "--to", "topic:emtpy", "--yes"])
        #expect(unknown.status == 67, "\(unknown)")
        #expect(unknown.error.contains("empty"))
    }

    @Test func `a bad file is reported row by row and its good rows are kept`() throws {
        let world = try World()
        var csv = Data("email,name\r\ngood1@example.org,سارة\r\nbad address@example.org,x\r\n".utf8)
        csv += Data("inject@example.org,\"a\r\nBcc: x@y.example\"\r\n".utf8)
        csv += Data("nul@example.org,a\u{0}b\r\n".utf8)
        csv +=
            Data("long@example.org,".utf8) + Data(repeating: UInt8(ascii: "x"), count: 1_048_576)
            + Data("\r\n".utf8)
        csv += Data("good2@example.org,علي\r\n".utf8)
        csv += Data("open@example.org,\"never closed\r\ngood3@example.org,نور\r\n".utf8)
        let file = world.folder.appending(path: "bad.csv")
        try csv.write(to: file)
        #expect(try world.run(["topics", "add", "public"]).status == 0)
        let imported = try world.run([
            "subscribers", "import", file.path, "--topic", "public", "--source", "t",
        ])
        #expect(imported.status == 1, "\(imported)")
        #expect(imported.error.contains(":3") && imported.error.contains(":4"))
        let list = try world.run(["subscribers", "list", "--format", "json"]).json()
        let people = (list["subscribers"] as? [[String: Any]] ?? []).compactMap { $0["address"] as? String }
        #expect(people.contains("good1@example.org") && people.contains("good2@example.org"), "\(people)")
        #expect(!people.contains("inject@example.org") && !people.contains("nul@example.org"))
    }

    @Test func `a full disk stops the send before any dot without a record, and resume finishes it`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(2_000)
        let held = try world.start(
            ["send", "2026-001", "--to", "topic:public", "--yes"],
            shell: "ulimit -f 1200"
        ).finish()
        #expect(held.status == 74, "\(held)")
        let list = try world.run(["campaigns", "list", "--format", "json"]).json()
        guard let campaign = (list["campaigns"] as? [[String: Any]])?.first?["campaign"] as? String else {
            #expect(try sink.recipients().isEmpty)
            return
        }
        let resumed = try world.run(["campaigns", "resume", campaign])
        #expect(resumed.status == 0, "\(resumed)")
        let recipients = try sink.recipients()
        #expect(Set(recipients).count == 2_000)
        #expect(recipients.count <= 2_020)
    }

    @Test func `a second sender is refused at once and names the first`() throws {
        let world = try World()
        _ = try world.sink(["--delay", "50ms"])
        try world.people(400)
        let first = try world.start(["send", "2026-001", "--to", "topic:public", "--yes"])
        let lock = world.workspace.appending(path: "var/sender.lock").path
        #expect(first.wait { (try? String(contentsOfFile: lock, encoding: .utf8))?.isEmpty == false })
        let second = try world.run(["send", "2026-002", "--to", "topic:public", "--yes"])
        #expect(second.status == 75, "\(second)")
        #expect(second.error.contains(String(first.process.processIdentifier)))
        #expect(try first.finish().status == 0)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `asked to end it drains, exits 130, and resume loses and doubles nobody`(_ signal: Int32) throws {
        let world = try World()
        let sink = try world.sink(["--delay", "20ms"])
        try world.people(600)
        let first = try world.start(["send", "2026-001", "--to", "topic:public", "--yes"])
        #expect(first.wait { ((try? sink.messages().count) ?? 0) > 50 })
        kill(first.process.processIdentifier, signal)
        let output = try first.finish()
        #expect(output.status == 130, "\(output)")
        let before = try sink.recipients().count
        #expect(before < 600)
        let list = try world.run(["campaigns", "list", "--format", "json"]).json()
        let campaign = try #require((list["campaigns"] as? [[String: Any]])?.first?["campaign"] as? String)
        #expect(try world.run(["campaigns", "resume", campaign]).status == 0)
        let recipients = try sink.recipients()
        #expect(recipients.count == 600)
        #expect(Set(recipients).count == 600)
    }

    @Test func `what became too late while the relay was away is expired, not left in the queue`() throws {
        let world = try World()
        try world.people(12)
        let send = [
            "send", "2026-001", "--to", "topic:public", "--yes", "--expires", "1s", "--format", "json",
        ]
        let sent = try world.run(send, environment: ["NASHRA_SENDING_RELAY_PATIENCE": "4s"])
        #expect(sent.status == 1, "\(sent)")
        let states = try #require(try sent.json()["deliveries"] as? [String: Int])
        #expect(states["expired"] == 12)
    }

    @Test func `kill -9 loses nobody and doubles at most one message a connection`() throws {
        let world = try World()
        let sink = try world.sink(["--delay", "5ms"])
        try world.people(600)
        let first = try world.start(["send", "2026-001", "--to", "topic:public", "--yes"])
        #expect(first.wait { ((try? sink.messages().count) ?? 0) > 100 })
        kill(first.process.processIdentifier, SIGKILL)
        _ = try first.finish()
        let list = try world.run(["campaigns", "list", "--format", "json"]).json()
        let campaign = try #require((list["campaigns"] as? [[String: Any]])?.first?["campaign"] as? String)
        let resumed = try world.run(["campaigns", "resume", campaign])
        #expect(resumed.status == 0, "\(resumed)")
        let recipients = try sink.recipients()
        #expect(Set(recipients).count == 600)
        #expect(recipients.count <= 620)
        let hashes = Dictionary(grouping: try sink.messages()) { $0["message_id"] as? String ?? "" }
        #expect(hashes.values.allSatisfy { Set($0.compactMap { $0["sha256"] as? String }).count == 1 })
    }

    @Test func `pausing stops a running send, and cancelling ends the campaign`() throws {
        let world = try World()
        let sink = try world.sink(["--delay", "30ms"])
        try world.people(600)
        let first = try world.start(["send", "2026-001", "--to", "topic:public", "--yes"])
        #expect(first.wait { ((try? sink.messages().count) ?? 0) > 20 })
        let list = try world.run(["campaigns", "list", "--format", "json"]).json()
        let campaign = try #require((list["campaigns"] as? [[String: Any]])?.first?["campaign"] as? String)
        #expect(try world.run(["campaigns", "pause", campaign]).status == 0)
        let output = try first.finish()
        #expect(output.status == 130, "\(output)")
        #expect(try world.run(["campaigns", "cancel", campaign, "--yes"]).status == 0)
        let report = try world.run(["report", campaign, "--format", "json"]).json()
        let states = try #require(report["deliveries"] as? [String: Int])
        #expect(states.values.reduce(0, +) == 600)
        #expect(states["accepted"] == (try sink.recipients().count))
        #expect((states["cancelled"] ?? 0) > 0)
    }
}
