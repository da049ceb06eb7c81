// SPDX-License-Identifier: Apache-2.0
//
// A delivery that is due, and what became of it: what the ledger gives the queue and what it gets back.
// Pure values. Rules: docs/decisions/0002-ledger.md.

/// A delivery that may be tried now, with everything that its message needs.
public struct DueDelivery: Sendable, Hashable {
    /// Its row.
    public var id: DeliveryID
    /// The address, as it was frozen.
    public var address: EmailAddress
    /// The language of the variant.
    public var language: Language
    /// The values of the merge fields that the bulletin uses, as they were frozen; a field without value is missing.
    public var values: [String: String]
    /// How many tries were charged so far.
    public var attempts: Int
    /// When it was due.
    public var dueAt: Timestamp

    /// Makes a due delivery.
    public init(
        id: DeliveryID,
        address: EmailAddress,
        language: Language,
        values: [String: String],
        attempts: Int,
        dueAt: Timestamp
    ) {
        self.id = id
        self.address = address
        self.language = language
        self.values = values
        self.attempts = attempts
        self.dueAt = dueAt
    }
}

/// The ledger's answer when a connection asks to write the final dot.
public enum IntentAnswer: Sendable, Hashable {
    /// The intent is durable: write the dot.
    case granted
    /// The row is no longer to be sent (suppressed, cancelled, paused, taken by another sender): do not write it.
    case refused
    /// The store failed: do not write it, and stop.
    case broken
}

/// What became of one try.
public struct DeliveryOutcome: Sendable, Hashable {
    /// What the row becomes.
    public enum Verdict: Sendable, Hashable {
        /// The relay took it.
        case accepted(SMTPReply)
        /// Refused for good.
        case rejected(DeliveryFailure)
        /// Put off until a moment.
        case deferred(DeliveryFailure, until: Timestamp)
        /// The dot may have been written and no complete reply came.
        case ambiguous(DeliveryFailure)
        /// Nothing reached the server that counts: the row becomes what it was before its intent; no try is charged.
        case released
    }

    /// Which delivery.
    public var delivery: DeliveryID
    /// What it becomes.
    public var verdict: Verdict
    /// The relay's name.
    public var relay: String
    /// When the try began.
    public var startedAt: Timestamp
    /// When its result was known.
    public var finishedAt: Timestamp

    /// Makes an outcome.
    public init(
        delivery: DeliveryID,
        verdict: Verdict,
        relay: String,
        startedAt: Timestamp,
        finishedAt: Timestamp
    ) {
        self.delivery = delivery
        self.verdict = verdict
        self.relay = relay
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
