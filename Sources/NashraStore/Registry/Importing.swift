// SPDX-License-Identifier: Apache-2.0
//
// Many people into the register at once. Doing it twice is the same as doing it once.
// Touches the store: one transaction per batch.
import GRDB
public import NashraCore

/// What became of one row.
public enum RowOutcome: Sendable, Hashable {
    /// A new person.
    case added
    /// A known person with something new: a value, or the topic.
    case updated
    /// Nothing was new.
    case unchanged
    /// A person who left, or left this topic: the values are taken, and the person is not subscribed again.
    case unsubscribed
    /// A person whose address is suppressed: registered, and not mailed.
    case suppressed
    /// Not taken, for a reason.
    case refused(String)
}

extension Store {
    /// Registers people, and subscribes them to a topic.
    ///
    /// - Parameters:
    ///   - rows: Some thousand people at most; all in one transaction.
    ///   - topic: The topic to subscribe them to, or `nil` for none.
    ///   - source: Where they come from, in words; kept with each new subscription.
    ///   - dryRun: Say what would happen, and leave no trace.
    ///   - resubscribe: Subscribe people again who left: only for somebody who asked for it in person.
    /// - Returns: What became of each row, in their order.
    /// - Throws: `unknownObject` for a topic that does not exist.
    public func importBatch(
        _ rows: [ImportRow],
        topic: String?,
        source: String,
        dryRun: Bool = false,
        resubscribe: Bool = false
    ) throws(UserError) -> [RowOutcome] {
        do {
            return try pool.writeWithoutTransaction { db in
                var outcomes: [RowOutcome] = []
                // Addresses come in any order, so every batch touches the whole of their index.
                if rows.count > 1_000 { try db.execute(sql: "PRAGMA cache_size = -32000") }
                try hooks.check(.begin)
                try db.inTransaction(.immediate) {
                    let topicID = try topic.map { try TopicQueries.openTopic(db, named: $0).id }
                    let batch = try ImportBatch(
                        db,
                        topic: topicID,
                        source: source,
                        now: clock.now(),
                        resubscribe: resubscribe
                    )
                    outcomes.reserveCapacity(rows.count)
                    for row in rows { outcomes.append(try batch.add(row)) }
                    try hooks.check(.commit)
                    return dryRun ? .rollback : .commit
                }
                return outcomes
            }
        } catch {
            throw StoreError(error, path: path).userError
        }
    }
}

/// The statements of one batch.
private struct ImportBatch {
    private let now: Int64
    private let topic: Int64?
    private let source: String
    private let resubscribe: Bool
    private let find: FastStatement
    private let insert: FastStatement
    private let update: FastStatement
    private let subscription: FastStatement
    private let subscribe: FastStatement
    private let suppression: FastStatement

    private struct Known {
        let id: Int64
        let name: String?
        let language: String?
        let attributes: String
        let state: String
    }

    init(_ db: Database, topic: Int64?, source: String, now: Timestamp, resubscribe: Bool) throws {
        self.now = now.rawValue
        self.topic = topic
        self.source = source
        self.resubscribe = resubscribe
        find = try FastStatement(
            db,
            "SELECT id, name, language, attributes, state FROM subscriber WHERE address_key = ?"
        )
        insert = try FastStatement(
            db,
            """
            INSERT INTO subscriber (address, address_key, domain, name, language, attributes, created_at_ms,
                updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) RETURNING id
            """
        )
        update = try FastStatement(
            db,
            """
            UPDATE subscriber SET name = ?2, language = ?3, attributes = ?4, state = ?5, updated_at_ms = ?6
            WHERE id = ?1
            """
        )
        subscription = try FastStatement(
            db,
            "SELECT ended_at_ms FROM subscription WHERE subscriber_id = ? AND topic_id = ?"
        )
        subscribe = try FastStatement(
            db,
            """
            INSERT INTO subscription (subscriber_id, topic_id, source, consent_at_ms) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (subscriber_id, topic_id) DO UPDATE SET source = excluded.source,
                consent_at_ms = excluded.consent_at_ms, ended_at_ms = NULL, ended_reason = NULL
            """
        )
        suppression = try FastStatement(db, "SELECT 1 FROM suppression WHERE address_key = ?")
    }

    func add(_ row: ImportRow) throws -> RowOutcome {
        let known = try known(row.address.key)
        if known?.state == "erased" { return .refused("this person was erased and is not registered again") }
        let isSuppressed = try isSuppressed(row.address.key)
        guard let known else {
            try join(try register(row))
            return isSuppressed ? .suppressed : .added
        }
        var changed = try updateValues(known, row)
        guard known.state != "unsubscribed" || resubscribe else { return .unsubscribed }
        switch try membership(known.id) {
        case .none:
            try join(known.id)
            changed = changed || topic != nil
        case .ended where resubscribe:
            try join(known.id)
            changed = true
        case .ended: return .unsubscribed
        case .current: break
        }
        if isSuppressed { return .suppressed }
        return changed ? .updated : .unchanged
    }

    private func known(_ key: String) throws -> Known? {
        find.bind(1, key)
        defer { find.reset() }
        guard try find.step() else { return nil }
        return Known(
            id: find.int(0),
            name: find.text(1),
            language: find.text(2),
            attributes: find.text(3) ?? "{}",
            state: find.text(4) ?? ""
        )
    }

    private func isSuppressed(_ key: String) throws -> Bool {
        suppression.bind(1, key)
        defer { suppression.reset() }
        return try suppression.step()
    }

    private func register(_ row: ImportRow) throws -> Int64 {
        insert.bind(1, row.address.text)
        insert.bind(2, row.address.key)
        insert.bind(3, row.address.domain)
        insert.bind(4, row.name)
        insert.bind(5, row.language?.rawValue)
        insert.bind(6, FlatJSON.encode(row.attributes))
        insert.bind(7, now)
        guard try insert.step() else { throw UserError(.bug, "a new subscriber got no row number") }
        let id = insert.int(0)
        try insert.run()
        return id
    }

    private func updateValues(_ known: Known, _ row: ImportRow) throws -> Bool {
        let name = row.name ?? known.name
        let language = row.language?.rawValue ?? known.language
        var attributes = FlatJSON.encode(row.attributes)
        if attributes != known.attributes {
            attributes = FlatJSON.encode(
                FlatJSON.decode(known.attributes).merging(row.attributes) { _, new in new }
            )
        }
        let state = resubscribe ? "active" : known.state
        guard
            name != known.name || language != known.language || attributes != known.attributes
                || state != known.state
        else { return false }
        update.bind(1, known.id)
        update.bind(2, name)
        update.bind(3, language)
        update.bind(4, attributes)
        update.bind(5, state)
        update.bind(6, now)
        try update.run()
        return true
    }

    private enum Membership { case none, current, ended }

    private func membership(_ id: Int64) throws -> Membership {
        guard let topic else { return .current }
        subscription.bind(1, id)
        subscription.bind(2, topic)
        defer { subscription.reset() }
        guard try subscription.step() else { return .none }
        return subscription.isNull(0) ? .current : .ended
    }

    private func join(_ id: Int64) throws {
        guard let topic else { return }
        subscribe.bind(1, id)
        subscribe.bind(2, topic)
        subscribe.bind(3, source)
        subscribe.bind(4, now)
        try subscribe.run()
    }
}
