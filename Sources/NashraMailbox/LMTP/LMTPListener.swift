// SPDX-License-Identifier: Apache-2.0
//
// Takes returned mail from a mail system by LMTP, on a socket in the file system or a port of this machine.
// Owns the listening socket; one thread for each connection, a bounded number of them.
// Rules: RFC 2033; docs/returned-mail.md. A message is answered with 250 when it is durable in the spool, not before.
import Foundation
public import NashraCore

/// Listens for mail systems until it is told to stop.
public final class LMTPListener: Sendable {
    /// Where to listen.
    public enum Place: Sendable, Hashable, CustomStringConvertible {
        /// A socket in the file system: who may write to it may deliver. `group` gets it, when there is one.
        case socket(path: String, mode: UInt32 = 0o660, group: String? = nil)
        /// A port of 127.0.0.1: every user of this machine may deliver. 0 lets the system choose.
        case port(UInt16)

        /// `unix:PATH` or `127.0.0.1:PORT`.
        public var description: String {
            switch self {
            case .socket(let path, _, _): "unix:\(path)"
            case .port(let port): "127.0.0.1:\(port)"
            }
        }
    }

    /// What has happened so far.
    public struct Counts: Sendable, Hashable {
        /// Connections that were served.
        public var connections = 0
        /// Connections that were sent away because there were too many.
        public var turnedAway = 0
        /// Messages that were kept, once for each recipient.
        public var kept = 0
        /// Messages that could not be kept, once for each recipient; the mail system tries again.
        public var failed = 0
    }

    /// Where it listens; with the port that the system chose.
    public let place: Place

    private let listener: OpenSocket
    private let mostConnections: Int
    private let host: String
    private let patience: LMTPConnection.Patience
    private let keep: @Sendable (LMTPMessage) -> [String?]
    private let stopping = WakePipe()
    private let state = Monitor(State())

    private struct State {
        var open = 0
        var isStopping = false
        var counts = Counts()
    }

    /// Listens; connections are served from ``run(until:)`` on.
    ///
    /// - Parameters:
    ///   - place: Where.
    ///   - spool: Where messages go.
    ///   - host: Our name for the greeting.
    ///   - connections: How many may be open at once.
    /// - Throws: `tryAgain` when another program listens there; `cannotCreate`, `notPermitted`.
    public convenience init(
        _ place: Place,
        spool: Spool,
        host: String = "localhost",
        connections: Int = 20
    ) throws(UserError) {
        try self.init(place, host: host, connections: connections) { message in
            spool.deposit(message.bytes, for: message.recipients).map { result in
                switch result {
                case .success: nil
                case .failure(let error): error.message
                }
            }
        }
    }

    init(
        _ place: Place,
        host: String = "localhost",
        connections: Int = 20,
        patience: LMTPConnection.Patience = .init(),
        keep: @escaping @Sendable (LMTPMessage) -> [String?]
    ) throws(UserError) {
        listener = try OpenSocket.listen(at: place)
        if case .port = place { self.place = .port(listener.port) } else { self.place = place }
        mostConnections = max(1, connections)
        self.host = LMTPText.oneLine(host)
        self.patience = patience
        self.keep = keep
    }

    /// What has happened so far.
    public var counts: Counts { state.withLock { state, _ in state.counts } }

    /// Ends ``run(until:)``: no new connection; open transactions get their answer.
    ///
    /// From any thread, not from a signal handler; safe to call twice.
    public func stop() {
        state.withLock { state, _ in state.isStopping = true }
        stopping.wake()
    }

    /// Serves connections until ``stop()`` is called or `stopped` says so, which is asked twice a second.
    ///
    /// Returns when the last connection has ended, half a minute later at most. The socket's file is gone then.
    public func run(until stopped: () -> Bool = { false }) {
        while !stopped(), !state.withLock({ state, _ in state.isStopping }) {
            var polled = [
                pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, 2, 500) > 0, polled[0].revents != 0 else { continue }
            if let socket = LMTPSocket.accept(listener.descriptor) {
                welcome(socket)
            } else {
                _ = poll(nil, 0, 50)  // no descriptors left: the connection waits, and so do we
            }
        }
        stop()
        listener.close()
        state.wait { state, _ in state.open == 0 ? .done(()) : .again(within: nil) }
    }

    private func welcome(_ socket: Int32) {
        let hasRoom = state.withLock { state, _ in
            guard state.open < mostConnections else {
                state.counts.turnedAway += 1
                return false
            }
            state.open += 1
            state.counts.connections += 1
            return true
        }
        guard hasRoom else {
            _ = LMTPSocket.send(Array("421 4.3.2 Too many connections\r\n".utf8), to: socket)
            Glibc.close(socket)
            return
        }
        let thread = Thread { [self] in
            serve(socket)
            state.withLock { state, access in
                state.open -= 1
                access.broadcast()
            }
        }
        thread.name = "lmtp"
        thread.stackSize = 512 * 1024
        thread.start()
    }

    private func serve(_ socket: Int32) {
        let connection = LMTPConnection(socket: socket, patience: patience, stop: stopping.descriptor) {
            [self] message in
            let failures = keep(message)
            let failed = failures.count { $0 != nil }
            state.withLock { state, _ in
                state.counts.failed += failed
                state.counts.kept += failures.count - failed
            }
            return failures
        }
        connection.run(LMTPDialogue(host: host))
        shutdown(socket, Int32(SHUT_RDWR))
        Glibc.close(socket)
    }
}
