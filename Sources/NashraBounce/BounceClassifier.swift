// SPDX-License-Identifier: Apache-2.0
//
// Bytes of a returned message become a verdict: who reads it first, and what the whole means.
// Pure: no clock, no file, no network; the tables are read once. Rules: docs/bounce-rules.md, "The order of evidence".
public import NashraCore
import NashraMIME

/// Classifies messages that come back.
///
/// One classifier serves any number of threads; making one reads the tables, so make it once.
public struct BounceClassifier: Sendable {
    private let judgement = Judgement()
    private let signs = ReturnSigns()

    /// Reads the tables of rules that are built in.
    public init() {}

    /// Says what a message is.
    ///
    /// Total: any bytes have a classification. Time and memory grow with the message up to the limits of ``MIMEMessage`` and
    /// no further.
    ///
    /// - Parameter message: The message as it came, header first; an mbox `From ` line before it is skipped.
    /// - Returns: The verdict, with what ties the message to a delivery of ours.
    public func classify(_ message: [UInt8]) -> Classification {
        let examination = Examination(MIMEMessage(message))
        let verdict = verdict(on: examination, depth: 0).withCleanAddresses()
        return Classification(
            verdict: verdict,
            trace: OriginalTrace(examination, thorough: verdict.kind != .none),
            sender: examination.header.from.isEmpty ? nil : examination.header.from,
            subject: examination.header.subject,
            isFromPerson: verdict.kind == .none && verdict.evidence == .none
                && Authorship.isPerson(examination)
        )
    }

    /// Says what a message is, and nothing about what ties it to a delivery: for those who only look.
    ///
    /// - Parameter message: As for ``classify(_:)``.
    /// - Returns: The same verdict.
    public func verdict(on message: [UInt8]) -> BounceVerdict {
        verdict(on: Examination(MIMEMessage(message)), depth: 0).withCleanAddresses()
    }

    private func verdict(on examination: Examination, depth: Int) -> BounceVerdict {
        if let complaint = FeedbackReader.read(examination) { return complaint }
        if let verdict = structured(examination) { return verdict }
        if let report = ReportForms.read(examination) {
            let namesNobody = report.findings.allSatisfy { $0.address.isEmpty }
            if namesNobody, let inner = wrapped(examination, depth: depth) { return inner }
            return verdict(of: report)
        }
        let automatic = AutomaticReply.read(examination)
        if let automatic, automatic.isSure { return automatic.verdict }
        if let inner = wrapped(examination, depth: depth) { return inner }
        if examination.header.isSurelyMachine(signs),
            let report = FreeText.read(examination) ?? PlainReportReader.read(examination, signs)
        {
            return verdict(of: report)
        }
        if let automatic { return automatic.verdict }
        if examination.header.reportType == "delivery-status" { return BounceVerdict(kind: .unknown) }
        return BounceVerdict(kind: .none)
    }

    /// What fields of a known structure say, or `nil`.
    private func structured(_ examination: Examination) -> BounceVerdict? {
        if let reading = DispositionReader.read(examination) {
            switch reading {
            case .receipt:
                return BounceVerdict(kind: .none, evidence: .headers, rule: "disposition-notification")
            case .refusal(let report): return verdict(of: report)
            }
        }
        let mayReport = !examination.layout.deliveryStatus.isEmpty || examination.header.looksLikeReport
        if mayReport, !Forwarding.isForward(examination), let report = DeliveryStatusReader.read(examination)
        {
            let isAboutOne = report.findings.count == 1
            return verdict(of: report) { isAboutOne ? examination.notice.bytes : [] }
        }
        switch NotificationMail.read(examination) {
        case .report(let report): return verdict(of: report)
        case .verdict(let verdict): return verdict
        case nil: return nil
        }
    }

    /// The verdict on a report that a machine wrapped into another message: a notice of its own around somebody else's.
    private func wrapped(_ examination: Examination, depth: Int) -> BounceVerdict? {
        let header = examination.header
        guard depth < ReportLimits.depth,
            header.looksLikeReport || examination.message.root.mediaType == "message/rfc822"
        else { return nil }
        let inner = examination.original
        guard inner.count > 64 else { return nil }
        let examined = Examination(MIMEMessage(inner))
        guard examined.header.looksLikeReport else { return nil }
        let found = verdict(on: examined, depth: depth + 1)
        switch found.kind {
        case .hard, .soft, .complaint, .delivered: return found
        case .autoReply, .none, .unknown: return nil
        }
    }

    /// The verdict on a report: each recipient judged, and the gravest for the whole.
    private func verdict(of report: FormReport, explanation: () -> [UInt8] = { [] }) -> BounceVerdict {
        var recipients: [BounceVerdict.Recipient] = []
        var places: [String: Int] = [:]
        var gravest: Judgement.Opinion?
        for finding in report.findings.prefix(ReportLimits.recipients) {
            var finding = finding
            if finding.action == nil, finding.status?.category != 2 { finding.action = report.action }
            let opinion = judgement.judge(finding, explanation: explanation)
            if gravest.map({ opinion.recipient.gravity > $0.recipient.gravity }) ?? true { gravest = opinion }
            guard !finding.address.isEmpty else { continue }
            if let place = places[finding.address.lowercased()] {
                if opinion.recipient.gravity > recipients[place].gravity {
                    recipients[place] = opinion.recipient
                }
            } else {
                places[finding.address.lowercased()] = recipients.count
                recipients.append(opinion.recipient)
            }
        }
        guard let gravest, !(recipients.isEmpty && gravest.basis == .nothing) else {
            return BounceVerdict(kind: .unknown, evidence: report.evidence, rule: report.rule)
        }
        return BounceVerdict(
            kind: gravest.recipient.kind,
            action: gravest.recipient.action,
            status: gravest.recipient.status,
            reason: gravest.recipient.reason,
            recipients: recipients,
            evidence: report.evidence,
            rule: Self.rule(report, gravest)
        )
    }

    private static func rule(_ report: FormReport, _ opinion: Judgement.Opinion) -> String {
        if report.evidence == .deliveryStatus { return opinion.rule }
        return opinion.rule.isEmpty ? report.rule : "\(report.rule)/\(opinion.rule)"
    }
}

extension BounceVerdict.Recipient {
    /// How grave: hard before failed before delayed before delivered.
    fileprivate var gravity: Int {
        switch kind {
        case .hard: 3
        case .soft: action == .delayed ? 1 : 2
        default: 0
        }
    }
}

/// Tells mail by which a person passes a report on from the report itself.
enum Forwarding {
    private static let prefixes = [
        "fwd:", "fw:", "re:", "aw:", "wg:", "tr:", "rv:", "enc:", "sv:", "vs:", "vb:", "antw:", "rif:",
        "doorst:", "fs:",
        "ynt:", "ilt:", "回复:", "回复：", "转发:", "转发：", "转寄:", "رد:", "إعادة توجيه:", "i:", "r:", "odp:", "pd:",
    ]

    /// Whether a person forwards or answers a report: no machine sent the message, and its subject or its header says so.
    static func isForward(_ examination: Examination) -> Bool {
        let header = examination.header
        if header.looksLikeReport || header.autoSubmitted != .absent || header.from.isEmpty { return false }
        if prefixes.contains(where: { ByteSearch.hasPrefix($0, in: header.subjectFolded[...]) }) {
            return true
        }
        let root = examination.message.root.header
        return (root.has("user-agent") || root.has("x-mailer"))
            && (root.has("in-reply-to") || root.has("references"))
    }
}
