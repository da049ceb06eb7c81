// SPDX-License-Identifier: Apache-2.0
//
// Reports in plain language: what happened, to whom, and why; and what must not be read as one.
import NashraCore
import Testing

@testable import NashraBounce

private let classifier = BounceClassifier()

@Suite struct `Reports in plain language` {
    @Test func `each form says what happened, to whom, and why`() {
        for sample in FormSample.all {
            let verdict = classifier.classify(sample.message).verdict
            let found = verdict.recipients.map { "\($0.address) \($0.kind.rawValue)" }
            #expect(verdict.kind == sample.kind, "\(sample.name): \(verdict)")
            #expect(found == sample.recipients, "\(sample.name): \(verdict)")
            if let action = sample.action { #expect(verdict.action == action, "\(sample.name)") }
            if let reason = sample.reason {
                #expect(verdict.reason == reason, "\(sample.name): \(verdict.rule)")
            }
            if let status = sample.status {
                #expect(
                    verdict.recipients.contains { $0.status?.description == status },
                    "\(sample.name): \(verdict)"
                )
            }
        }
    }

    @Test func `a person who quotes a report is no report`() {
        for sample in FormSample.all {
            let quoted = sample.body.split(separator: "\n", omittingEmptySubsequences: false)
            var mail = sample
            mail.header = "Return-Path: <anna@example.org>"
            mail.from = "Anna <anna@example.org>"
            mail.subject = "Re: what does this mean?"
            mail.body = "Hello,\n\nI got this:\n\n" + quoted.map { "> \($0)" }.joined(separator: "\n")
            #expect(classifier.classify(mail.message).verdict.kind == .none, "\(sample.name), quoted")
            mail.body = "Hello,\n\nI got this:\n\n\(sample.body)"
            #expect(classifier.classify(mail.message).verdict.kind == .none, "\(sample.name), pasted")
        }
    }

    @Test func `a report of success condemns nobody`() {
        var sample = FormSample.classic[0]
        sample.subject = "Delivery status notification: success"
        sample.body = """
                Hi!

                This is the MAILER-DAEMON, please DO NOT REPLY to this email.

                Your message was successfully delivered to these recipients.

            someone@example.com: 250 2.0.0 ok
            """
        #expect(classifier.classify(sample.message).verdict.kind == .delivered)
    }

    @Test func `a report cut off anywhere is read without a fault`() {
        for sample in FormSample.all {
            let message = sample.message
            for length in stride(from: 0, through: message.count, by: 61) {
                _ = classifier.classify(Array(message[..<length]))
            }
        }
    }

    @Test func `a report that names a thousand recipients names at most as many as it may`() {
        var sample = FormSample.classic[0]
        let many = (0..<1_000).map { "<user\($0)@example.com>:\n550 5.1.1 user unknown\n" }.joined(
            separator: "\n"
        )
        sample.body = "Hi. This is the qmail-send program at mx.example.net.\n\n" + many
        let verdict = classifier.classify(sample.message).verdict
        #expect(verdict.kind == .hard)
        #expect(verdict.recipients.count == ReportLimits.recipients)
    }
}

@Suite struct `Addresses in lines` {
    private func leading(_ line: String) -> String? {
        AddressText.leading(Array(line.utf8)[...]).map { String(decoding: $0.address, as: UTF8.self) }
    }

    @Test func `a line that begins with an address names it`() {
        #expect(leading("<a@example.com>: why") == "a@example.com")
        #expect(leading("  a@example.com") == "a@example.com")
        #expect(leading("a@example.com: host x said") == "a@example.com")
        #expect(leading("* a@example.com") == "a@example.com")
        #expect(leading(">>> a@example.com <a@example.com>") == "a@example.com")
        #expect(leading("x@example.org <a@example.com>: malformed address") == "a@example.com")
        #expect(leading("\"Anna, A.\" <a@example.com>") == "a@example.com")
        #expect(leading("a@example.com<mailto:a@example.com>") == "a@example.com")
        #expect(leading("مستخدم@مثال.إختبار: غير موجود") == "مستخدم@مثال.إختبار")
        #expect(leading("'a@example.com'") == "a@example.com")
    }

    @Test func `a sentence that only mentions an address names nobody`() {
        #expect(leading("For further assistance, please contact <support@example.com>") == nil)
        #expect(leading("Please reply to <postmaster@example.com>") == nil)
        #expect(leading("From: Anna <a@example.com>") == nil)
        #expect(leading(">>> MAIL FROM:<a@example.com>") == nil)
        #expect(leading("no address here") == nil)
        #expect(leading("@example.com") == nil)
    }

    @Test func `an address ends where another script begins`() {
        let text = Array("收件人nobody@example.com不存在，请联系postmaster@example.net。".utf8)
        let found = AddressText.all(in: text[...]).map { String(decoding: $0, as: UTF8.self) }
        #expect(found == ["nobody@example.com", "postmaster@example.net"])
    }
}
