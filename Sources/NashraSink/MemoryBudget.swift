// SPDX-License-Identifier: Apache-2.0
//
// How much memory unfinished messages may hold together, whatever the number of connections.
// Shared by all connections; one atomic number.
import Synchronization

/// A number of bytes to share.
final class MemoryBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// Takes `count` bytes, or none when they are not there.
    func reserve(_ count: Int) -> Bool {
        let now = used.add(count, ordering: .relaxed).newValue
        if now <= limit { return true }
        used.subtract(count, ordering: .relaxed)
        return false
    }

    /// Gives `count` bytes back.
    func release(_ count: Int) { used.subtract(count, ordering: .relaxed) }
}
