// SPDX-License-Identifier: Apache-2.0
//
// A moment on the monotonic clock at which waiting ends.
// Reads that clock and nothing else; it does not jump when somebody sets the time.
import Glibc

/// When to stop waiting.
struct Deadline {
    private let nanoseconds: Int64

    /// A deadline `duration` from now.
    init(after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        nanoseconds = Self.now() + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// What is left, rounded up so that a wait for it never ends early; 0 when it is over.
    ///
    /// At most a day, for `poll`.
    var millisecondsLeft: Int32 {
        let left = nanoseconds - Self.now()
        guard left > 0 else { return 0 }
        return Int32(min((left + 999_999) / 1_000_000, 86_400_000))
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
