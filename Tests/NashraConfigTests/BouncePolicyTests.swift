// SPDX-License-Identifier: Apache-2.0
//
// The policy for bounces: what its file says is what counts, what it gets wrong is found with its place, and the
// shipped file says the defaults.
// With NASHRA_RECORD=1 the shipped file is written anew, for review.
import Foundation
import NashraConfig
import NashraCore
import Testing

@Suite struct BouncePolicyTests {
    private let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func read(_ yaml: String) -> (policy: BouncePolicy?, diagnostics: [Diagnostic]) {
        BouncePolicyFile.read(Array(yaml.utf8), file: "config/bounce-policy.yaml")
    }

    @Test func `the shipped file is the template, and says exactly the defaults`() throws {
        let file = repository.appending(path: BouncePolicyFile.path)
        if ProcessInfo.processInfo.environment["NASHRA_RECORD"] == "1" {
            try Data(BouncePolicyFile.template.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == BouncePolicyFile.template)
        let (policy, findings) = read(BouncePolicyFile.template)
        #expect(findings.isEmpty, "\(findings)")
        #expect(policy == .standard)
    }

    @Test func `each key stands below a comment with its default`() throws {
        var comment: [Substring] = []
        var keys = 0
        for line in BouncePolicyFile.template.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("#") {
                comment.append(text.dropFirst(2))
                continue
            }
            if line.hasPrefix("  "), let colon = text.firstIndex(of: ":") {
                keys += 1
                let value = text[text.index(after: colon)...].drop { $0 == " " }
                let said = comment.joined(separator: " ")
                #expect(said.hasSuffix("Default: \(value)"), "\(text[..<colon]): \(said)")
            }
            comment = []
        }
        #expect(keys == 18)
    }

    @Test func `an empty file, and no file, are the standard policy`() throws {
        #expect(read("").policy == .standard)
        #expect(read("# شيء من التعليق\n").policy == .standard)
        let folder = try TemporaryFolder()
        #expect(try BouncePolicyFile.require(Workspace(root: folder.path)) == .standard)
    }

    @Test func `what the file says counts`() throws {
        let (policy, findings) = read(
            """
            hard:
              reasons: [unknown-user]
              statuses: [5.1.*, 5.2.1]
              never: 5.1.6
            soft: {campaigns: 3, span: 0s, settled_after: 48h, about_us: []}
            probe:
              enabled: yes
              wait: 5d
            alarm: {domain_minimum: 10, domain_share: 12.5%, domain_unknown_maximum: 0}
            hold: {minimum: 50, share: 2%}
            keep: {of_strangers: 0}
            """
        )
        #expect(findings.isEmpty, "\(findings)")
        var expected = BouncePolicy.standard
        expected.hardReasons = [.unknownUser]
        expected.hardStatuses = [StatusPattern("5.1.*"), StatusPattern("5.2.1")].compactMap(\.self)
        expected.softStatuses = [StatusPattern("5.1.6")].compactMap(\.self)
        expected.softCampaigns = 3
        expected.softSpan = .zero
        expected.settledAfter = .seconds(48 * 3_600)
        expected.reasonsAboutUs = []
        expected.probe = true
        expected.probeWait = .seconds(5 * 86_400)
        expected.domainMinimum = 10
        expected.domainShare = 0.125
        expected.domainUnknownMaximum = 0
        expected.holdMinimum = 50
        expected.holdShare = 0.02
        expected.keptOfStrangers = 0
        #expect(policy == expected)
    }

    @Test(arguments: [
        ("sotf:\n  campaigns: 4\n", 1, 1, "soft"),
        ("soft:\n  campaings: 4\n", 2, 3, "campaigns"),
        ("soft:\n  campaigns: four\n", 2, 14, "campaigns"),
        ("soft:\n  campaigns: 0\n", 2, 14, "1 to 100"),
        ("soft:\n  span: 14\n", 2, 9, "14"),
        ("hard:\n  reasons: [unknown-user, unkown-user]\n", 2, 12, "unknown-user"),
        ("hard:\n  reasons: [امتلأ]\n", 2, 12, "امتلأ"),
        ("hard:\n  statuses: [2.1.1]\n", 2, 13, "2.1.1"),
        ("alarm:\n  domain_share: 0.3\n", 2, 17, "0.3"),
        ("hold: 5%\n", 1, 7, "hold"),
        ("probe:\n  enabled: perhaps\n", 2, 12, "perhaps"),
    ])
    func `a fault is found with its line and column, and with what was meant`(
        yaml: String,
        line: Int,
        column: Int,
        words: String
    ) {
        let (policy, findings) = read(yaml)
        #expect(policy == nil)
        #expect(findings.count == 1, "\(findings)")
        #expect(findings.first?.line == line, "\(findings)")
        #expect(findings.first?.column == column, "\(findings)")
        #expect(findings.first.map { "\($0.message) \($0.remedy)".contains(words) } == true, "\(findings)")
    }

    @Test func `all faults of a file come in one error with status 78`() throws {
        let folder = try TemporaryFolder()
        try folder.write("config/nashra.yaml", minimalYAML)
        try folder.write(BouncePolicyFile.path, "soft:\n  campaigns: none\n  spam: 3d\nhold:\n  share: 5\n")
        let error = #expect(throws: UserError.self) {
            try BouncePolicyFile.require(Workspace(root: folder.path))
        }
        #expect(error?.status == .configuration)
        #expect(error?.diagnostics.count == 3, "\(String(describing: error))")
    }
}
