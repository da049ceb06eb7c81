// SPDX-License-Identifier: Apache-2.0
//
// A charset of one byte a character, as a table that is asked for from the system once.
// Pure afterwards. ASCII below 0x80 is assumed, which holds for every charset that mail uses this way.

/// The characters that the bytes from 0x80 on stand for.
struct SingleByteTable: Sendable {
    private let scalars: [UInt32]

    /// Makes the table of a charset that iconv knows; when it does not, the table of Latin 1.
    init(_ name: String) {
        let converter = Iconv(name)
        scalars = (UInt32(0x80)...0xFF).map { byte in
            guard converter.isKnown else { return byte }
            let text = converter.utf8([UInt8(truncatingIfNeeded: byte)])
            return String(decoding: text, as: UTF8.self).unicodeScalars.first?.value ?? 0xFFFD
        }
    }

    /// Text of this charset as UTF-8.
    func utf8(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 2)
        for byte in bytes {
            guard byte >= 0x80 else {
                result.append(byte)
                continue
            }
            let scalar = scalars[Int(byte) - 0x80]
            if scalar >= 0x800 {
                result.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12 & 0x0F))
                result.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
            } else {
                result.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            }
            result.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        }
        return result
    }
}
