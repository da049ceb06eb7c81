// SPDX-License-Identifier: Apache-2.0
//
// How long personal data is kept, rule by rule, and what falls under a rule today.
// Values; Pruning carries them out. Rules: docs/decisions/0010-privacy.md.
public import NashraCore

/// How long things are kept; a rule without a span never falls due.
public struct Retention: Sendable, Hashable {
    /// What a rule is about; raw values are its names in the configuration and in JSON.
    public enum Rule: String, Sendable, Hashable, Codable, CaseIterable {
        /// The bytes of returned messages that are no person's reply.
        case returnedBytes = "returned_bytes"
        /// What returned messages say of people: sender, subject, recipients, the server's words.
        case returned
        /// People's replies: bytes, sender and subject.
        case replies
        /// Each try to hand a message over, of campaigns that have ended.
        case attempts
        /// Whom the deliveries of ended campaigns went to: address, merge values, link to the register.
        case deliveries
        /// What imports changed of somebody, value by value; such an import cannot be taken back any more.
        case importChanges = "import_changes"
        /// People and subscriptions that were never confirmed.
        case unconfirmed
        /// People who have left everything: erased, with the hash that keeps them silent.
        case unsubscribed
    }

    /// The spans.
    public var spans: [Rule: Duration]

    /// Makes rules.
    public init(_ spans: [Rule: Duration] = [:]) { self.spans = spans }
}

/// What fell under one rule.
public struct PruneCount: Sendable, Hashable {
    /// The rule.
    public var rule: Retention.Rule
    /// What is older than that falls under it; `nil`: the rule is off.
    public var before: Timestamp?
    /// How many rows fall under it.
    public var due: Int
    /// How many were pruned; 0 in a dry run.
    public var pruned: Int
}

/// What one table holds.
public struct TableHolding: Sendable, Hashable {
    /// The table.
    public var table: String
    /// Its name in `subscribers export`; `nil` for a table without rows of a person.
    public var section: String?
    /// How many rows it has.
    public var rows: Int
    /// The time of its oldest row, or `nil`.
    public var oldest: Timestamp?
}
