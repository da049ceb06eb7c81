// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands still until a test moves it.
public import NashraCore
import Synchronization

/// A wall clock under the test's control; safe from any thread.
public final class ManualClock: WallClock, Sendable {
    private let current: Mutex<Timestamp>

    /// Starts at `start`; the default is 2026-11-22T09:00:00Z.
    public init(_ start: Timestamp = Timestamp(rawValue: 1_795_338_000_000)) { current = Mutex(start) }

    /// The moment it was last moved to.
    public func now() -> Timestamp { current.withLock { $0 } }

    /// Moves forward, or back when `duration` is negative.
    public func advance(by duration: Duration) { current.withLock { $0 = $0 + duration } }
}
