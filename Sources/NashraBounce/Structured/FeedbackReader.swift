// SPDX-License-Identifier: Apache-2.0
//
// Complaints: abuse reports by RFC 5965, and the mails of providers that complain in a form of their own.
// Pure. Rules: RFC 5965 section 3, RFC 6430 (not-spam), RFC 6591 (auth-failure), the IANA registry of feedback types;
// Microsoft's JMRP, AOL's and Apple's mails; docs/bounce-rules.md, "Complaints".
import NashraCore
import NashraMIME

/// Reads complaints.
enum FeedbackReader {
    /// The verdict on a complaint, or on a feedback report that is none (`none`); `nil` when the message is neither.
    static func read(_ examination: Examination) -> BounceVerdict? {
        if let index = examination.layout.feedback {
            return report(examination.message.parts[index].fieldGroups(), examination)
        }
        if examination.header.reportType == "feedback-report" {
            return untyped(originalRecipients(examination), "feedback-report", examination)
        }
        return informal(examination)
    }

    private static func report(_ groups: [HeaderFields], _ examination: Examination) -> BounceVerdict {
        var type: [UInt8] = []
        var recipients: [String] = []
        var removals: [String] = []
        for group in groups {
            if type.isEmpty, let value = group.first("feedback-type") {
                type = TextFolding.fold(value.prefix(64))
            }
            recipients += group.all("original-rcpt-to").prefix(64).compactMap(StatusAddress.read)
            removals += group.all("removal-recipient").prefix(64).compactMap(StatusAddress.read)
        }
        let word = String(decoding: type.prefix { $0 > 0x20 && $0 != UInt8(ascii: ";") }, as: UTF8.self)
        switch word {
        case "not-spam", "auth-failure", "auth_failure", "authfailure", "dmarc", "dkim", "spf":
            return BounceVerdict(kind: .none, evidence: .feedbackReport, rule: "feedback-\(word)")
        case "abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "optout", "complaint", "spam":
            return complaint(
                named(recipients + removals, examination),
                rule: "feedback-\(word)",
                .feedbackReport
            )
        default:
            let name =
                word.isEmpty || !word.utf8.allSatisfy(isTypeByte) ? "feedback-report" : "feedback-\(word)"
            return untyped(named(recipients + removals, examination), name, examination)
        }
    }

    private static func named(_ addresses: [String], _ examination: Examination) -> [String] {
        let usable = addresses.filter(StatusAddress.isUsable)
        return usable.isEmpty ? originalRecipients(examination) : usable
    }

    /// A feedback report that does not say which: a complaint when it returns a message; else it may be a torn report of
    /// another kind, and silence would be imposed on somebody who never asked for it.
    private static func untyped(
        _ recipients: [String],
        _ rule: String,
        _ examination: Examination
    ) -> BounceVerdict {
        guard examination.layout.original != nil else {
            return BounceVerdict(kind: .unknown, evidence: .feedbackReport, rule: rule)
        }
        return complaint(recipients, rule: rule, .feedbackReport)
    }

    private static func isTypeByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-")
    }

    /// Complaints without a feedback-report part.
    private static func informal(_ examination: Examination) -> BounceVerdict? {
        let header = examination.header
        let root = examination.message.root.header
        if root.has("x-apple-unsubscribe") {
            return complaint(header.from.isEmpty ? [] : [header.from], rule: "apple-unsubscribe", .headers)
        }
        guard examination.layout.original != nil else { return nil }
        if let original = examination.originalHeader, original.has("x-hmxmroriginalrecipient") {
            let named = original.all("x-hmxmroriginalrecipient").compactMap(StatusAddress.read)
            return complaint(named.filter(StatusAddress.isUsable), rule: "jmrp", .headers)
        }
        let subject = header.subjectFolded[...]
        let opensLikeOne =
            ByteSearch.hasPrefix("complaint about message from ", in: subject)
            || ByteSearch.hasPrefix("email feedback report for ip ", in: subject)
        guard opensLikeOne else { return nil }
        return complaint(originalRecipients(examination), rule: "complaint-mail", .headers)
    }

    private static func originalRecipients(_ examination: Examination) -> [String] {
        let mailed = examination.originalRecipients
        return mailed.count == 1 ? mailed : []
    }

    private static func complaint(
        _ addresses: [String],
        rule: String,
        _ evidence: BounceVerdict.Evidence
    ) -> BounceVerdict {
        var seen: Set<String> = []
        let recipients = addresses.prefix(ReportLimits.recipients).filter {
            seen.insert($0.lowercased()).inserted
        }
        .map { BounceVerdict.Recipient(address: $0, kind: .complaint) }
        return BounceVerdict(kind: .complaint, recipients: recipients, evidence: evidence, rule: rule)
    }
}
