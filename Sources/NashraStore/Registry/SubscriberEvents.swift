// SPDX-License-Identifier: Apache-2.0
//
// What happened to one person, one thing at a time: written by whoever changes one person, told by `history`.
// Touches the store, inside a transaction of its caller. Imports keep their own record: Importing.
import GRDB
public import NashraCore

/// One thing that happened to a person in the register.
public struct SubscriberEvent: Sendable, Hashable {
    /// What happened.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Came into the register, one by one.
        case registered
        /// A value, the address or the state changed; `detail` has `<field>` and, where it had a value, `<field>.before`.
        case edited
        /// Was asked by mail to confirm a topic.
        case asked
        /// Said yes, by the token of that mail.
        case confirmed
        /// Was subscribed to a topic, or asked for it and has not confirmed yet.
        case joined
        /// A subscription ended; `detail` has the reason.
        case left
        /// A topic is paused; `detail` has `from` and, when it ends by itself, `until`.
        case paused
        /// A pause was ended.
        case resumed
        /// How often the person wants to hear of a topic changed.
        case frequency
        /// All that is held about the person was handed out.
        case exported
        /// The person was forgotten.
        case erased
        /// An import was taken back.
        case undone
    }

    /// What happened.
    public var kind: Kind
    /// The topic that it is about, by name; `nil` for the person as a whole.
    public var topic: String?
    /// Where it came from, in words: a form, an operator, a mail.
    public var source: String
    /// Who did it.
    public var actor: String
    /// The version of the text that the person agreed to, or `nil`.
    public var consentText: String?
    /// More about it.
    public var detail: [String: String]
    /// When.
    public var at: Timestamp
}

/// How events are written and read.
enum SubscriberEvents {
    /// Records one event.
    ///
    /// - Parameters:
    ///   - db: Inside the transaction that does what is recorded.
    ///   - kind: What happened.
    ///   - subscriber: The person's row.
    ///   - topic: The topic's row, or `nil` for the person as a whole.
    ///   - source: Where it came from, in words.
    ///   - actor: Who did it.
    ///   - consentText: The version of the text that the person agreed to.
    ///   - detail: More about it; never what another person wrote.
    ///   - at: When.
    /// - Throws: What the store throws.
    static func record(
        _ db: Database,
        _ kind: SubscriberEvent.Kind,
        subscriber: Int64,
        topic: Int64? = nil,
        source: String,
        actor: String,
        consentText: String? = nil,
        detail: [String: String] = [:],
        at: Timestamp
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO subscriber_event (subscriber_id, topic_id, event, source, actor, consent_text, detail,
                    at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            subscriber, topic, kind.rawValue, source, actor, consentText, FlatJSON.encode(detail),
            at.rawValue,
        ])
    }

    /// The events of one person, oldest first.
    static func all(_ db: Database, of subscriber: Int64) throws -> [SubscriberEvent] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT e.event, t.name, e.source, e.actor, e.consent_text, e.detail, e.at_ms
                FROM subscriber_event e INDEXED BY subscriber_event_by_subscriber
                LEFT JOIN topic t ON t.id = e.topic_id WHERE e.subscriber_id = ? ORDER BY e.id
                """,
            arguments: [subscriber]
        ).compactMap { row in
            guard let kind = SubscriberEvent.Kind(rawValue: row[0]) else { return nil }
            return SubscriberEvent(
                kind: kind,
                topic: row[1],
                source: row[2],
                actor: row[3],
                consentText: row[4],
                detail: FlatJSON.decode(row[5]),
                at: Timestamp(rawValue: row[6])
            )
        }
    }
}
