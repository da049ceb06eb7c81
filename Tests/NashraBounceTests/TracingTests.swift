// SPDX-License-Identifier: Apache-2.0
//
// What ties a report to a delivery is found wherever a mail system left it, and nothing else costs time.
import NashraCore
import Testing

@testable import NashraBounce

private let classifier = BounceClassifier()
private let token = "abcdefghijklmnopqrstuvwxyz234"
private let sender = "b+\(token)@bounces.moi.example"
private let probe = "p+\(token)@bounces.moi.example"
private let name = "<m1\(token)@moi.example>"

/// A report in the form of RFC 3464 with what is given in the place of its parts.
private func report(
    _ fields: String = "",
    text: String = "Your message could not be delivered.",
    status: String = "",
    original: String = "",
    originalType: String = "message/rfc822",
    encoding: String = "7bit"
) -> [UInt8] {
    let body = encoding == "base64" ? OrdinaryMail.base64(Array(original.utf8)) : original
    return Array(
        """
        Return-Path: <>\r
        \(fields)From: MAILER-DAEMON@mx.example.net\r
        Subject: Undelivered Mail Returned to Sender\r
        MIME-Version: 1.0\r
        Content-Type: multipart/report; report-type=delivery-status; boundary=dsn\r
        \r
        --dsn\r
        Content-Type: text/plain; charset=utf-8\r
        \r
        \(text)\r
        --dsn\r
        Content-Type: message/delivery-status\r
        \r
        Reporting-MTA: dns; mx.example.net\r
        \(status)\r
        Final-Recipient: rfc822; noura@example.org\r
        Action: failed\r
        Status: 5.1.1\r
        \r
        --dsn\r
        Content-Type: \(originalType)\r
        Content-Transfer-Encoding: \(encoding)\r
        \r
        \(body)\r
        --dsn--\r

        """.utf8
    )
}

private func trace(_ mail: [UInt8]) -> OriginalTrace { classifier.classify(mail).trace }

@Suite struct `Tracing a report` {
    @Test(arguments: [
        "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-RCPT-To", "To",
        "Cc",
    ])
    func `the address that the report came to is found in each field that names it`(_ field: String) {
        let value = field == "To" ? "نشرة <\(sender)>" : sender
        #expect(trace(report("\(field): \(value)\r\n")).recipients == [sender])
        #expect(
            trace(report("\(field.uppercased()):\r\n \(value.uppercased())\r\n")).recipients == [
                sender.uppercased()
            ]
        )
    }

    @Test func `fields of delivery agents come before what the sender wrote`() {
        let fields = """
            To: <one@example.org>, <two@example.org>\r
            Received: from a by b with ESMTP id 1\r
            \tfor <received@example.org>; Mon, 2 Nov 2026 10:00:00 +0000\r
            X-Original-To: original@example.org\r
            Delivered-To: delivered@example.org\r

            """
        #expect(
            trace(report(fields)).recipients == [
                "delivered@example.org", "original@example.org", "received@example.org", "one@example.org",
                "two@example.org",
            ]
        )
    }

    @Test func `a hundred recipients do not crowd ours out`() {
        let many = (0..<100).map { "user\($0)@example.org" }.joined(separator: ",\r\n ")
        let found = trace(report("Cc: \(many)\r\nDelivered-To: \(sender)\r\n")).recipients
        #expect(found.count == 16 && found.first == sender)
        let later = trace(report("To: \(many)\r\nCc: \(sender)\r\n")).recipients
        #expect(later.count == 16 && later.first == sender)
    }

    @Test(arguments: ["message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers"])
    func `the returned message names its envelope sender and itself`(_ type: String) {
        let original =
            "Return-Path: <\(sender)>\r\nFrom: bulletin@moi.example\r\nMessage-ID:\r\n \(name)\r\nSubject: تنبيه\r\n"
        let found = trace(report(original: original, originalType: type))
        #expect(found.envelopeSenders.contains(sender))
        #expect(found.messageIDs.contains(name))
    }

    @Test func `a returned message in base64 is read too`() {
        let original = "Return-Path: <\(sender)>\r\nMessage-ID: \(name)\r\n\r\nنص\r\n"
        let found = trace(report(original: original, encoding: "base64"))
        #expect(found.envelopeSenders == [sender])
        #expect(found.messageIDs == [name])
    }

    @Test(arguments: [
        "Return-Path: <\(sender)>\r\n", "X-Envelope-From: <\(sender)>\r\n", "Envelope-From: \(sender)\r\n",
        "X-Envelope-Sender: \(sender)\r\n", "Errors-To: <\(sender)>\r\n", "X-MailFrom: \(sender)\r\n",
        "Received: from x (envelope-from <\(sender)>) by y\r\n",
        "Return-Path: <SRS0=aB1c=XY=moi.example=\(sender)>\r\n",
        "Return-Path: <prvs=1234567890=\(sender)>\r\n", "Return-Path: <\(sender.uppercased())>\r\n",
    ])
    func `an envelope sender is found in each field, and rewritten by forwarders`(_ field: String) {
        let found = trace(report(original: "\(field)From: bulletin@moi.example\r\n\r\n"))
        #expect(
            found.envelopeSenders.contains { $0.lowercased().hasPrefix("b+\(token)@") },
            "\(found.envelopeSenders)"
        )
    }

    @Test(arguments: [
        "Original-Envelope-Id: \(sender)", "X-Postfix-Sender: rfc822; \(sender)",
        "Original-Envelope-Id: b+\(token)",
    ])
    func `the fields of the status part are read`(_ field: String) {
        let found = trace(report(status: "\(field)\r\n")).envelopeSenders
        #expect(found.contains { $0.hasPrefix("b+\(token)") })
    }

    @Test(arguments: [
        "The message from <\(sender)> was refused.", "> Return-Path: <\(sender)>",
        "    Return-Path: \(sender)",
        "MAIL FROM:<\(sender)> SIZE=6000", "من: \(sender)،", "sender=\(sender);",
        "<b+abcdefghijklmno=\r\npqrstuvwxyz234@bounces.moi.example>",
        "b+abcdefghij\r\n klmnopqrstuvwxyz234@bounces.moi.example",
        "> > b+abcdefghij\r\n> > klmnopqrstuvwxyz234@bounces.moi.example",
        "B+\(token.uppercased())@bounces.moi.example",
    ])
    func `an envelope sender in the text is found, folded, quoted and in capitals`(_ text: String) {
        #expect(trace(report(text: text)).envelopeSenders == [sender])
        let encoded = OrdinaryMail(
            name: "",
            fields: [
                ("Return-Path", "<>"), ("From", "MAILER-DAEMON@x.example"), ("Subject", "failure notice"),
            ],
            text:
                "Your message could not be delivered: 550 5.1.1 user unknown\r\n<noura@example.org>\r\n\(text)",
            encoding: .base64,
            isFromPerson: false
        )
        #expect(trace(encoded.bytes).envelopeSenders == [sender], "in base64")
    }

    @Test func `a probe's sender is found like a message's`() {
        #expect(trace(report("Delivered-To: \(probe)\r\n", text: "from \(probe)")).envelopeSenders == [probe])
        #expect(trace(report("Delivered-To: \(probe)\r\n")).recipients == [probe])
    }

    @Test(arguments: [
        "Message-ID: \(name)", "  Message-Id: \(name)", "> Message-ID:  \(name)",
        "message-id: \(name.uppercased())",
        "Message-ID:\r\n   \(name)", "Ihre Nachricht \(name) wurde abgelehnt", "معرّف الرسالة: \(name)",
        "Message-ID: \(name.dropFirst().dropLast())",
    ])
    func `our Message-ID in the text is found`(_ text: String) {
        let found = trace(report(text: text)).messageIDs
        #expect(found.contains { $0.lowercased() == name })
    }

    @Test func `what only resembles a token is none`() {
        let short = "b+\(token.dropLast())"
        for text in [
            "\(short)@x.example", "b+\(token)a@x.example", "ab+\(token)@x.example",
            "b+\(token.dropLast())1@x.example", "b \(token)",
        ] {
            #expect(trace(report(text: text)).envelopeSenders.isEmpty, "\(text)")
        }
    }

    @Test func `what somebody answers is known by In-Reply-To and References`() {
        let mail = letter([("In-Reply-To", name), ("References", "<a@x> <b@x>\r\n \(name)")])
        let found = trace(mail)
        #expect(found.answered == [name, "<a@x>", "<b@x>"])
        #expect(found.envelopeSenders.isEmpty && found.messageIDs.isEmpty)
        #expect(found.recipients == ["bulletin@moi.example"])
        let deep = (0..<200).map { "<\($0)@x>" }.joined(separator: " ")
        let late = trace(letter([("References", "\(deep.prefix(1_000)) \(name)")])).answered
        #expect(late.count == 16 && late.first == name)
    }

    @Test func `what a person's mail quotes is not searched`() {
        #expect(trace(letter([], text: "I got this: \(sender)")).envelopeSenders.isEmpty)
    }

    @Test func `a thousand tokens make a list of sixteen, and a megabyte of half ones takes no time`() {
        let letters = Array("abcdefghijklmnop")
        let many = (0..<1_000).map { index in
            let varied = String([letters[index / 256], letters[index / 16 % 16], letters[index % 16]])
            return "b+\(varied)\(token.dropFirst(3))@x.example"
        }
        let found = trace(report(text: many.joined(separator: "\r\n")))
        #expect(found.envelopeSenders.count == 16)
        let half = String(repeating: "b+abcdefghijklmnopqrstuvwxyz23\r\n m1=\r\n", count: 25_000)
        let clock = ContinuousClock()
        let time = clock.measure { #expect(trace(report(text: half)).envelopeSenders.isEmpty) }
        #expect(time < .seconds(10), "\(time)")
    }
}
