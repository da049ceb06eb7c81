// SPDX-License-Identifier: Apache-2.0
//
// Wakes a thread that waits in poll, from any other thread, once and for good.
// Owns the two ends of a pipe; the reading end is only polled and never read, so that it stays raised.
import Glibc
import Synchronization

/// A one-way flag that `poll` can wait for.
///
/// Safe from any thread.
final class AbortSignal: Sendable {
    /// The end to poll for reading; it becomes readable when the signal is raised.
    ///
    /// -1 when the system had no descriptor left: `poll` passes over it, and ``isRaised`` still works
    /// between waits.
    let descriptor: Int32

    private let writingEnd: Int32
    private let raised = Atomic<Bool>(false)

    init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
        }
        descriptor = ends[0]
        writingEnd = ends[1]
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
        if writingEnd >= 0 { Glibc.close(writingEnd) }
    }

    /// Whether ``raise()`` was called.
    var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Raises the signal; the second call does nothing.
    func raise() {
        guard !raised.exchange(true, ordering: .acquiringAndReleasing), writingEnd >= 0 else { return }
        var byte: UInt8 = 1
        _ = Glibc.write(writingEnd, &byte, 1)
    }
}
