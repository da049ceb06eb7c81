// SPDX-License-Identifier: Apache-2.0
//
// Some people into the register at once, without a record of the import. Doing it twice is the same as doing it once.
// Touches the store: one transaction. Files go the other way: ImportsRun.
import GRDB
public import NashraCore

extension Store {
    /// Registers people, and subscribes them to a topic.
    ///
    /// - Parameters:
    ///   - rows: Some thousand people at most; all in one transaction.
    ///   - topic: The topic to subscribe them to, or `nil` for none.
    ///   - source: Where they come from, in words; kept with each new subscription.
    ///   - dryRun: Say what would happen, and leave no trace.
    ///   - resubscribe: Subscribe people again who left: only for somebody who asked for it in person.
    /// - Returns: What became of each row, in their order.
    /// - Throws: `unknownObject` for a topic that does not exist.
    public func importBatch(
        _ rows: [ImportRow],
        topic: String?,
        source: String,
        dryRun: Bool = false,
        resubscribe: Bool = false
    ) throws(UserError) -> [RowOutcome] {
        var packed = PackedRows()
        for row in rows { packed.append(row, line: 0) }
        do {
            return try pool.writeWithoutTransaction { db in
                var outcomes: [RowOutcome] = []
                // Addresses come in any order, so every batch touches the whole of their index.
                if rows.count > 1_000 { try db.execute(sql: "PRAGMA cache_size = -32000") }
                try hooks.check(.begin)
                try db.inTransaction(.immediate) {
                    var purpose = ImportingPurpose(source: source, now: clock.now())
                    purpose.topic = try topic.map { try TopicQueries.openTopic(db, named: $0).id }
                    purpose.resubscribes = resubscribe
                    let walk = try ImportingWalk(db, purpose)
                    outcomes.reserveCapacity(rows.count)
                    try packed.forEach(atEnd: walk.finish) { _, row in outcomes.append(try walk.take(row)) }
                    try hooks.check(.commit)
                    return dryRun ? .rollback : .commit
                }
                return outcomes
            }
        } catch {
            throw StoreError(error, path: path).userError
        }
    }
}
