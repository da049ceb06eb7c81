// SPDX-License-Identifier: Apache-2.0
//
// Taking an import back, one person at a time: what of it still stands, and what has been overtaken.
// Touches the store, inside a transaction or a read of its caller.
import GRDB
import NashraCore

/// The looks and statements for one person.
struct ImportUndoPerson {
    private let db: Database
    private let undoing: ImportUndoing
    private let now: Timestamp

    init(_ db: Database, _ undoing: ImportUndoing) throws {
        self.db = db
        self.undoing = undoing
        now = undoing.store.clock.now()
    }

    /// Lets a person go whom the import added, or ends what it joined when the person has become more than that.
    func remove(
        _ id: Int64,
        _ address: String,
        key: String,
        state: String,
        _ undo: inout ImportUndo
    ) throws {
        if state == "erased" {
            undo.keep("", "added", .erased)
            return
        }
        let isMailed = try isMailed(key)
        guard try isMailed || hasHistory(id) else {
            undo.removed += 1
            try write("DELETE FROM subscription WHERE subscriber_id = ?", [id])
            try write("DELETE FROM subscriber WHERE id = ?", [id])
            return
        }
        undo.keep(address, "added", isMailed ? .mailed : .hasHistory)
        let current = try Int.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT count(*) FROM subscription
                    WHERE subscriber_id = ? AND import_id = ? AND ended_at_ms IS NULL
                    """
            ),
            arguments: [id, undoing.id]
        )
        guard let current, current > 0 else { return }
        undo.ended += current
        try write(
            """
            UPDATE subscription SET ended_at_ms = ?, ended_reason = ?
            WHERE subscriber_id = ? AND import_id = ? AND ended_at_ms IS NULL
            """,
            [now.rawValue, undoing.words, id, undoing.id]
        )
        try tell(id)
    }

    /// Takes one change back, as far as it still stands.
    func restore(
        _ id: Int64,
        what: String,
        topic: Int64,
        before: [String: String],
        after: [String: String],
        _ undo: inout ImportUndo
    ) throws {
        let person = try Row.fetchOne(
            db.cachedStatement(
                sql:
                    "SELECT address, address_key, name, language, attributes, state FROM subscriber WHERE id = ?"
            ),
            arguments: [id]
        )
        guard let person else { return }
        guard person[5] as String != "erased" else {
            undo.keep("", what, .erased)
            return
        }
        switch what {
        case "values": try restoreValues(id, person, before, after, &undo)
        case "joined": try unjoin(id, person, topic, before, &undo)
        case "left": try bringBack(id, person, topic, after, &undo)
        case "state": try restoreState(id, person, before, after, &undo)
        default: break
        }
    }

    private func restoreValues(
        _ id: Int64,
        _ person: Row,
        _ before: [String: String],
        _ after: [String: String],
        _ undo: inout ImportUndo
    ) throws {
        var attributes = FlatJSON.decode(person[4])
        var columns: [String: String?] = ["name": person[2], "language": person[3]]
        var isNew = false
        for (field, value) in after {
            let current = columns[field] ?? attributes[field]
            if current == before[field] { continue }
            guard current == value else {
                undo.keep(person[0], field, .changedSince)
                continue
            }
            isNew = true
            if columns[field] != nil {
                columns.updateValue(before[field], forKey: field)
            } else {
                attributes[field] = before[field]
            }
        }
        guard isNew else { return }
        undo.restored += 1
        try write(
            "UPDATE subscriber SET name = ?, language = ?, attributes = ?, updated_at_ms = ? WHERE id = ?",
            [
                columns["name"] ?? nil, columns["language"] ?? nil, FlatJSON.encode(attributes), now.rawValue,
                id,
            ]
        )
        try tell(id)
    }

    private func unjoin(
        _ id: Int64,
        _ person: Row,
        _ topic: Int64,
        _ before: [String: String],
        _ undo: inout ImportUndo
    ) throws {
        guard let standing = try standing(id, topic) else { return }
        guard standing.endedAt == nil else {
            if standing.endedAt.map(String.init) != before["ended_at_ms"] {
                undo.keep(person[0], "topic", .changedSince)
            }
            return
        }
        undo.unjoined += 1
        let reason = before["ended_reason"] ?? undoing.words
        if let endedAt = before["ended_at_ms"].flatMap({ Int64($0) }) {
            try end(id, topic, at: endedAt, reason)
        } else if try isMailed(person[1]) {
            try end(id, topic, at: now.rawValue, reason)
        } else {
            try write("DELETE FROM subscription WHERE subscriber_id = ? AND topic_id = ?", [id, topic])
        }
        try tell(id, topic)
    }

    private func bringBack(
        _ id: Int64,
        _ person: Row,
        _ topic: Int64,
        _ after: [String: String],
        _ undo: inout ImportUndo
    ) throws {
        guard let standing = try standing(id, topic), let endedAt = standing.endedAt else { return }
        // Whoever left altogether meanwhile does not come back by the way of an undoing.
        guard String(endedAt) == after["ended_at_ms"], person[5] as String != "unsubscribed" else {
            undo.keep(person[0], "topic", .changedSince)
            return
        }
        undo.returned += 1
        try write(
            """
            UPDATE subscription SET ended_at_ms = NULL, ended_reason = NULL
            WHERE subscriber_id = ? AND topic_id = ?
            """,
            [id, topic]
        )
        try tell(id, topic)
    }

    private func restoreState(
        _ id: Int64,
        _ person: Row,
        _ before: [String: String],
        _ after: [String: String],
        _ undo: inout ImportUndo
    ) throws {
        let current: String = person[5]
        guard let old = before["state"], current != old else { return }
        guard current == after["state"] else {
            undo.keep(person[0], "state", .changedSince)
            return
        }
        undo.restored += 1
        try write(
            "UPDATE subscriber SET state = ?, updated_at_ms = ? WHERE id = ?",
            [old, now.rawValue, id]
        )
        try tell(id)
    }

    private func end(_ id: Int64, _ topic: Int64, at time: Int64, _ reason: String) throws {
        try write(
            """
            UPDATE subscription SET ended_at_ms = ?, ended_reason = ?
            WHERE subscriber_id = ? AND topic_id = ?
            """,
            [time, reason, id, topic]
        )
    }

    private func standing(_ id: Int64, _ topic: Int64) throws -> (endedAt: Int64?, isOurs: Bool)? {
        try Row.fetchOne(
            db.cachedStatement(
                sql:
                    "SELECT ended_at_ms, import_id FROM subscription WHERE subscriber_id = ? AND topic_id = ?"
            ),
            arguments: [id, topic]
        ).map { ($0[0], $0[1] as Int64? == undoing.id) }
    }

    /// Whether any campaign's audience had the person, which nobody can take back.
    private func isMailed(_ key: String) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM campaign c CROSS JOIN delivery d
                        ON d.campaign_id = c.id AND d.address_key = ?)
                    """
            ),
            arguments: [key]
        ) ?? true
    }

    /// Whether more than this import knows of the person.
    private func hasHistory(_ id: Int64) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM subscriber_event WHERE subscriber_id = ?1)
                        OR EXISTS (SELECT 1 FROM confirmation WHERE subscriber_id = ?1)
                        OR EXISTS (SELECT 1 FROM import_change WHERE subscriber_id = ?1)
                        OR EXISTS (SELECT 1 FROM subscription WHERE subscriber_id = ?1 AND import_id IS NOT ?2)
                    """
            ),
            arguments: [id, undoing.id]
        ) ?? true
    }

    private func tell(_ id: Int64, _ topic: Int64? = nil) throws {
        guard !undoing.isDryRun else { return }
        try SubscriberEvents.record(
            db,
            .undone,
            subscriber: id,
            topic: topic,
            source: undoing.words,
            actor: undoing.actor,
            at: now
        )
    }

    private func write(_ sql: String, _ arguments: StatementArguments) throws {
        guard !undoing.isDryRun else { return }
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
