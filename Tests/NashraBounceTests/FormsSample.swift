// SPDX-License-Identifier: Apache-2.0
//
// Reports written for the tests after the sources and manuals of the systems that send them, and what each says.
// Each sample names where its form is described; the addresses are of RFC 2606.
import NashraCore

/// A report, and the verdict that is right.
struct FormSample: Sendable {
    var name: String
    var kind: BounceVerdict.Kind
    var action: BounceVerdict.Action? = .failed
    var status: String?
    var reason: RefusalReason?
    /// Each recipient with its kind.
    var recipients: [String]
    /// Header fields beside From, To and Subject.
    var header = "Return-Path: <>"
    var from = "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>"
    var subject = "Undelivered Mail Returned to Sender"
    var body: String

    /// The message with CRLF line ends.
    var message: [UInt8] {
        let text = """
            \(header)
            From: \(from)
            To: bulletin@sender.example.org
            Subject: \(subject)
            Date: Sun, 22 Nov 2026 10:00:00 +0000
            Message-ID: <report@mx.example.net>

            \(body)
            """
        return text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }

    /// A returned message, for the ends of reports.
    ///
    /// Its text must never count.
    static let original = """
        Return-Path: <b+token@sender.example.org>
        Received: from sender.example.org by mx.example.net; Sun, 22 Nov 2026 09:00:00 +0000
        From: Bulletins <bulletin@sender.example.org>
        To: somebody@example.com
        Subject: 550 5.2.2 mailbox full
        Message-ID: <m1@sender.example.org>

        <decoy@example.com>: 550 5.1.1 user unknown
        """
}
