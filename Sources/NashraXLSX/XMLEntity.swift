// SPDX-License-Identifier: Apache-2.0
//
// The five entities of XML, and characters by number.
// Pure. Rules: XML 1.0, 4.1, 4.6 and 2.2.

enum XMLEntity {
    /// The character that an entity at the beginning of `bytes` stands for, and how long the entity is.
    static func decode(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        guard let semicolon = bytes.prefix(12).firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let length = semicolon - bytes.startIndex + 1
        let name = bytes[(bytes.startIndex + 1)..<semicolon]
        guard name.first == UInt8(ascii: "#") else { return named(name).map { ($0, length) } }
        guard let value = number(name.dropFirst()), value != 0, value != 0xFFFE, value != 0xFFFF,
            let scalar = Unicode.Scalar(value)
        else { return nil }
        return (scalar, length)
    }

    /// The number of a character, in decimal digits or after `x` in hexadecimal ones; at most ten.
    private static func number(_ text: ArraySlice<UInt8>) -> UInt32? {
        let isHex = text.first == UInt8(ascii: "x")
        let digits = isHex ? text.dropFirst() : text
        guard !digits.isEmpty else { return nil }
        var value: UInt32 = 0
        for byte in digits {
            let digit: UInt32
            switch byte {
            case 0x30...0x39: digit = UInt32(byte - 0x30)
            case 0x41...0x46 where isHex, 0x61...0x66 where isHex: digit = UInt32((byte | 0x20) - 0x57)
            default: return nil
            }
            value = value * (isHex ? 16 : 10) + digit
            guard value <= 0x10_FFFF else { return nil }
        }
        return value
    }

    private static func named(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        if name.elementsEqual("amp".utf8) { return "&" }
        if name.elementsEqual("lt".utf8) { return "<" }
        if name.elementsEqual("gt".utf8) { return ">" }
        if name.elementsEqual("quot".utf8) { return "\"" }
        return name.elementsEqual("apos".utf8) ? "'" : nil
    }
}
