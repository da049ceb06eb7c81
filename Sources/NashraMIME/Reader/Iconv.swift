// SPDX-License-Identifier: Apache-2.0
//
// The C library's iconv, as a value: one charset to UTF-8. The only file of the reader with pointers in it.
// iconv gets a copy of the input and a buffer of fixed size, and moves only the four variables that it is
// handed; what it says about them is checked before it is used.
// Rules: POSIX.1-2017, iconv(); DESIGN, section 11.
import Glibc

/// A charset that the C library knows.
struct Iconv: Sendable {
    private let name: String
    /// A descriptor that nobody uses and nobody closes: while one is open, the C library keeps the charset's
    /// module loaded.
    ///
    /// Without it each text would load it anew, which takes a millisecond and not a microsecond.
    private let pin: Int

    init(_ name: String) {
        self.name = name
        pin = Int(bitPattern: iconv_open("UTF-8", name))
    }

    /// Whether the C library of this machine has the charset.
    var isKnown: Bool { pin != -1 }

    /// Text of this charset as UTF-8; bytes that mean nothing in it become U+FFFD.
    ///
    /// When the C library does not know the charset, everything that is not ASCII becomes U+FFFD.
    func utf8(_ bytes: [UInt8]) -> [UInt8] {
        let descriptor = isKnown ? iconv_open("UTF-8", name) : nil
        guard let descriptor, Int(bitPattern: descriptor) != -1 else {
            return Array(String(decoding: bytes, as: UTF8.self).utf8)
        }
        defer { iconv_close(descriptor) }
        var conversion = Conversion(bytes)
        conversion.run(descriptor)
        return Array(String(decoding: conversion.output, as: UTF8.self).utf8)
    }
}

/// One text on its way through iconv.
private struct Conversion {
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    private(set) var output: [UInt8] = []
    private var input: [CChar]
    private var buffer = [CChar](repeating: 0, count: 4_096)

    init(_ bytes: [UInt8]) {
        input = bytes.map { CChar(bitPattern: $0) }
        output.reserveCapacity(bytes.count + bytes.count / 2)
    }

    mutating func run(_ descriptor: iconv_t) {
        var position = 0
        while position < input.count {
            let step = convert(descriptor, from: position)
            position += step.consumed
            switch step.fault {
            case 0 where step.consumed > 0, E2BIG where step.consumed + step.produced > 0: continue
            case EILSEQ:
                output.append(contentsOf: Self.replacement)
                position += 1
            case EINVAL:
                output.append(contentsOf: Self.replacement)
                position = input.count
            default: return
            }
        }
        _ = convert(descriptor, from: nil)
    }

    /// Converts as much as fits; without a position, asks for what iconv still holds back.
    private mutating func convert(
        _ descriptor: iconv_t,
        from position: Int?
    ) -> (consumed: Int, produced: Int, fault: Int32) {
        let size = buffer.count
        let available = input.count - (position ?? input.count)
        let result = input.withUnsafeMutableBufferPointer { input in
            buffer.withUnsafeMutableBufferPointer { buffer in
                var source = position.flatMap { offset in input.baseAddress.map { $0 + offset } }
                var target = buffer.baseAddress
                var unread = available
                var room = size
                errno = 0
                let status =
                    position == nil
                    ? iconv(descriptor, nil, nil, &target, &room)
                    : iconv(descriptor, &source, &unread, &target, &room)
                return (unread: unread, room: room, fault: status == -1 ? errno : 0)
            }
        }
        let consumed = available - min(max(result.unread, 0), available)
        let produced = size - min(max(result.room, 0), size)
        for byte in buffer.prefix(produced) { output.append(UInt8(bitPattern: byte)) }
        return (consumed, produced, result.fault)
    }
}
