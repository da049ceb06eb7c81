// SPDX-License-Identifier: Apache-2.0
//
// From a provider's word, a status code and a server's words to one recipient's finding, and from those to a
// verdict. Pure. Rules: docs/providers.md, "How it is weighed"; RFC 3463.
import NashraCore

/// Weighs what a provider says.
struct Judgement {
    /// Reads a server's words; `nil` when they say nothing.
    typealias WordsJudge = (_ status: EnhancedStatusCode?, _ words: String) -> RefusalReason?

    let provider: Provider
    let table: CodeTable
    let judge: WordsJudge?

    /// What is known about one recipient.
    struct Facts {
        var address: String?
        /// The provider's word, the most special first.
        var words: [String]
        /// A status code or a reply code of its own field.
        var status: String?
        /// The server's words.
        var diagnostic: String?
        /// What the provider's word means when the table has none.
        var otherwise = CodeTable.Meaning(reason: .undefined, isFirm: false, outcome: .temporary)
    }

    /// The meaning of the provider's word.
    func meaning(_ facts: Facts) -> CodeTable.Meaning {
        table.meaning(provider, facts.words) ?? facts.otherwise
    }

    /// The finding on a failure or a delay.
    func failure(_ facts: Facts) -> BounceVerdict.Recipient {
        let meaning = meaning(facts)
        let diagnostic = Words.diagnostic(facts.diagnostic)
        let own = Words.codes(facts.status)
        let quoted = Words.codes(diagnostic)
        let status = own.status ?? quoted.status
        let reply = own.reply ?? quoted.reply
        let reason = reason(meaning, status, reply, diagnostic)
        let isTransient = status?.category == 4 || (status == nil && (400..<500).contains(reply ?? 0))
        let isDelayed = meaning.outcome == .delayed
        let condemns = [.unknownUser, .domainUnknown, .moved].contains(reason)
        return BounceVerdict.Recipient(
            address: Words.address(facts.address) ?? "",
            kind: condemns && meaning.outcome == .permanent && !isTransient ? .hard : .soft,
            action: isDelayed ? .delayed : .failed,
            status: status,
            reason: reason,
            diagnostic: diagnostic
        )
    }

    private func reason(
        _ meaning: CodeTable.Meaning,
        _ status: EnhancedStatusCode?,
        _ reply: Int?,
        _ diagnostic: String?
    ) -> RefusalReason {
        if meaning.isFirm { return meaning.reason }
        if let diagnostic, let found = judge?(status, diagnostic) ?? table.reason(ofWords: diagnostic),
            found != .undefined
        {
            return found
        }
        if let status, let found = Self.reason(of: status) { return found }
        return meaning.reason
    }

    /// What a status code means; `nil` when it says nothing about why.
    private static func reason(of status: EnhancedStatusCode) -> RefusalReason? {
        // About the sender's address, which RefusalReason, made for what comes after our own MAIL, does not
        // tell apart.
        if status.subject == 1, status.detail == 7 || status.detail == 8 { return .policy }
        // By its status alone: no reply code means anything at QUIT.
        let found = RefusalReason(reply: SMTPReply(code: 599, status: status), stage: .quit)
        return found == .undefined ? nil : found
    }

    /// The verdict over all recipients: the gravest decides.
    func verdict(_ recipients: [BounceVerdict.Recipient], rule: String) -> BounceVerdict {
        var seen: Set<String> = []
        let once = recipients.filter { $0.address.isEmpty || seen.insert($0.address).inserted }
        let order: [BounceVerdict.Kind] = [.complaint, .hard, .soft, .autoReply, .delivered, .unknown, .none]
        let gravest = order.lazy.compactMap { kind in once.first { $0.kind == kind } }.first
        return BounceVerdict(
            kind: gravest?.kind ?? .none,
            action: gravest?.action,
            status: gravest?.status,
            reason: gravest?.reason,
            recipients: once.filter { !$0.address.isEmpty },
            evidence: .notification,
            rule: Words.name("\(provider.rawValue):\(rule)") ?? provider.rawValue
        )
    }
}
