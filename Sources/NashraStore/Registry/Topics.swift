// SPDX-License-Identifier: Apache-2.0
//
// Topics: the lists that people can join.
// Touches the store.
import GRDB
public import NashraCore

/// A list that people can join.
public struct Topic: Sendable, Hashable {
    /// Who can join, and whether they can leave.
    public enum Visibility: String, Sendable, Hashable, Codable, CaseIterable {
        case `public`, `private`
        /// Staff: nobody may unsubscribe.
        case mandatory
    }

    /// Its row.
    public var id: Int64
    /// Its name: lower-case letters, digits and hyphens.
    public var name: String
    /// Its title by language tag.
    public var title: [String: String]
    /// Who can join.
    public var visibility: Visibility
    /// When it was archived, or `nil`: no campaign can be for an archived topic.
    public var archivedAt: Timestamp?
    /// When it was made.
    public var createdAt: Timestamp
    /// How many people are subscribed now, and have confirmed it where they were asked.
    public var subscribers: Int
}

extension Store {
    /// Makes a topic.
    ///
    /// - Throws: `badData` when the name is taken or holds anything but `a-z`, `0-9` and inner hyphens.
    @discardableResult
    public func addTopic(
        name: String,
        title: [String: String] = [:],
        visibility: Topic.Visibility = .public,
        actor: String
    ) throws(UserError) -> Topic {
        guard Self.isTopicName(name) else {
            throw UserError(
                .badData,
                "\(name) cannot be a topic's name",
                remedy: "Use 1 to 64 lower-case letters, digits and hyphens, such as road-safety."
            )
        }
        return try write { db in
            try db.execute(
                sql:
                    "INSERT OR IGNORE INTO topic (name, title, visibility, created_at_ms) VALUES (?, ?, ?, ?)",
                arguments: [name, FlatJSON.encode(title), visibility.rawValue, clock.now().rawValue]
            )
            guard db.changesCount > 0 else {
                throw UserError(.badData, "there is a topic \(name) already", remedy: "Choose another name.")
            }
            try audit(
                db,
                actor: actor,
                action: "topic.add",
                object: name,
                detail: ["visibility": visibility.rawValue]
            )
            return try TopicQueries.openTopic(db, named: name)
        }
    }

    /// All topics by name, the archived last.
    public func topics() throws(UserError) -> [Topic] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "\(TopicQueries.select) ORDER BY t.archived_at_ms IS NOT NULL, t.name"
            ).map(TopicQueries.topic)
        }
    }

    /// The names of all topics, the archived last; counts nobody.
    public func topicNames() throws(UserError) -> [String] {
        try read { db in
            try String.fetchAll(db, sql: "SELECT name FROM topic ORDER BY archived_at_ms IS NOT NULL, name")
        }
    }

    /// The topic of a name; `nil` when there is none.
    public func topic(named name: String) throws(UserError) -> Topic? {
        try read { db in try TopicQueries.topic(db, named: name) }
    }

    /// Closes a topic to campaigns; its subscriptions stay.
    public func archiveTopic(_ name: String, actor: String) throws(UserError) {
        try write { db in
            _ = try TopicQueries.openTopic(db, named: name)
            try db.execute(
                sql: "UPDATE topic SET archived_at_ms = ? WHERE name = ?",
                arguments: [clock.now().rawValue, name]
            )
            try audit(db, actor: actor, action: "topic.archive", object: name)
        }
    }

    /// Opens an archived topic again.
    ///
    /// - Returns: Whether it was archived.
    @discardableResult
    public func unarchiveTopic(_ name: String, actor: String) throws(UserError) -> Bool {
        try write { db in
            guard try TopicQueries.knownTopic(db, named: name).archivedAt != nil else { return false }
            try db.execute(sql: "UPDATE topic SET archived_at_ms = NULL WHERE name = ?", arguments: [name])
            try audit(db, actor: actor, action: "topic.unarchive", object: name)
            return true
        }
    }

    /// Changes how a topic is called, and who can join and leave it.
    ///
    /// - Parameters:
    ///   - name: The topic; its name never changes.
    ///   - title: Titles by language tag that take the place of those that are known; an empty one is taken away.
    ///   - visibility: Who can join, or `nil` to leave that.
    ///   - actor: Who does it.
    /// - Returns: The topic as it is now.
    /// - Throws: `unknownObject` for a topic that does not exist.
    @discardableResult
    public func editTopic(
        _ name: String,
        title: [String: String] = [:],
        visibility: Topic.Visibility? = nil,
        actor: String
    ) throws(UserError) -> Topic {
        try write { db in
            let topic = try TopicQueries.knownTopic(db, named: name)
            var changed = topic
            for (tag, text) in title { changed.title[tag] = text.isEmpty ? nil : text }
            changed.visibility = visibility ?? topic.visibility
            guard changed != topic else { return topic }
            try db.execute(
                sql: "UPDATE topic SET title = ?, visibility = ? WHERE id = ?",
                arguments: [FlatJSON.encode(changed.title), changed.visibility.rawValue, topic.id]
            )
            var detail = changed.title.reduce(into: [:]) { $0["title.\($1.key)"] = $1.value }
            detail["visibility"] = changed.visibility.rawValue
            try audit(db, actor: actor, action: "topic.edit", object: name, detail: detail)
            return changed
        }
    }

    private static func isTopicName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let hyphen = UInt8(ascii: "-")
        return (1...64).contains(bytes.count) && bytes.first != hyphen && bytes.last != hyphen
            && bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == hyphen }
    }
}

/// How topics are read.
enum TopicQueries {
    /// With the count of people, which walks over all of them.
    static let select = selecting(
        """
        (SELECT count(*) FROM subscription u JOIN subscriber s ON s.id = u.subscriber_id
         WHERE u.topic_id = t.id AND u.ended_at_ms IS NULL AND u.is_pending = 0 AND s.state = 'active')
        """
    )

    private static func selecting(_ count: String) -> String {
        "SELECT t.id, t.name, t.title, t.visibility, t.archived_at_ms, t.created_at_ms, \(count) FROM topic t"
    }

    static func topic(_ db: Database, named name: String) throws -> Topic? {
        try Row.fetchOne(db, sql: "\(select) WHERE t.name = ?", arguments: [name]).map(topic)
    }

    /// A topic that is not archived; its people are not counted.
    ///
    /// - Throws: `unknownObject`, with the nearest name; `badData` when it is archived.
    static func openTopic(_ db: Database, named name: String) throws -> Topic {
        let topic = try knownTopic(db, named: name)
        guard topic.archivedAt == nil else {
            throw UserError(
                .badData,
                "the topic \(name) is archived",
                remedy: "Choose another topic, or open it again: nashra topics unarchive \(name)"
            )
        }
        return topic
    }

    /// A topic, archived or not; its people are not counted.
    ///
    /// - Throws: `unknownObject`, with the nearest name.
    static func knownTopic(_ db: Database, named name: String) throws -> Topic {
        let row = try Row.fetchOne(db, sql: "\(selecting("0")) WHERE t.name = ?", arguments: [name])
        guard let row else {
            let names = try String.fetchAll(db, sql: "SELECT name FROM topic")
            let near = Suggestion.nearest(to: name, among: names)
            throw UserError(
                .unknownObject,
                "there is no topic \(name)",
                remedy: near.map { "Did you mean \($0)?" } ?? "Make it: nashra topics add \(name)"
            )
        }
        return try topic(row)
    }

    /// A topic by its row; its people are not counted.
    static func topic(_ db: Database, id: Int64) throws -> Topic? {
        try Row.fetchOne(db, sql: "\(selecting("0")) WHERE t.id = ?", arguments: [id]).map(topic)
    }

    static func namesByID(_ db: Database) throws -> [Int64: String] {
        let rows = try Row.fetchAll(db, sql: "SELECT id, name FROM topic")
        return Dictionary(rows.map { ($0[0] as Int64, $0[1] as String) }) { first, _ in first }
    }

    static func topic(_ row: Row) throws -> Topic {
        Topic(
            id: row[0],
            name: row[1],
            title: FlatJSON.decode(row[2]),
            visibility: Topic.Visibility(rawValue: row[3]) ?? .private,
            archivedAt: (row[4] as Int64?).map(Timestamp.init),
            createdAt: Timestamp(rawValue: row[5]),
            subscribers: row[6]
        )
    }
}
