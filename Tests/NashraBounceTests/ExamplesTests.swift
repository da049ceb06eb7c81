// SPDX-License-Identifier: Apache-2.0
//
// The real returned mails of Examples/, read and compared with what they mean; prints the accuracy for docs/bounce-rules.md.
import Foundation
import NashraCore
import Testing

@testable import NashraBounce

/// One line of Examples/truth.jsonl.
struct Truth: Decodable, Sendable {
    var id: String
    var kinds: [String]
    var recipients: [String]?
    var status: [String]
    var action: String?

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Examples")

    static func all() throws -> [Truth] {
        let text = try String(contentsOf: folder.appending(path: "truth.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(Truth.self, from: Data($0.utf8))
        }
    }

    /// The kinds in our words.
    var ours: [String] {
        kinds.map { $0 == "not-bounce" ? "none" : $0 == "autoreply" ? "auto-reply" : $0 }
    }

    func mail() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Self.folder.appending(path: "\(id).eml")))
    }
}

/// How many of how many were right.
struct Score {
    var right = 0
    var asked = 0
    var wrong: [String] = []

    mutating func note(_ isRight: Bool, _ what: @autoclosure () -> String) {
        asked += 1
        if isRight { right += 1 } else { wrong.append(what()) }
    }

    var percent: Double { asked == 0 ? 100 : Double(right) * 100 / Double(asked) }
    var text: String { "\(right)/\(asked)" }
}

@Suite struct `Examples of returned mail` {
    static let classifier = BounceClassifier()

    @Test func `the examples mean what they are known to mean`() throws {
        var kinds = Score()
        var recipients = Score()
        var statuses = Score()
        var actions = Score()
        for truth in try Truth.all() {
            let verdict = Self.classifier.classify(try truth.mail()).verdict
            kinds.note(
                truth.ours.contains(verdict.kind.rawValue),
                "\(truth.id): \(verdict.kind) \(verdict.rule)"
            )
            if let named = truth.recipients, !named.isEmpty {
                let found = verdict.recipients.map { $0.address.lowercased() }.sorted()
                recipients.note(found == named.map { $0.lowercased() }.sorted(), "\(truth.id): \(found)")
            }
            if !truth.status.isEmpty {
                let found = verdict.status?.description ?? "none"
                statuses.note(truth.status.contains(found), "\(truth.id): \(found), not \(truth.status)")
            }
            if let action = truth.action {
                actions.note(verdict.action?.rawValue == action, "\(truth.id): \(verdict.action as Any)")
            }
        }
        print(
            "bounce examples: kind \(kinds.text), recipients \(recipients.text), status \(statuses.text), action \(actions.text)"
        )
        #expect(kinds.asked == 102)
        #expect(kinds.wrong == [])
        #expect(recipients.percent >= 98, "\(recipients.wrong)")
        #expect(statuses.percent >= 98, "\(statuses.wrong)")
        #expect(actions.percent >= 98, "\(actions.wrong)")
    }

    @Test func `each example cut off at any byte has a verdict, and none becomes worse than it was`() throws {
        for truth in try Truth.all() {
            let mail = try truth.mail()
            let step = max(1, mail.count / 25)
            for end in stride(from: 0, to: mail.count, by: step) {
                let verdict = Self.classifier.classify(Array(mail[..<end])).verdict
                if truth.ours == ["none"] {
                    #expect([.none, .unknown].contains(verdict.kind), "\(truth.id) cut off at \(end)")
                }
            }
        }
    }
}
