// SPDX-License-Identifier: Apache-2.0
//
// What a message that came back says: the same words in Swift, SQL and JSON (`nashra.bounce.v1`).
// Pure values. Rules: RFC 3464, RFC 5965, RFC 3834; docs/bounce-rules.md.

/// What one message that came back says, and what makes us believe it.
public struct BounceVerdict: Sendable, Hashable {
    /// What it is.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The address will never work: nobody there, no such domain, moved away.
        case hard
        /// This message did not get through; the address may be good. A delay is soft too.
        case soft
        /// The reader, or the reader's provider, called it abuse (RFC 5965).
        case complaint
        /// A machine answered on somebody's behalf (RFC 3834).
        case autoReply = "auto-reply"
        /// A report of success.
        case delivered
        /// Not a report about a delivery at all.
        case none
        /// A report that we could not read.
        case unknown
    }

    /// What the reporting server did, RFC 3464 section 2.3.3.
    public enum Action: String, Sendable, Hashable, Codable, CaseIterable {
        case failed, delayed, delivered, relayed, expanded
    }

    /// What the verdict rests on, the surest first.
    public enum Evidence: String, Sendable, Hashable, Codable, CaseIterable {
        /// Fields of a `message/delivery-status` part (RFC 3464, RFC 6533).
        case deliveryStatus = "delivery-status"
        /// Fields of a `message/feedback-report` part (RFC 5965).
        case feedbackReport = "feedback-report"
        /// A provider's notification.
        case notification
        /// The form of a known mail system's own report: qmail's QSBMF, Exim, Domino, ….
        case form
        /// Header fields: X-Failed-Recipients, Auto-Submitted, ….
        case headers
        /// A server's reply quoted in the text.
        case reply = "smtp-reply"
        /// Words of the text.
        case phrase
        /// Nothing: what it is not was enough.
        case none
    }

    /// What it says about one recipient.
    public struct Recipient: Sendable, Hashable {
        /// The address as the report names it, without `rfc822;` and angle brackets.
        public var address: String
        /// What it means for this one.
        public var kind: Kind
        /// What the server did, or `nil` when it does not say.
        public var action: Action?
        /// The enhanced status code, or `nil`.
        public var status: EnhancedStatusCode?
        /// Why.
        public var reason: RefusalReason?
        /// The server's words: valid UTF-8 in one line without controls, at most 1,024 bytes; or `nil`.
        public var diagnostic: String?

        /// Makes a finding.
        public init(
            address: String,
            kind: Kind,
            action: Action? = nil,
            status: EnhancedStatusCode? = nil,
            reason: RefusalReason? = nil,
            diagnostic: String? = nil
        ) {
            self.address = address
            self.kind = kind
            self.action = action
            self.status = status
            self.reason = reason
            self.diagnostic = diagnostic
        }
    }

    /// The verdict on the whole: of several recipients the gravest (hard, soft, delivered).
    public var kind: Kind
    /// Of the recipient that decided ``kind``.
    public var action: Action?
    /// Of the recipient that decided ``kind``.
    public var status: EnhancedStatusCode?
    /// Of the recipient that decided ``kind``.
    public var reason: RefusalReason?
    /// Each recipient that the report is about, as it names them, in its order, without repetitions; empty when it names
    /// none.
    public var recipients: [Recipient]
    /// What it rests on.
    public var evidence: Evidence
    /// The rule that decided, by its name in docs/bounce-rules.md; empty for a status code that speaks for itself.
    public var rule: String

    /// Makes a verdict.
    public init(
        kind: Kind,
        action: Action? = nil,
        status: EnhancedStatusCode? = nil,
        reason: RefusalReason? = nil,
        recipients: [Recipient] = [],
        evidence: Evidence = .none,
        rule: String = ""
    ) {
        self.kind = kind
        self.action = action
        self.status = status
        self.reason = reason
        self.recipients = recipients
        self.evidence = evidence
        self.rule = rule
    }
}
