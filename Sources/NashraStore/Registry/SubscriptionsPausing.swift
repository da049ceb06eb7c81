// SPDX-License-Identifier: Apache-2.0
//
// Whether and how often a topic reaches one person now: pauses and frequency.
// Touches the store. Every change has a source, an actor, a time, and leaves an event. Rules: docs/subscriptions.md.
import GRDB
public import NashraCore

extension Store {
    /// Sets how often a person wants to hear of a topic.
    ///
    /// - Returns: Whether it is another one than before.
    /// - Throws: `unknownObject` when the person is not in the topic.
    @discardableResult
    public func setFrequency(
        _ address: EmailAddress,
        topic: String,
        _ frequency: Subscription.Frequency,
        source: String,
        actor: String
    ) throws(UserError) -> Bool {
        try write { db in
            let person = try PersonRow.require(db, address)
            let topic = try SubscriptionSQL.require(db, person, topic: topic)
            let before = try String.fetchOne(
                db,
                sql: "SELECT frequency FROM subscription WHERE subscriber_id = ? AND topic_id = ?",
                arguments: [person.id, topic.id]
            )
            guard before != frequency.rawValue else { return false }
            try db.execute(
                sql: "UPDATE subscription SET frequency = ? WHERE subscriber_id = ? AND topic_id = ?",
                arguments: [frequency.rawValue, person.id, topic.id]
            )
            try SubscriberEvents.record(
                db,
                .frequency,
                subscriber: person.id,
                topic: topic.id,
                source: source,
                actor: actor,
                detail: ["frequency": frequency.rawValue, "frequency.before": before ?? ""],
                at: clock.now()
            )
            return true
        }
    }

    /// Keeps campaigns from a person for a while.
    ///
    /// - Parameters:
    ///   - address: Whose.
    ///   - topic: Through this topic, or through all that the person is in.
    ///   - from: From then on; `nil`: from now on.
    ///   - until: Until then; `nil`: until it is resumed.
    ///   - force: Mandatory topics too; for an operator only.
    ///   - source: Where it comes from, in words.
    ///   - actor: Who does it.
    /// - Returns: The topics that are paused, and those that nobody may pause, by name.
    /// - Throws: `badData` when it would end before it begins, or is over; `unknownObject` when the person is not in the
    ///   topic.
    public func pause(
        _ address: EmailAddress,
        topic: String? = nil,
        from: Timestamp? = nil,
        until: Timestamp? = nil,
        force: Bool = false,
        source: String,
        actor: String
    ) throws(UserError) -> (paused: [String], mandatory: [String]) {
        try write { db in
            let now = clock.now()
            let from = from ?? now
            if let until, until <= max(from, now) {
                throw UserError(
                    .badData,
                    "the pause would end at \(until.iso8601), before it begins",
                    remedy: "Give it an end that is to come, or none."
                )
            }
            let person = try PersonRow.require(db, address)
            let topics = try SubscriptionSQL.chosen(db, person, topic)
            let allowed = topics.filter { force || !$0.isMandatory }
            for topic in allowed {
                try db.execute(
                    sql: """
                        UPDATE subscription SET paused_from_ms = ?, paused_until_ms = ?
                        WHERE subscriber_id = ? AND topic_id = ?
                        """,
                    arguments: [from.rawValue, until?.rawValue, person.id, topic.id]
                )
                var detail = ["from": from.iso8601]
                detail["until"] = until?.iso8601
                try SubscriberEvents.record(
                    db,
                    .paused,
                    subscriber: person.id,
                    topic: topic.id,
                    source: source,
                    actor: actor,
                    detail: detail,
                    at: now
                )
            }
            return (allowed.map(\.name), topics.filter { !force && $0.isMandatory }.map(\.name))
        }
    }

    /// Ends pauses.
    ///
    /// - Returns: The topics that were paused, or were going to be, by name.
    /// - Throws: `unknownObject` when the person is not in the topic.
    public func resume(
        _ address: EmailAddress,
        topic: String? = nil,
        source: String,
        actor: String
    ) throws(UserError) -> [String] {
        try write { db in
            let now = clock.now()
            let person = try PersonRow.require(db, address)
            var resumed: [String] = []
            for topic in try SubscriptionSQL.chosen(db, person, topic) {
                try db.execute(
                    sql: """
                        UPDATE subscription SET paused_from_ms = NULL, paused_until_ms = NULL
                        WHERE subscriber_id = ? AND topic_id = ? AND paused_from_ms IS NOT NULL
                        """,
                    arguments: [person.id, topic.id]
                )
                guard db.changesCount > 0 else { continue }
                resumed.append(topic.name)
                try SubscriberEvents.record(
                    db,
                    .resumed,
                    subscriber: person.id,
                    topic: topic.id,
                    source: source,
                    actor: actor,
                    at: now
                )
            }
            return resumed
        }
    }
}

extension SubscriptionSQL {
    /// A topic that the person is in, or waits to be.
    static func require(_ db: Database, _ person: PersonRow, topic: String) throws -> CurrentTopic {
        let known = try TopicQueries.knownTopic(db, named: topic)
        guard let found = try current(db, person.id).first(where: { $0.id == known.id }) else {
            throw UserError(
                .unknownObject,
                "\(person.address) is not subscribed to \(topic)",
                remedy: "nashra subscribers show \(person.address) names the topics."
            )
        }
        return found
    }

    /// One of the person's topics, or all.
    static func chosen(_ db: Database, _ person: PersonRow, _ topic: String?) throws -> [CurrentTopic] {
        if let topic { return [try require(db, person, topic: topic)] }
        return try current(db, person.id)
    }
}
