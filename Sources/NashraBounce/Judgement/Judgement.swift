// SPDX-License-Identifier: Apache-2.0
//
// From facts to a meaning: reason, kind and status of one recipient.
// Pure. Rules: docs/bounce-rules.md, "The order of evidence" and "When evidence disagrees".
import NashraCore

/// Judges findings.
struct Judgement: Sendable {
    let statuses = StatusTable()
    let providers = ProviderCodes()
    let phrases = PhraseTable.standard

    /// What was concluded about one recipient.
    struct Opinion {
        var recipient: BounceVerdict.Recipient
        /// The rule that decided, for the verdict; empty for a status code that speaks for itself.
        var rule: String
        /// What the reason rests on.
        var basis: Basis
    }

    /// What a reason rests on, the surest last.
    enum Basis {
        case nothing, replyCode, weakPhrase, looseStatus, phrase, firmStatus, surePhrase, provider, hint
    }

    /// A reason and what it rests on.
    private struct Cause {
        var reason: RefusalReason
        var rule: String
        var basis: Basis
    }

    /// Judges one finding.
    ///
    /// - Parameters:
    ///   - finding: The facts.
    ///   - explanation: The reporting system's own words, asked for only when the facts do not suffice; they count when
    ///     the finding has none itself.
    /// - Returns: What they mean.
    func judge(_ finding: Finding, explanation: () -> [UInt8] = { [] }) -> Opinion {
        let scan = ReplyScan(finding.words[...])
        var status = Self.chosen(finding.status, scan)
        let code = finding.replyCode != 0 ? finding.replyCode : scan.replyCode
        let action = finding.action ?? Self.action(by: status)
        var recipient = BounceVerdict.Recipient(
            address: finding.address,
            kind: .soft,
            action: action,
            status: status
        )
        recipient.diagnostic = Self.diagnostic(finding.words)
        switch action {
        case .delivered, .relayed, .expanded:
            recipient.kind = .delivered
            return Opinion(recipient: recipient, rule: "", basis: .nothing)
        case .failed, .delayed, nil: break
        }
        var cause = self.cause(finding, TextFolding.fold(finding.words[...]), status: status, code: code)
        if cause.basis.isVague || cause.reason == .timeout {
            let words = finding.explanation.isEmpty ? explanation() : finding.explanation
            let other = ReplyScan(words[...])
            if (status?.telling ?? 0) < 2 { status = Self.chosen(status, other) }
            if cause.basis.isVague, !words.isEmpty {
                let folded = TextFolding.fold(words.prefix(ReportLimits.words))
                let code = code != 0 ? code : other.replyCode
                let second = self.cause(finding, folded, status: status, code: code)
                if !second.basis.isVague || cause.basis == .nothing { cause = second }
            }
        }
        recipient.status = status
        recipient.reason = cause.reason
        let isHard =
            Self.condemning.contains(cause.reason) && action != .delayed && Self.isPermanent(status, code)
        recipient.kind = isHard ? .hard : .soft
        return Opinion(recipient: recipient, rule: cause.rule, basis: cause.basis)
    }

    /// Whether a failure is for good: by the status; by the reply code when the status says no more than its class.
    private static func isPermanent(_ status: EnhancedStatusCode?, _ code: Int) -> Bool {
        if let status, status.telling > 0 || code == 0 { return status.category == 5 }
        return !(400..<500).contains(code)
    }

    /// The reasons that condemn an address, when the failure is permanent.
    static let condemning: Set<RefusalReason> = [.unknownUser, .domainUnknown, .moved]

    /// The reason by all evidence; a reply that the words quote counts before the words around it.
    private func cause(_ finding: Finding, _ folded: [UInt8], status: EnhancedStatusCode?, code: Int) -> Cause
    {
        if let hint = finding.hint { return Cause(reason: hint, rule: "", basis: .hint) }
        if let inner = QuotedReply.innermost(folded) {
            let cause = self.cause(of: inner, finding.remote, status: status, code: code)
            if !cause.basis.isVague { return cause }
        }
        return self.cause(of: folded, finding.remote, status: status, code: code)
    }

    /// The reason by words and codes; the order is that of docs/bounce-rules.md.
    private func cause(of folded: [UInt8], _ remote: [UInt8], status: EnhancedStatusCode?, code: Int) -> Cause
    {
        if let row = providers.match(folded, remote: remote) {
            return Cause(reason: row.reason, rule: row.name, basis: .provider)
        }
        let meaning = status.flatMap { statuses.meaning(of: $0) }
        let isTemporary = (status?.category ?? 5) == 4
        let phrase = phrases.match(folded, isTemporary: isTemporary, atLeast: .likely)
        if let phrase, phrase.isSure, !(meaning?.isFirm == true && Self.spares(meaning, against: phrase)) {
            return Cause(reason: phrase.reason, rule: phrase.rule, basis: .surePhrase)
        }
        if let meaning, meaning.isFirm { return Cause(reason: meaning.reason, rule: "", basis: .firmStatus) }
        if let phrase { return Cause(reason: phrase.reason, rule: phrase.rule, basis: .phrase) }
        if let meaning { return Cause(reason: meaning.reason, rule: "", basis: .looseStatus) }
        if let weak = phrases.match(folded, isTemporary: isTemporary) {
            return Cause(reason: weak.reason, rule: weak.rule, basis: .weakPhrase)
        }
        if let reason = Self.reason(ofReply: code) {
            return Cause(reason: reason, rule: "reply-code", basis: .replyCode)
        }
        return Cause(reason: .undefined, rule: "", basis: .nothing)
    }

    /// Whether a firm status spares the recipient whom a phrase would condemn: in doubt nobody is condemned.
    private static func spares(_ meaning: StatusTable.Meaning?, against phrase: PhraseMatch) -> Bool {
        guard let meaning else { return false }
        return condemning.contains(phrase.reason) && !condemning.contains(meaning.reason)
    }

    /// The status that tells the most: the words' own before the field's when they tell as much, because a field is often
    /// filled in by a system that did not read the reply.
    static func chosen(_ stated: EnhancedStatusCode?, _ scan: ReplyScan) -> EnhancedStatusCode? {
        var best = stated
        for (index, found) in scan.statuses.enumerated() {
            guard let current = best else {
                best = found.status
                continue
            }
            let isFirstOfWords = index == 0 || best == stated
            if found.status.telling > current.telling
                || (isFirstOfWords && found.status.telling == current.telling && found.status.telling > 0)
            {
                best = found.status
            }
        }
        return best
    }

    private static func action(by status: EnhancedStatusCode?) -> BounceVerdict.Action? {
        guard let status else { return nil }
        return status.category == 2 ? .delivered : nil
    }

    /// What a reply code alone means, RFC 5321 section 4.2.3, RFC 7504; most say nothing about the cause.
    private static func reason(ofReply code: Int) -> RefusalReason? {
        switch code {
        case 421, 441, 442: .hostUnreachable
        case 452, 451, 432: .systemError
        case 552: .mailboxFull
        case 551: .moved
        case 556: .domainUnknown
        case 530, 534, 535, 538: .notAuthenticated
        case 523: .messageTooBig
        case 500...504, 553, 555: .syntax
        case 554, 571, 521: .policy
        default: nil
        }
    }

    /// The words in one line: valid UTF-8 without controls, at most 1,024 bytes; or `nil` when there are none.
    static func diagnostic(_ words: [UInt8]) -> String? {
        var line: [UInt8] = []
        line.reserveCapacity(min(words.count, 1_100))
        var before: UInt8 = 0
        for byte in words.prefix(1_100) {
            if byte <= 0x20 || byte == 0x7F {
                if let last = line.last, last != 0x20 { line.append(0x20) }
            } else if before == 0xC2, byte < 0xA0 {
                line[line.count - 1] = 0x20  // a control of the second set, U+0080 to U+009F
            } else {
                line.append(byte)
            }
            before = byte
        }
        while line.last == 0x20 { line.removeLast() }
        guard !line.isEmpty else { return nil }
        return HeaderFacts.bounded(String(decoding: line, as: UTF8.self), 1_024)
    }
}

extension Judgement.Basis {
    /// Whether the report's explanation may know better.
    var isVague: Bool {
        switch self {
        case .nothing, .replyCode, .weakPhrase, .looseStatus: true
        case .phrase, .firmStatus, .surePhrase, .provider, .hint: false
        }
    }
}
