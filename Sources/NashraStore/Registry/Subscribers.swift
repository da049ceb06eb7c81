// SPDX-License-Identifier: Apache-2.0
//
// Single people in the register: found and listed.
// Reads the store.
import GRDB
public import NashraCore

/// A person in the register.
public struct Subscriber: Sendable, Hashable {
    /// Where the person stands.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Has not confirmed yet.
        case pending
        case active
        /// Has left altogether.
        case unsubscribed
        /// Asked to be forgotten.
        case erased
    }

    /// The row.
    public var id: SubscriberID
    /// The address, as it was given.
    public var address: String
    /// What makes two addresses the same person.
    public var addressKey: String
    /// The domain, as A-labels.
    public var domain: String
    /// The name, or `nil`.
    public var name: String?
    /// The language, or `nil`: then the workspace's chain decides.
    public var language: Language?
    /// Other values by name.
    public var attributes: [String: String]
    /// Where the person stands.
    public var state: State
    /// When the person was registered.
    public var createdAt: Timestamp
    /// When the person's values last changed.
    public var updatedAt: Timestamp
}

/// One topic that a person has joined, now or once.
public struct Subscription: Sendable, Hashable {
    /// The topic's name.
    public var topic: String
    /// Where it came from, in words.
    public var source: String
    /// When the person joined; while ``isPending``, when the topic was asked for.
    public var consentAt: Timestamp
    /// When it ended, or `nil`.
    public var endedAt: Timestamp?
    /// Why it ended, or `nil`.
    public var endedReason: String?
    /// Whether it was asked for and is not confirmed yet: no campaign reaches it.
    public var isPending: Bool
    /// How often the person wants to hear of it.
    public var frequency: Frequency
    /// From when on no campaign reaches it, or `nil`.
    public var pausedFrom: Timestamp?
    /// Until when; `nil` with a ``pausedFrom``: until it is resumed.
    public var pausedUntil: Timestamp?
    /// The version of the text that the person agreed to; `nil`: none is known.
    public var consentText: String?
    /// The import that joined the person, or `nil`.
    public var importID: Int64?

    /// How often somebody wants to hear of a topic; campaigns in the lane `digest` will ask.
    public typealias Frequency = ImportMembership.Frequency

    /// Whether it is paused at a moment.
    public func isPaused(at now: Timestamp) -> Bool {
        guard let pausedFrom, pausedFrom <= now else { return false }
        return pausedUntil.map { $0 > now } ?? true
    }
}

/// All that the register knows of one person.
public struct SubscriberDetail: Sendable, Hashable {
    /// The person.
    public var subscriber: Subscriber
    /// The topics, by name.
    public var subscriptions: [Subscription]
    /// Why the address is suppressed, or `nil`: of several, the widest.
    public var suppression: Suppression?
    /// The import that registered the person, or `nil`.
    public var importID: Int64?
    /// The file of that import, or `nil`.
    public var importFile: String?
}

/// Which people to list; everything that is `nil` lets all through.
public struct SubscriberFilter: Sendable, Hashable {
    /// Subscribed to this topic now.
    public var topic: String?
    /// Of this language.
    public var language: Language?
    /// In this state.
    public var state: Subscriber.State?
    /// With an address in this domain, as A-labels.
    public var domain: String?
    /// With something to confirm: the person, or a topic.
    public var isPending: Bool
    /// In this segment.
    public var segment: SegmentQuestion?

    /// Makes a filter.
    public init(
        topic: String? = nil,
        language: Language? = nil,
        state: Subscriber.State? = nil,
        domain: String? = nil,
        isPending: Bool = false,
        segment: SegmentQuestion? = nil
    ) {
        self.segment = segment
        self.topic = topic
        self.language = language
        self.state = state
        self.domain = domain
        self.isPending = isPending
    }
}

extension Store {
    /// A page of people, by row number.
    ///
    /// - Parameters:
    ///   - filter: Which.
    ///   - last: The last person of the page before; `nil` for the first page.
    ///   - limit: How many at most.
    /// - Returns: The page; fewer than `limit` when it is the last.
    /// - Throws: `unknownObject` for a topic that does not exist.
    public func subscribers(
        _ filter: SubscriberFilter = SubscriberFilter(),
        after last: SubscriberID? = nil,
        limit: Int = 100
    ) throws(UserError) -> [Subscriber] {
        try read { db in
            let (condition, arguments) = try SubscriberQueries.condition(db, filter)
            return try Row.fetchAll(
                db,
                sql:
                    "\(SubscriberQueries.select) WHERE \(condition) AND s.id > :last ORDER BY s.id LIMIT :limit",
                arguments: arguments + ["last": last?.rawValue ?? 0, "limit": limit]
            ).map(SubscriberQueries.subscriber)
        }
    }

    /// How many people a filter lets through.
    public func subscriberCount(_ filter: SubscriberFilter = SubscriberFilter()) throws(UserError) -> Int {
        try read { db in
            let (condition, arguments) = try SubscriberQueries.condition(db, filter)
            return try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM subscriber s WHERE \(condition)",
                arguments: arguments
            ) ?? 0
        }
    }

    /// All that is known of the person with an address; `nil` when nobody has it.
    public func subscriber(_ address: EmailAddress) throws(UserError) -> SubscriberDetail? {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: "\(SubscriberQueries.select) WHERE s.address_key = ?",
                arguments: [address.key]
            )
            guard let row else { return nil }
            let subscriber = try SubscriberQueries.subscriber(row)
            let origin = try SubscriberQueries.origin(db, of: subscriber.id)
            return SubscriberDetail(
                subscriber: subscriber,
                subscriptions: try SubscriberQueries.subscriptions(db, of: subscriber.id),
                suppression: try SuppressionQueries.suppression(db, key: address.key, at: clock.now()),
                importID: origin?.id,
                importFile: origin?.file
            )
        }
    }
}

/// How people are read.
enum SubscriberQueries {
    static let select = """
        SELECT s.id, s.address, s.address_key, s.domain, s.name, s.language, s.attributes, s.state,
            s.created_at_ms, s.updated_at_ms
        FROM subscriber s
        """

    static func condition(_ db: Database, _ filter: SubscriberFilter) throws -> (String, StatementArguments) {
        var parts = ["1"]
        var arguments: StatementArguments = [:]
        if let topic = filter.topic {
            let id = try TopicQueries.openTopic(db, named: topic).id
            parts.append(
                """
                EXISTS (SELECT 1 FROM subscription u WHERE u.subscriber_id = s.id AND u.topic_id = :topic
                        AND u.ended_at_ms IS NULL)
                """
            )
            arguments += ["topic": id]
        }
        if let language = filter.language {
            parts.append("s.language = :language")
            arguments += ["language": language.rawValue]
        }
        if let state = filter.state {
            parts.append("s.state = :state")
            arguments += ["state": state.rawValue]
        }
        if let domain = filter.domain {
            parts.append("s.domain = :domain")
            arguments += ["domain": domain]
        }
        if filter.isPending {
            parts.append(
                """
                (s.state = 'pending' OR EXISTS (SELECT 1 FROM subscription p WHERE p.subscriber_id = s.id
                    AND p.is_pending = 1 AND p.ended_at_ms IS NULL))
                """
            )
        }
        if let segment = filter.segment {
            let sql = SegmentSQL(segment)
            parts.append("\(SegmentSQL.notErased) AND (\(sql.condition))")
            arguments += sql.arguments
        }
        return (parts.joined(separator: " AND "), arguments)
    }

    static func subscriptions(_ db: Database, of id: SubscriberID) throws -> [Subscription] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT t.name, u.source, u.consent_at_ms, u.ended_at_ms, u.ended_reason, u.is_pending, u.frequency,
                    u.paused_from_ms, u.paused_until_ms, u.consent_text, u.import_id
                FROM subscription u JOIN topic t ON t.id = u.topic_id WHERE u.subscriber_id = ? ORDER BY t.name
                """,
            arguments: [id.rawValue]
        ).map {
            Subscription(
                topic: $0[0],
                source: $0[1],
                consentAt: Timestamp(rawValue: $0[2]),
                endedAt: ($0[3] as Int64?).map(Timestamp.init),
                endedReason: $0[4],
                isPending: $0[5],
                frequency: Subscription.Frequency(rawValue: $0[6]) ?? .immediate,
                pausedFrom: ($0[7] as Int64?).map(Timestamp.init),
                pausedUntil: ($0[8] as Int64?).map(Timestamp.init),
                consentText: $0[9],
                importID: $0[10]
            )
        }
    }

    /// The import that registered a person.
    static func origin(_ db: Database, of id: SubscriberID) throws -> (id: Int64, file: String?)? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT s.import_id, i.file FROM subscriber s LEFT JOIN import i ON i.id = s.import_id
                WHERE s.id = ? AND s.import_id IS NOT NULL
                """,
            arguments: [id.rawValue]
        ).map { ($0[0], $0[1]) }
    }

    static func subscriber(_ row: Row) throws -> Subscriber {
        Subscriber(
            id: SubscriberID(rawValue: row[0]),
            address: row[1],
            addressKey: row[2],
            domain: row[3],
            name: row[4],
            language: (row[5] as String?).flatMap(Language.init),
            attributes: FlatJSON.decode(row[6]),
            state: Subscriber.State(rawValue: row[7]) ?? .erased,
            createdAt: Timestamp(rawValue: row[8]),
            updatedAt: Timestamp(rawValue: row[9])
        )
    }
}
