// SPDX-License-Identifier: Apache-2.0
//
// Complaints: the examples of RFC 5965, the providers' own forms, and feedback reports that are no complaint.
import NashraCore
import Testing

@testable import NashraBounce

@Suite struct `Complaints` {
    private func report(_ fields: String, original: String = "To: <user@example.org>") -> String {
        """
        From: <abusedesk@example.com>
        Date: Thu, 8 Mar 2005 17:40:36 EDT
        Subject: FW: Earn money
        To: <abuse@nashra.example>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="part1_13d.2e68ed54_boundary"

        --part1_13d.2e68ed54_boundary
        Content-Type: text/plain; charset="US-ASCII"

        This is an email abuse report for an email message received from IP 192.0.2.1.

        --part1_13d.2e68ed54_boundary
        Content-Type: message/feedback-report

        \(fields)

        --part1_13d.2e68ed54_boundary
        Content-Type: message/rfc822

        From: <news@nashra.example>
        \(original)
        Subject: Earn money
        Message-ID: <8787KJKJ3K4J3K4J3K4J3.mail@nashra.example>

        Spam Spam Spam
        --part1_13d.2e68ed54_boundary--
        """
    }

    @Test func `RFC 5965 appendix B.1 is a complaint by the one who got the mail`() {
        let verdict = Samples.verdict(
            report("Feedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1")
        )
        #expect(verdict.kind == .complaint)
        #expect(verdict.evidence == .feedbackReport)
        #expect(verdict.recipients.map(\.address) == ["user@example.org"])
    }

    @Test func `RFC 5965 appendix B.2 names the recipients itself`() {
        let verdict = Samples.verdict(
            report(
                """
                Feedback-Type: abuse
                User-Agent: SomeGenerator/1.0
                Version: 1
                Original-Mail-From: <somespammer@example.net>
                Original-Rcpt-To: <user@example.com>
                Removal-Recipient: user@example.com
                Reported-Domain: example.net
                """
            )
        )
        #expect(verdict.recipients.map(\.address) == ["user@example.com"])
    }

    @Test(arguments: ["abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "ABUSE", ""])
    func `a complaint is one whatever it is called`(_ type: String) {
        #expect(Samples.verdict(report("Feedback-Type: \(type)\nVersion: 1")).kind == .complaint)
    }

    @Test(arguments: ["not-spam", "auth-failure", "dmarc"])
    func `a report about something else is no complaint`(_ type: String) {
        #expect(Samples.verdict(report("Feedback-Type: \(type)\nVersion: 1")).kind == .none)
    }

    @Test func `a JMRP complaint without a report part is read from the returned header`() {
        // Microsoft, "Junk Mail Reporting Program": the original as message/rfc822 with X-HmXmrOriginalRecipient.
        let verdict = Samples.verdict(
            """
            From: staff@hotmail.com
            Subject: complaint about message from 192.0.2.222
            Content-Type: multipart/mixed; boundary=x

            --x
            Content-Type: message/rfc822

            X-HmXmrOriginalRecipient: <reader@outlook.com>
            From: news@nashra.example
            Subject: Bulletin

            Text
            --x--
            """
        )
        #expect(verdict.kind == .complaint)
        #expect(verdict.recipients.map(\.address) == ["reader@outlook.com"])
    }

    @Test func `a person who writes about complaints complains of nothing`() {
        let verdict = Samples.verdict(
            """
            From: Omar <omar@example.org>
            Subject: complaint about message from 192.0.2.222

            Please read X-HmXmrOriginalRecipient: reader@outlook.com and tell me why.
            """
        )
        #expect(verdict.kind == .none)
    }
}
