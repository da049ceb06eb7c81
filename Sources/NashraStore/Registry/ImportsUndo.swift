// SPDX-License-Identifier: Apache-2.0
//
// Taking an import back: who it added goes, what it changed returns, as far as nothing has happened since.
// Touches the store, some thousand people per transaction. Rules: docs/importing.md, "Taking an import back".
import GRDB
public import NashraCore

/// What taking an import back did, or would do.
public struct ImportUndo: Sendable, Hashable {
    /// Why something stays as the import left it.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The person was mailed since: the row stays, the subscription ends.
        case mailed
        /// The person's own record has grown since: the row stays, the subscription ends.
        case hasHistory = "has_history"
        /// The value, state or subscription was changed again since, and stays.
        case changedSince = "changed_since"
        /// The person was erased.
        case erased
    }

    /// One thing that stays.
    public struct Kept: Sendable, Hashable {
        /// The address.
        public var address: String
        /// What: `added`, a field's name, or `topic`.
        public var what: String
        /// Why.
        public var reason: Reason
    }

    /// The import's number.
    public var id: Int64
    /// People who are gone.
    public var removed = 0
    /// Subscriptions that ended instead, because their people were mailed or have a history of their own.
    public var ended = 0
    /// People whose values or state are as before.
    public var restored = 0
    /// Subscriptions of people who were known before, that are gone or ended as before.
    public var unjoined = 0
    /// People who are in the topic again, which the file had left out.
    public var returned = 0
    /// Suppressions that are lifted.
    public var lifted = 0
    /// How much stays, by reason.
    public var keptCounts: [Reason: Int] = [:]
    /// The first 100 things that stay.
    public var kept: [Kept] = []

    static let keptLimit = 100

    init(id: Int64) { self.id = id }

    mutating func keep(_ address: String, _ what: String, _ reason: Reason) {
        keptCounts[reason, default: 0] += 1
        if kept.count < Self.keptLimit { kept.append(Kept(address: address, what: what, reason: reason)) }
    }

    /// The counts by their names in JSON and the audit.
    public var counts: [(name: String, count: Int)] {
        [
            ("removed", removed), ("ended", ended), ("restored", restored), ("unjoined", unjoined),
            ("returned", returned), ("lifted", lifted), ("kept", keptCounts.values.reduce(0, +)),
        ]
    }
}

extension Store {
    /// Takes an import back.
    ///
    /// Cut off and begun again, it goes on: each step looks at what is there.
    ///
    /// - Parameters:
    ///   - id: The import's number.
    ///   - actor: Who does it.
    ///   - isDryRun: Say what would happen, and leave no trace.
    /// - Returns: What was done.
    /// - Throws: `unknownObject` when there is no such import; `badData` when it was taken back already; `tryAgain` while
    ///   an import runs.
    public func undoImport(_ id: Int64, actor: String, isDryRun: Bool) throws(UserError) -> ImportUndo {
        let lock = isDryRun ? nil : try ImportsLock.acquire(store: path)
        defer { _ = lock }
        let record = try importRecord(id)
        guard record.state != .undone else {
            throw UserError(.badData, "import \(id) was taken back already")
        }
        let undoing = ImportUndoing(store: self, id: id, actor: actor, isDryRun: isDryRun)
        var undo = ImportUndo(id: id)
        var last = Int64(0)
        while let next = try undoing.removePeople(after: last, &undo) { last = next }
        var place = ImportUndoing.Place()
        while let next = try undoing.restore(after: place, &undo) { place = next }
        while try undoing.lift(&undo) {}
        guard !isDryRun else { return undo }
        try write { db in
            try db.execute(
                sql: """
                    UPDATE import SET state = 'undone', undone_at_ms = ?, undone_by = ?,
                        finished_at_ms = coalesce(finished_at_ms, ?) WHERE id = ?
                    """,
                arguments: [clock.now().rawValue, actor, clock.now().rawValue, id]
            )
            var detail = ["import": String(id)]
            for (name, count) in undo.counts { detail[name] = String(count) }
            try audit(db, actor: actor, action: "import.undo", object: record.file, detail: detail)
        }
        return undo
    }
}

/// The steps of taking one import back.
struct ImportUndoing {
    let store: Store
    let id: Int64
    let actor: String
    let isDryRun: Bool

    /// How many people are looked at in one transaction.
    static let batch = 5_000

    var words: String { "import \(id) was taken back" }

    /// A place in the order of changes.
    struct Place {
        var subscriber: Int64 = 0
        var what = ""
        var topic: Int64 = 0
    }

    func access<T>(_ body: (Database) throws -> T) throws(UserError) -> T {
        isDryRun ? try store.read(body) : try store.importWrite(body)
    }

    /// Lets some of those go whom the import added.
    ///
    /// - Returns: The last one looked at; `nil` when there are no more.
    func removePeople(after last: Int64, _ undo: inout ImportUndo) throws(UserError) -> Int64? {
        var result = undo
        let reached = try access { db -> Int64? in
            let people = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, address, address_key, state FROM subscriber
                    WHERE import_id = ? AND id > ? ORDER BY id LIMIT ?
                    """,
                arguments: [id, last, Self.batch]
            )
            let person = try ImportUndoPerson(db, self)
            for row in people { try person.remove(row[0], row[1], key: row[2], state: row[3], &result) }
            return people.last.map { $0[0] }
        }
        undo = result
        return reached
    }

    /// Gives some of those back what they had whom the import changed.
    func restore(after place: Place, _ undo: inout ImportUndo) throws(UserError) -> Place? {
        var result = undo
        let reached = try access { db -> Place? in
            let changes = try Row.fetchAll(
                db,
                sql: """
                    SELECT subscriber_id, what, topic_id, before, after FROM import_change
                    WHERE import_id = ?1 AND (subscriber_id, what, topic_id) > (?2, ?3, ?4)
                    ORDER BY subscriber_id, what, topic_id LIMIT ?5
                    """,
                arguments: [id, place.subscriber, place.what, place.topic, Self.batch]
            )
            let person = try ImportUndoPerson(db, self)
            for row in changes {
                try person.restore(
                    row[0],
                    what: row[1],
                    topic: row[2],
                    before: FlatJSON.decode(row[3]),
                    after: FlatJSON.decode(row[4]),
                    &result
                )
            }
            return changes.last.map { Place(subscriber: $0[0], what: $0[1], topic: $0[2]) }
        }
        undo = result
        return reached
    }

    /// Lifts some of the suppressions that came with the import.
    ///
    /// - Returns: Whether there may be more.
    func lift(_ undo: inout ImportUndo) throws(UserError) -> Bool {
        var result = undo
        let more = try access { db -> Bool in
            let limit = isDryRun ? -1 : Self.batch
            let open = try Row.fetchAll(
                db,
                sql: """
                    SELECT address_key, topic_id FROM suppression_history
                    WHERE import_id = ? AND ended_at_ms IS NULL LIMIT ?
                    """,
                arguments: [id, limit]
            )
            result.lifted += open.count
            guard !isDryRun else { return false }
            let suppressing = try Suppressing(db, actor: actor, now: store.clock.now(), isAudited: false)
            for row in open { _ = try suppressing.lift(row[0], topic: row[1], how: "undone", why: words) }
            return !open.isEmpty
        }
        undo = result
        return more
    }
}
