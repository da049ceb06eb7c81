// SPDX-License-Identifier: Apache-2.0
//
// How an address becomes suppressed and free again, with its history and the audit's record of it.
// Touches the store, inside a transaction of its caller. Rules: docs/suppressions.md.
import GRDB
public import NashraCore

/// From which delivery and message a suppression comes.
struct SuppressionCause {
    var delivery: TiedDelivery?
    var returned: Int64?
    /// Who or what asked for it, in words.
    var origin: String
    var note: String
    /// The import it comes with.
    var importID: Int64?
    /// Since when it holds, where another system knew it before us; `nil`: since now.
    var since: Timestamp?
    /// Who did it, where that was somebody else than the actor.
    var createdBy: String?
}

/// For whom and for how long.
struct SuppressionTarget {
    /// What makes two addresses the same person.
    var key: String
    /// The topic's row, or 0 for every campaign.
    var topic: Int64 = 0
    /// From when on it counts no more; `nil`: for ever.
    var expires: Timestamp?
}

/// What became of a suppression that was asked for.
public enum SuppressionOutcome: Sendable, Hashable {
    /// Nothing of this scope was there.
    case added
    /// It took the place of one that weighs less.
    case replaced
    /// What was there stays.
    case kept
}

/// The statements about suppressions, for one transaction.
struct Suppressing {
    let actor: String
    let now: Timestamp
    private let isAudited: Bool
    private let suppressStatement: FastStatement
    private let standingStatement: FastStatement
    private let replaceStatement: FastStatement
    private let rememberStatement: FastStatement
    private let endStatement: FastStatement
    private let removeStatement: FastStatement
    private let auditStatement: FastStatement

    /// Prepares the statements; `isAudited` is `false` where the caller leaves one audit record for all, such as an import.
    init(_ db: Database, actor: String, now: Timestamp, isAudited: Bool = true) throws {
        self.actor = actor
        self.now = now
        self.isAudited = isAudited
        suppressStatement = try FastStatement(db, SuppressionSQL.suppress)
        standingStatement = try FastStatement(db, SuppressionSQL.standing)
        replaceStatement = try FastStatement(db, SuppressionSQL.replace)
        rememberStatement = try FastStatement(db, SuppressionSQL.remember)
        endStatement = try FastStatement(db, SuppressionSQL.end)
        removeStatement = try FastStatement(db, SuppressionSQL.remove)
        auditStatement = try FastStatement(db, BounceSQL.audit)
    }

    /// Suppresses an address everywhere, for ever.
    ///
    /// - Returns: Whether anything changed.
    func suppress(_ key: String, _ reason: SuppressionReason, _ cause: SuppressionCause) throws -> Bool {
        try suppress(SuppressionTarget(key: key), reason, cause) != .kept
    }

    /// Suppresses an address, unless what is there for the same scope weighs as much; see ``SuppressionWeight``.
    func suppress(
        _ target: SuppressionTarget,
        _ reason: SuppressionReason,
        _ cause: SuppressionCause
    ) throws -> SuppressionOutcome {
        var outcome = SuppressionOutcome.added
        if try !write(suppressStatement, target, reason, cause) {
            outcome = try weigh(target, reason)
            guard outcome != .kept else { return .kept }
            _ = try write(replaceStatement, target, reason, cause)
        }
        try remember(target, reason, cause)
        guard isAudited else { return outcome }
        var detail = ["reason": reason.rawValue, "origin": cause.origin]
        if !cause.note.isEmpty { detail["note"] = cause.note }
        if target.topic != 0 { detail["topic"] = String(target.topic) }
        if let expires = target.expires { detail["expires"] = expires.iso8601 }
        try audit("suppression.add", target.key, detail)
        return outcome
    }

    /// Lets an address be mailed again.
    ///
    /// - Parameters:
    ///   - key: Its key.
    ///   - topic: The topic's row, or 0 for the suppression of every campaign; others stay.
    ///   - how: `lifted` by a person, `undone` with its import, or taken back by an `alarm`.
    ///   - why: In words.
    /// - Returns: Whether it was suppressed.
    /// - Throws: What the store throws.
    func lift(_ key: String, topic: Int64 = 0, how: String, why: String) throws -> Bool {
        removeStatement.bind(1, key)
        removeStatement.bind(2, topic)
        guard try removeStatement.run() > 0 else { return false }
        try end(key, topic, at: now, how: how, why: why)
        var detail = why.isEmpty ? [:] : ["why": why]
        if topic != 0 { detail["topic"] = String(topic) }
        try audit("suppression.remove", key, detail)
        return true
    }

    /// Ends all whose time is over, in two statements that look at nothing else.
    static func endExpired(_ db: Database, now: Timestamp) throws {
        for sql in [SuppressionSQL.endExpired, SuppressionSQL.removeExpired] {
            let statement = try FastStatement(db, sql)
            statement.bind(1, now.rawValue)
            try statement.run()
        }
    }

    func audit(_ action: String, _ object: String, _ detail: [String: String] = [:]) throws {
        auditStatement.bind(1, now.rawValue)
        auditStatement.bind(2, actor)
        auditStatement.bind(3, action)
        auditStatement.bind(4, object)
        auditStatement.bind(5, FlatJSON.encode(detail))
        try auditStatement.run()
    }

    /// Compares what is asked for with what is there, and ends what gives way.
    private func weigh(_ target: SuppressionTarget, _ reason: SuppressionReason) throws -> SuppressionOutcome
    {
        guard let old = try standing(target) else { return .added }
        if let expired = old.expires, expired <= now {
            try end(target.key, target.topic, at: expired, how: "expired", why: "")
            return .added
        }
        guard let why = SuppressionWeight(reason, until: target.expires).why(takesPlaceOf: old) else {
            return .kept
        }
        try end(target.key, target.topic, at: now, how: "replaced", why: why)
        return .replaced
    }

    private func standing(_ target: SuppressionTarget) throws -> SuppressionWeight? {
        standingStatement.bind(1, target.key)
        standingStatement.bind(2, target.topic)
        defer { standingStatement.reset() }
        guard try standingStatement.step() else { return nil }
        return SuppressionWeight(standingStatement)
    }

    private func write(
        _ statement: FastStatement,
        _ target: SuppressionTarget,
        _ reason: SuppressionReason,
        _ cause: SuppressionCause
    ) throws -> Bool {
        bind(statement, target, reason, cause)
        return try statement.run() > 0
    }

    private func remember(
        _ target: SuppressionTarget,
        _ reason: SuppressionReason,
        _ cause: SuppressionCause
    ) throws {
        bind(rememberStatement, target, reason, cause)
        rememberStatement.bind(9, cause.delivery?.id)
        rememberStatement.bind(10, cause.delivery?.campaign)
        rememberStatement.bind(11, cause.delivery?.domain)
        rememberStatement.bind(12, cause.returned)
        rememberStatement.bind(13, cause.importID)
        try rememberStatement.run()
    }

    private func bind(
        _ statement: FastStatement,
        _ target: SuppressionTarget,
        _ reason: SuppressionReason,
        _ cause: SuppressionCause
    ) {
        statement.bind(1, target.key)
        statement.bind(2, target.topic)
        statement.bind(3, reason.rawValue)
        statement.bind(4, cause.origin)
        statement.bind(5, cause.note)
        statement.bind(6, cause.createdBy ?? actor)
        statement.bind(7, (cause.since ?? now).rawValue)
        statement.bind(8, target.expires?.rawValue)
    }

    private func end(_ key: String, _ topic: Int64, at: Timestamp, how: String, why: String) throws {
        endStatement.bind(1, key)
        endStatement.bind(2, topic)
        endStatement.bind(3, at.rawValue)
        endStatement.bind(4, actor)
        endStatement.bind(5, how)
        endStatement.bind(6, why)
        try endStatement.run()
    }
}

/// Which of two suppressions of the same person and scope counts.
///
/// The one that lasts longer. Of two that last as long the first, unless it was inferred from failures and the other is
/// what a person says. When in doubt, we stay silent.
public struct SuppressionWeight: Sendable, Hashable {
    let reason: SuppressionReason
    let expires: Timestamp?

    /// Makes the weight of a suppression for `reason` that lasts until `expires`, or for ever when that is `nil`.
    public init(_ reason: SuppressionReason, until expires: Timestamp?) {
        self.reason = reason
        self.expires = expires
    }

    /// Reads a row of ``SuppressionSQL/standing``.
    init(_ row: FastStatement) {
        reason = row.text(0).flatMap(SuppressionReason.init) ?? .operator
        expires = row.optionalInt(1).map(Timestamp.init)
    }

    /// Why this one takes the place of `old`, in words; `nil` when it does not.
    func why(takesPlaceOf old: SuppressionWeight) -> String? {
        let (end, oldEnd) = (expires?.rawValue ?? .max, old.expires?.rawValue ?? .max)
        if end > oldEnd { return "\(reason.rawValue) lasts longer" }
        guard end == oldEnd, old.reason.isInferred, !reason.isInferred else { return nil }
        return "\(reason.rawValue) weighs more"
    }
}
