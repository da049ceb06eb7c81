// SPDX-License-Identifier: Apache-2.0
//
// A message on its way to the wire: checked for what SMTP servers can be fooled with, dots stuffed, the dot
// appended. Pure. One pass with memchr over the lines; the buffer is used again for the next message.
// Rules: RFC 5321 sections 4.5.2 and 4.5.3.1.6; RFC 1870 section 3.
import Glibc

/// What is wrong with a message's bytes.
///
/// Nothing of it was sent.
enum MessageFault: Error, Hashable, Sendable, CaseIterable {
    case empty, strayCR, strayLF, nul, lineTooLong, unterminated

    /// The reason in words.
    var reason: String {
        switch self {
        case .empty: "it is empty"
        case .strayCR: "it holds a CR without LF"
        case .strayLF: "it holds an LF without CR"
        case .nul: "it holds a NUL"
        case .lineTooLong: "it has a line longer than 998 bytes"
        case .unterminated: "it does not end in CR LF"
        }
    }
}

/// A message in the form for DATA.
struct MessageBody: Sendable {
    /// Bodies above this size are written before the intent is asked for, so that a server that refuses them
    /// early is heard; smaller ones leave together with the dot.
    static let largestTogether = 65_536

    /// The stuffed message and `.` CR LF.
    private(set) var wire: [UInt8] = []
    /// Its length for `SIZE=`: neither stuffing nor the final dot counts.
    private(set) var size = 0
    /// Whether all its bytes are below 128.
    private(set) var isSevenBit = true

    /// Where in ``wire`` the final dot is.
    var dot: Int { wire.count - 3 }
    /// Whether it is written before the intent is asked for.
    var isLarge: Bool { dot > Self.largestTogether }

    /// Takes a message in; what was there before is gone.
    mutating func load(_ message: [UInt8]) throws(MessageFault) {
        wire.removeAll(keepingCapacity: true)
        wire.reserveCapacity(message.count + 256)
        size = message.count
        // A Result, because the closure's error would lose its type.
        let checked = message.withUnsafeBytes { bytes in
            Result { () throws(MessageFault) in try stuff(bytes) }
        }
        try checked.get()
        wire.append(contentsOf: [0x2E, 0x0D, 0x0A])
    }

    private mutating func stuff(_ bytes: UnsafeRawBufferPointer) throws(MessageFault) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { throw .empty }
        guard memchr(base, 0, bytes.count) == nil else { throw .nul }
        isSevenBit = Self.isSevenBit(bytes)
        var line = 0
        var pending = 0
        while line < bytes.count {
            let end = try Self.endOfLine(bytes, base: base, from: line)
            if bytes[line] == 0x2E {
                wire.append(contentsOf: bytes[pending..<line])
                wire.append(0x2E)
                pending = line
            }
            line = end
        }
        wire.append(contentsOf: bytes[pending...])
    }

    /// Checks the line that begins at `start`; returns where the next begins.
    private static func endOfLine(
        _ bytes: UnsafeRawBufferPointer,
        base: UnsafeRawPointer,
        from start: Int
    ) throws(MessageFault) -> Int {
        let left = bytes.count - start
        guard let cr = memchr(base + start, 0x0D, min(left, 1000)) else {
            if memchr(base + start, 0x0A, min(left, 1000)) != nil { throw .strayLF }
            throw left > 998 ? .lineTooLong : .unterminated
        }
        let length = UnsafeRawPointer(cr) - (base + start)
        if memchr(base + start, 0x0A, length) != nil { throw .strayLF }
        guard length <= 998 else { throw .lineTooLong }
        let next = start + length + 1
        guard next < bytes.count, bytes[next] == 0x0A else { throw .strayCR }
        return next + 1
    }

    private static func isSevenBit(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { return false }
            index += 8
        }
        return bytes[index...].allSatisfy { $0 < 0x80 }
    }
}
