// SPDX-License-Identifier: Apache-2.0
//
// One import on its way into the register: begun or gone on with, batch by batch, and ended.
// Touches the store: one transaction per batch, and the import's place in its plan in the same one.
// Rules: docs/decisions/0008-registry.md; threat row 13 of docs/threat-model.md.
import Foundation
import GRDB
public import NashraCore

/// One import under way.
///
/// Used by one thread at a time. Its rows come in the order of their keys, each key once; the first ``position`` of
/// them were committed by an earlier process and are only looked at again.
public final class ImportRun {
    /// Its number; `nil` before ``start()`` and in a dry run.
    public private(set) var id: Int64?
    /// How many rows of the plan were committed before.
    public let position: Int
    /// Whether it goes on with an import that was cut off.
    public let isResumed: Bool
    /// What happened so far, earlier processes included.
    public private(set) var tally: ImportTally

    private let store: Store
    private let request: ImportRequest
    private let topicID: Int64?
    private let startedAt: Timestamp
    private let lock: ImportsLock?
    private var done: Int

    fileprivate init(
        _ store: Store,
        _ request: ImportRequest,
        lock: ImportsLock?,
        topicID: Int64?,
        found: ImportQueries.Begun?
    ) {
        self.store = store
        self.request = request
        self.lock = lock
        self.topicID = topicID
        id = found?.id
        position = found?.position ?? 0
        isResumed = found != nil
        tally = found?.tally ?? ImportTally()
        startedAt = found?.startedAt ?? store.clock.now()
        done = position
    }

    /// Makes its record, unless it has one: from here on it can be gone on with.
    public func start() throws(UserError) {
        guard id == nil, !request.isDryRun else { return }
        id = try store.write { db in
            try ImportQueries.begin(db, request, topic: topicID, now: startedAt)
        }
    }

    /// Applies rows, or says what they would do.
    ///
    /// - Parameters:
    ///   - rows: Some thousand; all in one transaction.
    ///   - first: The place of the first one in the plan, from 0.
    /// - Returns: What became of each; `nil` for one that was committed before.
    /// - Throws: ``UserError``; then none of them is taken.
    public func apply(_ rows: PackedRows, at first: Int) throws(UserError) -> [RowOutcome?] {
        var outcomes: [RowOutcome?] = []
        outcomes.reserveCapacity(rows.count)
        guard !request.isDryRun else {
            let seen = try store.read { db in
                let walk = try ImportingWalk(db, try purpose(db))
                try rows.forEach(atEnd: walk.finish) { _, row in outcomes.append(try walk.take(row)) }
                return walk.tally
            }
            tally.add(seen)
            return outcomes
        }
        let tally = try store.importWrite { db in
            let walk = try ImportingWalk(db, try purpose(db))
            try rows.forEach(atEnd: walk.finish) { index, row in
                guard first + index < position else {
                    outcomes.append(try walk.take(row))
                    return
                }
                outcomes.append(try walk.isErased(row) ? .erased : nil)
            }
            var tally = self.tally
            tally.add(walk.tally)
            try advance(db, to: max(done, first + rows.count), tally)
            return tally
        }
        self.tally = tally
        done = max(done, first + rows.count)
        return outcomes
    }

    /// Ends the subscriptions of people whom the file leaves out.
    ///
    /// - Parameter people: Some thousand of them, all in one transaction.
    /// - Throws: ``UserError``; then none of them has left.
    public func drop(_ people: ArraySlice<Int64>) throws(UserError) {
        guard let topicID else { return }
        guard !request.isDryRun else {
            tally.left += people.count
            return
        }
        let tally = try store.importWrite { db in
            let statements = try ImportingStatements(db, try purpose(db))
            var tally = self.tally
            for id in people where try statements.drop(id, topicID, reason: "not in \(request.file)") {
                tally.left += 1
            }
            try advance(db, to: done + people.count, tally)
            return tally
        }
        self.tally = tally
        done += people.count
    }

    /// Ends the import: its counts, its place in the audit.
    public func finish(counts: [(name: String, count: Int)]) throws(UserError) {
        guard let id else { return }
        try store.write { db in
            let now = store.clock.now()
            var values = tally.values
            for (name, count) in counts { values[name] = String(count) }
            try db.execute(
                sql: "UPDATE import SET state = 'finished', finished_at_ms = ?, counts = ? WHERE id = ?",
                arguments: [now.rawValue, FlatJSON.encode(values), id]
            )
            var detail = ["source": request.source, "topic": request.topic ?? "", "import": String(id)]
            for (name, count) in counts { detail[name] = String(count) }
            try store.audit(
                db,
                actor: request.actor,
                action: "subscribers.import",
                object: request.file,
                detail: detail
            )
        }
    }

    private func advance(_ db: Database, to position: Int, _ tally: ImportTally) throws {
        try db.execute(
            sql: "UPDATE import SET position = ?, counts = ? WHERE id = ? AND state = 'running'",
            arguments: [position, FlatJSON.encode(tally.values), id]
        )
        guard db.changesCount == 1 else {
            throw UserError(.tryAgain, "the import was taken back while it ran", remedy: "Begin it anew.")
        }
    }

    private func purpose(_ db: Database) throws -> ImportingPurpose {
        // One time for the whole import, so that what one import did can be told from what came after.
        var purpose = ImportingPurpose(source: request.source, now: startedAt)
        purpose.topic = topicID
        purpose.importID = id
        purpose.actor = request.actor
        purpose.writes = !request.isDryRun
        purpose.isSorted = true
        purpose.topics = Dictionary(
            try TopicQueries.namesByID(db).map { ($0.value, $0.key) }
        ) { first, _ in first }
        purpose.erasureHashes = request.erasureHashes
        return purpose
    }
}

extension Store {
    /// Begins an import, or goes on with one of the same file that was cut off.
    ///
    /// - Parameter request: What decides it.
    /// - Returns: The import; in a dry run one that leaves no trace.
    /// - Throws: `tryAgain` while another import runs; `unknownObject` for a topic that does not exist.
    public func beginImport(_ request: ImportRequest) throws(UserError) -> ImportRun {
        let lock = request.isDryRun ? nil : try ImportsLock.acquire(store: path)
        let topicID = try read { db in
            try request.topic.map { try TopicQueries.openTopic(db, named: $0).id }
        }
        // A dry run of a file that was cut off shows the whole plan, as if it were the first.
        let found =
            request.isDryRun ? nil : try read { db in try ImportQueries.unfinished(db, request.digest) }
        return ImportRun(self, request, lock: lock, topicID: topicID, found: found)
    }

    /// A transaction of an import: with room for the pages of the register's indexes, and without SQLite's own check of
    /// references, which costs a look at two tables for each subscription; the walk has just written or read the rows
    /// that it refers to.
    func importWrite<T>(_ body: (Database) throws -> T) throws(UserError) -> T {
        do {
            return try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA cache_size = -32000; PRAGMA foreign_keys = OFF")
                defer { try? db.execute(sql: "PRAGMA foreign_keys = ON") }
                var result: T?
                try hooks.check(.begin)
                try db.inTransaction(.immediate) {
                    result = try body(db)
                    try hooks.check(.commit)
                    hooks.pass(.beforeImportCommit)
                    return .commit
                }
                hooks.pass(.afterImportCommit)
                try hooks.check(.committed)
                guard let result else { throw UserError(.bug, "a transaction ended without a result") }
                return result
            }
        } catch {
            throw StoreError(error, path: path).userError
        }
    }
}

extension ImportQueries {
    /// What a process needs to know of an import to go on with it.
    struct Begun {
        let id: Int64
        let position: Int
        let tally: ImportTally
        let startedAt: Timestamp
    }

    static func unfinished(_ db: Database, _ digest: [UInt8]) throws -> Begun? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT id, position, counts, started_at_ms FROM import INDEXED BY import_by_digest
                WHERE digest = ? AND state = 'running' ORDER BY id DESC LIMIT 1
                """,
            arguments: [Data(digest)]
        ).map {
            Begun(
                id: $0[0],
                position: $0[1],
                tally: ImportTally(values: FlatJSON.decode($0[2])),
                startedAt: Timestamp(rawValue: $0[3])
            )
        }
    }

    static func begin(
        _ db: Database,
        _ request: ImportRequest,
        topic: Int64?,
        now: Timestamp
    ) throws -> Int64 {
        try db.execute(
            sql: """
                INSERT INTO import (file, digest, format, topic_id, is_sync, settings, source, actor, started_at_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                request.file, Data(request.digest), request.format, topic, request.isSync ? 1 : 0,
                FlatJSON.encode(request.settings), request.source, request.actor, now.rawValue,
            ]
        )
        return db.lastInsertedRowID
    }
}
