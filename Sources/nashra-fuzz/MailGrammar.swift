// SPDX-License-Identifier: Apache-2.0
//
// Writes reports from nothing: delivery status notifications and complaints, right in form and wrong in
// detail.
// Pure.
// Rules: RFC 3464, RFC 6522, RFC 6533, RFC 5965.

enum MailGrammar {
    /// A delivery status notification.
    static func report(_ random: inout SplitMix, original: [UInt8]) -> [UInt8] {
        let boundary = random.oneIn(8) ? random.pick(["", "b b", "--", "a\"b"]) : "=_\(random.below(9))"
        var mail =
            "From: \(random.pick(["Mail System <MAILER-DAEMON@mx.example.org>", "<>", "a@example.org"]))\r\n"
        mail += "To: \(random.pick(Vocabulary.addresses))\r\nSubject: \(random.pick(Vocabulary.values))\r\n"
        if random.oneIn(2) {
            mail += "Auto-Submitted: \(random.pick(["auto-replied", "auto-generated", "no", ""]))\r\n"
        }
        mail +=
            "Content-Type: multipart/report; report-type=delivery-status; boundary=\"\(boundary)\"\r\n\r\n"
        mail +=
            "--\(boundary)\r\nContent-Type: text/plain; charset=\(random.pick(Vocabulary.charsets))\r\n\r\n"
        for _ in 0..<random.below(5) { mail += random.pick(Vocabulary.phrases) + "\r\n" }
        let type = random.oneIn(4) ? "message/global-delivery-status" : "message/delivery-status"
        mail += "\r\n--\(boundary)\r\nContent-Type: \(random.oneIn(12) ? "text/plain" : type)\r\n\r\n"
        mail += "Reporting-MTA: dns; mx.example.org\r\n"
        for _ in 0..<random.below(3) { mail += field(&random) }
        for _ in 0..<(random.oneIn(60) ? 1_200 : random.below(5)) { mail += recipient(&random) }
        let kind = random.pick([
            "message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers", "text/plain",
        ])
        mail += "\r\n--\(boundary)\r\nContent-Type: \(kind)\r\n\r\n"
        let end = random.oneIn(4) ? "" : "\r\n--\(boundary)--\r\n"
        return Array(mail.utf8) + original + Array(end.utf8)
    }

    private static let actions = ["failed", "Failed", "delayed", "delivered", "relayed", "expanded", "x", ""]

    private static func recipient(_ random: inout SplitMix) -> String {
        let type = random.pick([
            "rfc822;", "rfc822; ", "RFC822;", "utf-8; ", "x400;", "", "unknown; ", "local;",
        ])
        var group = random.oneIn(10) ? "" : "\r\n"
        group += "Final-Recipient: \(type)\(random.pick(Vocabulary.addresses))\r\n"
        if random.oneIn(3) { group += "Original-Recipient: \(type)\(random.pick(Vocabulary.addresses))\r\n" }
        if !random.oneIn(6) {
            group +=
                "Action: \(random.pick(actions))\r\n"
        }
        if !random.oneIn(6) {
            let status = "\(random.pick([2, 4, 5, 5, 5, 9])).\(random.below(9)).\(random.below(33))"
            group += "Status: \(random.oneIn(8) ? random.pick(Vocabulary.values) : status)\r\n"
        }
        if !random.oneIn(3) {
            let code = random.pick([421, 450, 452, 500, 550, 551, 552, 553, 554, 571, 999])
            let status = "\(code / 100).\(random.below(8)).\(random.below(30))"
            group += "Diagnostic-Code: smtp; \(code) \(status) \(random.pick(Vocabulary.phrases))\r\n"
        }
        for _ in 0..<random.below(3) { group += field(&random) }
        return group
    }

    private static func field(_ random: inout SplitMix) -> String {
        "\(random.pick(Vocabulary.fields)): \(random.pick(Vocabulary.values))\r\n"
    }

    /// A complaint.
    static func complaint(_ random: inout SplitMix, original: [UInt8]) -> [UInt8] {
        let boundary = random.oneIn(8) ? random.pick(["", "b b", "--"]) : "=_f\(random.below(9))"
        let kind = random.oneIn(8) ? random.pick(Vocabulary.values) : "message/feedback-report"
        let copy = random.pick(["message/rfc822", "text/rfc822-headers"])
        var mail = "From: <feedback@example.net>\r\nTo: \(random.pick(Vocabulary.addresses))\r\n"
        mail += "Subject: FW: \(random.pick(Vocabulary.values))\r\n"
        mail +=
            "Content-Type: multipart/report; report-type=feedback-report; boundary=\"\(boundary)\"\r\n\r\n"
        mail += "--\(boundary)\r\n\r\nThis is an email abuse report.\r\n\r\n--\(boundary)\r\n"
        mail +=
            "Content-Type: \(kind)\r\n\r\n"
        let type = random.pick([
            "abuse", "fraud", "other", "virus", "not-spam", "opt-out", "auth-failure", "ABUSE", "", "x",
        ])
        if !random.oneIn(6) { mail += "Feedback-Type: \(type)\r\nUser-Agent: X/1.0\r\nVersion: 1\r\n" }
        for _ in 0..<(random.oneIn(40) ? 1_200 : random.below(4)) {
            mail += "Original-Rcpt-To: <\(random.pick(Vocabulary.addresses))>\r\n"
        }
        for _ in 0..<random.below(6) { mail += field(&random) }
        mail +=
            "\r\n--\(boundary)\r\nContent-Type: \(copy)\r\n\r\n"
        return Array(mail.utf8) + original + Array("\r\n--\(boundary)--\r\n".utf8)
    }
}
