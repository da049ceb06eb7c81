// SPDX-License-Identifier: Apache-2.0
//
// Reports of Microsoft Exchange and Microsoft 365, in the languages of their users.
import NashraCore

extension FormSample {
    /// After learn.microsoft.com, "Email non-delivery reports and SMTP errors in Exchange Online"; headings by language.
    private static func exchange(_ language: String, _ heading: String, _ sentence: String, _ details: String)
        -> FormSample
    {
        FormSample(
            name: "exchange, \(language)",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "Microsoft Exchange <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.net>",
            subject: "=?utf-8?B?4oCm?=",
            body: """
                \(heading)

                nobody@example.com<mailto:nobody@example.com>
                \(sentence)


                \(details)

                EX01.example.net

                nobody@example.com
                #550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

                Received: from ex02.example.net ([192.0.2.2]) by EX01.example.net
                 ([192.0.2.1]) with mapi; Sun, 22 Nov 2026 09:00:00 +0000
                From: Bulletins <bulletin@sender.example.org>
                To: <nobody@example.com>
                Subject: mailbox full
                """
        )
    }

    static let exchange: [FormSample] = [
        exchange(
            "English",
            "Delivery has failed to these recipients or groups:",
            "The e-mail address you entered couldn't be found. Please check the recipient's e-mail address.",
            "Diagnostic information for administrators:"
        ),
        exchange(
            "French",
            "Échec de la remise pour ces destinataires ou groupes :",
            "L’adresse de messagerie que vous avez entrée est introuvable.",
            "Informations de diagnostic pour les administrateurs :"
        ),
        exchange(
            "German",
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:",
            "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden.",
            "Diagnoseinformationen für Administratoren:"
        ),
        exchange(
            "Arabic",
            "فشل التسليم إلى هؤلاء المستلمين أو المجموعات:",
            "تعذَّر العثور على عنوان البريد الإلكتروني الذي أدخلته.",
            "معلومات التشخيص للمسؤولين:"
        ),
        exchange(
            "Spanish",
            "Error de entrega a estos destinatarios o grupos:",
            "No se encontró la dirección de correo electrónico especificada.",
            "Información de diagnóstico para administradores:"
        ),
        exchange(
            "Russian",
            "Сбой доставки следующим получателям или группам:",
            "Введенный адрес электронной почты не найден.",
            "Диагностические сведения для администраторов:"
        ),
        exchange(
            "Japanese",
            "次の受信者またはグループへの配信に失敗しました:",
            "入力した電子メール アドレスが見つかりませんでした。",
            "管理者向けの診断情報:"
        ),
        exchange(
            "Chinese",
            "传递给以下收件人或组失败:",
            "找不到您输入的电子邮件地址。",
            "管理员的诊断信息:"
        ),
        // the same without any code: the sentence alone must do
        FormSample(
            name: "exchange, Arabic, a full mailbox and no code",
            kind: .soft,
            reason: .mailboxFull,
            recipients: ["full@example.com soft"],
            from: "postmaster@example.net",
            subject: "لم يتم التسليم",
            body: """
                فشل التسليم إلى هؤلاء المستلمين أو المجموعات:

                full@example.com
                علبة بريد المستلم ممتلئة ولا يمكنها قبول الرسائل الآن. الرجاء المحاولة لاحقًا.
                """
        ),
        // exchange 2003, the report of the Internet mail service; a name and the address in the reply
        FormSample(
            name: "exchange 2003",
            kind: .hard,
            status: "5.1.1",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            from: "System Administrator <postmaster@example.net>",
            subject: "Undeliverable: Bulletin",
            body: """
                Your message

                  To:      somebody
                  Subject: Bulletin
                  Sent:    Sun, 22 Nov 2026 09:00:00 +0000

                did not reach the following recipient(s):

                nobody@example.com on Sun, 22 Nov 2026 09:00:02 +0000
                    The e-mail account does not exist at the organization this message
                was sent to.  Check the e-mail address, or contact the recipient
                directly to find out the correct address.
                    <mx.example.net #5.1.1 smtp;550 5.1.1 unknown user>
                """
        ),
        // exchange 2010 and later: a remote server's refusal
        FormSample(
            name: "exchange 2013, remote refusal",
            kind: .soft,
            status: "5.7.1",
            recipients: ["closed@example.com soft"],
            from: "Microsoft Outlook <postmaster@example.net>",
            subject: "Undeliverable: Bulletin",
            body: """
                mx.example.com rejected your message to the following email addresses:

                closed@example.com (closed@example.com)
                You do not have permission to send to this recipient. For assistance, contact your
                system administrator.

                mx.example.com gave this error:
                Delivery not authorized, message refused

                Diagnostic information for administrators:

                Generating server: EX01.example.net

                closed@example.com
                mx.example.com
                Remote Server returned '550 5.7.1 Delivery not authorized, message refused'
                """
        ),
        // exchange 2010 and later, delay
        FormSample(
            name: "exchange, delay",
            kind: .soft,
            action: .delayed,
            recipients: ["slow@example.com soft"],
            from: "Microsoft Outlook <postmaster@example.net>",
            subject: "Delivery delayed: Bulletin",
            body: """
                Delivery is delayed to these recipients or groups:

                slow@example.com (slow@example.com)

                Subject: Bulletin

                This message hasn't been delivered yet. Delivery will continue to be attempted.

                The server will keep trying to deliver this message for the next 1 days, 19 hours and 58 minutes.
                """
        ),
        // microsoft 365, the sentence above the picture
        FormSample(
            name: "microsoft 365, html alone",
            kind: .hard,
            status: "5.1.10",
            reason: .unknownUser,
            recipients: ["nobody@example.com hard"],
            header: "Return-Path: <>\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"
                + "Content-Transfer-Encoding: quoted-printable",
            from: "postmaster@example.onmicrosoft.com",
            subject: "Undeliverable: Bulletin",
            body: """
                <html><body><p>Your message to <a href=3D"mailto:nobody@example.com">nobody@exam=
                ple.com</a> couldn't be delivered.</p><p><b>nobody</b> wasn't found at <b>examp=
                le.com</b>.</p><table><tr><td>Error Details</td></tr><tr><td>Error:</td><td>550 5=
                .1.10 RESOLVER.ADR.RecipientNotFound; Recipient nobody@example.com not found by S=
                MTP address lookup</td></tr></table></body></html>
                """
        ),
    ]
}
