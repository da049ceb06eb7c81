// SPDX-License-Identifier: Apache-2.0
//
// One LMTP connection: carries out what its dialogue wants, and minds the time.
// Owns one socket; used by its own thread only.
// Rules: RFC 5321 section 4.5.3.2 for the time limits.
import Glibc

/// The thread's side of one connection.
struct LMTPConnection {
    /// How long is waited for what.
    struct Patience: Sendable, Hashable {
        /// For the next command.
        var command = Duration.seconds(300)
        /// For a whole message.
        var message = Duration.seconds(600)
        /// For transactions that are open when we stop.
        var stopping = Duration.seconds(30)
    }

    let socket: Int32
    let patience: Patience
    /// Becomes readable, and stays so, when the listener stops.
    let stop: Int32
    /// Keeps a message durably; says for each recipient why it could not, or `nil`.
    let keep: (LMTPMessage) -> [String?]

    /// Speaks until the connection ends.
    func run(_ dialogue: consuming LMTPDialogue) {
        var dialogue = dialogue
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var wasInData = false
        var deadline = Moment.now + patience.command
        var lastMoment: Moment?
        while true {
            guard carryOut(&dialogue) else { return }
            if lastMoment != nil, !dialogue.isInTransaction {
                dialogue.end("421 4.3.2 Stopping")
                continue
            }
            if !dialogue.isInData {
                deadline = .now + patience.command
            } else if !wasInData {
                deadline = .now + patience.message
            }
            wasInData = dialogue.isInData
            switch wait(until: min(deadline, lastMoment ?? deadline), watchesStop: lastMoment == nil) {
            case .stop: lastMoment = .now + patience.stopping
            case .timeout: dialogue.end(lastMoment == nil ? "421 4.4.2 Too slow" : "421 4.3.2 Stopping")
            case .bytes:
                let count = recv(socket, &buffer, buffer.count, 0)
                if count < 0, errno == EINTR || errno == EAGAIN { continue }
                guard count > 0 else { return }
                dialogue.receive(buffer[..<count])
            }
        }
    }

    /// - Returns: Whether the connection goes on.
    private func carryOut(_ dialogue: inout LMTPDialogue) -> Bool {
        while true {
            let actions = dialogue.takeActions()
            guard !actions.isEmpty else { return true }
            for action in actions {
                switch action {
                case .say(let bytes): guard LMTPSocket.send(bytes, to: socket) else { return false }
                case .keep(let message): dialogue.finish(keep(message))
                case .close: return false
                }
            }
        }
    }

    private enum Event { case bytes, stop, timeout }

    private func wait(until deadline: Moment, watchesStop: Bool) -> Event {
        while true {
            let left = deadline - .now
            guard left > .zero else { return .timeout }
            var polled = [
                pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watchesStop ? stop : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, 2, left.milliseconds) > 0 else { continue }
            // What has arrived is read first: it may be the rest of a transaction.
            return polled[0].revents != 0 ? .bytes : .stop
        }
    }
}
