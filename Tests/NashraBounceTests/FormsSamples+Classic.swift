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
    ]
}
