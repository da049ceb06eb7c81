// SPDX-License-Identifier: Apache-2.0
//
// The store: one SQLite file with the register, the bulletins that were sent, and the ledger of deliveries.
// Touches the store's file and nothing else. Synchronous and safe from any thread; never call it on a pool of
// cooperative threads. Rules: docs/decisions/0002-ledger.md; SQLite's WAL and PRAGMA documentation.
import Foundation
import GRDB
public import NashraCore

/// The store of one workspace.
///
/// One connection writes, a few read. Every write is one `BEGIN IMMEDIATE … COMMIT` that is on the disk when the call
/// returns (WAL, `synchronous=FULL`).
public final class Store: Sendable {
    /// Where time comes from.
    public let clock: any WallClock

    /// The schema's version that this program writes.
    public static var latestSchemaVersion: Int { Migrator.shipped.newest }

    /// The store's file.
    public let path: String

    let pool: DatabasePool
    let hooks: StoreHooks
    private let users: UsersLock?

    init(path: String, clock: any WallClock, pool: DatabasePool, hooks: StoreHooks, users: UsersLock?) {
        self.path = path
        self.clock = clock
        self.pool = pool
        self.hooks = hooks
        self.users = users
    }

    /// Opens the store for reading and writing; makes it when it is not there, and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - path: The file. Its folder is made with mode 0700 when it is missing, the file with mode 0600.
    ///   - clock: Where time comes from.
    ///   - busyTimeout: How long a call waits for another process that writes.
    ///   - failpoint: Where the process kills itself, for tests of crashes; `nil` outside of them.
    /// - Returns: The open store.
    /// - Throws: `configuration` for a store of a newer version, `inputOutput` for a damaged one or a full disk,
    ///   `tryAgain` when another process holds it for longer than `busyTimeout`, `cannotCreate` where no store may be.
    public static func open(
        at path: String,
        clock: any WallClock,
        busyTimeout: Duration = .seconds(10),
        failpoint: Failpoint? = nil
    ) throws(UserError) -> Store {
        try open(
            at: path,
            clock: clock,
            busyTimeout: busyTimeout,
            hooks: StoreHooks(failpoint: failpoint, fault: nil)
        )
    }

    /// The same with a fault to inject; for tests.
    package static func open(
        at path: String,
        clock: any WallClock,
        busyTimeout: Duration = .seconds(10),
        fault: @escaping FaultPlan
    ) throws(UserError) -> Store {
        try open(
            at: path,
            clock: clock,
            busyTimeout: busyTimeout,
            hooks: StoreHooks(failpoint: nil, fault: fault)
        )
    }

    /// Opens an existing store for reading only, such as for a report while another process sends.
    public static func openReadOnly(
        at path: String,
        clock: any WallClock,
        busyTimeout: Duration = .seconds(10)
    ) throws(UserError) -> Store {
        try StoreOpening(path: path, busyTimeout: busyTimeout).openReadOnly(clock: clock)
    }

    private static func open(
        at path: String,
        clock: any WallClock,
        busyTimeout: Duration,
        hooks: StoreHooks
    ) throws(UserError) -> Store {
        let opening = StoreOpening(path: path, busyTimeout: busyTimeout)
        let users = try opening.prepareFiles()
        let pool = try opening.openPool()
        let store = Store(path: path, clock: clock, pool: pool, hooks: hooks, users: users)
        if users.mustCheckIntegrity { try opening.checkIntegrity(pool) }
        try Migrator.shipped.migrate(store)
        users.share()
        return store
    }

    /// Closes the file and folds the log into it.
    ///
    /// The store cannot be used afterwards; dropping it does the same.
    public func close() {
        try? pool.close()
        users?.release()
    }

    /// Kills the process when this is the failpoint that it was started with: for steps outside of the store.
    ///
    /// - Parameters:
    ///   - place: Where the caller is.
    ///   - occurrences: How many times it came here at once.
    public func pass(_ place: Failpoint.Place, occurrences: Int = 1) {
        hooks.pass(place, occurrences: occurrences)
    }

    /// The schema's version.
    public func schemaVersion() throws(UserError) -> Int {
        try read { db in try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 }
    }

    /// Runs `body` in one transaction that is durable when this returns, or leaves no trace.
    func write<T>(_ body: (Database) throws -> T) throws(UserError) -> T {
        do {
            return try pool.writeWithoutTransaction { db in
                var result: T?
                try hooks.check(.begin)
                try db.inTransaction(.immediate) {
                    result = try body(db)
                    try hooks.check(.commit)
                    return .commit
                }
                try hooks.check(.committed)
                guard let result else { throw UserError(.bug, "a transaction ended without a result") }
                return result
            }
        } catch {
            throw StoreError(error, path: path).userError
        }
    }

    /// Runs `body` on one unchanging view of the store.
    func read<T>(_ body: (Database) throws -> T) throws(UserError) -> T {
        do {
            return try pool.read(body)
        } catch {
            throw StoreError(error, path: path).userError
        }
    }
}
