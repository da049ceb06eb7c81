// SPDX-License-Identifier: Apache-2.0
//
// A segment as a way to people: who is in it, and by which subscription each is reached.
// Builds text and values only. Rules: docs/decisions/0009-segments.md.
import GRDB
import NashraCore
import NashraSegments

/// One segment of an audience.
struct AudienceSegmentSQL {
    /// A SELECT of subscriber, topic, standing and 1: a row per person and topic, with no topic for who has joined none.
    let way: String
    /// The values of its parameters.
    let arguments: StatementArguments
    /// Through how many topics it reaches people.
    let topicCount: Int

    /// Makes the ways of some segments.
    ///
    /// - Throws: `unknownObject` for a topic that is not there; `badData` for a query that cannot be read any more.
    static func all(_ db: Database, _ segments: [AudienceSegment], now: Timestamp) throws -> [Self] {
        try Set(segments).sorted { $0.name < $1.name }.enumerated().map { index, segment in
            try Self(db, segment, now: now, prefix: "s\(index)q")
        }
    }

    private init(_ db: Database, _ segment: AudienceSegment, now: Timestamp, prefix: String) throws {
        let expression: SegmentExpression
        do throws(SegmentFault) {
            expression = try SegmentParser.parse(
                canonical: segment.query,
                vocabulary: SegmentVocabulary(schema: segment.attributes)
            )
        } catch {
            throw UserError(.badData, "the segment \(segment.name) cannot be read: \(error)")
        }
        let question = SegmentQuestion(expression, timeZone: segment.timeZone, at: now)
        let sql = SegmentSQL(question, prefix: prefix)
        let topics =
            segment.topics.isEmpty
            ? try Int64.fetchAll(db, sql: "SELECT id FROM topic WHERE archived_at_ms IS NULL")
            : try Set(segment.topics.map { try TopicQueries.openTopic(db, named: $0).id }).sorted()
        topicCount = max(1, topics.count)
        let list = topics.map(String.init).joined(separator: ",")
        var arguments = sql.arguments
        _ = arguments.append(contentsOf: ["\(prefix)topics": "[\(list)]"])
        self.arguments = arguments
        way = """
            SELECT s.id, u.topic_id,
                   CASE WHEN u.subscriber_id IS NULL THEN 'not-subscribed' ELSE \(AudienceSQL.standing) END, 1
            FROM subscriber s LEFT JOIN subscription u
                ON u.subscriber_id = s.id AND u.topic_id IN (SELECT value FROM json_each(:\(prefix)topics))
            WHERE \(SegmentSQL.notErased) AND (\(sql.condition))
            """
    }
}
