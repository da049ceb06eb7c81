// SPDX-License-Identifier: Apache-2.0
//
// How an address becomes suppressed and free again, with its history and the audit's record of it.
// Touches the store, inside a transaction of its caller.
import GRDB
import NashraCore

/// From which delivery and message a suppression comes.
struct SuppressionCause {
    var delivery: TiedDelivery?
    var returned: Int64?
    /// Who or what asked for it, in words.
    var origin: String
    var note: String
}

/// The statements about suppressions, for one transaction.
struct Suppressing {
    let actor: String
    let now: Timestamp
    private let suppressStatement: FastStatement
    private let replaceStatement: FastStatement
    private let rememberStatement: FastStatement
    private let endStatement: FastStatement
    private let removeStatement: FastStatement
    private let auditStatement: FastStatement

    init(_ db: Database, actor: String, now: Timestamp) throws {
        self.actor = actor
        self.now = now
        suppressStatement = try FastStatement(db, BounceSQL.suppress)
        replaceStatement = try FastStatement(db, BounceSQL.replace)
        rememberStatement = try FastStatement(db, BounceSQL.remember)
        endStatement = try FastStatement(db, BounceSQL.end)
        removeStatement = try FastStatement(db, "DELETE FROM suppression WHERE address_key = ?1")
        auditStatement = try FastStatement(db, BounceSQL.audit)
    }

    /// Suppresses an address.
    ///
    /// The first reason stays, unless it was inferred from failures and the new one is what a person says.
    ///
    /// - Returns: Whether anything changed.
    func suppress(_ key: String, _ reason: SuppressionReason, _ cause: SuppressionCause) throws -> Bool {
        if try !write(suppressStatement, key, reason, cause) {
            guard !reason.isInferred, try write(replaceStatement, key, reason, cause) else { return false }
            try end(key, how: "replaced", why: "\(reason.rawValue) weighs more")
        }
        let remember = rememberStatement
        remember.bind(1, key)
        remember.bind(2, reason.rawValue)
        remember.bind(3, cause.origin)
        remember.bind(4, cause.note)
        remember.bind(5, cause.delivery?.id)
        remember.bind(6, cause.delivery?.campaign)
        remember.bind(7, cause.delivery?.domain)
        remember.bind(8, cause.returned)
        remember.bind(9, now.rawValue)
        remember.bind(10, actor)
        try remember.run()
        var detail = ["reason": reason.rawValue, "origin": cause.origin]
        if !cause.note.isEmpty { detail["note"] = cause.note }
        try audit("suppression.add", key, detail)
        return true
    }

    /// Lets an address be mailed again.
    ///
    /// - Parameters:
    ///   - key: Its key.
    ///   - how: `lifted` by a person, or taken back by an `alarm`.
    ///   - why: In words.
    /// - Returns: Whether it was suppressed.
    /// - Throws: What the store throws.
    func lift(_ key: String, how: String, why: String) throws -> Bool {
        removeStatement.bind(1, key)
        guard try removeStatement.run() > 0 else { return false }
        try end(key, how: how, why: why)
        try audit("suppression.remove", key, why.isEmpty ? [:] : ["why": why])
        return true
    }

    func audit(_ action: String, _ object: String, _ detail: [String: String] = [:]) throws {
        auditStatement.bind(1, now.rawValue)
        auditStatement.bind(2, actor)
        auditStatement.bind(3, action)
        auditStatement.bind(4, object)
        auditStatement.bind(5, FlatJSON.encode(detail))
        try auditStatement.run()
    }

    private func write(
        _ statement: FastStatement,
        _ key: String,
        _ reason: SuppressionReason,
        _ cause: SuppressionCause
    ) throws -> Bool {
        statement.bind(1, key)
        statement.bind(2, reason.rawValue)
        statement.bind(3, cause.origin)
        statement.bind(4, cause.note)
        statement.bind(5, now.rawValue)
        return try statement.run() > 0
    }

    private func end(_ key: String, how: String, why: String) throws {
        endStatement.bind(1, key)
        endStatement.bind(2, now.rawValue)
        endStatement.bind(3, actor)
        endStatement.bind(4, how)
        endStatement.bind(5, why)
        try endStatement.run()
    }
}
