// SPDX-License-Identifier: Apache-2.0
//
// Suppressions: addresses that campaigns may not reach, everywhere or through one topic, for ever or until a time.
// Touches the store. Freeze and dispatch ask for them (AudienceSQL, LedgerSQL); reading is in SuppressionReading.
import GRDB
public import NashraCore

/// An address that campaigns may not reach, and why.
public struct Suppression: Sendable, Hashable {
    /// Why.
    public typealias Reason = SuppressionReason

    /// What makes two addresses the same person.
    public var addressKey: String
    /// How far it reaches.
    public var scope: SuppressionScope
    /// Why.
    public var reason: Reason
    /// Who or what asked for it, in words.
    public var origin: String
    /// More about it.
    public var note: String
    /// Who recorded it.
    public var createdBy: String
    /// Since when.
    public var createdAt: Timestamp
    /// From then on it counts no more; `nil`: for ever.
    public var expiresAt: Timestamp?
}

/// A suppression to make.
public struct SuppressionDraft: Sendable, Hashable {
    /// Whose.
    public var address: EmailAddress
    /// How far it reaches.
    public var scope: SuppressionScope
    /// Why.
    public var reason: SuppressionReason
    /// Who or what asked for it, in words.
    public var origin: String
    /// More about it.
    public var note: String
    /// Who recorded it first, where another record says so; `nil`: whoever acts now.
    public var createdBy: String?
    /// Since when, where another record says so; `nil`: since now.
    public var since: Timestamp?
    /// From then on it counts no more; `nil`: for ever.
    public var expires: Timestamp?

    /// Makes a draft, by default for every campaign, for ever, since now.
    public init(
        address: EmailAddress,
        scope: SuppressionScope = .everywhere,
        reason: SuppressionReason = .operator,
        origin: String,
        note: String = "",
        createdBy: String? = nil,
        since: Timestamp? = nil,
        expires: Timestamp? = nil
    ) {
        self.address = address
        self.scope = scope
        self.reason = reason
        self.origin = origin
        self.note = note
        self.createdBy = createdBy
        self.since = since
        self.expires = expires
    }
}

extension Store {
    /// Suppresses an address everywhere and for ever, whether anybody in the register has it or not.
    ///
    /// The first reason stays, unless it was inferred from failures and the new one is not, or its time will be over.
    ///
    /// - Returns: Whether anything changed.
    @discardableResult
    public func addSuppression(
        _ address: EmailAddress,
        reason: Suppression.Reason,
        origin: String,
        note: String = "",
        actor: String
    ) throws(UserError) -> Bool {
        let draft = SuppressionDraft(address: address, reason: reason, origin: origin, note: note)
        return try suppress([draft], actor: actor) != [.kept]
    }

    /// Suppresses addresses, in one transaction.
    ///
    /// - Parameters:
    ///   - drafts: Some ten thousand at most.
    ///   - actor: Who does it.
    ///   - isAudited: `false` where the caller leaves one audit record for all of them.
    /// - Returns: What became of each, in their order.
    /// - Throws: `unknownObject` for a topic that does not exist, `badData` for one that ends before it begins; then
    ///   nothing changed.
    @discardableResult
    public func suppress(
        _ drafts: [SuppressionDraft],
        actor: String,
        isAudited: Bool = true
    ) throws(UserError) -> [SuppressionOutcome] {
        try write { db in
            let now = clock.now()
            let topics = try SuppressionQueries.topics(db)
            let suppressing = try Suppressing(db, actor: actor, now: now, isAudited: isAudited)
            return try drafts.map { draft in
                if let expires = draft.expires, expires <= max(draft.since ?? now, now) {
                    throw UserError(
                        .badData,
                        "the suppression of \(draft.address) would be over before it begins",
                        remedy: "Give it a time that is to come, or none."
                    )
                }
                return try suppressing.suppress(
                    SuppressionTarget(
                        key: draft.address.key,
                        topic: try SuppressionQueries.topic(draft.scope, among: topics),
                        expires: draft.expires
                    ),
                    draft.reason,
                    SuppressionCause(
                        origin: draft.origin,
                        note: draft.note,
                        since: draft.since.map { min($0, now) },
                        createdBy: draft.createdBy
                    )
                )
            }
        }
    }

    /// Lets an address be mailed again.
    ///
    /// Where every campaign was suppressed, failures of what was sent until now count no more, and a probe that is under
    /// way is withdrawn.
    ///
    /// - Parameters:
    ///   - address: Whose.
    ///   - scope: Which of its suppressions; the others stay.
    ///   - why: In words, for the person's story.
    ///   - actor: Who does it.
    /// - Returns: Whether it was suppressed.
    /// - Throws: `unknownObject` for a topic that does not exist.
    @discardableResult
    public func removeSuppression(
        _ address: EmailAddress,
        scope: SuppressionScope = .everywhere,
        why: String = "",
        actor: String
    ) throws(UserError) -> Bool {
        try write { db in
            let acting = try BounceActing(db, store: self, policy: .standard, actor: actor)
            try Suppressing.endExpired(db, now: acting.now)
            let topic = try SuppressionQueries.topic(scope, among: SuppressionQueries.topics(db))
            if topic == 0 { try acting.cancelProbe(address.key) }
            return try acting.suppressing.lift(address.key, topic: topic, how: "lifted", why: why)
        }
    }

    /// Moves every suppression whose time is over into history.
    ///
    /// A freeze does it too. Nobody has to: what is over counts no more in any case.
    public func endExpiredSuppressions() throws(UserError) {
        try write { db in try Suppressing.endExpired(db, now: clock.now()) }
    }
}
