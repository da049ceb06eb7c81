// SPDX-License-Identifier: Apache-2.0
//
// Why one attempt failed: how far it reaches, and what to do next.
// Pure. Rules: docs/decisions/0002-ledger.md; RFC 5321 section 4.5.4.1.

/// Why one attempt to hand over one message failed.
///
/// Callers act on ``scope`` and ``remedy``. The wording is for people and is never parsed.
public struct DeliveryFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// How much else this failure condemns.
    public enum Scope: String, Sendable, Hashable, CaseIterable {
        /// This connection: the delivery itself is untouched and no attempt is charged.
        case connection
        /// This relay, for a while: slow down; the delivery is put off.
        case relay
        /// This address: the server refused it.
        case recipient
        /// Everyone due this bulletin: the server refused its sender or its content.
        case campaign
        /// Every delivery there is: our own settings are wrong.
        case configuration
        /// This delivery, in an unknown way: the dot was written and no complete reply came.
        case ambiguous
    }

    /// What to do next.
    public enum Remedy: String, Sendable, Hashable, CaseIterable {
        /// Try again, when the queue says so.
        case retry
        /// Never try this delivery again.
        case giveUp = "give-up"
        /// Pause the campaign and say why.
        case askOperator = "ask-operator"
        /// Let the campaign's policy for ambiguous deliveries decide.
        case resolve
    }

    /// How far the dialogue had come.
    public var stage: SMTPStage
    /// How much else is affected.
    public var scope: Scope
    /// What to do next.
    public var remedy: Remedy
    /// The server's reply, or `nil` when it gave none.
    public var reply: SMTPReply?
    /// What happened, for people: holds no address and no password.
    ///
    /// When there is a reply it says what we did.
    public var detail: String

    /// Makes a failure.
    public init(
        stage: SMTPStage,
        scope: Scope,
        remedy: Remedy,
        reply: SMTPReply? = nil,
        detail: String
    ) {
        self.stage = stage
        self.scope = scope
        self.remedy = remedy
        self.reply = reply
        self.detail = detail
    }

    /// A label out of a fixed set, for metrics and GROUP BY; holds nothing that a server wrote.
    public var label: String { "\(stage.rawValue)/\(scope.rawValue)/\(remedy.rawValue)" }

    /// What it is, for people.
    public var description: String {
        reply.map { "\(detail): \($0) (at \(stage.rawValue))" } ?? "\(detail) (at \(stage.rawValue))"
    }
}
