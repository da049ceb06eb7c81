// SPDX-License-Identifier: Apache-2.0
//
// Mails that are no reports about a delivery, though they speak of nothing else: people who forward, quote and ask,
// newsletters, phishing, logs, lists, machines that report something else. Written for these tests.

/// Reports as people see them, to be quoted.
enum QuotedReport {
    static let postfix = """
        This is the mail system at host mx.example.net.

        I'm sorry to have to inform you that your message could not
        be delivered to one or more recipients. It's attached below.

        <noura@example.org>: host mail.example.org[192.0.2.7] said: 550 5.1.1
            <noura@example.org>: Recipient address rejected: User unknown in local
            recipient table (in reply to RCPT TO command)
        """
    static let exim = """
        This message was created automatically by mail delivery software.

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          omar@example.org
            SMTP error from remote mail server after RCPT TO:<omar@example.org>:
            550 No such user here

        ------ This is a copy of the message, including all the headers. ------

        Return-path: <bulletin@moi.example>
        From: bulletin@moi.example
        To: omar@example.org
        Subject: Weekly warning
        Message-ID: <one@moi.example>
        """
    static let qmail = """
        Hi. This is the qmail-send program at mx.example.net.
        I'm afraid I wasn't able to deliver your message to the following addresses.
        This is a permanent error; I've given up. Sorry it didn't work out.

        <salem@example.org>:
        192.0.2.9 does not like recipient.
        Remote host said: 550 5.2.2 Mailbox full
        Giving up on 192.0.2.9.

        --- Below this line is a copy of the message.

        Return-Path: <bulletin@moi.example>
        From: bulletin@moi.example
        Subject: Weekly warning
        """
    static let gmail = """
        Address not found

        Your message wasn't delivered to huda@example.org because the address couldn't be found, or is unable to
        receive mail.

        The response from the remote server was:

        550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the
        recipient's email address for typos or unnecessary spaces.
        """
    static let exchange = """
        Delivery has failed to these recipients or groups:

        rami@example.org
        The email address you entered couldn't be found. Please check the recipient's email address and try to
        resend the message.

        Diagnostic information for administrators:
        Generating server: mail.example.org
        rami@example.org
        #550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup ##
        """
    static let arabic = """
        تعذّر تسليم رسالتك إلى هؤلاء المستلمين أو المجموعات:

        sara@example.org
        لم يتم العثور على عنوان البريد الإلكتروني الذي أدخلته.

        معلومات تشخيصية للمسؤولين:
        #550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##
        """
    static let sendmail = """
        The original message was received at Mon, 2 Nov 2026 09:00:00 GMT
        from localhost [127.0.0.1]

           ----- The following addresses had permanent fatal errors -----
        <fahd@example.org>
            (reason: 552 5.2.2 Over quota)

           ----- Transcript of session follows -----
        ... while talking to mail.example.org.:
        >>> RCPT To:<fahd@example.org>
        <<< 552 5.2.2 Over quota
        554 5.0.0 Service unavailable
        """
    static let all = [postfix, exim, qmail, gmail, exchange, arabic, sendmail]

    /// A whole report in the form of RFC 3464, as somebody would attach it.
    static let message = Array(
        """
        Return-Path: <>\r
        From: MAILER-DAEMON@mx.example.net (Mail Delivery System)\r
        To: layla@moi.example\r
        Subject: Undelivered Mail Returned to Sender\r
        Auto-Submitted: auto-replied\r
        MIME-Version: 1.0\r
        Content-Type: multipart/report; report-type=delivery-status; boundary=dsn\r
        \r
        --dsn\r
        Content-Type: text/plain\r
        \r
        Your message could not be delivered.\r
        --dsn\r
        Content-Type: message/delivery-status\r
        \r
        Reporting-MTA: dns; mx.example.net\r
        \r
        Final-Recipient: rfc822; noura@example.org\r
        Action: failed\r
        Status: 5.1.1\r
        Diagnostic-Code: smtp; 550 5.1.1 User unknown\r
        --dsn--\r

        """.utf8
    )
}

/// The mails.
enum OrdinaryCorpus {
    /// All of them; the same on each call.
    static let mails: [OrdinaryMail] =
        forwards + quotes + attached + newsletters + phishing + operators + machines + people + lists
        + bulletins

    private typealias Fields = [(name: String, value: String)]

    private static func person(_ subject: String, isReply: Bool, agent: String? = nil, from: String? = nil)
        -> Fields
    {
        var fields: Fields = [
            ("Return-Path", "<layla@example.net>"),
            (
                "Received",
                "from mail.example.net (mail.example.net [192.0.2.4]) by mx.moi.example with ESMTPS id 4C1"
            ),
            ("From", from ?? "Layla <layla@example.net>"), ("To", "bulletin@moi.example"),
            ("Subject", subject),
            ("Date", "Mon, 2 Nov 2026 10:11:12 +0300"), ("Message-ID", "<CAF8a1@mail.example.net>"),
        ]
        if isReply {
            fields.append(("In-Reply-To", "<m1aaaa@moi.example>"))
            fields.append(("References", "<m1aaaa@moi.example>"))
        }
        if let agent { fields.append(("User-Agent", agent)) }
        return fields
    }

    private static let questions: [(subject: String, text: String)] = [
        ("Fwd: Undelivered Mail Returned to Sender", "What is this? I only wanted to answer your bulletin."),
        ("Fw: Mail delivery failed: returning message to sender", "Can you tell me what I did wrong?"),
        (
            "TR : Non remis : avertissement de la semaine",
            "Bonjour, que veut dire ce message ? Merci d’avance."
        ),
        ("WG: Unzustellbar: Warnung der Woche", "Guten Tag, was bedeutet das bitte?"),
        (
            "إعادة توجيه: تعذر التسليم: التنبيه الأسبوعي",
            "السلام عليكم، وصلتني هذه الرسالة ولم أفهم معناها، هل من توضيح؟"
        ),
        ("RV: No se puede entregar: aviso semanal", "¿Qué significa este mensaje?"),
        ("what is this?", "Got this after I wrote to my cousin. Is it dangerous?"),
        ("ما هذه الرسالة؟", "هل هي رسالة احتيال؟ وصلتني أمس بعد أن راسلت أخي."),
    ]

    private static var forwards: [OrdinaryMail] {
        var mails: [OrdinaryMail] = []
        for (row, question) in questions.enumerated() {
            for (column, report) in QuotedReport.all.enumerated() {
                let heading = [
                    "---------- Forwarded message ---------", "-----Original Message-----", "", "________",
                ][column % 4]
                mails.append(
                    OrdinaryMail(
                        name: "forward \(row)/\(column)",
                        fields: person(
                            question.subject,
                            isReply: row % 3 == 0,
                            agent: row % 2 == 0 ? "Thunderbird" : nil
                        ),
                        text:
                            "\(question.text)\n\n\(heading)\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\n"
                            + "Subject: Undelivered Mail Returned to Sender\n\n\(report)\n",
                        encoding: OrdinaryMail.Encoding.allCases[(row + column) % 4],
                        isFromPerson: true
                    )
                )
            }
        }
        return mails
    }

    private static var quotes: [OrdinaryMail] {
        var mails: [OrdinaryMail] = []
        let answers = [
            (
                "Re: Undelivered Mail Returned to Sender",
                "Thanks, the address was wrong indeed. Use noura.k@example.org please."
            ),
            ("رد: تعذر تسليم الرسالة", "شكرًا لكم، كان العنوان خطأً والصحيح noura.k@example.org."),
            ("RE: Échec de la remise", "Merci, l’adresse était fausse, je l’ai corrigée."),
            ("Aw: Unzustellbar", "Danke, das Postfach war voll, jetzt ist wieder Platz."),
            ("Re: mailbox full", "My mailbox was full. I have made room; please send the bulletin again."),
            ("Re: your question about 550 5.1.1", "It means that the user is unknown. See RFC 3463."),
        ]
        for (row, answer) in answers.enumerated() {
            for (column, report) in QuotedReport.all.enumerated() {
                let quoted = report.split(separator: "\n", omittingEmptySubsequences: false).map { "> \($0)" }
                mails.append(
                    OrdinaryMail(
                        name: "quote \(row)/\(column)",
                        fields: person(answer.0, isReply: true),
                        text:
                            "\(answer.1)\n\nOn Monday the mail system wrote:\n\(quoted.joined(separator: "\n"))\n",
                        encoding: OrdinaryMail.Encoding.allCases[(row + column) % 4],
                        isFromPerson: true
                    )
                )
            }
        }
        return mails
    }

    private static var attached: [OrdinaryMail] {
        questions.enumerated().flatMap { row, question in
            OrdinaryMail.Encoding.allCases.map { encoding in
                OrdinaryMail(
                    name: "attached \(row)/\(encoding)",
                    fields: person(
                        question.subject,
                        isReply: row % 2 == 1,
                        agent: row % 3 == 0 ? "Evolution 3.50" : nil
                    ),
                    text: question.text,
                    encoding: encoding,
                    attached: QuotedReport.message,
                    isFromPerson: true
                )
            }
        }
    }
}
