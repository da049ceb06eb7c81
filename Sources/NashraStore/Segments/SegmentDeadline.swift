// SPDX-License-Identifier: Apache-2.0
//
// A limit for the time that one statement may take.
// Calls SQLite's own functions, as FastStatement does. Rules: sqlite.org/c3ref/progress_handler.html.
import Foundation
import GRDB
import GRDBSQLite
import NashraCore

/// Stops what a connection does when its time is over.
enum SegmentDeadline {
    /// When it is over, in nanoseconds of the machine's steady time.
    private final class Limit {
        let end: UInt64
        init(end: UInt64) { self.end = end }
    }

    /// Runs `body`, and stops its statements after `limit`.
    ///
    /// - Throws: `tryAgain`, with `remedy`, when they took longer; else what `body` throws.
    static func run<Result>(
        _ db: Database,
        limit: Duration,
        remedy: String,
        _ body: () throws -> Result
    ) throws -> Result {
        let end = now() + UInt64(max(0, limit.milliseconds)) * 1_000_000
        let object = Limit(end: end)
        let pointer = Unmanaged.passUnretained(object).toOpaque()
        // Every 100,000 steps of SQLite's machine: some milliseconds.
        sqlite3_progress_handler(
            db.sqliteConnection,
            100_000,
            { pointer in
                guard let pointer else { return 0 }
                let limit = Unmanaged<Limit>.fromOpaque(pointer).takeUnretainedValue()
                return SegmentDeadline.now() > limit.end ? 1 : 0
            },
            pointer
        )
        defer {
            sqlite3_progress_handler(db.sqliteConnection, 0, nil, nil)
            withExtendedLifetime(object) {}
        }
        do {
            return try body()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT && now() > end {
            throw UserError(
                .tryAgain,
                "the segment took longer than \(limit.seconds) seconds",
                remedy: remedy
            )
        }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
