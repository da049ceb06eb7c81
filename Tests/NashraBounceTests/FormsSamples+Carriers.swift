// SPDX-License-Identifier: Apache-2.0
//
// Reports of carriers and their servers, of a postmaster's transcript, and of nobody in particular.
import NashraCore

extension FormSample {
    static let carriers: [FormSample] = [
        // sun java system messaging server
        FormSample(
            name: "messaging server, text alone",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "Internet Mail Delivery <postmaster@mx.example.net>",
            subject: "Delivery Notification: Delivery has failed",
            body: """
                This report relates to a message you sent with the following header fields:

                  Return-path: <bulletin@sender.example.org>
                  Message-id: <m1@sender.example.org>
                  From: bulletin@sender.example.org
                  To: nobody@example.com
                  Subject: Bulletin

                Your message cannot be delivered to the following recipients:

                  Recipient address: nobody@example.com
                  Reason: Remote SMTP server has rejected address
                  Diagnostic code: smtp;550 5.1.1 <nobody@example.com>... User Unknown
                  Remote system: dns;mx.example.com (TCP|192.0.2.1|47323|192.0.2.5|25)
                """
        ),
        // openwave intermail of carriers and post.office
        FormSample(
            name: "intermail, KDDI",
            kind: .soft,
            reason: .mailboxFull,
            recipients: ["full@example.jp soft"],
            header: "Content-Type: text/plain; charset=iso-2022-jp",
            from: "Postmaster@mail.example.jp",
            subject: "Mail System Error - Returned Mail",
            body: """
                Your mail sent on: Sun, 22 Nov 2026 09:00:00 +0900
                     Could not be delivered to: <full@example.jp>
                     As their mailbox is full.
                """
        ),
        FormSample(
            name: "intermail, dialogue",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.jp hard"],
            from: "Postmaster@mail.example.jp",
            subject: "Mail System Error - Returned Mail",
            body: """
                Each of the following recipients was rejected by a remote
                mail server.

                    Recipient: <nobody@example.jp>
                    >>> RCPT TO:<nobody@example.jp>
                    <<< 550 <nobody@example.jp>: User unknown
                """
        ),
        // ipswitch imail
        FormSample(
            name: "imail",
            kind: .soft,
            reason: .mailboxFull,
            recipients: ["full@example.com soft"],
            header: "X-Mailer: <SMTP32 v8.22>",
            from: "\"Postmaster\" <postmaster@mx.example.net>",
            subject: "Undeliverable Mail",
            body: """
                User mailbox exceeds allowed size: full@example.com


                Original message follows.

                \(original)
                """
        ),
        // postfix src/smtpd/smtpd_chat.c: what the postmaster gets
        FormSample(
            name: "postfix, session errors",
            kind: .soft,
            status: "4.3.0",
            reason: .systemError,
            recipients: ["someone@example.com soft"],
            header: "Return-Path: <double-bounce@mx.example.net>",
            from: "MAILER-DAEMON@mx.example.net (Mail Delivery System)",
            subject: "Postfix SMTP server: errors from client.example.org[192.0.2.3]",
            body: """
                Transcript of session follows.

                 Out: 220 mx.example.net ESMTP
                 In:  EHLO client.example.org
                 Out: 250 DSN
                 In:  MAIL FROM:<bulletin@sender.example.org>
                 Out: 250 2.1.0 Ok
                 In:  RCPT TO:<someone@example.com>
                 Out: 250 2.1.5 Ok
                 In:  DATA
                 Out: 354 End data with <CR><LF>.<CR><LF>
                 Out: 451 4.3.0 Error: queue file write error
                 In:  QUIT
                """
        ),
        // a form that nobody knows
        FormSample(
            name: "free text",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "postmaster@mx.example.net",
            subject: "Mail problem",
            body: """
                Sorry. We found no way to hand over what you wrote:

                nobody@example.com - 550 no such user here
                """
        ),
    ]
}
