// SPDX-License-Identifier: Apache-2.0
//
// Reports in plain language that begin with a sentence of Rules/forms.tsv: which system wrote it, and what it says about
// whom. Pure. Rules: docs/bounce-rules.md, "Forms".
import NashraCore
import NashraMIME

/// Reads the reports of mail systems that have a form of their own.
enum MarkedForm: ReportForm {
    static let name = "form"

    static func read(_ examination: Examination) -> FormReport? { read(examination, generic: false) }

    /// Reads a report by a known system's own sentences, or by those that many share.
    ///
    /// - Parameters:
    ///   - examination: The message.
    ///   - generic: Whether a sentence that is no system's own is enough.
    /// - Returns: The report, or `nil` when it is in no known form.
    static func read(_ examination: Examination, generic: Bool) -> FormReport? {
        let trust = Trust(examination)
        guard trust == .full || (trust == .weak && !generic) else { return nil }
        let notice = examination.notice
        let hits = FormTable.standard.hits(in: notice.folded)
        let own = hits.first { $0.marker.form != FormTable.generic }
        guard let first = hits.first, let chosen = generic ? first : own else { return nil }
        var findings = self.findings(examination, hits, chosen)
        if findings.isEmpty {
            // Perhaps somebody wrapped another system's report, which says more.
            let unnamed = unnamed(examination, from: first)
            guard generic || !unnamed.address.isEmpty else { return nil }
            findings = [unnamed]
        }
        var report = FormReport(rule: chosen.marker.form, findings: findings)
        report.action = action(hits, examination)
        if generic { report.evidence = TextEvidence.of(report.findings) }
        return report
    }

    /// What happened, by the first marker that says so; a specific one before the generic ones.
    private static func action(_ hits: [FormTable.Hit], _ examination: Examination) -> BounceVerdict.Action {
        let telling = hits.filter { $0.marker.action != nil }
        let told = telling.first { $0.marker.form != FormTable.generic } ?? telling.first
        if let action = told?.marker.action { return action }
        let subject = examination.header.subjectFolded
        let delays = [
            "delay", "warning", "retard", "verzöger", "ritard", "atras", "задерж", "遅延", "延迟", "지연", "تاخ",
        ]
        return delays.contains { ByteSearch.find($0, in: subject) != nil } ? .delayed : .failed
    }

    /// The recipients, by the first way that finds any.
    private static func findings(
        _ examination: Examination,
        _ hits: [FormTable.Hit],
        _ chosen: FormTable.Hit
    ) -> [Finding] {
        let notice = examination.notice
        let strangers = Strangers.of(examination)
        let lines = FoldedLines(notice)
        let start = lines.line(at: hits.first?.start ?? 0)
        if chosen.marker.place == .inline {
            let named = inlines(
                notice,
                hits.filter { $0.marker.form == chosen.marker.form },
                lines,
                strangers
            )
            if !named.isEmpty { return named }
        }
        let blocks = RecipientBlocks(notice, from: start, excluding: strangers).findings
        let session = SessionTranscript(notice, excluding: strangers).findings
        if !blocks.isEmpty { return completed(blocks, by: session) }
        if !session.isEmpty { return session }
        let named = inlines(notice, hits, lines, strangers)
        if !named.isEmpty { return named }
        if let failed = byHeader(examination, from: start) { return failed }
        if var finding = inline(notice, chosen, lines, strangers) {
            finding.words = rest(notice, from: start)
            return [finding]
        }
        let told = FreeText.sentences(notice, strangers)
        if !told.isEmpty { return told }
        // Someone who mailed himself: the address that is ours is the recipient too.
        return strangers.isEmpty ? [] : RecipientBlocks(notice, from: start).findings
    }

    /// Findings without a code, with what a dialogue elsewhere in the notice says about the same addresses.
    static func completed(_ findings: [Finding], by session: [Finding]) -> [Finding] {
        guard !session.isEmpty else { return findings }
        return findings.map { finding in
            let scan = ReplyScan(finding.words[...])
            guard scan.replyCode == 0, scan.statuses.isEmpty,
                let told = session.first(where: { $0.address.lowercased() == finding.address.lowercased() })
            else { return finding }
            var finding = finding
            finding.words = told.words + [0x0A] + finding.words
            return finding
        }
    }

    /// The addresses in inline markers' sentences, each with what follows up to the next as its words.
    private static func inlines(
        _ notice: Passage,
        _ hits: [FormTable.Hit],
        _ lines: FoldedLines,
        _ strangers: Set<[UInt8]>
    ) -> [Finding] {
        var findings: [Finding] = []
        var starts: [Int] = []
        for hit in hits where hit.marker.place == .inline && findings.count < ReportLimits.recipients {
            guard let finding = inline(notice, hit, lines, strangers),
                !findings.contains(where: { $0.address == finding.address })
            else { continue }
            findings.append(finding)
            starts.append(lines.line(at: hit.start))
        }
        for index in findings.indices {
            let end = index + 1 < starts.count ? starts[index + 1] : notice.lines.count
            findings[index].words = rest(notice, from: starts[index], to: end)
        }
        return findings
    }

    /// The address in a marker's sentence.
    private static func inline(
        _ notice: Passage,
        _ hit: FormTable.Hit,
        _ lines: FoldedLines,
        _ strangers: Set<[UInt8]>
    ) -> Finding? {
        let first = lines.line(at: hit.start)
        let last = min(lines.line(at: hit.end) + 1, notice.lines.count - 1)
        guard first <= last else { return nil }
        let sentence = notice.bytes[notice.lines[first].lowerBound..<notice.lines[last].upperBound]
        let addresses = AddressText.all(in: sentence, atMost: 4)
        let address = addresses.first { !strangers.contains(RecipientBlocks.key($0)) }
        return address.map { Finding(address: String(decoding: $0, as: UTF8.self)) }
    }

    /// The recipients of X-Failed-Recipients, with the notice's words for all of them.
    static func byHeader(_ examination: Examination, from line: Int) -> [Finding]? {
        let failed = examination.header.failedRecipients
        guard !failed.isEmpty else { return nil }
        let words = rest(examination.notice, from: line)
        return failed.prefix(ReportLimits.recipients).map { address in
            var finding = Finding(address: address)
            finding.words = words
            return finding
        }
    }

    /// A finding about whom the returned message was for, or about nobody.
    static func unnamed(_ examination: Examination, from hit: FormTable.Hit?) -> Finding {
        let mailed = examination.originalRecipients
        var finding = Finding(address: mailed.count == 1 ? mailed[0] : "")
        let lines = FoldedLines(examination.notice)
        finding.words = rest(examination.notice, from: hit.map { lines.line(at: $0.start) } ?? 0)
        return finding
    }

    /// The lines from one on, up to another.
    private static func rest(_ notice: Passage, from line: Int, to end: Int? = nil) -> [UInt8] {
        let end = min(end ?? notice.lines.count, notice.lines.count)
        guard line >= 0, line < end else { return [] }
        return Array(
            notice.bytes[notice.lines[line].lowerBound..<notice.lines[end - 1].upperBound].prefix(
                ReportLimits.words
            )
        )
    }
}

/// Where the lines of a passage stand in its folded form.
struct FoldedLines {
    private var starts: [Int] = []

    /// Folds line by line.
    init(_ text: Passage) {
        var position = 0
        for range in text.lines {
            let folded = TextFolding.fold(text.bytes[range])
            starts.append(position)
            if !folded.isEmpty { position += folded.count + 1 }
        }
    }

    /// The line that holds a place of the folded form.
    func line(at position: Int) -> Int {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= position { low = middle + 1 } else { high = middle }
        }
        // Empty lines share their start with the next full one, which is the last of them.
        return max(0, low - 1)
    }
}
