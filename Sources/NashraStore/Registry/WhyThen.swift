// SPDX-License-Identifier: Apache-2.0
//
// Why somebody was not in an audience that was frozen some time ago, as far as the record of that time tells.
// Reads the store. Says "unrecorded" rather than guess.
import GRDB
import NashraCore

/// What is recorded of one person's past.
struct WhyThen {
    private struct Joined {
        let topic: String
        let from: Timestamp
        let until: Timestamp?
        let reason: String
        let pausedFrom: Timestamp?
        let pausedUntil: Timestamp?

        /// Whether the pause that is recorded now covers a moment of the past.
        func isPaused(at moment: Timestamp) -> Bool {
            guard let pausedFrom, pausedFrom <= moment else { return false }
            return pausedUntil.map { $0 > moment } ?? true
        }
    }

    private let address: EmailAddress
    private let subscriber: Subscriber?
    private let joined: [Joined]
    private let spells: [SuppressionSpell]

    init(_ db: Database, address: EmailAddress, subscriber: Subscriber?, now: Timestamp) throws {
        self.address = address
        self.subscriber = subscriber
        spells = try SuppressionQueries.spells(db, key: address.key, now: now)
        joined = try Row.fetchAll(
            db,
            sql: """
                SELECT t.name, u.consent_at_ms, u.ended_at_ms, u.ended_reason, u.paused_from_ms, u.paused_until_ms
                FROM subscription u
                JOIN topic t ON t.id = u.topic_id WHERE u.subscriber_id = ? ORDER BY t.name
                """,
            arguments: [subscriber?.id.rawValue]
        ).map { row in
            Joined(
                topic: row[0],
                from: Timestamp(rawValue: row[1]),
                until: (row[2] as Int64?).map(Timestamp.init),
                reason: row[3] ?? "",
                pausedFrom: (row[4] as Int64?).map(Timestamp.init),
                pausedUntil: (row[5] as Int64?).map(Timestamp.init)
            )
        }
    }

    /// The first reason that holds, in the order in which the audience asked.
    ///
    /// - Parameters:
    ///   - moment: When the audience was frozen.
    ///   - audience: Its line, as AudienceQuery writes it.
    /// - Returns: The reason.
    func absence(at moment: Timestamp, audience: String) -> WhyAbsence {
        let words = audience.split(separator: " ").map(String.init)
        func values(_ prefix: String) -> Set<String> {
            Set(words.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
        }
        let isNamed = words.contains(address.key)
        guard let subscriber, subscriber.createdAt <= moment || isNamed else {
            return isNamed ? narrowed(values, moment) : .notRegisteredThen
        }
        let topics = values("topic:")
        let mine = joined.filter { topics.contains($0.topic) }
        let isBySegment = words.contains { $0.hasPrefix("segment:") }
        guard isNamed || isBySegment || !mine.isEmpty else { return .notAskedFor }
        let current = mine.filter { $0.from <= moment && ($0.until.map { $0 > moment } ?? true) }
        if !isNamed, !isBySegment, current.isEmpty {
            if let left = mine.first(where: { $0.from <= moment }), let until = left.until {
                return .hadLeft(topic: left.topic, until, reason: left.reason)
            }
            if let later = mine.first { return .joinedLater(topic: later.topic, later.from) }
        }
        return narrowed(values, moment, topics: Set(current.map(\.topic)))
    }

    private func narrowed(
        _ values: (String) -> Set<String>,
        _ moment: Timestamp,
        topics: Set<String> = []
    ) -> WhyAbsence {
        let spell = spells.first { spell in
            guard spell.from <= moment, spell.until.map({ $0 > moment }) ?? true else { return false }
            guard case .topic(let name) = spell.scope else { return true }
            return topics.contains(name)
        }
        if let spell { return .suppressed(spell) }
        let (languages, domains) = (values("language:"), values("domain:"))
        if !languages.isEmpty, let language = subscriber?.language, !languages.contains(language.rawValue) {
            return .otherLanguage
        }
        if !domains.isEmpty, !domains.contains(address.domain) { return .otherDomain }
        let paused = joined.first { topics.contains($0.topic) && $0.isPaused(at: moment) }
        if let paused, let from = paused.pausedFrom { return .paused(topic: paused.topic, from) }
        return .unrecorded
    }
}
