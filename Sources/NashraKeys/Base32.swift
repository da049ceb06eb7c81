// SPDX-License-Identifier: Apache-2.0
//
// Base32 in lower case without padding: letters and digits that survive mail systems, URLs and dictation.
// Pure. Rules: RFC 4648 section 6, with the spare bits of the last character always zero.

/// Base32 of RFC 4648 in lower case, unpadded.
enum Base32 {
    /// Appends the characters for `bytes`, most significant bits first.
    static func append(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        var window: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            window = window << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                output.append(character(window >> bits & 31))
            }
        }
        if bits > 0 { output.append(character(window << (5 - bits) & 31)) }
    }

    /// Reads back what ``append(_:to:)`` wrote.
    ///
    /// - Returns: `nil` for a character outside the alphabet, a length that no bytes lead to, or spare bits that
    ///   are not zero, so that each value has one spelling only.
    static func decode(_ characters: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(characters.count * 5 / 8)
        var window: UInt32 = 0
        var bits: UInt32 = 0
        for character in characters {
            guard let value = value(of: character) else { return nil }
            window = window << 5 | value
            bits += 5
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: window >> bits))
            }
        }
        guard bits < 5, window & ((1 << bits) - 1) == 0 else { return nil }
        return output
    }

    private static func character(_ value: UInt32) -> UInt8 {
        value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "2") + UInt8(value - 26)
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a"))
        case UInt8(ascii: "2")...UInt8(ascii: "7"): UInt32(character - UInt8(ascii: "2")) + 26
        default: nil
        }
    }
}
