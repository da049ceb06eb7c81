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
        if let known = named[String(decoding: name, as: UTF8.self)] { return (known, length) }
        guard name.first == UInt8(ascii: "#") else { return nil }
        let isHex = name.dropFirst().first == UInt8(ascii: "x")
        let digits = String(decoding: name.dropFirst(isHex ? 2 : 1), as: UTF8.self)
        guard let value = UInt32(digits, radix: isHex ? 16 : 10), let scalar = Unicode.Scalar(value),
            value != 0, value != 0xFFFE, value != 0xFFFF
        else { return nil }
        return (scalar, length)
    }

    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'",
    ]
}
