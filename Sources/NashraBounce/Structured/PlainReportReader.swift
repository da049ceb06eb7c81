// SPDX-License-Identifier: Apache-2.0
//
// The last resort: a report in a form that nobody knows. A machine must have sent it, it must say that a message was not
// delivered, and it must name a recipient or a cause.
// Pure. Rules: docs/bounce-rules.md, "Reports in unknown forms".
import NashraCore
import NashraMIME

/// Reads reports in unknown forms.
enum PlainReportReader {
    /// The rule's name in docs/bounce-rules.md.
    static let name = "plain-report"

    /// The findings of a machine's text; `nil` when it is no report.
    ///
    /// - Returns: A report whose only finding has no address, when it names nobody.
    static func read(_ examination: Examination, _ signs: ReturnSigns) -> FormReport? {
        let header = examination.header
        guard header.isSurelyMachine(signs) else { return nil }
        let notice = examination.notice
        let bySubject = signs.action(in: header.subjectFolded)
        let byText = signs.action(in: notice.folded)
        guard bySubject != nil || byText != nil || !header.failedRecipients.isEmpty else { return nil }
        let action: BounceVerdict.Action = bySubject == .delayed ? .delayed : byText ?? bySubject ?? .failed
        var report = FormReport(rule: name, findings: [], action: action, evidence: .phrase)
        if !header.failedRecipients.isEmpty {
            report.evidence = .headers
            report.findings = header.failedRecipients.map { finding($0, notice) }
            return report
        }
        report.findings = findings(examination)
        if report.findings.isEmpty {
            report.findings = [Finding(address: "")]
            report.findings[0].words = Array(notice.bytes.prefix(ReportLimits.words))
        }
        if report.findings.contains(where: { ReplyScan($0.words[...]).replyCode != 0 }) {
            report.evidence = .reply
        }
        return report
    }

    private static func finding(_ address: String, _ notice: Passage) -> Finding {
        var finding = Finding(address: address)
        finding.words = words(notice, about: address)
        finding.explanation = notice.bytes
        return finding
    }

    private static func findings(_ examination: Examination) -> [Finding] {
        let notice = examination.notice
        let own = own(examination)
        let mailed = examination.originalRecipients
        var named = NamedAddresses.find(in: notice).filter { !own.contains($0.address.lowercased()) }
        let returned = named.filter { name in mailed.contains { $0.lowercased() == name.address.lowercased() }
        }
        if !returned.isEmpty { named = returned }
        let surest = named.map(\.weight).max() ?? 0
        named = named.filter { $0.weight == surest }
        if named.isEmpty {
            return mailed.count == 1 ? [finding(mailed[0], notice)] : []
        }
        return named.prefix(ReportLimits.recipients).map { finding($0.address, notice) }
    }

    /// Addresses that are of the two who talk here, and not of the recipient.
    private static func own(_ examination: Examination) -> Set<String> {
        var own: Set<String> = [examination.header.from.lowercased()]
        for value in examination.message.root.all("to").prefix(4) {
            own.formUnion(AddressReader.addresses(in: value, atMost: 16).map { $0.lowercased() })
        }
        if let returned = examination.originalHeader {
            for value in returned.all("from") + returned.all("return-path") + returned.all("sender") {
                own.formUnion(AddressReader.addresses(in: value, atMost: 4).map { $0.lowercased() })
            }
        }
        return own
    }

    /// The lines of the notice about an address: from the one that names it to the next empty one or the next address, at
    /// least two; the whole notice when none names it.
    private static func words(_ notice: Passage, about address: String) -> [UInt8] {
        var words: [UInt8] = []
        var isInside = false
        for range in notice.lines {
            let line = notice.bytes[range]
            let names = ByteSearch.find(address, in: line) != nil
            if !isInside, !names { continue }
            if isInside, !names, ByteSearch.trimmed(line).isEmpty, words.count > address.utf8.count + 24 {
                break
            }
            if isInside, !names, line.contains(UInt8(ascii: "@")), startsWithAddress(line) { break }
            isInside = true
            words.append(contentsOf: line)
            words.append(0x0A)
            if words.count > ReportLimits.words { break }
        }
        return words.isEmpty ? Array(notice.bytes.prefix(ReportLimits.words)) : words
    }

    private static func startsWithAddress(_ line: ArraySlice<UInt8>) -> Bool {
        let word = ByteSearch.trimmed(line).prefix { $0 > 0x20 }
        return word.contains(UInt8(ascii: "@")) && !word.contains(UInt8(ascii: "/"))
    }
}

/// Addresses that a text names, in its order.
struct NamedAddresses {
    /// An address and how surely it is a recipient's.
    struct Name {
        var address: String
        /// 3 behind `RCPT TO:`, 2 at the start of a line or in brackets, 1 elsewhere.
        var weight: Int
    }

    /// The addresses of a text without repetitions, at most 64; those of senders and Message-IDs are left out.
    static func find(in text: Passage) -> [Name] {
        var names: [Name] = []
        var seen: Set<String> = []
        for range in text.lines where names.count < 64 {
            let line = text.bytes[range]
            guard line.contains(UInt8(ascii: "@")), !isAboutSender(line) else { continue }
            let weight = ByteSearch.contains("rcpt to", in: TextFolding.fold(line)[...]) ? 3 : 0
            for (address, isFirst) in addresses(in: line) where seen.insert(address.lowercased()).inserted {
                names.append(Name(address: address, weight: weight > 0 ? weight : isFirst ? 2 : 1))
            }
        }
        return names
    }

    private static func isAboutSender(_ line: ArraySlice<UInt8>) -> Bool {
        let folded = TextFolding.fold(line)[...]
        return [
            "mail from", "message-id", "return-path", "from:", "sender:", "http", "contact", "mailto:",
            "reply-to",
        ]
        .contains { ByteSearch.contains($0, in: folded) }
    }

    private static func addresses(in line: ArraySlice<UInt8>) -> [(String, Bool)] {
        var found: [(String, Bool)] = []
        let separators: Set<UInt8> = [0x28, 0x29, 0x3C, 0x3E, 0x5B, 0x5D, 0x22, 0x2C, 0x3B, 0x7B, 0x7D]
        let words = line.split(whereSeparator: { $0 <= 0x20 || separators.contains($0) })
        for (place, word) in words.enumerated() where word.contains(UInt8(ascii: "@")) {
            var word = word
            while let first = word.first, [0x27, 0x2A, 0x3A, 0x2D].contains(first) { word = word.dropFirst() }
            while let last = word.last, [0x27, 0x2E, 0x3A, 0x21, 0x3F].contains(last) {
                word = word.dropLast()
            }
            if let colon = word.lastIndex(of: UInt8(ascii: ":")) { word = word[(colon + 1)...] }
            let text = String(decoding: word, as: UTF8.self)
            let isBracketed =
                word.startIndex > line.startIndex && line[word.startIndex - 1] == UInt8(ascii: "<")
            if word.count <= 320, StatusAddress.isUsable(text), hasDomain(word) {
                found.append((text, place == 0 || isBracketed))
            }
        }
        return found
    }

    /// Whether a dot or a bracket stands behind the `@`, and no letter of a path.
    private static func hasDomain(_ word: ArraySlice<UInt8>) -> Bool {
        guard let at = word.lastIndex(of: UInt8(ascii: "@")) else { return false }
        let domain = word[(at + 1)...]
        return domain.contains(UInt8(ascii: ".")) && !domain.contains(UInt8(ascii: "/"))
            && !domain.contains(UInt8(ascii: "="))
    }
}
