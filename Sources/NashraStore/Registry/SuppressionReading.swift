// SPDX-License-Identifier: Apache-2.0
//
// Suppressions as they are listed, exported and shown for one person.
// Reads the store.
import GRDB
public import NashraCore

/// Which suppressions to read; everything that is `nil` lets all through.
public struct SuppressionFilter: Sendable, Hashable {
    /// For this reason.
    public var reason: SuppressionReason?
    /// Of exactly this scope.
    public var scope: SuppressionScope?
    /// Made at or after this.
    public var since: Timestamp?
    /// `true`: those whose time is over, from history; `false`: those that count now.
    public var isExpired: Bool

    /// Makes a filter; without anything, all that count now.
    public init(
        reason: SuppressionReason? = nil,
        scope: SuppressionScope? = nil,
        since: Timestamp? = nil,
        isExpired: Bool = false
    ) {
        self.reason = reason
        self.scope = scope
        self.since = since
        self.isExpired = isExpired
    }
}

extension Store {
    /// A page of suppressions, by address and then by topic.
    ///
    /// - Parameters:
    ///   - filter: Which.
    ///   - last: The last address key of the page before; `nil` for the first page.
    ///   - limit: How many at most.
    /// - Returns: The page; fewer than `limit` when it is the last.
    /// - Throws: `unknownObject` for a topic that does not exist.
    public func suppressions(
        _ filter: SuppressionFilter = SuppressionFilter(),
        after last: String? = nil,
        limit: Int = 100
    ) throws(UserError) -> [Suppression] {
        var page: [Suppression] = []
        try forEachSuppression(filter, after: last, limit: limit) { page.append($0) }
        return page
    }

    /// How many suppressions a filter lets through.
    public func suppressionCount(
        _ filter: SuppressionFilter = SuppressionFilter()
    ) throws(UserError) -> Int {
        try read { db in
            let (table, condition, arguments) = try SuppressionQueries.condition(db, filter, clock.now())
            return try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM \(table) x WHERE \(condition)",
                arguments: arguments
            ) ?? 0
        }
    }

    /// Hands suppressions to `body`, by address and then by topic, in constant memory.
    ///
    /// - Parameters:
    ///   - filter: Which.
    ///   - last: Begin after this address key.
    ///   - limit: How many at most; `nil` for all.
    ///   - body: Called for each; what it throws ends the walk.
    /// - Throws: `unknownObject` for a topic that does not exist; what `body` throws.
    public func forEachSuppression(
        _ filter: SuppressionFilter = SuppressionFilter(),
        after last: String? = nil,
        limit: Int? = nil,
        _ body: (Suppression) throws(UserError) -> Void
    ) throws(UserError) {
        try read { db in
            let (table, condition, arguments) = try SuppressionQueries.condition(db, filter, clock.now())
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(SuppressionSQL.columns) FROM \(table) x LEFT JOIN topic t ON t.id = x.topic_id
                    WHERE \(condition) AND x.address_key > :after
                    ORDER BY x.address_key, x.topic_id LIMIT :limit
                    """,
                arguments: arguments + ["after": last ?? "", "limit": limit ?? -1]
            )
            while let row = try rows.next() { try body(SuppressionQueries.suppression(row)) }
        }
    }

    /// What stands in the way of an address now, the widest scope first.
    public func suppressions(of address: EmailAddress) throws(UserError) -> [Suppression] {
        try read { db in
            try SuppressionQueries.suppressions(db, key: address.key, at: clock.now())
        }
    }
}

extension Store {
    /// What ``suppress(_:actor:isAudited:)`` would answer; each draft is weighed against the store alone.
    public func weighSuppressions(
        _ drafts: [SuppressionDraft]
    ) throws(UserError) -> [SuppressionOutcome] {
        try read { db in
            let now = clock.now()
            let topics = try SuppressionQueries.topics(db)
            let standing = try FastStatement(db, SuppressionSQL.standing)
            return try drafts.map { draft in
                standing.bind(1, draft.address.key)
                standing.bind(2, try SuppressionQueries.topic(draft.scope, among: topics))
                defer { standing.reset() }
                guard try standing.step() else { return .added }
                let old = SuppressionWeight(standing)
                if let expired = old.expires, expired <= now { return .added }
                let new = SuppressionWeight(draft.reason, until: draft.expires)
                return new.why(takesPlaceOf: old) == nil ? .kept : .replaced
            }
        }
    }
}

/// How suppressions are read.
enum SuppressionQueries {
    /// All of a person that count at a moment, the widest first.
    static func suppressions(_ db: Database, key: String, at now: Timestamp) throws -> [Suppression] {
        let statement = try FastStatement(db, SuppressionSQL.ofPerson)
        statement.bind(1, key)
        statement.bind(2, now.rawValue)
        var found: [Suppression] = []
        while try statement.step() {
            found.append(
                Suppression(
                    addressKey: statement.text(0) ?? "",
                    scope: scope(statement.int(1), statement.text(2)),
                    reason: statement.text(3).flatMap(SuppressionReason.init) ?? .operator,
                    origin: statement.text(4) ?? "",
                    note: statement.text(5) ?? "",
                    createdBy: statement.text(6) ?? "",
                    createdAt: Timestamp(rawValue: statement.int(7)),
                    expiresAt: statement.optionalInt(8).map(Timestamp.init)
                )
            )
        }
        return found
    }

    /// The widest of a person's suppressions that count at a moment, or of all without one.
    static func suppression(_ db: Database, key: String, at now: Timestamp? = nil) throws -> Suppression? {
        try suppressions(db, key: key, at: now ?? Timestamp(rawValue: .min)).first
    }

    /// All of a person, past ones too, oldest first.
    static func spells(_ db: Database, key: String, now: Timestamp) throws -> [SuppressionSpell] {
        try Row.fetchAll(db, sql: StorySQL.spells, arguments: [key]).map { spell($0, now: now) }
    }

    static func spell(_ row: Row, now: Timestamp) -> SuppressionSpell {
        var spell = SuppressionSpell(
            scope: (row["topic"] as String?).map(SuppressionScope.topic) ?? .everywhere,
            reason: SuppressionReason(rawValue: row["reason"]) ?? .operator,
            origin: row["origin"],
            note: row["note"],
            returned: (row["returned_id"] as Int64?).map(ReturnedID.init),
            from: Timestamp(rawValue: row["created_at_ms"]),
            by: row["created_by"],
            expires: (row["expires_at_ms"] as Int64?).map(Timestamp.init),
            until: (row["ended_at_ms"] as Int64?).map(Timestamp.init),
            end: (row["ended_how"] as String?).flatMap(SuppressionSpell.End.init),
            endedBy: row["ended_by"],
            endedWhy: row["ended_why"]
        )
        // Over is over, whether somebody has written that down or not.
        if spell.until == nil, let expires = spell.expires, expires <= now {
            (spell.until, spell.end) = (expires, .expired)
        }
        return spell
    }

    /// The table to look in, the condition on its rows `x`, and its arguments.
    static func condition(
        _ db: Database,
        _ filter: SuppressionFilter,
        _ now: Timestamp
    ) throws -> (table: String, condition: String, arguments: StatementArguments) {
        var arguments: StatementArguments = ["now": now.rawValue]
        var parts =
            filter.isExpired
            ? ["x.expires_at_ms <= :now", "(x.ended_at_ms IS NULL OR x.ended_how = 'expired')"]
            : ["(+x.expires_at_ms IS NULL OR +x.expires_at_ms > :now)"]
        if let reason = filter.reason {
            parts.append("x.reason = :reason")
            arguments += ["reason": reason.rawValue]
        }
        if let scope = filter.scope {
            parts.append("x.topic_id = :topic")
            arguments += ["topic": try topic(scope, among: topics(db))]
        }
        if let since = filter.since {
            parts.append("x.created_at_ms >= :since")
            arguments += ["since": since.rawValue]
        }
        let table = filter.isExpired ? "suppression_history" : "suppression"
        return (table, parts.joined(separator: " AND "), arguments)
    }

    /// The topics' rows by name, archived ones too: what was suppressed once stays so.
    static func topics(_ db: Database) throws -> [String: Int64] {
        let rows = try Row.fetchAll(db, sql: "SELECT name, id FROM topic")
        return Dictionary(rows.map { ($0[0] as String, $0[1] as Int64) }) { first, _ in first }
    }

    /// A scope as the store writes it: the topic's row, or 0.
    static func topic(_ scope: SuppressionScope, among topics: [String: Int64]) throws -> Int64 {
        guard case .topic(let name) = scope else { return 0 }
        if let id = topics[name] { return id }
        let near = Suggestion.nearest(to: name, among: topics.keys.sorted())
        throw UserError(
            .unknownObject,
            "There is no topic \(name).",
            remedy: near.map { "Did you mean \($0)?" } ?? "nashra topics list names them."
        )
    }

    static func suppression(_ row: Row) -> Suppression {
        Suppression(
            addressKey: row[0],
            scope: scope(row[1], row[2]),
            reason: SuppressionReason(rawValue: row[3]) ?? .operator,
            origin: row[4],
            note: row[5],
            createdBy: row[6],
            createdAt: Timestamp(rawValue: row[7]),
            expiresAt: (row[8] as Int64?).map(Timestamp.init)
        )
    }

    private static func scope(_ topic: Int64, _ name: String?) -> SuppressionScope {
        topic == 0 ? .everywhere : .topic(name ?? "#\(topic)")
    }
}
