// SPDX-License-Identifier: Apache-2.0
//
// The people of a planned audience, one after another, as a freeze would take them; for a dry run.
// Reads the store.
import GRDB
public import NashraCore

extension Store {
    /// Hands every person whom a freeze would take to `body`, with the merge values it would freeze.
    ///
    /// One unchanging view of the store; the deliveries have no rows yet, their numbers count from 1.
    ///
    /// - Parameters:
    ///   - query: Who is asked for.
    ///   - chain: The languages that the workspace falls back on, first choice first.
    ///   - available: The languages that the bulletin has.
    ///   - fields: The merge fields that the bulletin uses.
    ///   - body: Called for each person; what it throws ends the walk.
    /// - Throws: What `body` throws, and what ``plan(_:chain:available:)`` does.
    public func forEachRecipient(
        _ query: AudienceQuery,
        chain: [Language],
        available: [Language],
        fields: Set<String>,
        _ body: (DueDelivery) throws(UserError) -> Void
    ) throws(UserError) {
        try read { db in
            let audience = try AudienceSQL(
                db,
                query: query,
                chain: chain,
                available: available,
                now: clock.now()
            )
            var arguments = audience.arguments
            let merge = MergeValues.sql(fields, &arguments)
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    \(audience.with)
                    SELECT address, variant, \(merge) FROM (\(audience.people)) WHERE exclusion = ''
                    """,
                arguments: arguments
            )
            var number: Int64 = 0
            while let row = try rows.next() {
                number += 1
                let found = DueQueries.Found(
                    id: number,
                    address: row[0],
                    language: row[1],
                    merge: row[2],
                    attempts: 0,
                    nextAt: 0,
                    blocked: false
                )
                try body(found.delivery(values: FlatJSON.decode(found.merge)))
            }
        }
    }

    /// The names of all attributes that subscribers have.
    public func attributeNames() throws(UserError) -> Set<String> {
        try read { db in
            try Set(
                String.fetchAll(
                    db,
                    sql:
                        "SELECT DISTINCT j.key FROM subscriber, json_each(attributes) j WHERE attributes <> '{}'"
                )
            )
        }
    }
}
