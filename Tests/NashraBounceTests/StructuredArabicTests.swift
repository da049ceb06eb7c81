// SPDX-License-Identifier: Apache-2.0
//
// Reports in Arabic, in UTF-8 and in windows-1256, as localised systems write them.
import NashraCore
import Testing

@testable import NashraBounce

@Suite struct `Reports in Arabic` {
    @Test func `a localised Exchange report is read by its fields`() {
        let verdict = Samples.verdict(
            Samples.report(
                """
                Reporting-MTA: dns;ex01.moi.example

                Final-Recipient: rfc822;reader@moi.example
                Action: failed
                Status: 5.1.1
                Diagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found
                """,
                text: "فشل التسليم إلى المستلمين أو المجموعات التالية:"
            )
        )
        #expect(verdict.kind == .hard)
        #expect(verdict.reason == .unknownUser)
    }

    @Test func `a full mailbox in Arabic words alone is soft`() {
        let verdict = Samples.verdict(
            """
            Return-Path: <>
            From: MAILER-DAEMON@mail.example.sa
            Subject: =?utf-8?B?2KrYudiw2LEg2KrYs9mE2YrZhSDYp9mE2LHYs9in2YTYqQ==?=
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            تعذر تسليم رسالتك إلى المستلم التالي:

            <reader@example.sa>
            صندوق البريد ممتلئ
            """
        )
        #expect(verdict.kind == .soft)
        #expect(verdict.reason == .mailboxFull)
        #expect(verdict.recipients.map(\.address) == ["reader@example.sa"])
    }

    @Test func `windows-1256 is read like UTF-8`() {
        // "تعذر تسليم الرسالة" and "المستخدم غير موجود" in windows-1256.
        let head = """
            Return-Path: <>
            From: MAILER-DAEMON@mail.example.eg
            Subject: failure notice
            Content-Type: text/plain; charset=windows-1256
            Content-Transfer-Encoding: 8bit


            """
        let sorry: [UInt8] = [0xCA, 0xDA, 0xD0, 0xD1, 0x20, 0xCA, 0xD3, 0xE1, 0xED, 0xE3, 0x20]
        let message: [UInt8] = [0xC7, 0xE1, 0xD1, 0xD3, 0xC7, 0xE1, 0xC9, 0x0D, 0x0A, 0x0D, 0x0A]
        let user: [UInt8] = [0xC7, 0xE1, 0xE3, 0xD3, 0xCA, 0xCE, 0xCF, 0xE3, 0x20]
        let absent: [UInt8] = [0xDB, 0xED, 0xD1, 0x20, 0xE3, 0xE6, 0xCC, 0xE6, 0xCF, 0x0D, 0x0A]
        let mail =
            Samples.bytes(head) + sorry + message + Array("<reader@example.eg>:\r\n".utf8) + user + absent
        let verdict = Samples.classifier.classify(mail).verdict
        #expect(verdict.kind == .hard)
        #expect(verdict.reason == .unknownUser)
        #expect(verdict.recipients.map(\.address) == ["reader@example.eg"])
    }

    @Test func `an Arabic letter about a full mailbox is a letter`() {
        let verdict = Samples.verdict(
            """
            From: =?utf-8?B?2YTZitmE2Yk=?= <layla@example.sa>
            To: news@nashra.example
            Subject: =?utf-8?B?2LPYpNin2YQ=?=
            Content-Type: text/plain; charset=utf-8

            تعذر تسليم رسالتك إليّ أمس لأن صندوق البريد ممتلئ. أرجو إعادة الإرسال إلى <layla@example.sa>.
            """
        )
        #expect(verdict.kind == .none)
    }
}
