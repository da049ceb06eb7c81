// SPDX-License-Identifier: Apache-2.0
//
// One accepted connection of a test's server: lines in, replies out, and three ways to end it.
// Blocking calls on a socket; nothing sleeps.
import Foundation

/// One accepted connection, read by lines; used by the server's thread only.
final class LineSocket {
    private var descriptor: Int32
    private var pending: [UInt8] = []
    private var start = 0
    /// Whether MAIL or RCPT of this transaction was refused.
    var refused = false

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func next() -> String? {
        while true {
            if let end = pending[start...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return String(decoding: pending[start..<end].filter { $0 != 0x0D }, as: UTF8.self)
            }
            pending.removeFirst(start)
            start = 0
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = descriptor < 0 ? 0 : recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            pending.append(contentsOf: buffer[..<count])
        }
    }

    func say(_ line: String) { say([line]) }

    func say(_ lines: [String]) {
        let bytes = Array(lines.map { $0 + "\r\n" }.joined().utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func sayNoMore() { shutdown(descriptor, Int32(SHUT_WR)) }

    func reset() {
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Reads what still comes, so that our last words are not lost to a reset, and closes.
    func finish() {
        guard descriptor >= 0 else { return }
        sayNoMore()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
        close()
    }
}
