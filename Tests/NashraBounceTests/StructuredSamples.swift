// SPDX-License-Identifier: Apache-2.0
//
// Reports for tests: a delivery status notification around given fields, and mails by their text.
import NashraCore

@testable import NashraBounce

/// Mails that tests write.
enum Samples {
    static let classifier = BounceClassifier()

    /// What a mail turns out to be; lines end in CR LF as on the wire.
    static func verdict(_ mail: String) -> BounceVerdict { classifier.classify(bytes(mail)).verdict }

    static func bytes(_ mail: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in mail.utf8 {
            if byte == 0x0A { bytes.append(0x0D) }
            bytes.append(byte)
        }
        return bytes
    }

    /// A notification of the form of RFC 6522 with the given groups of fields and text for people.
    static func report(_ groups: String, text: String = "Your message could not be delivered.") -> String {
        """
        Return-Path: <>
        From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
        To: b+token@nashra.example
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

        --=_b
        Content-Type: text/plain; charset=utf-8

        \(text)

        --=_b
        Content-Type: message/delivery-status

        \(groups)

        --=_b
        Content-Type: text/rfc822-headers

        From: news@nashra.example
        To: reader@example.org
        Subject: Bulletin 14
        Message-ID: <1@nashra.example>

        --=_b--

        """
    }

    /// A notification about one recipient with what its server said.
    static func refusal(
        status: String,
        _ reply: String,
        remote: String = "mx.example.org",
        action: String = "failed"
    )
        -> String
    {
        report(
            """
            Reporting-MTA: dns; mx.example.net

            Final-Recipient: rfc822; reader@example.org
            Action: \(action)
            Status: \(status)
            Remote-MTA: dns; \(remote)
            Diagnostic-Code: smtp; \(reply)
            """
        )
    }
}
