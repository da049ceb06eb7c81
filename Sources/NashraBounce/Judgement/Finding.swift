// SPDX-License-Identifier: Apache-2.0
//
// What a reader takes out of a report before anybody judges it: facts, and the words they were said in.
// Pure values. The judgement over them is Judgement.swift's; docs/bounce-rules.md.
import NashraCore

/// What one report says about one recipient, unjudged.
struct Finding {
    /// The address as the report names it, without `rfc822;` and angle brackets; empty when it names none.
    var address: String
    /// What the server says it did, or `nil`.
    var action: BounceVerdict.Action?
    /// The status that the report states in a field of its own, or `nil`.
    ///
    /// Codes inside the words are found by the judgement.
    var status: EnhancedStatusCode?
    /// A reply code that the report states apart from the words, or 0.
    var replyCode = 0
    /// The server's words about this recipient, as UTF-8, line ends and all; empty when there are none.
    ///
    /// They are Diagnostic-Code without its type, the quoted reply, or the sentence that the form has for it.
    var words: [UInt8] = []
    /// The sentence of the reporting system about this recipient, looked at after `words`: "did not reach …".
    var explanation: [UInt8] = []
    /// How far the dialogue had come, when the report says so.
    var stage: SMTPStage?
    /// The host that refused, lower case, or empty: some reply codes mean something at one provider only.
    var remote: [UInt8] = []
    /// What the form itself knows better than any words, or `nil`: a code or sentence with one meaning.
    var hint: RefusalReason?

    init(address: String, action: BounceVerdict.Action? = nil) {
        self.address = address
        self.action = action
    }
}

/// What one reader makes of a message that is a report in its form.
struct FormReport {
    /// The rule's name in docs/bounce-rules.md: `qmail`, `exim`, `domino`, ….
    var rule: String
    /// One for each recipient, in the report's order; at most ``ReportLimits/recipients``.
    var findings: [Finding]
    /// What the report as a whole says happened, for findings without an action of their own.
    var action: BounceVerdict.Action = .failed
    /// What the reading rests on.
    var evidence: BounceVerdict.Evidence = .form
}

/// Reads one mail system's own form of report.
///
/// A reader looks first at what is cheap (a header, a marker in the folded notice) and says `nil` at once when the form
/// is not its own. It never judges: the facts and the words go into the findings.
protocol ReportForm: Sendable {
    /// The rule's name in docs/bounce-rules.md.
    static var name: String { get }
    /// The report's findings, or `nil` when `examination` is not in this form.
    static func read(_ examination: Examination) -> FormReport?
}

/// How much of a report is kept: a report that names a thousand recipients is an attack or a mistake.
enum ReportLimits {
    /// Recipients of one report.
    static let recipients = 256
    /// Bytes of words kept with one finding.
    static let words = 4_096
    /// Bytes of human-readable text looked at.
    static let notice = 65_536
    /// Reports inside reports.
    static let depth = 3
}

/// A phrase that was found, and what it means.
struct PhraseMatch: Equatable {
    /// What it means.
    var reason: RefusalReason
    /// Its row's name in Rules/phrases.tsv, for the verdict's `rule`.
    var rule: String
    /// How much it weighs against a status code: a row says `sure` for words that mean one thing only
    /// ("mailbox full", "user unknown"), `likely` for words that any refusal may hold ("not accepted").
    var isSure: Bool
    /// How much of the text it explains; the longest phrase of the surest rank wins.
    var length: Int
}
