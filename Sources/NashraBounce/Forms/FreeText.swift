// SPDX-License-Identifier: Apache-2.0
//
// The last resort: a machine's report in nobody's form. An address, and words or codes that refuse, must both be there.
// Pure. Rules: docs/bounce-rules.md, "When words count".
import NashraCore
import NashraMIME

/// Reads reports that have no known form.
enum FreeText: ReportForm {
    static let name = "text"

    static func read(_ examination: Examination) -> FormReport? {
        let notice = examination.notice
        guard Trust(examination) == .full, !notice.folded.isEmpty else { return nil }
        if let report = MarkedForm.read(examination, generic: true) { return report }
        let strangers = Strangers.of(examination)
        var findings = RecipientBlocks(notice, from: 0, excluding: strangers).findings.filter(refuses)
        if findings.isEmpty { findings = SessionTranscript(notice, excluding: strangers).findings }
        if findings.isEmpty { findings = MarkedForm.byHeader(examination, from: 0) ?? [] }
        if findings.isEmpty { findings = sentences(notice, strangers) }
        if findings.isEmpty { findings = mailed(examination) }
        guard !findings.isEmpty else { return nil }
        var report = FormReport(rule: name, findings: findings)
        report.evidence = TextEvidence.of(findings)
        if isDelay(examination) { report.action = .delayed }
        return report
    }

    /// Whether what is said about a recipient is a refusal.
    private static func refuses(_ finding: Finding) -> Bool {
        isRefusal(finding.words) || (finding.words.isEmpty && isRefusal(finding.explanation))
    }

    private static func quotesReply(_ words: ArraySlice<UInt8>) -> Bool {
        let scan = ReplyScan(words)
        return scan.replyCode >= 400 || !scan.statuses.isEmpty
    }

    private static func isRefusal(_ words: [UInt8]) -> Bool {
        guard !words.isEmpty else { return false }
        if quotesReply(words[...]) { return true }
        return PhraseTable.standard.match(TextFolding.fold(words[...]), atLeast: .likely) != nil
    }

    /// Paragraphs that hold an address, and a code that refuses it; words alone are also in people's mail.
    static func sentences(_ notice: Passage, _ strangers: Set<[UInt8]>) -> [Finding] {
        var findings: [Finding] = []
        var seen: Set<[UInt8]> = []
        for paragraph in paragraphs(notice) where quotesReply(paragraph) {
            for address in AddressText.all(in: paragraph, atMost: 8) {
                let key = RecipientBlocks.key(address)
                guard !strangers.contains(key), seen.insert(key).inserted else { continue }
                var finding = Finding(address: String(decoding: address, as: UTF8.self))
                finding.words = Array(paragraph.prefix(ReportLimits.words))
                findings.append(finding)
            }
            if findings.count >= ReportLimits.recipients { break }
        }
        return findings
    }

    private static func paragraphs(_ notice: Passage) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var start: Int?
        var end = 0
        for range in notice.lines {
            if ByteSearch.trimmed(notice.bytes[range]).isEmpty {
                if let start { found.append(notice.bytes[start..<end]) }
                start = nil
            } else {
                start = start ?? range.lowerBound
                end = range.upperBound
            }
        }
        if let start { found.append(notice.bytes[start..<end]) }
        return found
    }

    /// Whom the returned message was for, when the notice refuses and names nobody.
    private static func mailed(_ examination: Examination) -> [Finding] {
        let words = Array(examination.notice.bytes.prefix(ReportLimits.words))
        guard examination.originalRecipients.count == 1, quotesReply(words[...]) else { return [] }
        var finding = Finding(address: examination.originalRecipients[0])
        finding.words = words
        return [finding]
    }

    private static func isDelay(_ examination: Examination) -> Bool {
        let words = [
            "delayed", "delay)", "warning", "still being retried", "will be retried", "will keep trying",
        ]
        let subject = examination.header.subjectFolded
        return words.contains { ByteSearch.find($0, in: subject) != nil }
    }
}

/// The forms of known systems.
enum ReportForms {
    /// The report that `examination` is in one of the known forms, or `nil`.
    static func read(_ examination: Examination) -> FormReport? { MarkedForm.read(examination) }
}
