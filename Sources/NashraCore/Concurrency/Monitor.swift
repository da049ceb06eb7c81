// SPDX-License-Identifier: Apache-2.0
//
// A value that several threads share, with the waiting that a plain mutex lacks.
// The one place outside the C wrappers that vouches for thread safety by hand.
import Foundation

/// A value behind a lock, and numbered conditions to wait on.
///
/// `@unchecked Sendable`: `state` is touched only by ``withLock(_:)`` and ``wait(for:until:)``, while `lock` is held.
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
    public func withLock<Result, Failure: Error>(
        _ body: (inout State, Access) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&state, Access(monitor: self))
    }

    /// What a look at the state found, for ``wait(for:until:)``.
    public enum Look<Result> {
        /// The wait is over.
        case done(Result)
        /// Look again when the condition is signalled, or when this time is over.
        case again(within: Duration?)
    }

    /// Looks at the state until `body` is content, and lets go of the lock in between.
    ///
    /// Each look is an access of its own. One that lasted over the waiting would allow the compiler to keep what it
    /// read before: by the law of exclusivity nobody else could have changed it.
    public func wait<Result>(
        for condition: Int = 0,
        until body: (inout State, Access) -> Look<Result>
    ) -> Result {
        precondition(condition < count)
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            switch body(&state, Access(monitor: self)) {
            case .done(let result): return result
            case .again(let timeout): sleep(condition, timeout)
            }
        }
    }

    /// May wake for no reason; a negative timeout returns at once.
    private func sleep(_ condition: Int, _ timeout: Duration?) {
        guard let timeout else {
            pthread_cond_wait(conditions + condition, lock)
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
        pthread_cond_timedwait(conditions + condition, lock, &deadline)
    }

    /// What the holder of the lock may do besides changing the state.
    public struct Access {
        fileprivate let monitor: Monitor

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
