// SPDX-License-Identifier: Apache-2.0
//
// Mails by machines and by people at work that are no reports about a delivery: newsletters, phishing, operators' mails,
// lists, other reports, our own bulletins. Written for these tests.

extension OrdinaryCorpus {
    private typealias Fields = [(name: String, value: String)]

    private static func base(_ from: String, _ subject: String) -> Fields {
        [
            ("Return-Path", "<sender-7@example.com>"), ("From", from), ("To", "bulletin@moi.example"),
            ("Subject", subject),
            ("Date", "Tue, 3 Nov 2026 06:00:00 +0000"), ("Message-ID", "<20261103.77@example.com>"),
        ]
    }

    private static func all(
        _ name: String,
        _ fields: Fields,
        _ text: String,
        isFromPerson: Bool
    ) -> [OrdinaryMail] {
        OrdinaryMail.Encoding.allCases.map {
            OrdinaryMail(
                name: "\(name)/\($0)",
                fields: fields,
                text: text,
                encoding: $0,
                isFromPerson: isFromPerson
            )
        }
    }

    static var newsletters: [OrdinaryMail] {
        let texts = [
            (
                "Why your mail bounces: 550 5.1.1 explained",
                "This week: hard bounces. “550 5.1.1 User unknown” means that the mailbox does not exist, “552 5.2.2 mailbox full” that it is over quota. Undelivered mail returned to sender? Read on.\n\n\(QuotedReport.postfix)"
            ),
            (
                "Returned mail: see transcript for details — a short history",
                "The following addresses had permanent fatal errors: who has not read that line? Our series about Sendmail.\n\n\(QuotedReport.sendmail)"
            ),
            (
                "لماذا تعود رسائلك؟ شرح أخطاء البريد",
                "في هذا العدد: ماذا يعني «المستخدم غير معروف» و«صندوق البريد ممتلئ»؟\n\n\(QuotedReport.arabic)"
            ),
            (
                "Échecs de remise : comprendre les messages d’erreur",
                "« Boîte aux lettres pleine », « utilisateur inconnu » : que faire quand un courriel n’a pas pu être remis ?\n\n\(QuotedReport.exim)"
            ),
            (
                "Out of office: ten ideas for your summer",
                "Automatic reply or no reply at all? I am out of the office, says everybody in August."
            ),
            ("Delivery status notifications, a primer", QuotedReport.gmail),
        ]
        return texts.enumerated().flatMap { index, text in
            var fields = base("Mail Weekly <editor@example.com>", text.0)
            fields.append(("List-Unsubscribe", "<https://example.com/u/1>"))
            if index % 2 == 0 { fields.append(("Precedence", "bulk")) }
            fields.append(("Feedback-ID", "77:weekly:news:example"))
            return all("newsletter \(index)", fields, text.1, isFromPerson: false)
        }
    }

    static var phishing: [OrdinaryMail] {
        let mails = [
            (
                "Mail Administrator <support@mail-quota.example>", "Your mailbox is full",
                "Your mailbox has exceeded its storage limit. Incoming mails were not delivered: 552 5.2.2 mailbox full. Click here to upgrade your quota within 24 hours: http://mail-quota.example/login"
            ),
            (
                "Mail Delivery <admin@secure-webmail.example>", "(5) Undelivered mails are on hold",
                "Delivery of 5 messages to bulletin@moi.example has failed because your account was not verified. Release messages now."
            ),
            (
                "\"Microsoft Outlook\" <outlook@teams-mail.example>",
                "Undeliverable: messages pending on your mail server",
                "Delivery has failed to these recipients or groups. You have 3 undelivered mails. Review: http://teams-mail.example"
            ),
            (
                "خدمة البريد <support@barid.example>", "صندوق بريدك ممتلئ",
                "صندوق البريد ممتلئ ولن تستطيع استقبال الرسائل. اضغط هنا لتوسعة المساحة خلال 24 ساعة."
            ),
            (
                "Service Messagerie <service@messagerie.example>", "Votre boîte aux lettres est pleine",
                "Votre boîte est pleine, vos messages n’ont pas pu être remis. Cliquez ici pour augmenter votre quota."
            ),
            (
                "Mailbox Support <it@example.org>", "Delivery Status Notification (Failure)",
                "Your outgoing mails are blocked due to policy. Validate your address: http://validate.example"
            ),
        ]
        return mails.enumerated().flatMap { index, mail in
            all("phishing \(index)", base(mail.0, mail.1), mail.2, isFromPerson: true)
        }
    }

    static var operators: [OrdinaryMail] {
        let log = """
            Nov  2 10:00:01 mx postfix/smtp[311]: 4C1: to=<noura@example.org>, relay=mail.example.org[192.0.2.7]:25, dsn=5.1.1,
             status=bounced (host mail.example.org[192.0.2.7] said: 550 5.1.1 <noura@example.org>: User unknown (in reply to RCPT TO command))
            Nov  2 10:00:02 mx postfix/qmgr[7]: 4C1: removed
            """
        let mails = [
            (
                "Re: bounces since Friday", "Here is the excerpt that you asked for:\n\n\(log)",
                "Karim <karim@example.net>"
            ),
            (
                "Re: [moi.example #4711] addresses that fail",
                "Hello, I have looked at it: the host answers 550 5.7.1 to everything. Mailbox unavailable is what it says.\n\n\(log)",
                "Help desk, Maryam <maryam@helpdesk.example>"
            ),
            (
                "Your mail to noura@example.org",
                "Dear colleague,\n\nI am the postmaster of example.org. Your messages were rejected with 550 5.1.1 because of a mistake in our tables. It is mended; please send them again.\n\nGeorge",
                "George, postmaster <george@example.org>"
            ),
            (
                "بخصوص الرسائل المرتدة",
                "الإخوة الكرام،\n\nراجعنا السجل ووجدنا أن الخادم يرد بـ 550 5.1.1 لأن المستخدم غير معروف:\n\n\(log)",
                "كريم <karim@example.net>"
            ),
            (
                "Analyse des rejets",
                "Bonjour, voici l’extrait demandé. Le destinataire est inconnu (5.1.1), la boîte de l’autre est pleine (5.2.2).\n\n\(log)",
                "Inès <ines@example.fr>"
            ),
        ]
        var found = mails.enumerated().flatMap { index, mail in
            all(
                "operator \(index)",
                base(mail.2, mail.0) + [("In-Reply-To", "<q@moi.example>")],
                mail.1,
                isFromPerson: true
            )
        }
        found += all(
            "postmaster writes",
            base("Postmaster <postmaster@example.org>", "Re: your mail is blocked") + [
                ("In-Reply-To", "<q@moi.example>")
            ],
            "Hello, this is Anna, postmaster on duty. I have removed your server from our list, so you should be fine now.",
            isFromPerson: true
        )
        return found
    }

    static var machines: [OrdinaryMail] {
        var found: [OrdinaryMail] = []
        found += all(
            "parcel",
            base("Parcel Service <noreply@parcel.example>", "Delivery failed: your parcel 77"),
            "Delivery failed. We could not deliver your parcel because the recipient was unknown at this address.",
            isFromPerson: false
        )
        found += all(
            "cron",
            base("root@mx.example.com (Cron Daemon)", "Cron <root@mx> mailq") + [
                ("X-Cron-Env", "<SHELL=/bin/sh>"), ("Auto-Submitted", "auto-generated"),
            ],
            "4C1 2210 Mon Nov 2 10:00:01 a@example.com (host mail.example.org said: 450 4.2.2 mailbox full) b@example.org",
            isFromPerson: false
        )
        found += all(
            "monitoring",
            base("Nagios <nagios@monitor.example>", "** PROBLEM alert - mx/Mail queue is CRITICAL **")
                + [("Auto-Submitted", "auto-generated")],
            "Mail queue CRITICAL: 211 messages deferred, last error: 451 4.4.1 connection timed out",
            isFromPerson: false
        )
        found += all(
            "issue tracker",
            base(
                "Sami (via Tracker) <notifications@tracker.example>",
                "[nashra] Bounce with 550 5.1.1 is not read (#12)"
            )
                + [
                    ("Auto-Submitted", "auto-generated"), ("X-GitHub-Reason", "subscribed"),
                    ("In-Reply-To", "<n/12@tracker.example>"),
                ],
            "The report reads:\n\n\(QuotedReport.qmail)",
            isFromPerson: false
        )
        found += all(
            "dmarc",
            base(
                "noreply-dmarc-support@provider.example",
                "Report domain: moi.example Submitter: provider.example Report-ID: 77"
            ),
            "This is an aggregate report.",
            isFromPerson: false
        )
        found.append(
            OrdinaryMail(
                name: "tls report",
                fields: base(
                    "tls@provider.example",
                    "Report Domain: moi.example Submitter: provider.example Report-ID: <7@p>"
                ) + [("TLS-Report-Domain", "moi.example"), ("Auto-Submitted", "auto-generated")],
                text: "TLS report attached.",
                isFromPerson: false
            )
        )
        return found
    }

    static var people: [OrdinaryMail] {
        let mails = [
            (
                "Re: Weekly warning",
                "Thank you! I am out of the office this week, but my colleague reads your bulletin."
            ),
            (
                "رد: التنبيه الأسبوعي",
                "شكرًا على التنبيه. أنا في إجازة هذا الأسبوع وسأطبق النصائح عند عودتي إن شاء الله."
            ),
            ("RE: Alerte de la semaine", "Merci beaucoup. Je suis absent jusqu’à lundi, mais j’ai tout lu."),
            ("Re: Fwd: Automatic reply: meeting", "He is on holiday, please call him instead."),
            ("question about a message", "I received an SMS that says my mailbox is full. Is it a fraud?"),
            (
                "سؤال عن رسالة احتيال",
                "وصلتني رسالة تقول إن صندوق البريد ممتلئ وإن علي تحديث بياناتي، هل هي احتيال؟"
            ),
            ("change of address", "Please note that I have moved. My new email address is huda@example.org."),
            ("unsubscribe", "unsubscribe"), ("إلغاء الاشتراك", "أرجو إلغاء اشتراكي في النشرة."),
            ("رد إلى: سامي", "هذا الرد إلى الأخ سامي، أنا في إجازة وسأتصل به."),
            (
                "Mail delivery to Riyadh",
                "Do you also deliver by post? My mail was returned to sender: address unknown."
            ),
        ]
        return mails.enumerated().flatMap { index, mail in
            var fields = base("هدى <huda@example.org>", mail.0)
            if mail.0.contains(":") { fields.append(("In-Reply-To", "<m1aa@moi.example>")) }
            return all("person \(index)", fields, mail.1, isFromPerson: true)
        }
    }

    static var lists: [OrdinaryMail] {
        QuotedReport.all.enumerated().flatMap { index, report in
            all(
                "list post \(index)",
                base("Sami <sami@example.com>", "[mailop] strange bounce") + [
                    ("List-Id", "<mailop.lists.example>"), ("Precedence", "list"),
                    ("List-Post", "<mailto:mailop@lists.example>"),
                    ("Sender", "mailop-bounces@lists.example"),
                ],
                "Hi all, we see this since Monday:\n\n\(report)\n\nAny ideas?",
                isFromPerson: false
            )
        }
    }

    static var bulletins: [OrdinaryMail] {
        let texts = [
            (
                "تنبيه: رسائل «صندوق البريد ممتلئ» احتيال",
                "انتشرت رسائل تقول إن صندوق بريدكم ممتلئ أو إن رسائلكم لم تُسلَّم وتطلب كلمة المرور. لا تضغطوا على أي رابط فيها."
            ),
            (
                "Warning: “mailbox full” mails are phishing",
                "Mails that say your mailbox is full, or that your message could not be delivered (550 5.1.1), ask for your password. Do not follow their links."
            ),
            (
                "Alerte : les messages « boîte pleine » sont des faux",
                "Des courriels prétendent que votre boîte est pleine ou qu’un message n’a pas pu être remis. Ne cliquez pas."
            ),
        ]
        return texts.enumerated().flatMap { index, text in
            all(
                "bulletin \(index)",
                base("=?UTF-8?B?2YbYtNix2Kk=?= <bulletin@moi.example>", text.0) + [
                    ("List-Id", "Fraud <fraud.lists.moi.example>"),
                    ("List-Unsubscribe", "<https://n.moi.example/u/v1.u.x>"),
                    ("Precedence", "bulk"), ("Auto-Submitted", "auto-generated"),
                    ("X-Auto-Response-Suppress", "OOF, AutoReply"),
                    ("Feedback-ID", "c7:fraud:bulletin:moiexample"),
                ],
                text.1,
                isFromPerson: false
            )
        }
    }
}
