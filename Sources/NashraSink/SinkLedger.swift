// SPDX-License-Identifier: Apache-2.0
//
// The sink's own record of what it accepted: one JSON line for each message, written before the 250.
// Appends to one file; one lock, one write() for each line.
import Crypto
import Foundation
import NashraCore
import Synchronization

/// A file of JSON lines.
final class SinkLedger: Sendable {
    /// The descriptor; the lock is held around each line, so that a torn one can be taken back.
    private let file: Mutex<CInt>

    init(at path: String) throws(UserError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UserError(
                .cannotCreate,
                "The ledger \(path) cannot be opened: \(systemError())",
                remedy: "Name a file in a folder that you may write to."
            )
        }
        file = Mutex(descriptor)
    }

    deinit { _ = file.withLock { close($0) } }

    /// Appends one line; `false` when it is not there whole.
    func append(_ message: ReceivedMessage, at now: Timestamp) -> Bool {
        let line = Self.line(message, at: now)
        return file.withLock { descriptor in
            let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0, count < line.count {
                let end = lseek(descriptor, 0, SEEK_END)
                _ = ftruncate(descriptor, end - off_t(count))
            }
            return count == line.count
        }
    }

    /// The line for one message; `sha256` and `bytes` are of the message as kept, dots unstuffed.
    static func line(_ message: ReceivedMessage, at now: Timestamp) -> [UInt8] {
        var line = Array("{\"at_ms\":\(now.rawValue),\"message_id\":".utf8)
        appendString(messageID(in: message.bytes), to: &line)
        line += Array(",\"mail_from\":".utf8)
        appendString(message.sender, to: &line)
        line += Array(",\"recipients\":[".utf8)
        for (index, recipient) in message.recipients.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            appendString(recipient, to: &line)
        }
        line += Array("],\"sha256\":\"".utf8)
        for byte in SHA256.hash(data: message.bytes) {
            line.append(hexDigits[Int(byte >> 4)])
            line.append(hexDigits[Int(byte & 15)])
        }
        line += Array("\",\"bytes\":\(message.bytes.count),\"connection\":\(message.connection)".utf8)
        line += Array(",\"session_message\":\(message.sessionMessage)}\n".utf8)
        return line
    }

    /// The value of the first Message-ID header, white space around it dropped; empty without one.
    static func messageID(in message: [UInt8]) -> [UInt8] {
        var start = 0
        let name = Array("message-id:".utf8)
        while start < message.count, start < 64 << 10 {
            let end = message[start...].firstIndex(of: Byte.lineFeed) ?? message.count
            var line = message[start..<end]
            start = end + 1
            if line.last == Byte.return { line = line.dropLast() }
            if line.isEmpty { return [] }
            guard line.count >= name.count, line.prefix(name.count).map(SinkPattern.lower) == name else {
                continue
            }
            var value = line.dropFirst(name.count)
            if value.allSatisfy({ $0 == Byte.space || $0 == 0x09 }), start < message.count {
                // Folded right after the name.
                let next = message[start...].firstIndex(of: Byte.lineFeed) ?? message.count
                value = message[start..<next]
            }
            return trimmed(value)
        }
        return []
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var rest = bytes
        while let last = rest.last, last <= Byte.space { rest = rest.dropLast() }
        while let first = rest.first, first <= Byte.space { rest = rest.dropFirst() }
        return Array(rest.prefix(998))
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Appends a JSON string; bytes that are not UTF-8 become U+FFFD.
    private static func appendString(_ bytes: [UInt8], to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        let text = bytes.allSatisfy { $0 < 0x80 } ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                line.append(UInt8(ascii: "\\"))
                line.append(byte)
            case 0..<0x20, 0x7F:
                line += Array("\\u00".utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}
