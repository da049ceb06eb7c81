// SPDX-License-Identifier: Apache-2.0
//
// Reports of large providers.
import NashraCore

extension FormSample {
    static let webmail: [FormSample] = [
        // support.google.com/mail/answer/6596, the notice in text
        FormSample(
            name: "gmail, address not found",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject: "Delivery Status Notification (Failure)",
            body: """
                ** Address not found **

                Your message wasn't delivered to nobody@example.com because the address couldn't be found, or is unable to receive mail.

                Learn more here: https://support.google.com/mail/?p=NoSuchUser

                The response was:

                550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces.
                """
        ),
        // the same notice in Arabic; the address is international (RFC 6531)
        FormSample(
            name: "gmail, Arabic",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["مستخدم@مثال.إختبار hard"],
            header: "Return-Path: <>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                + "Content-Transfer-Encoding: 8bit",
            from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject: "Delivery Status Notification (Failure)",
            body: """
                ** لم يتم العثور على العنوان **

                لم يتم تسليم رسالتك إلى مستخدم@مثال.إختبار بسبب عدم العثور على العنوان أو عدم قدرته على تلقّي الرسائل الإلكترونية.
                """
        ),
        FormSample(
            name: "gmail, French, full",
            kind: .soft,
            reason: .mailboxFull,
            recipients: ["plein@example.com soft"],
            from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject: "Delivery Status Notification (Failure)",
            body: """
                ** Boîte de réception pleine **

                Votre message n'a pas pu être remis à plein@example.com. La boîte de réception du destinataire est pleine, ou il reçoit trop de messages en ce moment.
                """
        ),
        FormSample(
            name: "gmail, blocked",
            kind: .soft,
            status: "5.7.26",
            reason: .notAuthenticated,
            recipients: ["someone@example.com soft"],
            from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject: "Delivery Status Notification (Failure)",
            body: """
                ** Message blocked **

                Your message to someone@example.com has been blocked. See technical details below for more information.

                The response from the remote server was:

                550 5.7.26 Unauthenticated email from sender.example.org is not accepted due to domain's DMARC policy.
                """
        ),
        FormSample(
            name: "gmail, delivery incomplete",
            kind: .soft,
            action: .delayed,
            recipients: ["slow@example.com soft"],
            from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject: "Delivery Status Notification (Delay)",
            body: """
                ** Delivery incomplete **

                There was a temporary problem delivering your message to slow@example.com. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.

                The response was:

                The recipient server did not accept our requests to connect. Learn more at https://support.google.com/mail/answer/7720
                [mx.example.com 192.0.2.4: timed out]
                """
        ),
        // google groups
        FormSample(
            name: "google groups",
            kind: .soft,
            reason: .policy,
            recipients: ["closed@googlegroups.com soft"],
            header: "Return-Path: <>\nX-Failed-Recipients: closed@googlegroups.com",
            from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject: "Delivery Status Notification (Failure)",
            body: """
                Hello bulletin@sender.example.org,

                We're writing to let you know that the group you tried to contact (closed) may not exist, or you may not have permission to post messages to the group.

                A few more details on why you weren't able to post:

                 * You might have spelled or formatted the group name incorrectly.
                 * The owner of the group may have removed this group.
                """
        ),
        // yahoo mail
        FormSample(
            name: "yahoo",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@yahoo.example hard", "full@example.com soft"],
            from: "MAILER-DAEMON@yahoo.com",
            subject: "Failure Notice",
            body: """
                Sorry, we were unable to deliver your message to the following address.

                <nobody@yahoo.example>:
                554: delivery error: dd This user doesn't have a yahoo.com account (nobody@yahoo.example) [0] - mta1.mail.example

                <full@example.com>:
                552: 5.2.2 mailbox full

                --- Below this line is a copy of the message.

                \(original)
                """
        ),
        // zoho mail
        FormSample(
            name: "zoho",
            kind: .soft,
            status: "5.2.2",
            reason: .mailboxFull,
            recipients: ["full@example.com soft"],
            from: "mailer-daemon@mail.zoho.com",
            body: """
                This message was created automatically by mail delivery software.
                A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

                full@example.com, ERROR CODE :552 - 5.2.2 <full@example.com>... Mailbox Full
                """
        ),
        // mail.ru
        FormSample(
            name: "mail.ru",
            kind: .hard,
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            header: "Return-path: <>\nX-Failed-Recipients: nobody@example.com\nAuto-Submitted: auto-replied\n"
                + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64",
            from: "mailer-daemon@corp.mail.ru",
            subject: "Mail failure.",
            body: base64(
                """
                Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.

                К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:

                  nobody@example.com
                    такого пользователя нет

                Рекомендуем Вам проверить корректность указания адресов получателей.
                """
            )
        ),
        // gmx and 1&1
        FormSample(
            name: "gmx",
            kind: .soft,
            reason: .messageTooBig,
            recipients: ["big@example.com soft"],
            from: "MAILER-DAEMON@mout.gmx.net",
            subject: "Mail delivery failed: returning message to sender",
            body: """
                This message was created automatically by mail delivery software.

                A message that you sent could not be delivered to one or more of
                its recipients. The following addresses failed:

                <big@example.com>

                For the following reason:

                Mail size limit exceeded. For explanation visit
                http://postmaster.gmx.com/en/error-messages?ip=192.0.2.1

                --- The header of the original message is following. ---

                \(original)
                """
        ),
        // amazon workmail and ses
        FormSample(
            name: "ses, text alone",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "MAILER-DAEMON@amazonses.com",
            subject: "Delivery Status Notification (Failure)",
            body: """
                An error occurred while trying to deliver the mail to the following recipients:
                nobody@example.com

                550 5.1.1 user unknown
                """
        ),
    ]

    /// Text in base64, in lines of 76 (RFC 2045 section 6.8).
    static func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var line = ""
        var lines: [String] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let chunk = bytes[start..<min(start + 3, bytes.count)]
            let value = chunk.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - chunk.count))
            for place in 0..<4 {
                line.append(place <= chunk.count ? alphabet[Int(value >> UInt32(18 - 6 * place)) & 63] : "=")
            }
            if line.count >= 76 {
                lines.append(line)
                line = ""
            }
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
