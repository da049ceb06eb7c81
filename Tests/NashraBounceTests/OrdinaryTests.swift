// SPDX-License-Identifier: Apache-2.0
//
// What ordinary mail must never become, and who is a person.
import NashraBounce
import NashraCore
import Testing

private let classifier = BounceClassifier()

@Suite struct `Ordinary mail` {
    @Test func `no mail that only speaks of bounces is taken for one`() {
        #expect(OrdinaryCorpus.mails.count >= 300)
        var wrong: [String] = []
        for mail in OrdinaryCorpus.mails {
            let verdict = classifier.classify(mail.bytes).verdict
            if verdict.kind != .none {
                wrong.append("\(mail.name): \(verdict.kind) by \(verdict.rule) (\(verdict.evidence))")
            }
        }
        #expect(
            wrong.isEmpty,
            "\(wrong.count) of \(OrdinaryCorpus.mails.count):\n\(wrong.joined(separator: "\n"))"
        )
    }

    @Test func `people are told from machines`() {
        var wrong: [String] = []
        for mail in OrdinaryCorpus.mails {
            let found = classifier.classify(mail.bytes).isFromPerson
            if found != mail.isFromPerson { wrong.append("\(mail.name): \(found)") }
        }
        #expect(
            wrong.isEmpty,
            "\(wrong.count) of \(OrdinaryCorpus.mails.count):\n\(wrong.joined(separator: "\n"))"
        )
    }

    @Test(arguments: [
        ("List-Id", "<news.example.org>"), ("Precedence", "bulk"), ("Precedence", "LIST"),
        ("Precedence", "junk"),
        ("Auto-Submitted", "auto-generated"),
        ("Auto-Submitted", "auto-notified; owner-email=\"a@example.org\""),
        ("Return-Path", "<>"), ("Feedback-ID", "1:2:3:four"), ("X-Auto-Response-Suppress", "All"),
        ("List-Unsubscribe", "<https://example.org/u>"), ("X-Cron-Env", "<HOME=/root>"), ("X-SG-EID", "abc"),
        ("From", "No Reply <no-reply@example.org>"), ("From", "donotreply@example.org"),
        ("From", "root@example.org"),
        ("From", "ne-pas-repondre@example.org"), ("From", "notifications@example.org"),
        ("From", "undisclosed"),
        ("Content-Type", "text/calendar; method=REPLY"),
    ])
    func `one mark of a machine is enough not to be a person`(_ mark: (name: String, value: String)) {
        #expect(classifier.classify(letter([])).isFromPerson)
        #expect(!classifier.classify(letter([mark])).isFromPerson)
    }

    @Test(arguments: [
        ("Auto-Submitted", "no"), ("Precedence", "first-class"), ("X-Mailer", "Apple Mail (2.3774)"),
        ("X-Auto-Response-Suppress", "DR, RN"), ("From", "مريم <maryam@وزارة.example>"),
        ("Sender", "office@example.org"),
    ])
    func `what people's programs write does not make them machines`(_ mark: (name: String, value: String)) {
        #expect(classifier.classify(letter([mark])).isFromPerson)
    }
}

/// A person's short mail, with fields of the same name replaced.
func letter(_ marks: [(name: String, value: String)], text: String = "Thank you for the bulletin.") -> [UInt8]
{
    var fields: [(name: String, value: String)] = [
        ("From", "Huda <huda@example.org>"), ("To", "bulletin@moi.example"), ("Subject", "your bulletin"),
        ("Date", "Mon, 2 Nov 2026 10:11:12 +0300"),
    ]
    for mark in marks {
        fields.removeAll { $0.name == mark.name }
        fields.insert(mark, at: 0)
    }
    if marks.contains(where: { $0.name == "Content-Type" }) {
        let head = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        return Array("\(head)\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n".utf8)
    }
    return OrdinaryMail(name: "letter", fields: fields, text: text, isFromPerson: true).bytes
}
