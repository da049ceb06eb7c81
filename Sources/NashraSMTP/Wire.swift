// SPDX-License-Identifier: Apache-2.0
//
// An open connection as bytes: read, write, and wait for either with a limit.
// Owns the libcurl handle, a read buffer and the poll set; used by the connection's thread only.
import Glibc
import NashraCore

/// Why bytes do not flow any more.
struct WireLoss: Error {
    /// `.lost`, `.timedOut` or `.aborted`.
    var answer: FailureMap.Answer
    /// libcurl's sentence, or an empty string.
    var cause = ""
}

/// The bytes of one connection.
final class Wire {
    private let handle: EasyHandle
    private let abort: AbortSignal
    private let polled: UnsafeMutablePointer<pollfd>
    private let buffer: UnsafeMutableRawBufferPointer
    /// Whether the bytes go through TLS, which may hold some that `poll` cannot see.
    ///
    /// Assumed until ``noteEncryption()``.
    private(set) var isEncrypted = true

    init(_ handle: consuming EasyHandle, abort: AbortSignal) {
        self.abort = abort
        polled = .allocate(capacity: 2)
        polled[0] = pollfd(fd: handle.descriptor, events: 0, revents: 0)
        polled[1] = pollfd(fd: abort.descriptor, events: Int16(POLLIN), revents: 0)
        buffer = .allocate(byteCount: 16_384, alignment: 16)
        self.handle = handle
    }

    deinit {
        polled.deallocate()
        buffer.deallocate()
    }

    /// Asks libcurl whether TLS is on; to be called after the first read or write.
    func noteEncryption() { isEncrypted = handle.isEncrypted }

    /// Whether the server said yes to our login.
    var isAuthenticated: Bool { handle.log.isAuthenticated }

    /// Takes what is there, without waiting; `nil` when nothing is.
    ///
    /// The bytes are good until the next call.
    func readNow() throws(WireLoss) -> UnsafeRawBufferPointer? {
        let count: Int?
        do { count = try handle.read(into: buffer) } catch {
            throw WireLoss(answer: .lost, cause: error.message)
        }
        guard let count else { return nil }
        guard count > 0 else { throw WireLoss(answer: .lost, cause: "the relay closed it") }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    /// Waits for bytes until `deadline`.
    func read(until deadline: Deadline) throws(WireLoss) -> UnsafeRawBufferPointer {
        // TLS may hold bytes already, so ask it first; a plain socket is asked by poll.
        if isEncrypted, let bytes = try readNow() { return bytes }
        while true {
            _ = try wait(for: POLLIN, until: deadline)
            if let bytes = try readNow() { return bytes }
        }
    }

    /// Hands over what the connection takes now; `nil`: wait, then offer the same bytes at the same address.
    func writeNow(_ bytes: UnsafeRawBufferPointer) throws(WireLoss) -> Int? {
        do { return try handle.write(bytes) } catch { throw WireLoss(answer: .lost, cause: error.message) }
    }

    /// Writes all of `bytes`.
    func write(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws(WireLoss) {
        var rest = bytes
        while !rest.isEmpty {
            if let taken = try writeNow(rest) {
                rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            } else {
                _ = try wait(for: POLLOUT, until: deadline)
            }
        }
    }

    /// Waits until the socket can do one of `events`; an error or a hang-up counts as all of them.
    func wait(for events: Int32, until deadline: Deadline) throws(WireLoss) -> Int32 {
        polled[0].events = Int16(events)
        while true {
            if abort.isRaised { throw WireLoss(answer: .aborted) }
            let left = deadline.millisecondsLeft
            let count = poll(polled, 2, left)
            if count == 0 || (count < 0 && left == 0) { throw WireLoss(answer: .timedOut) }
            guard count > 0, polled[0].revents != 0 else { continue }
            let happened = Int32(polled[0].revents)
            return happened & (POLLERR | POLLHUP | POLLNVAL) != 0 ? events : happened & events
        }
    }
}
