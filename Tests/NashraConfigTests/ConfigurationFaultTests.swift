// SPDX-License-Identifier: Apache-2.0
//
// What a configuration may not say, and that one run finds all of it with its place.
import NashraConfig
import NashraCore
import Testing

@Suite struct ConfigurationFaultTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `one run reports all faults, each with its line`() throws {
        let yaml = """
            organisation:
              nmae: {ar: مطر}
            sender:
              address: not-an-address
              reply_to: a b@moi.example
            languages: [ar, xx1]
            relays:
              primary:
                url: http://127.0.0.1
                connections: many
                timeouts:
                  dot: 10
            sending: urgent
            store:
              path: [a, b]
            log:
              level: loud
            zzz: 1
            """
        let (loaded, findings) = try folder.load(yaml)
        #expect(loaded == nil)
        let lines = findings.map { "\($0.line ?? 0): \($0.message)" }
        #expect(findings.compactMap(\.line) == [1, 2, 4, 5, 6, 9, 10, 12, 13, 15, 17, 18], "\(lines)")
        #expect(lines.contains("1: “organisation.name” is missing"))
        #expect(findings.first { $0.line == 2 }?.remedy == "Did you mean “name”?")
        #expect(lines.contains("4: “sender.address” is no e-mail address: the address has no @"))
        #expect(lines.contains("13: “sending” is a text, not a mapping of keys"))
        #expect(findings.allSatisfy { $0.file == "\(folder.path)/config/nashra.yaml" })
        #expect(findings.first { $0.line == 12 }?.message.contains("“10”, not a duration such as") == true)
    }

    @Test func `an empty file names what is missing`() throws {
        let (loaded, findings) = try folder.load("# nothing\n")
        #expect(loaded == nil)
        #expect(
            Set(findings.map(\.message)) == [
                "“organisation.name” is missing", "“sender.address” is missing", "“relays” names no relay",
            ]
        )
        #expect(findings.contains { $0.remedy == "Add it, or set NASHRA_SENDER_ADDRESS." })
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        let words: String

        init(_ yaml: String, _ words: String) {
            testDescription = yaml
            self.yaml = yaml
            self.words = words
        }
    }

    /// Each is laid over the minimal file, whose sections it may open again under another name.
    static let faults: [Fault] = [
        Fault("unsubscribe: {url: \"http://moi.example/{token}\"}", "an https address"),
        Fault("unsubscribe: {url: \"https://moi.example/u\"}", "an https address"),
        Fault("unsubscribe: {url: \"https://{token}/u\"}", "an https address"),
        Fault("unsubscribe: {url: \"https://moi.example/{token}/{token}\"}", "an https address"),
        Fault("unsubscribe: {url: \"https://moi.example/> {token}\"}", "an https address"),
        Fault("unsubscribe: {url: \"https://moi.example/نشرة/{token}\"}", "an https address"),
        Fault("unsubscribe: {mailbox: leave@moi.example}", "holds {token} once"),
        Fault("unsubscribe: {mailbox: \"leave@{token}.moi.example\"}", "holds {token} once"),
        Fault("list: {id: bulletins}", "is no domain"),
        Fault("list: {owner: نشرة@moi.example}", "letters left of the @"),
        Fault("list: {help: \"ftp://moi.example\"}", "https:// or mailto:"),
        Fault("feedback_id: {sender: nash}", "5 to 15 ASCII"),
        Fault("feedback_id: {sender: نشرة نشرة}", "5 to 15 ASCII"),
        Fault("languages: []", "empty list"),
        Fault("languages: [ar, ar]", "twice"),
        Fault("sending: {lane: urgnet}", "not one of: urgent, normal, digest"),
        Fault("sending: {retry: {waits: [5m, soon]}}", "list of 1 to 100 durations"),
        Fault("sending: {retry: {waits: []}}", "list of 1 to 100 durations"),
        Fault("sending: {retry: {jitter: 91%}}", "a share from 0% to 90%"),
        Fault("sending: {retry: {jitter: 20}}", "a share from 0% to 90%"),
        Fault("sending: {retry: {lifetime: 31d}}", "a duration"),
        Fault("sending: {storm_guard: {window: 5}}", "from 10 to 100000"),
        Fault("sending: {storm_guard: {minimum: 0}}", "from 1 to 1000000"),
        Fault("store: {path: \"var/\"}", "a path of a file"),
        Fault("store: {busy_timeout: 0}", "a duration"),
        Fault("display: {locale: {ar: en-GB}}", "not a locale of “ar”"),
        Fault("display: {digits: {ar: roman}}", "not one of: auto, arab, latn"),
        Fault("display: {time_zone: Mars/Olympus}", "a time zone"),
        Fault("display: {locale: {arabic: ar}}", "no language tag"),
        Fault("display: {locale: ar}", "not a text for each language"),
        Fault("list: {name: {en: \"a\\nb\"}}", "line break"),
        Fault("list: {name: {en: \"a\\u202Eb\"}}", "bidi"),
        Fault("list: {name: {en: \"a\\u2067b\"}}", "not paired"),
        Fault("log: {file: &x a}", "anchors and aliases"),
        Fault("log:\n\tlevel: debug", "indented with a tab"),
        Fault("log: {level: \"a\u{0}\"}", "U+0000"),
        Fault("sender: {address: x@moi.example}", "stands twice"),
    ]

    @Test(arguments: faults)
    func `a value that will not do is an error with its line`(_ fault: Fault) throws {
        let (loaded, findings) = try folder.load(minimalYAML + fault.yaml + "\n")
        #expect(loaded == nil)
        #expect(findings.count == 1, "\(findings)")
        #expect(findings.first?.message.contains(fault.words) == true, "\(findings)")
        #expect((8...9).contains(findings.first?.line ?? 0), "\(findings)")
    }

    @Test func `a second relay is refused for now`() throws {
        let (loaded, findings) = try folder.load(
            minimalYAML.replacing(
                "relays:\n",
                with: "relays:\n  backup:\n    url: smtp://localhost\n"
            )
        )
        #expect(loaded == nil)
        #expect(
            findings.map(\.message) == ["“relays.primary” is a second relay; one is all we can use for now"]
        )
        #expect(findings.map(\.line) == [8])
    }

    @Test func `a relay's name is plain`() throws {
        let (loaded, findings) = try folder.load(minimalYAML.replacing("primary:", with: "Primary_1:"))
        #expect(loaded == nil)
        #expect(findings.first?.message == "“Primary_1” cannot be a relay's name")
    }

    @Test func `a missing file and one that is too large are errors`() throws {
        let missing = ConfigurationFile.load(workspace: Workspace(root: folder.path), environment: [:])
        #expect(missing.configuration == nil)
        #expect(missing.diagnostics.first?.message.contains("No such file") == true)
        let (loaded, findings) = try folder.load(
            minimalYAML + "# " + String(repeating: "x", count: 2_000_000)
        )
        #expect(loaded == nil)
        #expect(findings.first?.message.contains("1 MiB") == true)
    }

    @Test func `what is required throws everything at once with status 78`() throws {
        try folder.write("config/nashra.yaml", "a: 1\nb: 2\n")
        let error = #expect(throws: UserError.self) {
            try ConfigurationFile.require(workspace: Workspace(root: folder.path), environment: [:]) { _ in }
        }
        #expect(error?.status == .configuration)
        #expect(error?.diagnostics.count == 5)
        #expect(error?.message == "The configuration has 5 errors.")
    }
}
