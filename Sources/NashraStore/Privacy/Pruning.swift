// SPDX-License-Identifier: Apache-2.0
//
// Carries out how long things are kept: in batches, so that a send goes on meanwhile; counts and reports stay.
// Touches the store. What falls under a rule: PruneSQL.
import GRDB
public import NashraCore

extension Store {
    /// Counts what falls under the rules, and prunes it unless it is a dry run.
    ///
    /// Each batch is a transaction of its own. Interrupted, it has pruned a part; the next run goes on.
    ///
    /// - Parameters:
    ///   - retention: The rules.
    ///   - isDryRun: Only count.
    ///   - hash: Makes the keyed hash of an address key, for people who left everything.
    ///   - actor: Who does it, for the audit.
    ///   - onProgress: Called after each batch with the rule and how many it has pruned so far.
    /// - Returns: The counts, in the order of the rules.
    /// - Throws: `inputOutput` or `tryAgain` when the store cannot be written.
    public func prune(
        _ retention: Retention,
        isDryRun: Bool,
        hash: (String) -> [UInt8],
        actor: String,
        onProgress: (Retention.Rule, Int) -> Void = { _, _ in }
    ) throws(UserError) -> [PruneCount] {
        var counts: [PruneCount] = []
        let now = clock.now()
        for rule in Retention.Rule.allCases {
            guard let span = retention.spans[rule] else {
                counts.append(PruneCount(rule: rule, before: nil, due: 0, pruned: 0))
                continue
            }
            let before = now - span
            let due = try read { db in
                try Int.fetchOne(
                    db,
                    sql: "SELECT count(*) FROM (\(PruneSQL.due(rule)))",
                    arguments: ["before": before.rawValue]
                ) ?? 0
            }
            var count = PruneCount(rule: rule, before: before, due: due, pruned: 0)
            while !isDryRun, due > 0 {
                let done = try pruneBatch(rule, before: before, hash: hash, actor: actor)
                guard done > 0 else { break }
                count.pruned += done
                onProgress(rule, count.pruned)
            }
            counts.append(count)
        }
        if !isDryRun {
            let done = counts.filter { $0.pruned > 0 }.map { ($0.rule.rawValue, String($0.pruned)) }
            try recordAudit(
                actor: actor,
                action: "privacy.prune",
                object: "store",
                detail: Dictionary(done) { first, _ in first }
            )
        }
        return counts
    }

    /// One transaction; how many rows it pruned.
    private func pruneBatch(
        _ rule: Retention.Rule,
        before: Timestamp,
        hash: (String) -> [UInt8],
        actor: String
    ) throws(UserError) -> Int {
        try write { db in
            let size = rule == .unconfirmed || rule == .unsubscribed ? 100 : 5_000
            let ids = try Int64.fetchAll(
                db,
                sql: "SELECT id FROM (\(PruneSQL.due(rule))) LIMIT \(size)",
                arguments: ["before": before.rawValue]
            )
            guard !ids.isEmpty else { return 0 }
            switch rule {
            case .unconfirmed, .unsubscribed:
                let keeps = rule == .unsubscribed
                for id in ids { try forget(db, id, keepsHash: keeps, hash: hash, actor: actor) }
            default:
                let list: StatementArguments = ["ids": FlatJSON.encode(list: ids.lazy.map { String($0) })]
                for statement in PruneSQL.statements(rule) { try db.execute(sql: statement, arguments: list) }
            }
            return ids.count
        }
    }

    /// Erases a person of the register, with the hash or without a trace.
    private func forget(
        _ db: Database,
        _ id: Int64,
        keepsHash: Bool,
        hash: (String) -> [UInt8],
        actor: String
    ) throws {
        let text = try String.fetchOne(
            db,
            sql: "SELECT address FROM subscriber WHERE id = ?",
            arguments: [id]
        )
        guard let text, let address = try? EmailAddress.parse(text) else {
            throw UserError(
                .bug,
                "subscriber \(id) has an address that cannot be read",
                remedy: "Please report this."
            )
        }
        let scope = try PersonScope(db, address, isThorough: false)
        let eraser = Eraser(db, scope, now: clock.now(), isThorough: false)
        let erasure = try eraser.run()
        for key in keepsHash ? scope.keys : [] { try ErasedPeople.remember(db, hash(key), at: clock.now()) }
        try eraser.record(erasure, store: self, action: "privacy.forget", actor: actor)
    }

    /// What every table holds, by name.
    public func holdings() throws(UserError) -> [TableHolding] {
        try read { db in
            try PersonalData.tables.map { table in
                let time = PruneSQL.time(of: table)
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT count(*), \(time.map { "min(\($0))" } ?? "NULL") FROM \(table.name)"
                )
                return TableHolding(
                    table: table.name,
                    section: table.section,
                    rows: row?[0] ?? 0,
                    oldest: (row?[1] as Int64?).map(Timestamp.init)
                )
            }.sorted { $0.table < $1.table }
        }
    }
}
