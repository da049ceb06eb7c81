// SPDX-License-Identifier: Apache-2.0
//
// The keys about joining, and the file with the words that people agree to.
import Foundation
import NashraCore
import Testing

@testable import NashraConfig

@Suite struct SubscribeKeysTests {
    @Test func `the limits have defaults that protect strangers`() throws {
        let folder = try TemporaryFolder()
        let subscribe = try #require(try folder.load(minimalYAML).configuration).subscribe
        #expect(subscribe.perDay == 1 && subscribe.perMonth == 3 && subscribe.perHour == 500)
        #expect(subscribe.lifetime == .seconds(7 * 86_400))
        #expect(subscribe.mailbox == nil && subscribe.url == nil)
    }

    @Test(arguments: [
        ("mailbox: confirm@moi.example", false), ("mailbox: \"confirm+{token}@moi.example\"", true),
        ("mailbox: \"much-too-long-for-a-token+{token}@moi.example\"", false),
        ("url: \"https://moi.example/confirm/{token}\"", true),
        ("url: \"http://moi.example/{token}\"", false),
        ("lifetime: 31d", false), ("lifetime: 2d", true), ("per_day: 0", false), ("per_hour: many", false),
    ])
    func `a key in a wrong form is a fault where it stands`(_ line: String, _ isRight: Bool) throws {
        let folder = try TemporaryFolder()
        let (configuration, findings) = try folder.load("\(minimalYAML)\nsubscribe:\n  \(line)\n")
        #expect((configuration != nil) == isRight, "\(line): \(findings)")
        if !isRight { #expect(findings.contains { $0.line != nil && $0.message.contains("subscribe.") }) }
    }

    @Test func `the shipped file is the one that init writes`() throws {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: ConsentFile.path)
        if ProcessInfo.processInfo.environment["NASHRA_RECORD"] == "1" {
            try Data(ConsentFile.template.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == ConsentFile.template)
    }

    @Test func `the shipped text is read word for word, in all three languages`() throws {
        let (consent, findings) = ConsentFile.read(
            Array(ConsentFile.template.utf8),
            file: "config/consent.yaml"
        )
        #expect(findings.isEmpty, "\(findings)")
        #expect(consent?.version == "2026-1")
        #expect(Set(consent?.texts.keys.map(\.rawValue) ?? []) == ["ar", "en", "fr"])
        #expect(consent?.texts[.arabic]?.hasPrefix("أوافق على أن تصلني") == true)
    }

    @Test(arguments: [
        "version: 2026-1\n", "text: {ar: أوافق}\n", "version: \"a b\"\ntext: {ar: أوافق}\n",
        "version: 1\ntext: {ar: أوافق}\nlanguage: ar\n", "- 1\n",
    ])
    func `a text without version, words or a known key is a fault with its line`(_ yaml: String) {
        let (consent, findings) = ConsentFile.read(Array(yaml.utf8), file: "config/consent.yaml")
        #expect(consent == nil)
        #expect(findings.contains { $0.severity == .error })
    }
}
