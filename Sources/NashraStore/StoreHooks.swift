// SPDX-License-Identifier: Apache-2.0
//
// Where tests break the store: an error at the n-th operation, or a kill at a named place.
// Touches nothing unless a test or NASHRA_FAILPOINT asks. Rules: docs/decisions/0002-ledger.md.
import Foundation
import GRDB
public import NashraCore
import Synchronization

/// A place at which the process kills itself, as `kill -9` would.
public struct Failpoint: Sendable, Hashable {
    /// The places, named as in `NASHRA_FAILPOINT=NAME[@N]`.
    public enum Place: String, Sendable, Hashable, CaseIterable {
        case beforeIntentCommit = "before-intent-commit"
        case afterIntentCommit = "after-intent-commit"
        case beforeResultCommit = "before-result-commit"
        case afterResultCommit = "after-result-commit"
        case beforeFreezeCommit = "before-freeze-commit"
        case afterFreezeCommit = "after-freeze-commit"
        case beforeBounceCommit = "before-bounce-commit"
        case afterBounceCommit = "after-bounce-commit"
        case bouncesClassified = "bounces-classified"
        case bouncesRecorded = "bounces-recorded"
        case bouncesAcknowledged = "bounces-acknowledged"
        case importRead = "import-read"
        case beforeImportCommit = "before-import-commit"
        case afterImportCommit = "after-import-commit"
    }

    /// Where.
    public let place: Place
    /// At which intent, result, freeze, returned message or batch of an import, from 1.
    public let count: Int

    /// Reads `name` or `name@n`.
    ///
    /// - Parameter text: What `NASHRA_FAILPOINT` says; `nil` and an empty text mean none.
    /// - Returns: The failpoint, or `nil` for none.
    /// - Throws: `usage` for a name or number that does not exist.
    public static func parse(_ text: String?) throws(UserError) -> Failpoint? {
        guard let text, !text.isEmpty else { return nil }
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init
        )
        let count = parts.count == 2 ? Int(parts[1]) : 1
        guard let place = Place(rawValue: parts[0]), let count, count > 0 else {
            let names = Place.allCases.map(\.rawValue).joined(separator: ", ")
            throw UserError(
                .usage,
                "NASHRA_FAILPOINT is \(text); that is no failpoint",
                remedy: "Give one of \(names), with @N."
            )
        }
        return Failpoint(place: place, count: count)
    }

    /// Names a place.
    public init(place: Place, count: Int) {
        self.place = place
        self.count = count
    }
}

/// The operations of the store that a fault can stand before.
package enum StoreOperation: String, Sendable, Hashable {
    /// A transaction begins.
    case begin
    /// One statement of the ledger's writer, of a freeze or of a batch of returned messages.
    case statement
    /// A transaction ends; a fault here leaves no trace of it.
    case commit
    /// The commit is durable; a fault here is a crash before anybody heard of it.
    case committed
}

/// Asked before each operation: the SQLite result code to fail with, or `nil` to go on.
///
/// Called on the writing thread.
package typealias FaultPlan = @Sendable (StoreOperation) -> Int32?

/// The hooks of one open store.
struct StoreHooks: Sendable {
    private let failpoint: Failpoint?
    private let fault: FaultPlan?
    private let seen: Counter

    /// A count that is shared by the copies of the hooks.
    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    init(failpoint: Failpoint?, fault: FaultPlan?) {
        self.failpoint = failpoint
        self.fault = fault
        seen = Counter()
    }

    /// Fails when the plan says so.
    func check(_ operation: StoreOperation) throws {
        guard let fault, let code = fault(operation) else { return }
        throw DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: "injected before \(operation.rawValue)"
        )
    }

    /// Kills the process when this is the place, and `occurrences` more reach its count.
    func pass(_ place: Failpoint.Place, occurrences: Int = 1) {
        guard let failpoint, failpoint.place == place, occurrences > 0 else { return }
        let before = seen.value.add(occurrences, ordering: .relaxed).oldValue
        guard before < failpoint.count, before + occurrences >= failpoint.count else { return }
        kill(getpid(), SIGKILL)
    }
}
