// SPDX-License-Identifier: Apache-2.0
//
// The table of keys, the shipped file, the file of `nashra init` and the documentation say the same.
// With NASHRA_RECORD=1 the shipped file and the table in docs/config.md are written anew, for review.
import Foundation
import NashraConfig
import NashraCore
import Testing

@Suite struct ShippedFilesTests {
    private let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private let isRecording = ProcessInfo.processInfo.environment["NASHRA_RECORD"] == "1"

    private func answers() throws -> WorkspaceAnswers {
        try WorkspaceAnswers(
            names: ["ar": "وزارة الداخلية", "en": "Ministry of Interior", "fr": "Ministère de l’Intérieur"],
            sender: "bulletin@moi.example",
            relay: "smtp://127.0.0.1:2525",
            languages: ["ar", "en", "fr"]
        )
    }

    @Test func `the shipped file is the one that init writes`() throws {
        let file = repository.appending(path: "config/nashra.yaml")
        let expected = ConfigurationTemplate.yaml(try answers())
        if isRecording { try Data(expected.utf8).write(to: file) }
        #expect(try String(contentsOf: file, encoding: .utf8) == expected)
    }

    @Test func `the shipped file makes this repository a workspace, without a word`() throws {
        let (loaded, findings) = ConfigurationFile.load(
            workspace: Workspace(root: repository.path),
            environment: [:]
        )
        #expect(findings.isEmpty, "\(findings)")
        #expect(loaded?.organisation.name[.arabic] == "وزارة الداخلية")
        #expect(loaded?.unsubscribe.url == "https://moi.example/unsubscribe/{token}")
        #expect(loaded?.unsubscribe.mailbox == "unsubscribe+{token}@moi.example")
        #expect(loaded?.feedbackSender == "moiexample")
    }

    @Test func `each key stands in the shipped file below a comment with its real default`() throws {
        let file = repository.appending(path: "config/nashra.yaml")
        let blocks = Self.commentsByKey(try String(contentsOf: file, encoding: .utf8))
        let folder = try TemporaryFolder()
        let minimal = try #require(try folder.load(minimalYAML).configuration)
        let values = Dictionary(uniqueKeysWithValues: minimal.entries.map { ($0.key, $0) })
        #expect(blocks["relays.primary.user"]?.contains("NASHRA_RELAYS_<NAME>_PASSWORD") == true)
        for key in ConfigurationKeys.all where key.shape != .secret {
            let path = key.path(relay: "primary")
            let comment = try #require(blocks[path], "\(path) does not stand in the shipped file")
            #expect(comment.count > 20, "\(path) has no comment")
            switch key.standard {
            case .required:
                #expect(comment.hasSuffix(" Required."), "\(path): \(comment)")
            case .value:
                let value = try #require(values[path])
                #expect(value.origin == .standard)
                #expect(
                    comment.hasSuffix(" Default: \(value.value)"),
                    "\(path): \(comment), really \(value.value)"
                )
            case .none:
                #expect(values[path]?.value == "" || values[path] == nil, "\(path) has a default")
                #expect(comment.contains(" Default: none ("), "\(path): \(comment)")
            case .derived(let words):
                #expect(comment.hasSuffix(" Default: \(words)."), "\(path): \(comment)")
            }
        }
    }

    @Test func `the shipped values are the defaults, except for the answers`() throws {
        let answered: Set = [
            "sender.address", "relays.primary.url", "unsubscribe.url", "unsubscribe.mailbox",
            "subscribe.mailbox", "feedback_id.sender",
        ]
        let folder = try TemporaryFolder()
        let minimal = try #require(try folder.load(minimalYAML).configuration)
        let shipped = try #require(
            ConfigurationFile.load(workspace: Workspace(root: repository.path), environment: [:])
                .configuration
        )
        let values = Dictionary(uniqueKeysWithValues: shipped.entries.map { ($0.key, $0.value) })
        for entry in minimal.entries where !answered.contains(entry.key) {
            if entry.key.hasPrefix("organisation.name.") { continue }
            #expect(values[entry.key] == entry.value, "\(entry.key)")
        }
    }

    @Test func `the documentation lists each key with its variable and default`() throws {
        let file = repository.appending(path: "docs/config.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let parts = text.components(separatedBy: "<!-- keys -->\n")
        #expect(parts.count == 3, "docs/config.md needs the marker twice")
        guard parts.count == 3 else { return }
        let expected = Self.documentation()
        if isRecording {
            try Data([parts[0], expected, parts[2]].joined(separator: "<!-- keys -->\n").utf8).write(to: file)
        } else {
            #expect(parts[1] == expected)
        }
    }

    @Test(arguments: [
        "Awareness \"Office\" \\ #1: {x}", "إدارة التوعية، \u{061C}قسم", "no", "- a", "O’Brien & Sons <x>",
    ])
    func `any name in one line comes back as it was given`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let yaml = try ConfigurationTemplate.yaml(
            name: name,
            sender: "bulletin@moi.example",
            relay: "smtp://127.0.0.1:2525",
            languages: ["ar", "no"]
        )
        let (loaded, findings) = try folder.load(yaml)
        #expect(findings.isEmpty, "\(findings)")
        #expect(loaded?.organisation.name.values.allSatisfy { $0 == name } == true)
        #expect(loaded?.languages.map(\.rawValue) == ["ar", "no"])
    }

    @Test func `no line of the shipped file is longer than a hundred characters`() throws {
        let lines = ConfigurationTemplate.yaml(try answers()).split(separator: "\n")
        #expect(lines.filter { $0.count > 100 }.isEmpty)
        #expect(lines.filter { $0.hasSuffix(" ") }.isEmpty)
    }

    /// The comment right above each key, by key path; two spaces are one level.
    private static func commentsByKey(_ text: String) -> [String: String] {
        var path: [String] = []
        var comment: [Substring] = []
        var result: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let content = line.drop { $0 == " " }
            if content.hasPrefix("#") {
                comment.append(content.dropFirst(content.hasPrefix("# ") ? 2 : 1))
                continue
            }
            if let colon = content.firstIndex(of: ":") {
                path = Array(path.prefix((line.count - content.count) / 2)) + [String(content[..<colon])]
                result[path.joined(separator: ".")] = comment.joined(separator: " ")
            }
            comment = []
        }
        return result
    }

    private static func documentation() -> String {
        var text = "| key | environment | default | meaning |\n|---|---|---|---|\n"
        for key in ConfigurationKeys.all {
            let path = key.path.replacing("*", with: "NAME")
            let shown = key.shape == .localized ? "\(path).LANGUAGE" : path
            let line = key.defaultLine.replacing("Default: ", with: "")
            let cells = [
                "`\(shown)`", "`\(ConfigurationKey.variable(shown))`", line.replacing("|", with: "\\|"),
                key.comment.replacing("<", with: "&lt;").replacing("DANGER:", with: "**Danger:**"),
            ]
            text += "| \(cells.joined(separator: " | ")) |\n"
        }
        return text
    }
}
