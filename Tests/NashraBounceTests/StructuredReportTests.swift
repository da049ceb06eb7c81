// SPDX-License-Identifier: Apache-2.0
//
// Delivery status notifications: those printed in the RFCs, and those that systems send instead.
import NashraCore
import Testing

@testable import NashraBounce

@Suite struct `Delivery status notifications` {
    @Test func `RFC 3464 appendix E.1 is a failure that may pass`() {
        let verdict = Samples.verdict(
            """
            Date: Thu, 7 Jul 1994 17:16:05 -0400
            From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>
            Message-Id: <199407072116.RAA14128@CS.UTK.EDU>
            Subject: Returned mail: Cannot send message for 5 days
            To: <owner-info-mime@cs.utk.edu>
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status;
                  boundary="RAA14128.773615765/CS.UTK.EDU"

            --RAA14128.773615765/CS.UTK.EDU

            The original message was received at Sat, 2 Jul 1994 17:10:28 -0400
            from root@localhost

               ----- The following addresses had delivery problems -----
            <louisl@larry.slip.umd.edu>  (unrecoverable error)

            --RAA14128.773615765/CS.UTK.EDU
            content-type: message/delivery-status

            Reporting-MTA: dns; cs.utk.edu

            Original-Recipient: rfc822;louisl@larry.slip.umd.edu
            Final-Recipient: rfc822;louisl@larry.slip.umd.edu
            Action: failed
            Status: 4.0.0
            Diagnostic-Code: smtp; 426 connection timed out
            Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400

            --RAA14128.773615765/CS.UTK.EDU
            content-type: message/rfc822

            [original message goes here]

            --RAA14128.773615765/CS.UTK.EDU--
            """
        )
        #expect(verdict.kind == .soft)
        #expect(verdict.action == .failed)
        #expect(verdict.status == EnhancedStatusCode(4, 0, 0))
        #expect(verdict.reason == .timeout || verdict.reason == .hostUnreachable)
        #expect(verdict.recipients.map(\.address) == ["louisl@larry.slip.umd.edu"])
        #expect(verdict.evidence == .deliveryStatus)
    }

    @Test func `RFC 3464 appendix E.2 tells three recipients apart`() {
        let verdict = Samples.verdict(
            Samples.report(
                """
                Reporting-MTA: dns; cs.utk.edu

                Original-Recipient: rfc822;arathib@vnet.ibm.com
                Final-Recipient: rfc822;arathib@vnet.ibm.com
                Action: failed
                Status: 5.0.0 (permanent failure)
                Diagnostic-Code: smtp;
                 550 'arathib@vnet.IBM.COM' is not a registered gateway user
                Remote-MTA: dns; vnet.ibm.com

                Original-Recipient: rfc822;johnh@hpnjld.njd.hp.com
                Final-Recipient: rfc822;johnh@hpnjld.njd.hp.com
                Action: delayed
                Status: 4.0.0 (hpnjld.njd.jp.com: host name lookup failure)

                Original-Recipient: rfc822;wsnell@sdcc13.ucsd.edu
                Final-Recipient: rfc822;wsnell@sdcc13.ucsd.edu
                Action: failed
                Status: 5.0.0
                Diagnostic-Code: smtp; 550 user unknown
                Remote-MTA: dns; sdcc13.ucsd.edu
                """
            )
        )
        #expect(verdict.kind == .hard)
        let kinds = verdict.recipients.map {
            "\($0.address) \($0.kind.rawValue) \($0.action?.rawValue ?? "-")"
        }
        #expect(kinds.count == 3)
        #expect(kinds[1] == "johnh@hpnjld.njd.hp.com soft delayed")
        #expect(kinds[2] == "wsnell@sdcc13.ucsd.edu hard failed")
    }

    @Test(arguments: ["delivered", "relayed", "expanded"])
    func `success is no bounce`(_ action: String) {
        let verdict = Samples.verdict(
            Samples.report("Final-Recipient: rfc822;a@example.org\nAction: \(action)\nStatus: 2.0.0")
        )
        #expect(verdict.kind == .delivered)
        #expect(verdict.action?.rawValue == action)
        #expect(verdict.reason == nil)
    }

    @Test func `of a mixed report the gravest counts for the whole, and each keeps its own`() {
        let verdict = Samples.verdict(
            Samples.report(
                """
                Reporting-MTA: dns; mx.example.net

                Final-Recipient: rfc822;ok@example.org
                Action: relayed
                Status: 2.0.0

                Final-Recipient: rfc822;full@example.org
                Action: failed
                Status: 5.2.2

                Final-Recipient: rfc822;gone@example.org
                Action: failed
                Status: 5.1.1
                """
            )
        )
        #expect(verdict.kind == .hard)
        #expect(verdict.status == EnhancedStatusCode(5, 1, 1))
        #expect(verdict.recipients.map(\.kind) == [.delivered, .soft, .hard])
    }

    @Test func `groups without an empty line between them are told apart`() {
        let verdict = Samples.verdict(
            Samples.report(
                """
                Reporting-MTA: dns; mx.example.net
                Final-Recipient: rfc822;a@example.org
                Action: failed
                Status: 5.1.1
                Final-Recipient: rfc822;b@example.org
                Action: failed
                Status: 4.2.2
                """
            )
        )
        #expect(verdict.recipients.map(\.address) == ["a@example.org", "b@example.org"])
        #expect(verdict.recipients.map(\.kind) == [.hard, .soft])
    }

    @Test func `a group torn by empty lines is one recipient`() {
        let verdict = Samples.verdict(
            Samples.report("Final-Recipient: rfc822;a@example.org\n\nAction: failed\n\nStatus: 5.2.2")
        )
        #expect(verdict.recipients.map(\.address) == ["a@example.org"])
        #expect(verdict.reason == .mailboxFull)
    }

    @Test(
        arguments: [
            ("rfc822; <reader@example.org>", "reader@example.org"),
            ("RFC822;reader@example.org (unrecoverable)", "reader@example.org"),
            ("reader@example.org", "reader@example.org"),
            ("<reader@example.org>", "reader@example.org"),
            ("LOCAL;<reader@example.org>", "reader@example.org"),
            ("utf-8; قارئ@مثال.إختبار", "قارئ@مثال.إختبار"),
            (#"utf-8; \x{642}\x{627}\x{631}\x{626}@example.org"#, "قارئ@example.org"),
            ("rfc822; \"a b\"@example.org", "\"a b\"@example.org"),
        ] as [(String, String)]
    )
    func `the recipient is read whatever it is wrapped in`(_ field: String, _ address: String) {
        let verdict = Samples.verdict(
            Samples.report("Final-Recipient: \(field)\nAction: failed\nStatus: 5.1.1")
        )
        #expect(verdict.recipients.map(\.address) == [address])
    }

    @Test func `Original-Recipient is what we mailed and names the recipient`() {
        let verdict = Samples.verdict(
            Samples.report(
                """
                Original-Recipient: rfc822;office@example.org
                Final-Recipient: rfc822;clerk@mail.example.com
                Action: failed
                Status: 5.1.1
                """
            )
        )
        #expect(verdict.recipients.map(\.address) == ["office@example.org"])
    }

    @Test func `a path for a Final-Recipient yields to X-Failed-Recipients`() {
        let report = Samples.report("Final-Recipient: rfc822;/var/mail/reader\nAction: failed\nStatus: 5.0.0")
        let verdict = Samples.verdict("X-Failed-Recipients: reader@example.org\n" + report)
        #expect(verdict.recipients.map(\.address) == ["reader@example.org"])
    }

    @Test func `a delay stays soft whatever its status says`() {
        let verdict = Samples.verdict(
            Samples.refusal(status: "5.1.1", "550 5.1.1 User unknown", action: "delayed")
        )
        #expect(verdict.kind == .soft)
        #expect(verdict.action == .delayed)
    }

    @Test func `Will-Retry-Until without an Action is a delay`() {
        let verdict = Samples.verdict(
            Samples.report(
                "Final-Recipient: rfc822;a@example.org\nStatus: 4.4.1\nWill-Retry-Until: Fri, 30 Jan 2026 21:28:58 -0800"
            )
        )
        #expect(verdict.action == .delayed)
    }

    @Test func `fields in a text part of a machine are read`() {
        let verdict = Samples.verdict(
            """
            From: MAILER-DAEMON@mail.example.net
            To: b+x@nashra.example
            Subject: Delivery Status Notification (Failure)
            Content-Type: text/plain

            An error occurred while trying to deliver the mail.

            Technical report:

              Action: failed
              Final-Recipient: rfc822; reader@example.org
              Diagnostic-Code: smtp; 550 5.1.1 <reader@example.org>... User Unknown
              Status: 5.1.1
            """
        )
        #expect(verdict.kind == .hard)
        #expect(verdict.recipients.map(\.address) == ["reader@example.org"])
    }

    @Test func `a delivery-status part in base64 is read`() {
        // "Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1\n"
        let verdict = Samples.verdict(
            """
            Return-Path: <>
            From: postmaster@example.net
            Content-Type: multipart/report; report-type=delivery-status; boundary=x

            --x
            Content-Type: message/delivery-status
            Content-Transfer-Encoding: base64

            RmluYWwtUmVjaXBpZW50OiByZmM4MjI7YUBleGFtcGxlLm9yZwpBY3Rpb246IGZhaWxlZApTdGF0
            dXM6IDUuMS4xCg==
            --x--
            """
        )
        #expect(verdict.kind == .hard)
        #expect(verdict.recipients.map(\.address) == ["a@example.org"])
    }

    @Test func `a report that names a thousand recipients is cut, not believed whole`() {
        let groups = (0..<1_000).map {
            "Final-Recipient: rfc822;a\($0)@example.org\nAction: failed\nStatus: 5.1.1\n"
        }
        let verdict = Samples.verdict(Samples.report(groups.joined(separator: "\n")))
        #expect(verdict.recipients.count == ReportLimits.recipients)
    }

    @Test func `a bounce about a bounce is about the outer one's recipient`() {
        let inner = Samples.report("Final-Recipient: rfc822;inner@example.org\nAction: failed\nStatus: 5.1.1")
        let outer = """
            Return-Path: <>
            From: MAILER-DAEMON@example.net
            Subject: Postmaster notify: see transcript for details
            Content-Type: multipart/report; report-type=delivery-status; boundary="=_outer"

            --=_outer
            Content-Type: message/delivery-status

            Final-Recipient: rfc822;outer@example.com
            Action: failed
            Status: 5.2.2

            --=_outer
            Content-Type: message/rfc822

            \(inner)
            --=_outer--
            """
        let verdict = Samples.verdict(outer)
        #expect(verdict.recipients.map(\.address) == ["outer@example.com"])
        #expect(verdict.kind == .soft)
    }

    @Test func `a person who forwards a report has sent no report`() {
        let inner = Samples.report("Final-Recipient: rfc822;inner@example.org\nAction: failed\nStatus: 5.1.1")
        let verdict = Samples.verdict(
            """
            From: Layla <layla@example.org>
            To: news@nashra.example
            Subject: Fwd: Undelivered Mail Returned to Sender
            Content-Type: multipart/mixed; boundary="=_f"

            --=_f
            Content-Type: text/plain

            What does this mean?

            --=_f
            Content-Type: message/rfc822

            \(inner)
            --=_f--
            """
        )
        #expect(verdict.kind == .none)
        #expect(verdict.recipients.isEmpty)
    }

    @Test func `a report that says nothing is unknown and not a bounce`() {
        let verdict = Samples.verdict(
            """
            Return-Path: <>
            From: MAILER-DAEMON@example.net
            Subject: Hello
            Content-Type: multipart/report; report-type=delivery-status; boundary=x

            --x

            --x--
            """
        )
        #expect(verdict.kind == .unknown)
    }

    @Test func `a read receipt is none, and a refusal dressed as one is soft`() {
        func receipt(_ disposition: String, _ text: String) -> BounceVerdict {
            Samples.verdict(
                """
                Return-Path: <>
                From: Mail Delivery Subsystem <postmaster@example.org>
                To: b+x@nashra.example
                Subject: Automatically rejected mail
                Auto-Submitted: auto-replied (rejected)
                MIME-Version: 1.0
                Content-Type: multipart/report; report-type=disposition-notification; boundary=x

                --x
                Content-Type: text/plain

                \(text)

                --x
                Content-Type: message/disposition-notification

                Reporting-UA: mail.example.org; Dovecot Mail Delivery Agent
                Final-Recipient: rfc822; reader@example.org
                Original-Message-ID: <1@nashra.example>
                Disposition: \(disposition)

                --x--
                """
            )
        }
        let read = receipt("manual-action/MDN-sent-manually; displayed", "The message was read.")
        #expect(read.kind == .none)
        let deleted = receipt("manual-action/MDN-sent-manually; deleted", "The message was deleted unread.")
        #expect(deleted.kind == .none)
        // Dovecot, src/lda/mail-send.c: refusals by disposition notification.
        let refused = receipt(
            "automatic-action/MDN-sent-automatically; deleted",
            "Your message to <reader@example.org> was automatically rejected:\nQuota exceeded (mailbox for user is full)"
        )
        #expect(refused.kind == .soft)
        #expect(refused.recipients.map(\.address) == ["reader@example.org"])
    }

    @Test func `a notification of Amazon SES by mail is read`() {
        let verdict = Samples.verdict(
            """
            From: Bounces <no-reply@sns.amazonaws.com>
            x-amz-sns-message-id: 1
            Content-Type: text/plain; charset=UTF-8

            {"notificationType":"Bounce","bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull",
             "bouncedRecipients":[{"emailAddress":"a@example.org"},{"emailAddress":"b@example.org","status":"5.1.1",
             "diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},"mail":{"destination":["a@example.org"]}}
            """
        )
        #expect(verdict.kind == .hard)
        #expect(verdict.evidence == .notification)
        #expect(verdict.recipients.map(\.reason) == [.mailboxFull, .unknownUser])
    }
}
