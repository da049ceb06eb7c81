// SPDX-License-Identifier: Apache-2.0
//
// Whether a machine answered on somebody's behalf: vacation notes, receipts of help desks, challenges.
// Pure. Rules: RFC 3834; RFC 5230 section 4; Rules/autoreplies.tsv; docs/bounce-rules.md, "Automatic replies, people and
// ordinary mail".
import NashraCore
import NashraMIME

/// What makes a message an automatic reply.
struct AutomaticReply {
    /// The rule that decided, `auto-reply:` and the row's name.
    let rule: String
    /// What the finding rests on.
    let evidence: BounceVerdict.Evidence
    /// `moved` when the note says that this person or address is no longer there; else `nil`.
    ///
    /// It never makes a bounce.
    let reason: RefusalReason?
    /// Whether nothing in the message speaks for a report about a delivery.
    ///
    /// When something does, this finding only holds after every reading as a report has failed.
    let isSure: Bool

    /// The verdict.
    var verdict: BounceVerdict {
        BounceVerdict(kind: .autoReply, reason: reason, evidence: evidence, rule: rule)
    }

    /// Reads a message as an automatic reply.
    ///
    /// Structured reports and the known forms of bounces must have been tried before: some of them call themselves
    /// `auto-replied` too.
    ///
    /// - Returns: `nil` when it is none, and for every `multipart/report`.
    static func read(_ examination: Examination) -> AutomaticReply? {
        let rules = AutomaticRules.standard
        let header = examination.header
        guard header.reportType.isEmpty, header.autoSubmitted != .notified else { return nil }
        let marks = examination.marks
        guard !marks.isNotification, !header.isFromList || marks.isChallenge || isRelayedAnswer(header, marks)
        else { return nil }
        var text = FirstText(examination)
        guard let found = decide(header, marks, &text, rules) else { return nil }
        return AutomaticReply(
            rule: "auto-reply:\(found.rule)",
            evidence: found.evidence,
            reason: text.holdsAny(of: rules.moved) == nil ? nil : .moved,
            isSure: found.isSure && !header.isFromMachine && header.failedRecipients.isEmpty
        )
    }

    /// Whether a list passed on what calls itself an answer: the field of RFC 3834, and nothing weaker.
    private static func isRelayedAnswer(_ header: HeaderFacts, _ marks: AutomaticMarks) -> Bool {
        header.autoSubmitted == .replied || marks.support?.name == "mailman-administrivia"
    }

    private static func decide(
        _ header: HeaderFacts,
        _ marks: AutomaticMarks,
        _ text: inout FirstText,
        _ rules: AutomaticRules
    ) -> Decision? {
        if header.autoSubmitted == .no { return nil }
        if let sure = marks.sure, sure.name != "auto-replied" {
            return Decision(rule: sure.name, isSure: true)
        }
        if let likely = marks.likely {
            if isMachine(header, marks) || (marks.isReply && likely.weight == .likely) {
                return Decision(rule: likely.name, isSure: true)
            }
            if text.holdsAny(of: rules.texts) != nil { return Decision(rule: likely.name, isSure: true) }
        }
        // What daemons and postmasters send needs words that say what it is: their reports call themselves answers too.
        let isAnswer = isGenerated(header) || header.hasNullSender || marks.isReply
        if isMachine(header, marks), isAnswer, let words = text.holdsAny(of: rules.texts) {
            return Decision(rule: words.name, evidence: .phrase, isSure: header.autoSubmitted == .replied)
        }
        guard !header.isFromMachine, header.failedRecipients.isEmpty else { return nil }
        if header.autoSubmitted == .replied { return Decision(rule: "auto-replied", isSure: true) }
        guard marks.isReply else { return nil }
        if isGenerated(header) { return Decision(rule: "auto-generated-answer", isSure: true) }
        return header.hasNullSender ? Decision(rule: "null-sender-answer", isSure: false) : nil
    }

    private static func isGenerated(_ header: HeaderFacts) -> Bool {
        header.autoSubmitted != .absent && header.autoSubmitted != .no
    }

    private static func isMachine(_ header: HeaderFacts, _ marks: AutomaticMarks) -> Bool {
        isGenerated(header) || header.hasNullSender || marks.support != nil
    }

    private struct Decision {
        var rule: String
        var evidence: BounceVerdict.Evidence = .headers
        var isSure: Bool
    }
}

/// The beginning of a message's text, folded when somebody first asks.
private struct FirstText {
    private let examination: Examination
    private lazy var folded = Array(examination.notice.folded.prefix(4_096))

    init(_ examination: Examination) { self.examination = examination }

    /// The first rule whose words the text holds.
    mutating func holdsAny(of rules: [AutomaticRules.Rule]) -> AutomaticRules.Rule? {
        let text = folded[...]
        return rules.first { ByteSearch.contains($0.text, in: text) }
    }
}
