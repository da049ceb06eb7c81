// SPDX-License-Identifier: Apache-2.0
//
// What is due, as rows: the two questions that a sender asks again and again.
// Reads the store.
import GRDB
import NashraCore

/// How due rows are read.
enum DueQueries {
    static let sql = """
        SELECT d.id, d.address, d.language, d.merge, d.attempts, d.next_at_ms, 
            \(LedgerSQL.mayNotBeMailed("d", now: "?3"))
        FROM delivery d INDEXED BY delivery_due
        WHERE d.campaign_id = ?1 AND d.state IN ('queued', 'deferred')
          AND d.id > ?2 AND d.next_at_ms <= ?3
        ORDER BY d.id LIMIT ?4
        """

    static let nextSQL = """
        SELECT min(next_at_ms) FROM delivery INDEXED BY delivery_due
        WHERE campaign_id = ? AND state IN ('queued', 'deferred')
        """

    struct Found {
        let id: Int64
        let address: String
        let language: String
        let merge: String
        let attempts: Int
        let nextAt: Int64
        let blocked: Bool

        func delivery(values: [String: String]) throws(UserError) -> DueDelivery {
            guard let parsed = try? EmailAddress.parse(address), let tag = Language(rawValue: language) else {
                throw UserError(
                    .bug,
                    "delivery \(id) has an address or a language that cannot be read",
                    remedy: "Please report this."
                )
            }
            return DueDelivery(
                id: DeliveryID(rawValue: id),
                address: parsed,
                language: tag,
                values: values,
                attempts: attempts,
                dueAt: Timestamp(rawValue: nextAt)
            )
        }
    }

    static func rows(
        _ db: Database,
        campaign: Int64,
        after cursor: Int64,
        now: Timestamp,
        limit: Int
    ) throws -> [Found] {
        let statement = try FastStatement(db, sql)
        statement.bind(1, campaign)
        statement.bind(2, cursor)
        statement.bind(3, now.rawValue)
        statement.bind(4, limit)
        var rows: [Found] = []
        rows.reserveCapacity(min(limit, 10_000))
        while try statement.step() {
            rows.append(
                Found(
                    id: statement.int(0),
                    address: statement.text(1) ?? "",
                    language: statement.text(2) ?? "",
                    merge: statement.text(3) ?? "{}",
                    attempts: Int(statement.int(4)),
                    nextAt: statement.int(5),
                    blocked: statement.int(6) != 0
                )
            )
        }
        return rows
    }
}
