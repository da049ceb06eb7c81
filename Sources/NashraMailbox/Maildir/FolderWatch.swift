// SPDX-License-Identifier: Apache-2.0
//
// Waits until a message arrives in one of some folders: inotify, and a look from time to time where that is blind.
// Owns an inotify descriptor and a pipe; one thread waits, any thread may wake it.
// Rules: inotify(7). A network file system reports only what this machine does: hence the look from time to time.
import Glibc
import Synchronization

/// Waits for files to arrive in folders.
///
/// Make it before the first look at the folders: what arrives between the look and the wait then ends the wait at once.
public final class FolderWatch: Sendable {
    /// Why a wait ended.
    public enum Answer: Sendable, Hashable {
        /// Something arrived, or it is time to look again.
        case look
        /// `stopped` said so.
        case stopped
    }

    private let folders: [String]
    private let interval: Duration
    private let inotify: Int32
    private let pipe: WakePipe

    /// Watches `folders`; one that is missing, or that is replaced later, is watched from the next look on.
    ///
    /// - Parameters:
    ///   - folders: Their paths.
    ///   - interval: How long to wait at most before looking anyway.
    public init(folders: [String], interval: Duration = .seconds(30)) {
        self.folders = folders
        self.interval = interval
        inotify = inotify_init1(O_CLOEXEC | O_NONBLOCK)
        pipe = WakePipe()
        addFolders()
    }

    deinit {
        if inotify >= 0 { Glibc.close(inotify) }
    }

    /// Ends the wait that is going on, or the next one.
    ///
    /// From any thread.
    public func wake() { pipe.wake() }

    /// Blocks the calling thread until something arrives, ``wake()`` is called, the interval is over, or `stopped` says
    /// so; that is asked at least twice a second.
    public func wait(until stopped: () -> Bool) -> Answer {
        addFolders()
        let end = Moment.now + interval
        while !stopped() {
            let left = end - .now
            guard left > .zero else { return .look }
            var polled = [
                pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pipe.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&polled, 2, min(left, .milliseconds(500)).milliseconds)
            guard count > 0 else { continue }
            pipe.drain()
            drainEvents()
            return stopped() ? .stopped : .look
        }
        return .stopped
    }

    /// Adding a folder that is watched already changes nothing.
    private func addFolders() {
        guard inotify >= 0 else { return }
        let mask = UInt32(IN_MOVED_TO) | UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE)
        for folder in folders { _ = inotify_add_watch(inotify, folder, mask) }
    }

    private func drainEvents() {
        var events = [UInt8](repeating: 0, count: 16 << 10)
        while inotify >= 0, Glibc.read(inotify, &events, events.count) > 0 {}
    }
}

/// A pipe whose reading end `poll` can wait for; whatever is in it means "look".
final class WakePipe: Sendable {
    /// The end to poll for reading; -1 when the system had no descriptor left, which `poll` passes over.
    let descriptor: Int32
    private let writingEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        if Glibc.pipe(&ends) == 0 {
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

    /// Makes the reading end readable.
    func wake() {
        var byte: UInt8 = 1
        if writingEnd >= 0 { _ = Glibc.write(writingEnd, &byte, 1) }
    }

    /// Forgets every wake so far.
    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while descriptor >= 0, Glibc.read(descriptor, &bytes, bytes.count) > 0 {}
    }
}

/// A moment on the clock that nobody sets.
typealias Moment = ContinuousClock.Instant

extension Duration {
    /// For `poll`: rounded up, so that a wait never ends early; at least 0, at most a day.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 86_400 else { return 86_400_000 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
