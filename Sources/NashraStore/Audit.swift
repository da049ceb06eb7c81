// SPDX-License-Identifier: Apache-2.0
//
// Who did what, when: rows that are added in the transaction of what they tell, and never changed.
// Touches the store.
import GRDB
public import NashraCore

/// One thing that somebody did.
public struct AuditEntry: Sendable, Hashable {
    /// When.
    public var at: Timestamp
    /// Who: `cli:NAME` for a person at the command line.
    public var actor: String
    /// What, as `noun.verb`.
    public var action: String
    /// To what: a topic's name, a campaign's name, an address.
    public var object: String
    /// More about it.
    public var detail: [String: String]
}

extension Store {
    /// Adds an entry; everything in this target that changes something adds its own.
    public func recordAudit(
        actor: String,
        action: String,
        object: String,
        detail: [String: String] = [:]
    ) throws(UserError) {
        try write { db in
            try audit(db, actor: actor, action: action, object: object, detail: detail)
        }
    }

    /// The newest entries, newest first.
    public func auditEntries(limit: Int = 100) throws(UserError) -> [AuditEntry] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT at_ms, actor, action, object, detail FROM audit ORDER BY id DESC LIMIT ?",
                arguments: [limit]
            )
            return rows.map(AuditQueries.entry)
        }
    }

    func audit(
        _ db: Database,
        actor: String,
        action: String,
        object: String,
        detail: [String: String] = [:]
    ) throws {
        try db.execute(
            sql: "INSERT INTO audit (at_ms, actor, action, object, detail) VALUES (?, ?, ?, ?, ?)",
            arguments: [clock.now().rawValue, actor, action, object, FlatJSON.encode(detail)]
        )
    }
}

/// How the audit is read.
enum AuditQueries {
    /// From a row of at_ms, actor, action, object, detail.
    static func entry(_ row: Row) -> AuditEntry {
        AuditEntry(
            at: Timestamp(rawValue: row[0]),
            actor: row[1],
            action: row[2],
            object: row[3],
            detail: FlatJSON.decode(row[4])
        )
    }
}
