// SPDX-License-Identifier: Apache-2.0
//
// Suppressions: addresses that no campaign may reach again.
// Touches the store. The ledger asks for them once more before every final dot.
import GRDB
public import NashraCore

/// An address that no campaign may reach again, and why.
public struct Suppression: Sendable, Hashable {
    /// Why.
    public typealias Reason = SuppressionReason

    /// What makes two addresses the same person.
    public var addressKey: String
    /// How far it reaches: `all` campaigns.
    public var scope: String
    /// Why.
    public var reason: Reason
    /// Who or what asked for it, in words.
    public var origin: String
    /// More about it.
    public var note: String
    /// Since when.
    public var createdAt: Timestamp
}

extension Store {
    /// Suppresses an address, whether anybody in the register has it or not.
    ///
    /// The first reason stays, unless it was inferred from failures and the new one is not.
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
        try write { db in
            try Suppressing(db, actor: actor, now: clock.now()).suppress(
                address.key,
                reason,
                SuppressionCause(origin: origin, note: note)
            )
        }
    }

    /// A page of suppressions, by address.
    ///
    /// - Parameters:
    ///   - last: The last address key of the page before; `nil` for the first page.
    ///   - limit: How many at most.
    /// - Returns: The page; fewer than `limit` when it is the last.
    /// - Throws: `inputOutput` when the store cannot be read.
    public func suppressions(after last: String? = nil, limit: Int = 100) throws(UserError) -> [Suppression] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "\(SuppressionQueries.select) WHERE address_key > ? ORDER BY address_key LIMIT ?",
                arguments: [last ?? "", limit]
            ).map(SuppressionQueries.suppression)
        }
    }

    /// Lets an address be mailed again.
    ///
    /// Failures of what was sent until now count no more, and a probe that is under way is withdrawn.
    ///
    /// - Parameters:
    ///   - address: Whose.
    ///   - why: In words, for the person's story.
    ///   - actor: Who does it.
    /// - Returns: Whether it was suppressed.
    /// - Throws: `inputOutput` or `tryAgain` when the store cannot be written.
    @discardableResult
    public func removeSuppression(
        _ address: EmailAddress,
        why: String = "",
        actor: String
    ) throws(UserError) -> Bool {
        try write { db in
            let acting = try BounceActing(db, store: self, policy: .standard, actor: actor)
            try acting.cancelProbe(address.key)
            return try acting.suppressing.lift(address.key, how: "lifted", why: why)
        }
    }
}

/// How suppressions are read.
enum SuppressionQueries {
    static let select = "SELECT address_key, 'all', reason, origin, note, created_at_ms FROM suppression"

    static func suppression(_ db: Database, key: String) throws -> Suppression? {
        try Row.fetchOne(db, sql: "\(select) WHERE address_key = ?", arguments: [key]).map(suppression)
    }

    static func suppression(_ row: Row) throws -> Suppression {
        Suppression(
            addressKey: row[0],
            scope: row[1],
            reason: Suppression.Reason(rawValue: row[2]) ?? .operator,
            origin: row[3],
            note: row[4],
            createdAt: Timestamp(rawValue: row[5])
        )
    }
}
