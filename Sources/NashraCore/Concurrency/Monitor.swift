// SPDX-License-Identifier: Apache-2.0
//
// A value that several threads share, with the waiting that a plain mutex lacks.
// The one place outside the C wrappers that vouches for thread safety by hand.
import Foundation

/// A value behind a lock, and numbered conditions to wait on.
///
/// `@unchecked Sendable`: `state` is touched only inside ``withLock(_:)`` and ``Access``, while `lock` is held.
public final class Monitor<State>: @unchecked Sendable {
    private var state: State
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let conditions: UnsafeMutablePointer<pthread_cond_t>
    private let count: Int

    /// Guards `state` with a lock and `conditions` conditions, numbered from 0.
    public init(_ state: State, conditions count: Int = 1) {
        precondition(count >= 0)
        self.state = state
        self.count = count
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        conditions = .allocate(capacity: max(1, count))
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        for index in 0..<count { pthread_cond_init(conditions + index, &attributes) }
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        for index in 0..<count { pthread_cond_destroy(conditions + index) }
        conditions.deallocate()
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Runs `body` with the lock held.
    ///
    /// `body` may read and change the state, and wait.
    public func withLock<Result, Failure: Error>(
        _ body: (inout State, Access) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&state, Access(monitor: self))
    }

    /// What the holder of the lock may do besides changing the state.
    public struct Access {
        fileprivate let monitor: Monitor

        /// Lets go of the lock until `condition` is signalled, or until `timeout` has passed; may wake for no reason.
        ///
        /// The state may have changed when it returns. A negative timeout returns at once.
        public func wait(for condition: Int = 0, timeout: Duration? = nil) {
            precondition(condition < monitor.count)
            guard let timeout else {
                pthread_cond_wait(monitor.conditions + condition, monitor.lock)
                return
            }
            var deadline = timespec()
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let (seconds, attoseconds) = timeout.components
            var nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
            deadline.tv_sec += Int(min(seconds, 1_000_000_000))
            if nanoseconds >= 1_000_000_000 {
                deadline.tv_sec += 1
                nanoseconds -= 1_000_000_000
            }
            deadline.tv_nsec = max(0, nanoseconds)
            pthread_cond_timedwait(monitor.conditions + condition, monitor.lock, &deadline)
        }

        /// Wakes one thread that waits for `condition`.
        public func signal(_ condition: Int = 0) {
            precondition(condition < monitor.count)
            pthread_cond_signal(monitor.conditions + condition)
        }

        /// Wakes every thread that waits for `condition`.
        public func broadcast(_ condition: Int = 0) {
            precondition(condition < monitor.count)
            pthread_cond_broadcast(monitor.conditions + condition)
        }
    }
}
