// SPDX-License-Identifier: Apache-2.0
//
// A server on loopback that answers lines as a test tells it, with bare sockets, so that it can be as wrong
// as it likes. One thread serves one connection after the other; nothing here sleeps, a stall lasts until the
// client gives up.
import Foundation
import Synchronization

/// A server that does what a closure says.
public final class ScriptedMailServer: Sendable {
    /// What it does next.
    public enum Act: Sendable, Hashable {
        /// Writes this line and its end.
        case line(String)
        /// Writes these bytes as they are.
        case bytes([UInt8])
        /// Says nothing any more until the client has gone.
        case stall
        /// Closes the connection.
        case close
    }

    /// Where it listens.
    public let port: Int
    private let listener: Int32
    private let record = Mutex((connections: 0, lines: [String]()))
    private let answer: @Sendable (Int, String) -> [Act]

    /// Starts a server.
    ///
    /// - Parameter answer: What to do on a line; the number of the connection, from 1, and the line, which is
    ///   empty when the connection has just been made.
    public init(_ answer: @escaping @Sendable (_ connection: Int, _ line: String) -> [Act]) {
        self.answer = answer
        (listener, port) = LoopbackPort.listen()
        Thread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                serve(client)
            }
            // Here and not in stop(): a descriptor that is closed too early is another test's a moment later.
            close(listener)
        }.start()
    }

    /// Every line that came, of all connections.
    public var lines: [String] { record.withLock { $0.lines } }

    /// How many connections there were.
    public var connections: Int { record.withLock { $0.connections } }

    /// Takes no more connections; to be called once.
    public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32) {
        defer { close(client) }
        var yes: Int32 = 1
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let number = record.withLock { record in
            record.connections += 1
            return record.connections
        }
        guard carryOut(answer(number, ""), client) else { return }
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            pending.append(contentsOf: buffer[..<count])
            while let end = pending.firstIndex(of: 0x0A) {
                let line = String(decoding: pending[..<end].filter { $0 != 0x0D }, as: UTF8.self)
                pending.removeSubrange(...end)
                record.withLock { $0.lines.append(line) }
                guard carryOut(answer(number, line), client) else { return }
            }
        }
    }

    private func carryOut(_ acts: [Act], _ client: Int32) -> Bool {
        for act in acts {
            switch act {
            case .line(let text): write(Array((text + "\r\n").utf8), client)
            case .bytes(let bytes): write(bytes, client)
            case .close: return false
            case .stall:
                var buffer = [UInt8](repeating: 0, count: 16_384)
                while recv(client, &buffer, buffer.count, 0) > 0 {}
                return false
            }
        }
        return true
    }

    private func write(_ bytes: [UInt8], _ client: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
