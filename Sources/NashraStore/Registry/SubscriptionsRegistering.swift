// SPDX-License-Identifier: Apache-2.0
//
// One person into the register and into a topic, and what of the person's values is new.
// Touches the store, inside a transaction of its caller.
import GRDB
import NashraCore

/// Registers and joins one person.
struct Registering {
    let db: Database
    let source: String
    let actor: String
    let consentText: String?
    /// One moment for all that it does, so that the order of the events is that of the rows.
    let now: Timestamp

    /// A new person.
    ///
    /// - Returns: Its row.
    func register(_ row: ImportRow, state: Subscriber.State) throws -> Int64 {
        try db.execute(
            sql: """
                INSERT INTO subscriber (address, address_key, domain, name, language, attributes, state, created_at_ms,
                    updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                row.address.text, row.address.key, row.address.domain, row.name, row.language?.rawValue,
                FlatJSON.encode(row.attributes), state.rawValue, now.rawValue, now.rawValue,
            ]
        )
        let id = db.lastInsertedRowID
        try record(.registered, id, detail: ["state": state.rawValue])
        return id
    }

    /// Takes what is new of a known person, who counts as active from now on.
    ///
    /// - Returns: Whether anything was.
    func update(_ person: PersonRow, _ row: ImportRow) throws -> Bool {
        var changes = PersonDiff(person)
        if let name = row.name { changes.set("name", name) }
        if let language = row.language { changes.set("language", language.rawValue) }
        for (key, value) in row.attributes { changes.set("attr.\(key)", value) }
        changes.set("state", Subscriber.State.active.rawValue)
        return try changes.write(db, source: source, actor: actor, now: now)
    }

    /// Subscribes a person; one who left or has not confirmed is in again.
    ///
    /// - Returns: Whether anything changed.
    func join(_ subscriber: Int64, _ topic: Topic) throws -> Bool {
        try db.execute(
            sql: """
                INSERT INTO subscription (subscriber_id, topic_id, source, consent_at_ms, consent_text)
                VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (subscriber_id, topic_id) DO UPDATE SET source = excluded.source,
                    consent_at_ms = excluded.consent_at_ms, consent_text = excluded.consent_text, ended_at_ms = NULL,
                    ended_reason = NULL, is_pending = 0, paused_from_ms = NULL, paused_until_ms = NULL
                WHERE ended_at_ms IS NOT NULL OR is_pending = 1
                """,
            arguments: [subscriber, topic.id, source, now.rawValue, consentText]
        )
        guard db.changesCount > 0 else { return false }
        try record(.joined, subscriber, topic: topic.id)
        return true
    }

    /// Notes that a person asked for a topic; one who is or was in it stays as before.
    func wait(_ subscriber: Int64, _ topic: Topic) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO subscription (subscriber_id, topic_id, source, consent_at_ms, consent_text,
                    is_pending) VALUES (?, ?, ?, ?, ?, 1)
                """,
            arguments: [subscriber, topic.id, source, now.rawValue, consentText]
        )
        if db.changesCount > 0 {
            try record(.joined, subscriber, topic: topic.id, detail: ["pending": "true"])
        }
    }

    func record(
        _ kind: SubscriberEvent.Kind,
        _ subscriber: Int64,
        topic: Int64? = nil,
        detail: [String: String] = [:]
    ) throws {
        try SubscriberEvents.record(
            db,
            kind,
            subscriber: subscriber,
            topic: topic,
            source: source,
            actor: actor,
            consentText: consentText,
            detail: detail,
            at: now
        )
    }
}

/// What of a person's values changes.
struct PersonDiff {
    private let person: PersonRow
    private var after: [String: String]
    private let before: [String: String]

    init(_ person: PersonRow) {
        self.person = person
        var values = person.attributes.reduce(into: [String: String]()) { $0["attr.\($1.key)"] = $1.value }
        values["name"] = person.name
        values["language"] = person.language
        values["state"] = person.state.rawValue
        before = values
        after = values
    }

    /// `name`, `language`, `state` or `attr.NAME`; `nil` takes it away.
    mutating func set(_ field: String, _ value: String?) { after[field] = value }

    /// Writes what is different, and the event that tells it.
    ///
    /// - Returns: Whether anything was.
    func write(_ db: Database, source: String, actor: String, now: Timestamp) throws -> Bool {
        var detail: [String: String] = [:]
        for field in Set(before.keys).union(after.keys) where before[field] != after[field] {
            detail[field] = after[field] ?? ""
            detail["\(field).before"] = before[field]
        }
        guard !detail.isEmpty else { return false }
        let attributes = after.reduce(into: [String: String]()) {
            if $1.key.hasPrefix("attr.") { $0[String($1.key.dropFirst(5))] = $1.value }
        }
        try db.execute(
            sql: """
                UPDATE subscriber SET name = ?, language = ?, attributes = ?, state = ?, updated_at_ms = ? WHERE id = ?
                """,
            arguments: [
                after["name"], after["language"], FlatJSON.encode(attributes), after["state"], now.rawValue,
                person.id,
            ]
        )
        try SubscriberEvents.record(
            db,
            .edited,
            subscriber: person.id,
            source: source,
            actor: actor,
            detail: detail,
            at: now
        )
        return true
    }
}
