// SPDX-License-Identifier: Apache-2.0
//
// The audience of a campaign as SQL: the same text decides in the plan and in the freeze.
// Builds text and arguments only; every value is bound.
import Foundation
import GRDB
import NashraCore

/// Who is asked for, and why somebody is left out: the first that is true of erased, not confirmed, unsubscribed,
/// suppressed (everywhere or for the topic), paused, other language, other domain.
///
/// `classed` has one row per person and way in (topic or single address), with `exclusion` empty for those who are in.
struct AudienceSQL {
    /// `WITH …`, ending before the SELECT.
    let with: String
    /// A SELECT over `classed` with one row per person and `ways`, how many rows of `classed` that was.
    let people: String
    let arguments: StatementArguments

    /// Makes the SQL.
    ///
    /// - Throws: `unknownObject` for a topic that does not exist, `badData` when no language of the bulletin is in
    ///   the chain or nobody is asked for.
    init(
        _ db: Database,
        query: AudienceQuery,
        chain: [Language],
        available: [Language],
        now: Timestamp
    ) throws {
        guard !query.topics.isEmpty || !query.segments.isEmpty || !query.addresses.isEmpty else {
            throw UserError(
                .usage,
                "nobody is asked for",
                remedy: "Name a topic, a segment or addresses with --to."
            )
        }
        guard let fallback = chain.first(where: available.contains) else {
            let has = available.map(\.rawValue).joined(separator: ", ")
            throw UserError(
                .badData,
                "the bulletin has none of the workspace's languages (it has \(has))",
                remedy: "Write a variant in one of \(chain.map(\.rawValue).joined(separator: ", "))."
            )
        }
        let topics = try query.topics.map { try TopicQueries.openTopic(db, named: $0).id }
        let addresses = Dictionary(query.addresses.map { ($0.key, $0) }) { first, _ in first }.values
        let segments = try AudienceSegmentSQL.all(db, query.segments, now: now)
        with = Self.text(byTopic: !topics.isEmpty, segments: segments, byAddress: !addresses.isEmpty)
        let ways = Set(topics).count + segments.reduce(0) { $0 + $1.topicCount }
        people = ways > 1 || !addresses.isEmpty ? Self.onePerPerson : "SELECT *, 1 AS ways FROM classed"
        var arguments: StatementArguments = [
            "available": Self.json(available.map(\.rawValue)),
            "fallback": fallback.rawValue,
            "languages": Self.json(query.languages.map(\.rawValue)),
            "anyLanguage": query.languages.isEmpty,
            "domains": Self.json(query.domains),
            "anyDomain": query.domains.isEmpty,
            "now": now.rawValue,
        ]
        if !topics.isEmpty { _ = arguments.append(contentsOf: ["topics": Self.json(Set(topics).sorted())]) }
        if !addresses.isEmpty {
            let list = addresses.map { ["k": $0.key, "a": $0.text, "d": $0.domain] }
            _ = arguments.append(contentsOf: ["addresses": Self.json(list)])
        }
        for segment in segments { _ = arguments.append(contentsOf: segment.arguments) }
        self.arguments = arguments
    }

    /// Of several ways to one person: the first topic that reaches, else the single address, else any that
    /// does not.
    ///
    /// SQLite takes the other columns from the row with the minimum. A segment asks for a person once, whatever his topics.
    private static let onePerPerson = """
        SELECT *, sum(NOT in_segment) + max(in_segment) AS ways, min(
            CASE WHEN exclusion <> '' THEN 9223372036854775807 ELSE coalesce(topic_id, 9223372036854775806) END)
        FROM classed GROUP BY address_key
        """

    private static func json(_ value: some Encodable) -> String {
        (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }

    /// How a subscription stands at this moment.
    static let standing = """
        CASE WHEN ended_at_ms IS NOT NULL THEN 'unsubscribed' WHEN is_pending THEN 'pending'
             WHEN paused_from_ms <= :now AND (paused_until_ms IS NULL OR paused_until_ms > :now)
             THEN 'paused' ELSE '' END
        """

    private static func text(byTopic: Bool, segments: [AudienceSegmentSQL], byAddress: Bool) -> String {
        let topics = """
            SELECT subscriber_id, topic_id, \(standing), 0
            FROM subscription WHERE topic_id IN (SELECT value FROM json_each(:topics))
            """
        let addresses = """
            SELECT id, NULL, '', 0 FROM subscriber
            WHERE address_key IN (SELECT value ->> '$.k' FROM json_each(:addresses))
            """
        let ways = (byTopic ? [topics] : []) + segments.map(\.way) + (byAddress ? [addresses] : [])
        return """
            WITH way (subscriber_id, topic_id, standing, in_segment) AS (\(ways.joined(separator: " UNION ALL "))),
            person AS (
                SELECT s.id AS subscriber_id, w.topic_id, w.standing, w.in_segment, s.state, s.address, s.address_key, s.domain,
                       coalesce(s.language, :fallback) AS language, s.name, s.attributes
                FROM way w JOIN subscriber s ON s.id = w.subscriber_id
                \(byAddress ? "UNION ALL \(strangers)" : "")
            ),
            classed AS (
                SELECT *,
                    CASE WHEN language IN (SELECT value FROM json_each(:available))
                         THEN language ELSE :fallback END AS variant,
                    CASE WHEN state <> 'active'
                         THEN CASE state WHEN 'pending' THEN 'pending' WHEN 'erased' THEN 'erased'
                              ELSE 'unsubscribed' END
                         WHEN standing <> '' AND standing <> 'paused' THEN standing
                         WHEN EXISTS (\(LedgerSQL.suppression(of: "person", now: ":now")))
                         THEN 'suppressed'
                         WHEN standing = 'paused' THEN 'paused'
                         WHEN NOT (:anyLanguage OR language IN (SELECT value FROM json_each(:languages)))
                         THEN 'other-language'
                         WHEN NOT (:anyDomain OR domain IN (SELECT value FROM json_each(:domains)))
                         THEN 'other-domain'
                         ELSE '' END AS exclusion
                FROM person
            )
            """
    }

    /// Addresses that are not in the register.
    private static let strangers = """
        SELECT NULL, NULL, '', 0, 'active', value ->> '$.a', value ->> '$.k', value ->> '$.d', :fallback, NULL, '{}'
        FROM json_each(:addresses)
        WHERE NOT EXISTS (SELECT 1 FROM subscriber s WHERE s.address_key = value ->> '$.k')
        """
}
