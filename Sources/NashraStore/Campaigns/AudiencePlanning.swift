// SPDX-License-Identifier: Apache-2.0
//
// The audience of a campaign before it is frozen: how many, of what kind, who is left out.
// Reads the store.
import GRDB
public import NashraCore

extension Store {
    /// Answers how many people a campaign would be for.
    ///
    /// - Parameters:
    ///   - query: Who is asked for.
    ///   - chain: The languages that the workspace falls back on, first choice first.
    ///   - available: The languages that the bulletin has.
    /// - Returns: The numbers, none of which a later freeze contradicts unless the register changes in between.
    /// - Throws: `unknownObject` for a topic that does not exist; `badData` when no language fits.
    public func plan(
        _ query: AudienceQuery,
        chain: [Language],
        available: [Language]
    ) throws(UserError) -> AudiencePlan {
        try read { db in
            let audience = try AudienceSQL(
                db,
                query: query,
                chain: chain,
                available: available,
                now: clock.now()
            )
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    \(audience.with)
                    SELECT exclusion, variant, topic_id, domain, count(*), sum(ways)
                    FROM (\(audience.people)) GROUP BY 1, 2, 3, 4
                    """,
                arguments: audience.arguments
            )
            let names = try TopicQueries.namesByID(db)
            var count = PlanCount()
            while let row = try rows.next() {
                count.add(
                    exclusion: row[0],
                    language: row[1],
                    topic: (row[2] as Int64?).flatMap { names[$0] } ?? "",
                    domain: row[3],
                    people: row[4],
                    ways: row[5]
                )
            }
            count.addRepeats(in: query)
            return count.plan
        }
    }
}

/// Adds up the rows of a plan.
private struct PlanCount {
    private var audience = 0
    private var byLanguage: [Language: Int] = [:]
    private var byTopic: [String: Int] = [:]
    private var byDomain: [String: Int] = [:]
    private var exclusions: [Exclusion: Int] = [:]

    mutating func add(
        exclusion: String,
        language: String,
        topic: String,
        domain: String,
        people: Int,
        ways: Int
    ) {
        if ways > people { exclusions[.duplicate, default: 0] += ways - people }
        if let reason = Exclusion(rawValue: exclusion) {
            exclusions[reason, default: 0] += people
            return
        }
        audience += people
        if let language = Language(rawValue: language) { byLanguage[language, default: 0] += people }
        byTopic[topic, default: 0] += people
        byDomain[domain, default: 0] += people
    }

    /// Counts addresses that were written down twice.
    mutating func addRepeats(in query: AudienceQuery) {
        let repeats = query.addresses.count - Set(query.addresses.map(\.key)).count
        if repeats > 0 { exclusions[.duplicate, default: 0] += repeats }
    }

    var plan: AudiencePlan {
        let top = byDomain.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(20)
        return AudiencePlan(
            audience: audience,
            byLanguage: byLanguage,
            byTopic: byTopic,
            topDomains: top.map { (domain: $0.key, count: $0.value) },
            exclusions: exclusions
        )
    }
}
