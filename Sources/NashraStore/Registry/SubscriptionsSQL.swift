// SPDX-License-Identifier: Apache-2.0
//
// The few steps that changing one person is made of; each leaves its event in the same transaction.
// Touches the store, inside a transaction of its caller.
import GRDB
import NashraCore

/// A person as far as changing goes.
struct PersonRow {
    let id: Int64
    let address: String
    let key: String
    let state: Subscriber.State
    let name: String?
    let language: String?
    let attributes: [String: String]

    private static let select =
        "SELECT id, address, address_key, state, name, language, attributes FROM subscriber"

    static func find(_ db: Database, key: String) throws -> PersonRow? {
        try Row.fetchOne(db, sql: "\(select) WHERE address_key = ?", arguments: [key]).map(PersonRow.init)
    }

    static func find(_ db: Database, id: Int64) throws -> PersonRow? {
        try Row.fetchOne(db, sql: "\(select) WHERE id = ?", arguments: [id]).map(PersonRow.init)
    }

    /// The person, or an error for people.
    static func require(_ db: Database, _ address: EmailAddress) throws -> PersonRow {
        guard let person = try find(db, key: address.key) else { throw missing(address.text) }
        guard person.state != .erased else {
            throw UserError(
                .notPermitted,
                "\(address.text) was erased, and nothing of the person can be changed"
            )
        }
        return person
    }

    static func missing(_ address: String) -> UserError {
        UserError(
            .unknownObject,
            "nobody in the register has the address \(address)",
            remedy: "`nashra subscribers list` names those who are."
        )
    }

    private init(_ row: Row) {
        id = row[0]
        address = row[1]
        key = row[2]
        state = Subscriber.State(rawValue: row[3]) ?? .erased
        name = row[4]
        language = row[5]
        attributes = FlatJSON.decode(row[6])
    }
}

/// A person's topic that has not ended.
struct CurrentTopic {
    let id: Int64
    let name: String
    let isMandatory: Bool
}

/// Steps on subscriptions and people.
enum SubscriptionSQL {
    /// The subscriptions of a person that have not ended, by name.
    static func current(_ db: Database, _ subscriber: Int64) throws -> [CurrentTopic] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT t.id, t.name, t.visibility = 'mandatory' FROM subscription u JOIN topic t ON t.id = u.topic_id
                WHERE u.subscriber_id = ? AND u.ended_at_ms IS NULL ORDER BY t.name
                """,
            arguments: [subscriber]
        ).map { CurrentTopic(id: $0[0], name: $0[1], isMandatory: $0[2]) }
    }

    /// Ends subscriptions.
    ///
    /// Only `topic`, or all; `mandatory` ends those too that nobody may leave.
    ///
    /// - Returns: The names of those that ended.
    /// - Throws: What the store throws.
    @discardableResult
    static func end(
        _ db: Database,
        _ person: PersonRow,
        topic: Int64? = nil,
        source: String,
        actor: String,
        now: Timestamp,
        mandatory: Bool
    ) throws -> [String] {
        let topics = try current(db, person.id).filter {
            (topic == nil || $0.id == topic) && (mandatory || !$0.isMandatory)
        }
        for topic in topics {
            try end(
                db,
                subscriber: person.id,
                topic: topic.id,
                why: source,
                source: source,
                actor: actor,
                now: now
            )
        }
        return topics.map(\.name)
    }

    /// Ends one subscription.
    ///
    /// - Returns: Whether there was one that had not ended.
    @discardableResult
    static func end(
        _ db: Database,
        subscriber: Int64,
        topic: Int64,
        why: String,
        source: String,
        actor: String,
        now: Timestamp
    ) throws -> Bool {
        try db.execute(
            sql: """
                UPDATE subscription SET ended_at_ms = ?, ended_reason = ?
                WHERE subscriber_id = ? AND topic_id = ? AND ended_at_ms IS NULL
                """,
            arguments: [now.rawValue, why, subscriber, topic]
        )
        guard db.changesCount > 0 else { return false }
        try SubscriberEvents.record(
            db,
            .left,
            subscriber: subscriber,
            topic: topic,
            source: source,
            actor: actor,
            detail: ["reason": why],
            at: now
        )
        return true
    }

    static func setState(
        _ db: Database,
        _ person: PersonRow,
        _ state: Subscriber.State,
        source: String,
        actor: String,
        now: Timestamp
    ) throws {
        try db.execute(
            sql: "UPDATE subscriber SET state = ?, updated_at_ms = ? WHERE id = ?",
            arguments: [state.rawValue, now.rawValue, person.id]
        )
        try SubscriberEvents.record(
            db,
            .edited,
            subscriber: person.id,
            source: source,
            actor: actor,
            detail: ["state": state.rawValue, "state.before": person.state.rawValue],
            at: now
        )
    }
}
