// SPDX-License-Identifier: Apache-2.0
//
// How a person or the system asks a running send to end: once to drain, twice to stop waiting.
import Synchronization

/// A request to end, set from a signal handler's thread and read by the sender.
public final class StopSignal: Sendable {
    private let asked = Atomic<Int>(0)

    /// Makes one that nobody has set.
    public init() {}

    /// Asks once more: the first time to drain, the second to stop waiting for replies.
    public func raise() { asked.add(1, ordering: .sequentiallyConsistent) }

    /// How often it was asked.
    public var count: Int { asked.load(ordering: .sequentiallyConsistent) }
}
