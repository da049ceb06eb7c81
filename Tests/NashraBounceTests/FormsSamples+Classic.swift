// SPDX-License-Identifier: Apache-2.0
//
// Reports of mail servers that are free software.
import NashraCore

extension FormSample {
    static let classic: [FormSample] = [
        // qmail-send.c injectbounce(); cr.yp.to/proto/qsbmf.txt
        FormSample(
            name: "qmail, two recipients",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["full@example.com soft", "nobody@example.org hard"],
            from: "MAILER-DAEMON@mx.example.net",
            subject: "failure notice",
            body: """
                Hi. This is the qmail-send program at mx.example.net.
                I'm afraid I wasn't able to deliver your message to the following addresses.
                This is a permanent error; I've given up. Sorry it didn't work out.

                <full@example.com>:
                User is over quota. (#5.2.2)

                <nobody@example.org>:
                192.0.2.7 does not like recipient.
                Remote host said: 550 5.1.1 sorry, no mailbox here by that name
                Giving up on 192.0.2.7.

                --- Below this line is a copy of the message.

                \(original)
                """
        ),
        // qmail-remote.c perm_dns()
        FormSample(
            name: "qmail, no such host",
            kind: .hard,
            status: "5.1.2",
            reason: .domainUnknown,
            recipients: ["a@nowhere.example hard"],
            from: "MAILER-DAEMON@mx.example.net",
            subject: "failure notice",
            body: """
                Hi. This is the qmail-send program at mx.example.net.
                I'm afraid I wasn't able to deliver your message to the following addresses.
                This is a permanent error; I've given up. Sorry it didn't work out.

                <a@nowhere.example>:
                Sorry, I couldn't find any host named nowhere.example. (#5.1.2)

                --- Below this line is a copy of the message.

                \(original)
                """
        ),
        // exim src/deliver.c, default bounce text
        FormSample(
            name: "exim, mixed reasons",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard", "full@example.com soft", "refused@example.org soft"],
            header:
                "Return-Path: <>\nX-Failed-Recipients: nobody@example.com,\n  full@example.com,\n  refused@example.org\n"
                + "Auto-Submitted: auto-replied",
            from: "Mail Delivery System <Mailer-Daemon@mx.example.net>",
            subject: "Mail delivery failed: returning message to sender",
            body: """
                This message was created automatically by mail delivery software.

                A message that you sent could not be delivered to one or more of its
                recipients. This is a permanent error. The following address(es) failed:

                  nobody@example.com
                    Unrouteable address
                  full@example.com
                    mailbox is full: retry timeout exceeded
                  refused@example.org
                    host mx.example.org [192.0.2.9]
                    SMTP error from remote mail server after RCPT TO:<refused@example.org>:
                    550-5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org
                    550 5.7.1 see https://check.spamhaus.org/

                ------ This is a copy of the message, including all the headers. ------

                \(original)
                """
        ),
        // exim src/deliver.c, default warning text
        FormSample(
            name: "exim, delayed",
            kind: .soft,
            action: .delayed,
            reason: .timeout,
            recipients: ["slow@example.com soft"],
            header: "Return-Path: <>\nAuto-Submitted: auto-replied",
            from: "Mail Delivery System <Mailer-Daemon@mx.example.net>",
            subject: "Warning: message 1abcde-000000-00 delayed 24 hours",
            body: """
                This message was created automatically by mail delivery software.
                A message that you sent has not yet been delivered to one or more of its
                recipients after more than 24 hours on the queue on mx.example.net.

                The message identifier is:     1abcde-000000-00
                The subject of the message is: User unknown?

                The address to which the message has not yet been delivered is:

                  slow@example.com
                    Delay reason: Connection timed out

                No action is required on your part. Delivery attempts will continue for
                some time, and this warning may be repeated at intervals if the message
                remains undelivered. Eventually the mail delivery software will give up,
                and when that happens, the message will be returned to you.
                """
        ),
        // exim src/transports/pipe.c, deliver.c print_address_information()
        FormSample(
            name: "exim, a pipe that failed",
            kind: .soft,
            reason: .systemError,
            recipients: ["list@example.com soft"],
            from: "Mail Delivery System <Mailer-Daemon@mx.example.net>",
            subject: "Mail delivery failed: returning message to sender",
            body: """
                This message was created automatically by mail delivery software.

                A message that you sent could not be delivered to one or more of its
                recipients. This is a permanent error. The following address(es) failed:

                  pipe to |/usr/local/bin/list
                    generated by list@example.com
                    local delivery failed

                The following text was generated during the delivery attempt:

                ------ pipe to |/usr/local/bin/list
                       generated by list@example.com ------

                Child process of list_pipe transport returned 127 from command

                ------ This is a copy of the message, including all the headers. ------

                \(original)
                """
        ),
        // postfix conf/bounce.cf.default, bounce(5), without its other parts
        FormSample(
            name: "postfix, text alone",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard", "full@example.org soft"],
            body: """
                This is the mail system at host mx.example.net.

                I'm sorry to have to inform you that your message could not
                be delivered to one or more recipients. It's attached below.

                For further assistance, please send mail to postmaster.

                If you do so, please include this problem report. You can
                delete your own text from the attached returned message.

                                   The mail system

                <nobody@example.com>: host mx.example.com[192.0.2.5] said: 550 5.1.1
                    <nobody@example.com>: Recipient address rejected: User unknown in local
                    recipient table (in reply to RCPT TO command)

                <full@example.org>: host mx.example.org[192.0.2.6] said: 552 5.2.2
                    <full@example.org>: Mailbox is over quota (in reply to RCPT TO command)
                """
        ),
        // postfix conf/bounce.cf.default, delay template
        FormSample(
            name: "postfix, delay",
            kind: .soft,
            action: .delayed,
            status: "4.4.1",
            recipients: ["slow@example.com soft"],
            subject: "Delayed Mail (still being retried)",
            body: """
                This is the mail system at host mx.example.net.

                ####################################################################
                # THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
                ####################################################################

                Your message could not be delivered for more than 4 hour(s).
                It will be retried until it is 5 day(s) old.

                <slow@example.com>: connect to mx.example.com[192.0.2.5]:25: Connection
                    refused (4.4.1)
                """
        ),
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
