// SPDX-License-Identifier: Apache-2.0
//
// One subscriber's whole life through the real program, as one transcript: docs/subscriber-life.md is made of it.
// Starts real processes. NASHRA_RECORD=1 writes the document anew.
import Foundation
import Testing

@Suite struct SubscriberLifeTests {
    @Test
    func
        `a whole life: imported, asked, mailed, paused, left, bounced, exported, erased, and never mailed again`()
        throws
    {
        let world = try World()
        let life = try Life(world)
        try life.begins()
        try life.isMailed()
        try life.pauses()
        try life.leavesOneTopic()
        try life.bounces()
        try life.isExportedAndErased()
        try life.comesBackInAFile()
        try life.story.check("docs/subscriber-life.md")
    }
}

/// The life, chapter by chapter.
private final class Life {
    static let sara = "sara@example.org"
    static let name = "سارة بنت محمد القحطاني"

    let story: Story
    private let world: World
    private let sink: Sink
    private let maildir: URL

    init(_ world: World) throws {
        self.world = world
        maildir = world.folder.appending(path: "mail")
        sink = try world.sink(["--maildir", maildir.path])
        story = Story(world)
        let people =
            "email,name,language,city\\r\\n\(Self.sara),\(Self.name),ar,الدوحة\\r\\nkhalid@example.org,خالد الهاجري,ar,الخور\\r\\n"
            .replacing("\\r\\n", with: "\r\n")
        try people.write(to: world.folder.appending(path: "people.csv"), atomically: true, encoding: .utf8)
    }

    /// How many messages reached the person.
    private func received() throws -> Int { try sink.recipients().count { $0 == Self.sara } }

    func begins() throws {
        story.chapter(
            "Imported",
            "An office brings a file. Its people asked at the counter for the topic fraud."
        )
        try story.run(["topics", "add", "fraud", "--title", "ar=الاحتيال", "--title", "en=Fraud"])
        try story.run(["topics", "add", "traffic", "--title", "ar=المرور", "--title", "en=Traffic"])
        let imported = try story.run([
            "subscribers", "import", "people.csv", "--topic", "fraud", "--source",
            "counter of the Doha office",
        ])
        #expect(imported.status == 0)

        story.chapter(
            "Asked, and confirmed",
            "By telephone she asks for traffic too. Anybody could call: she is asked by mail."
        )
        let asked = try story.run([
            "subscribers", "add", Self.sara, "--topic", "traffic", "--confirm", "--source", "by telephone",
        ])
        #expect(asked.status == 0)
        #expect(try received() == 1)
        let token = try #require(try lastMail().firstMatch(of: /v1\.c\.[A-Za-z0-9._-]+/)).output
        let confirmed = try story.run(["subscribers", "confirm", String(token)])
        #expect(confirmed.status == 0)
        #expect(try story.run(["subscribers", "confirm", String(token)]).status == 0)
    }

    func isMailed() throws {
        story.chapter("Mailed", "A bulletin goes to both of its readers.")
        #expect(try story.run(["send", "2026-001", "--to", "topic:fraud", "--yes"]).status == 0)
        #expect(try received() == 2)
        #expect(try story.run(["why", Self.sara]).status == 0)
    }

    func pauses() throws {
        story.chapter("Paused", "She is abroad for a month. The next bulletin leaves her out, and says so.")
        #expect(
            try story.run(["subscribers", "pause", Self.sara, "--until", "30d", "--source", "her letter"])
                .status == 0
        )
        let sent = try story.run(["send", "2026-002", "--to", "topic:fraud", "--yes"])
        #expect(sent.status == 0)
        #expect(try received() == 2)
        #expect(try story.run(["subscribers", "resume", Self.sara]).status == 0)
    }

    func leavesOneTopic() throws {
        story.chapter("Left one topic", "Traffic is no longer hers; fraud stays.")
        let left = try story.run([
            "subscribers", "unsubscribe", Self.sara, "--topic", "traffic", "--source", "her letter",
        ])
        #expect(left.status == 0)
        #expect(try story.run(["subscribers", "show", Self.sara]).status == 0)
    }

    func bounces() throws {
        story.chapter(
            "Bounced, and suppressed",
            "The next bulletin comes back: her server does not know the mailbox any more. Nothing more is sent there."
        )
        #expect(try story.run(["send", "2026-003", "--to", "topic:fraud", "--yes"]).status == 0)
        #expect(try received() == 3)
        let sent = try #require(
            try sink.messages().compactMap(SentMail.init).last { $0.recipient == Self.sara }
        )
        _ = try world.deliver([sent.bounce("5.1.1", words: "user unknown")])
        #expect(try story.run(["bounces", "ingest", "--maildir", "bounces"]).status == 0)
        let list = try story.run(["suppressions", "list"])
        #expect(list.out.contains(Self.sara) && list.out.contains("hard_bounce"))
        let why = try story.run(["why", Self.sara])
        #expect(why.status == 0)
        let history = try story.run(["subscribers", "history", Self.sara])
        #expect(history.status == 0)
    }

    func isExportedAndErased() throws {
        story.chapter("Exported", "She asks what is kept about her.")
        let exported = try story.run(["subscribers", "export", Self.sara, "--output", "sara.json"])
        #expect(exported.status == 0)
        let file = world.folder.appending(path: "sara.json")
        let person = try String(contentsOf: file, encoding: .utf8)
        #expect(
            person.contains("nashra.person.v1") && person.contains(Self.name)
                && person.contains("hard_bounce")
        )
        try FileManager.default.removeItem(at: file)

        story.chapter(
            "Erased",
            "And asks to be forgotten. Only a keyed hash stays, so that no file brings her back."
        )
        #expect(try story.run(["subscribers", "erase", Self.sara, "--yes"]).status == 0)
        #expect(try story.run(["subscribers", "show", Self.sara]).status == 67)
        #expect(try world.find(Self.sara).isEmpty)
        #expect(try world.find(Self.name).isEmpty)
    }

    func comesBackInAFile() throws {
        story.chapter(
            "In a file again, and still not mailed",
            "The old file is imported once more, and a bulletin goes out."
        )
        let again = try story.run([
            "subscribers", "import", "people.csv", "--topic", "fraud", "--source",
            "counter of the Doha office",
        ])
        #expect(again.status == 1)
        #expect(try story.run(["why", Self.sara]).out.contains("keyed hash"))
        #expect(try story.run(["send", "2026-001", "--to", "topic:fraud", "--again", "--yes"]).status == 0)
        let direct = try story.run(["send", "2026-002", "--to", Self.sara, "--yes"])
        #expect(direct.status != 0)
        #expect(try received() == 3)
        #expect(try sink.recipients().count { $0 == "khalid@example.org" } == 4)
    }

    /// The newest mail in the sink's Maildir, as a mail program shows it.
    private func lastMail() throws -> String {
        try world.python(
            """
            import email, email.policy, os, sys
            names = [os.path.join(sys.argv[1], "new", n) for n in os.listdir(sys.argv[1] + "/new")]
            with open(max(names, key=os.path.getmtime), "rb") as file:
                mail = email.message_from_binary_file(file, policy=email.policy.default)
            print(mail.get_body(("plain",)).get_content())
            """,
            [maildir.path]
        )
    }
}

/// Commands and what they said, as a document.
final class Story {
    private let world: World
    private var parts: [String] = []
    private var lines: [String] = []

    init(_ world: World) { self.world = world }

    func chapter(_ title: String, _ words: String) {
        close()
        parts.append("## \(title)\n\n\(words)")
    }

    /// Runs a command, and notes it with all that it prints.
    @discardableResult
    func run(_ arguments: [String]) throws -> Output {
        let output = try world.run(arguments)
        let typed = arguments.map { $0.contains(" ") ? "\"\($0)\"" : $0 }.joined(separator: " ")
        lines.append("$ nashra \(typed)")
        // How fast it went is another line on every machine.
        lines += [output.out, output.error].flatMap { $0.split(separator: "\n").map(String.init) }
            .filter { !$0.contains(" · took ") && !$0.contains("/s · ") }
        return output
    }

    private func close() {
        guard !lines.isEmpty else { return }
        parts.append((["```text"] + lines.map(plain) + ["```"]).joined(separator: "\n"))
        lines = []
    }

    /// Without what differs from run to run.
    private func plain(_ line: String) -> String {
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        var text = line.replacing("\(world.folder.path)/", with: "").replacing("c-\(year)-", with: "c-2026-")
        text = text.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/, with: "2026-01-01T12:00:00Z")
        text = text.replacing(/\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b/, with: "2026-01-01")
        text = text.replacing(/v1\.([a-z])\.[A-Za-z0-9._-]+/) { "v1.\($0.output.1).…" }
        text = text.replacing(/[0-9.]+ (ms|s|kB|MB)\b/) { "… \($0.output.1)" }
        text = text.replacing(/127\.0\.0\.1:[0-9]+/, with: "127.0.0.1:2525")
        text = text.replacing(/-[0-9a-f]{8}-rejected/, with: "-1a2b3c4d-rejected")
        if text.hasSuffix(" \(NSUserName())") { text = String(text.dropLast(NSUserName().count)) + "noura" }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// The lines without the width of columns, which times and names decide.
    private static func words(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    }

    /// Compares with a document of the repository, or writes it when asked to.
    func check(_ name: String) throws {
        close()
        let head = """
            # A subscriber's whole life

            What the commands print, from the first file to the last. `SubscriberLifeTests` runs it and makes this page of
            it; times and tokens are replaced.
            """
        let text = ([head] + parts).joined(separator: "\n\n") + "\n"
        let file = Page.repository.appending(path: name)
        if ProcessInfo.processInfo.environment["NASHRA_RECORD"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let kept = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let (now, then) = (Self.words(text), Self.words(kept))
        let difference =
            zip(now, then).first { $0 != $1 }.map { "now: \($0)\nkept: \($1)" } ?? "one is longer"
        #expect(now == then, "\(name) tells another story; NASHRA_RECORD=1 writes it anew. \(difference)")
    }
}

extension World {
    /// Files below the workspace's var/ that hold a text, in UTF-8 or as base64 of it.
    func find(_ text: String) throws -> [String] {
        let folder = workspace.appending(path: "var")
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { name in
            guard let data = try? Data(contentsOf: folder.appending(path: name)) else { return false }
            return data.range(of: Data(text.utf8)) != nil
                || data.range(of: Data(Data(text.utf8).base64EncodedString().dropLast(4).utf8)) != nil
        }
    }
}
