// SPDX-License-Identifier: Apache-2.0
//
// Reports of office servers, filters and carriers.
import NashraCore

extension FormSample {
    static let gateways: [FormSample] = [
        // hcl domino documentation, "Delivery failure reports"
        FormSample(
            name: "domino",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "Postmaster@example.net",
            subject: "DELIVERY FAILURE: User nobody not listed in Domino Directory",
            body: """
                Your message

                  Subject: Bulletin

                was not delivered to:

                  nobody@example.com

                because:

                  User nobody (nobody@example.com) not listed in Domino Directory
                """
        ),
        // lotus smtp mta 4
        FormSample(
            name: "notes 4, reason before the address",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "POSTMASTER@mx.example.net",
            subject: "Undeliverable message",
            body: """
                ------- Failure Reasons  --------

                User nobody not listed in public Name & Address Book
                nobody@example.com


                ------- Returned Message --------

                \(original)
                """
        ),
        // novell groupwise internet agent
        FormSample(
            name: "groupwise",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "Mailer-Daemon@gw.example.net",
            subject: "Message status - undeliverable",
            body: """
                The message that you sent was undeliverable to the following:
                \tnobody@example.com (user not found)

                Possibly truncated original message follows:

                \(original)
                """
        ),
        // mailmarshal: the reason stands before the recipients
        FormSample(
            name: "mailmarshal",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "MailMarshal <postmaster@gateway.example.net>",
            subject: "Undeliverable Mail: \"Bulletin\"",
            body: """
                Your message:
                   From:    bulletin@sender.example.org
                   Subject: Bulletin

                Could not be delivered because of

                550 5.1.1 User unknown

                The following recipients were affected:
                    nobody@example.com

                Additional Information
                ======================
                Original Sender:    <bulletin@sender.example.org>
                Sender-MTA:         <192.0.2.1>
                Remote-MTA:         <192.0.2.9>
                """
        ),
        // surfcontrol e-mail filter
        FormSample(
            name: "surfcontrol",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "Mail Administrator <postmaster@gateway.example.net>",
            subject: "Message not delivered",
            body: """
                Your message could not be sent.
                A transcript of the attempts to send the message follows.
                The number of attempts made: 1
                Addressed To: nobody@example.com

                Sun 22 Nov 2026 09:00:00 +0000
                Failed to send to identified host,
                nobody@example.com: [192.0.2.5], 550 nobody@example.com... No such user

                --- Message non-deliverable.
                """
        ),
        // trend micro interscan
        FormSample(
            name: "interscan",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "\"InterScan MSS\" <postmaster@gateway.example.net>",
            subject: "Mail could not be delivered",
            body: """
                ****** Message from InterScan Messaging Security Suite ******

                Sent >>> RCPT TO:<nobody@example.com>
                Received <<< 550 5.1.1 <nobody@example.com>... user unknown

                Unable to deliver message to <nobody@example.com>

                ************************     End of message     **********************
                """
        ),
        // mdaemon, its session log
        FormSample(
            name: "mdaemon",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "MDaemon@mx.example.net",
            subject: "Permanent Delivery Failure",
            body: """
                The attached message had PERMANENT fatal delivery errors!

                Failed address: nobody@example.com

                --- Session Transcript ---
                 Sun 2026-11-22 09:00:00: Sending <bulletin.msg>
                 Sun 2026-11-22 09:00:01: --> RCPT To:<nobody@example.com>
                 Sun 2026-11-22 09:00:01: <-- 550 <nobody@example.com>, Recipient unknown
                --- End Transcript ---
                """
        ),
        // hmailserver, its default bounce text
        FormSample(
            name: "hmailserver",
            kind: .soft,
            status: "5.2.2",
            reason: .mailboxFull,
            recipients: ["full@example.com soft"],
            from: "mailer-daemon@mx.example.net",
            subject: "Message undeliverable: Bulletin",
            body: """
                Your message did not reach some or all of the intended recipients.

                   Sent: Sun, 22 Nov 2026 09:00:00 +0000
                   Subject: Bulletin

                The following recipient(s) could not be reached:

                full@example.com
                   Error Type: SMTP
                   Remote server (192.0.2.5) issued an error.
                   hMailServer sent: RCPT TO:<full@example.com>
                   Remote server replied: 552 5.2.2 Mailbox full


                hMailServer
                """
        ),
        // communigate pro
        FormSample(
            name: "communigate",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard", "full@example.org soft"],
            from: "MAILER-DAEMON@mx.example.net",
            subject: "Undeliverable mail",
            body: """
                Failed to deliver to 'nobody@example.com'
                SMTP module(domain example.com) reports:
                 host mx.example.com says:
                 550 unknown user account

                Failed to deliver to 'full@example.org'
                LOCAL module(account full) reports:
                 account is full (quota exceeded)
                """
        ),
    ]

    /// All samples.
    static let all = classic + servers + exchange + webmail + gateways + carriers
}
