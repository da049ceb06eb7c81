// SPDX-License-Identifier: Apache-2.0
//
// Reports of Sendmail, OpenSMTPD, dma, Courier and James.
import NashraCore

extension FormSample {
    static let servers: [FormSample] = [
        // sendmail/savemail.c errbody()
        FormSample(
            name: "sendmail 8, text alone",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            subject: "Returned mail: see transcript for details",
            body: """
                The original message was received at Sun, 22 Nov 2026 09:00:00 GMT
                from sender.example.org [192.0.2.1]

                   ----- The following addresses had permanent fatal errors -----
                <nobody@example.com>
                    (reason: 550 5.1.1 <nobody@example.com>... User unknown)

                   ----- Transcript of session follows -----
                ... while talking to mx.example.com.:
                >>> DATA
                <<< 550 5.1.1 <nobody@example.com>... User unknown
                550 5.1.1 <nobody@example.com>... User unknown
                <<< 503 5.0.0 Need RCPT (recipient)

                   ----- Original message follows -----

                \(original)
                """
        ),
        // sendmail 5 savemail.c
        FormSample(
            name: "sendmail 5, transcript",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard", "a@nowhere.example hard"],
            subject: "Returned mail: User unknown",
            body: """
                   ----- Transcript of session follows -----
                While talking to mx.example.com:
                >>> RCPT To:<nobody@example.com>
                <<< 550 No such user
                550 <nobody@example.com>... User unknown
                550 <a@nowhere.example>... Host unknown

                   ----- Unsent message follows -----
                \(original)
                """
        ),
        // opensmtpd smtpd/bounce.c
        FormSample(
            name: "opensmtpd",
            kind: .soft,
            status: "5.2.2",
            reason: .mailboxFull,
            recipients: ["full@example.com soft"],
            from: "Mailer Daemon <MAILER-DAEMON@mx.example.net>",
            subject: "Delivery status notification: error",
            body: """
                    Hi!

                    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

                    An error has occurred while attempting to deliver a message for
                    the following list of recipients:

                full@example.com: 552 5.2.2 Mailbox full

                    Below is a copy of the original message:

                \(original)
                """
        ),
        // dragonfly mail agent, mail.c bounce()
        FormSample(
            name: "dma",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            header: "X-Original-To: <nobody@example.com>",
            from: "MAILER-DAEMON <>",
            subject: "Mail delivery failed",
            body: """
                This is the DragonFly Mail Agent v0.13 at mx.example.net.

                There was an error delivering your mail to <nobody@example.com>.

                mx.example.com [192.0.2.5] did not like our RCPT TO:
                550 5.1.1 <nobody@example.com>: no such user

                Original message follows.

                \(original)
                """
        ),
        // courier, module.dsn and dsnfail.txt
        FormSample(
            name: "courier, text alone",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "\"Courier mail server at mx\" <postmaster@mx.example.net>",
            subject: "NOTICE: mail delivery status.",
            body: """
                This is a delivery status notification from mx.example.net,
                running the Courier mail server, version 1.3.

                The original message was received on Sun, 22 Nov 2026 09:00:00 +0000
                from sender.example.org

                ---------------------------------------------------------------------------

                                           UNDELIVERABLE MAIL

                Your message to the following recipients cannot be delivered:

                <nobody@example.com>:
                    mx.example.com [192.0.2.5]:
                >>> RCPT TO:<nobody@example.com>
                <<< 550 5.1.1 User unknown.

                ---------------------------------------------------------------------------
                """
        ),
        // apache james, RemoteDelivery and the bounce mailet
        FormSample(
            name: "james",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "postmaster@james.example.net",
            subject: "Re: Bulletin",
            body: """
                Hi. This is the James mail server at james.example.net.
                I'm afraid I wasn't able to deliver your message to the following addresses.
                This is a permanent error; I've given up. Sorry it didn't work out.  Below
                I include the list of recipients and the reason why I was unable to deliver
                your message.

                Failed recipient(s):
                nobody@example.com

                Error message:
                550 unknown user
                """
        ),
    ]
}
