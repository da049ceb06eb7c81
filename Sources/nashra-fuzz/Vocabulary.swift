// SPDX-License-Identifier: Apache-2.0
//
// What the mutations write into mails: fields, values, words and bytes that readers of returned mail look
// for.
// Rules: RFC 3464, RFC 5965, RFC 3834, RFC 2045, RFC 2047, and what mail systems write in their place.

enum Vocabulary {
    /// Bytes on which parsers turn.
    static let hostile: [[UInt8]] = [
        [0], [13], [10], [13, 10], [13, 10, 13, 10], [10, 10], [9], [32], [27], [0x7F], [0x80], [0xFF],
        [0xC2, 0x85],
        [0xE2, 0x80, 0xA8], [0xEF, 0xBB, 0xBF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [45, 45], [45, 45, 10], [61], [61, 63], [63, 61], [61, 13, 10], [34], [92], [40], [41], [60], [62],
        [58], [59],
        [44], [64], [64, 64], [46, 13, 10], [0x1B, 0x24, 0x42], [0x1B, 0x28, 0x42], [38, 35],
        [60, 33, 45, 45],
    ]

    static let fields: [String] = [
        "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Final-Recipient",
        "Original-Recipient", "Action",
        "Status", "Diagnostic-Code", "Remote-MTA", "Reporting-MTA", "Last-Attempt-Date", "Will-Retry-Until",
        "Arrival-Date",
        "X-Failed-Recipients", "Auto-Submitted", "Precedence", "List-Id", "Subject", "From", "To",
        "Return-Path", "Message-ID",
        "In-Reply-To", "References", "Delivered-To", "X-Original-To", "Feedback-Type", "User-Agent",
        "Version",
        "Original-Rcpt-To", "Original-Mail-From", "Reported-Domain", "Source-IP", "Incidents",
        "Removal-Recipient",
        "X-Postfix-Queue-ID", "X-Autoreply", "X-Auto-Response-Suppress", "X-HmXmrOriginalRecipient",
        "Disposition", "Date",
        "Received", "X-MS-Exchange-Message-Is-Ndr", "MIME-Version", "X-Mailer", "Reply-To", "Sender",
        "Envelope-To",
    ]

    static let values: [String] = [
        "text/plain", "text/plain; charset=utf-8", "text/html; charset=windows-1256",
        "text/plain; charset=iso-2022-jp",
        "multipart/report; report-type=delivery-status; boundary=\"b\"",
        "multipart/report; report-type=feedback-report; boundary=b",
        "multipart/mixed; boundary=b", "multipart/mixed; boundary=\"\"", "multipart/mixed",
        "multipart/digest; boundary=b",
        "multipart/alternative; boundary*0=b; boundary*1=c", "message/rfc822", "message/global",
        "message/delivery-status",
        "message/global-delivery-status", "message/feedback-report", "message/disposition-notification",
        "text/rfc822-headers", "message/partial; number=1", "message/external-body",
        "application/octet-stream",
        "base64", "quoted-printable", "7bit", "8bit", "binary", "x-uuencode", "failed", "delayed",
        "delivered", "relayed",
        "expanded", "Failed (bad destination mailbox address)", "5.1.1", "5.2.2", "4.4.1", "2.0.0", "5.7.26",
        "5.0.0", "4.2.2",
        "9.9.9", "5.1.1 (user unknown)", "550 5.1.1 <a@example.org>: user unknown",
        "99999999999999999999.1.1", "5.1", "",
        "rfc822;a@example.org", "rfc822; <b@example.org>", "utf-8; نشرة@مثال.مصر", "x400;/C=EG/A= /P=X/",
        "unknown;a b",
        "smtp; 550 5.1.1 User unknown", "smtp; 452 4.2.2 mailbox full",
        "smtp;550-5.7.1 blocked\r\n\t550 5.7.1 spam",
        "X-Postfix; unknown user: \"a\"", "dns; mx.example.org", "auto-replied", "auto-generated", "no",
        "bulk", "abuse", "fraud",
        "not-spam", "auth-failure", "opt-out", "<>", "MAILER-DAEMON@example.org",
        "\"Mail Delivery\" <postmaster@example.org>",
        "Undelivered Mail Returned to Sender", "=?utf-8?B?2YbYtNix2Kk=?=",
        "=?iso-2022-jp?B?GyRCR0A/LhsoQg==?=",
        "=?utf-8?Q?=D9?= =?utf-8?Q?=86?=", "=?x?Q?", "Delivery Status Notification (Failure)",
        "failure notice",
        "Automatic reply: out of office", "رد تلقائي", "<1@example.org>",
        "b+abcdefghijklmnopqrstuvwxyz@example.org", "1.0", "0",
        "-1", "18446744073709551616", "Thu, 1 Jan 1970 00:00:00 +0000", "Thu, 99 Foo 99999 99:99:99 +9999",
        "(((((", "\"\\", "a=b;;;c",
    ]

    static let phrases: [String] = [
        "Hi. This is the qmail-send program at example.org.\n",
        "I'm afraid I wasn't able to deliver your message",
        "This is the mail system at host mx.example.org.",
        "<a@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1 ",
        "A message that you sent could not be delivered to one or more of its recipients.",
        "--- Below this line is a copy",
        "   ----- The following addresses had permanent fatal errors -----\n",
        "   ----- Transcript of session follows -----\n",
        "... while talking to mx.example.org.:\n>>> RCPT To:<a@example.org>\n<<< 550 5.1.1 User unknown\n",
        "Your message wasn't delivered to ", "Delivery has failed to these recipients or groups:",
        "mailbox is full",
        "user unknown", "mailbox unavailable", "quota exceeded", "over quota", "spam", "blocked",
        "does not exist",
        "has been disabled", "try again later", "#5.1.1 smtp;550 5.1.1 ",
        "------ This is a copy of the message, including all the headers. ------",
        "Original message follows.",
        "Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\n",
        "لم يتم تسليم الرسالة", "صندوق البريد ممتلئ", "utilisateur inconnu", "Postfach voll", "宛先不明", "用户不存在",
        "I am out of the office", "SMTP error from remote mail server after RCPT TO:<a@example.org>:", "550 ",
        "421 ", "5.1.1",
        "<", "@", "&nbsp;&#1606;", "<br>", "</td><td>", "<script>", "> ", "-----Original Message-----\n",
        "From: ", "\n\n",
    ]

    static let addresses: [String] = [
        "a@example.org", "reader@مثال.مصر", "نشرة@example.org", "\"a b\"@example.org", "a@[192.0.2.1]",
        "a@[IPv6:2001:db8::1]", "root",
        "MAILER-DAEMON", "a@b@c", "@", "a@", "<a@example.org", "a@example.org>", "a+=40@example.org",
        "\\x{646}@example.org",
        "/O=X/CN=Y", "IMCEAEX-_O=X@example.org", "\u{202E}a@example.org", "a@example.org\u{0}",
        "b+abcdefghijkl@bounces.example.org",
    ]

    /// Words that people and machines write in charsets other than UTF-8.
    static let charsets: [String] = [
        "utf-8", "us-ascii", "iso-8859-1", "windows-1256", "iso-8859-6", "iso-2022-jp", "shift_jis", "euc-kr",
        "gb18030", "big5",
        "koi8-r", "utf-16", "utf-7", "utf-32", "x-unknown", "iso-2022-kr", "euc-tw", "", "'", "windows-1255",
    ]
}
