// SPDX-License-Identifier: Apache-2.0
//
// Text in any charset, to UTF-8: by what the bytes are first, by what the label says second.
// Pure; single-byte charsets by table, the others by iconv.
// Rules: RFC 2046 section 4.1.2, RFC 1468, RFC 2781 section 4.3.

/// Turns text into UTF-8.
public enum CharsetText {
    private static let largest = 16 << 20

    /// Text as UTF-8.
    ///
    /// What is valid UTF-8 stays, whatever the label says; what the label's charset cannot decode becomes
    /// U+FFFD; without a label, or with an unknown one, bytes are read as Windows 1252, and ISO-2022-JP is
    /// known by its escapes.
    ///
    /// - Parameters:
    ///   - bytes: Any bytes.
    ///   - charset: The label, in any case; `nil` for none.
    /// - Returns: Valid UTF-8, at most 16 MiB.
    public static func utf8(_ bytes: [UInt8], charset: [UInt8]?) -> [UInt8] {
        let bytes = bytes.count > largest / 3 ? Array(bytes.prefix(largest / 3)) : bytes
        let marks = marks(of: bytes)
        let declared = charset.map(Charset.init(label:)) ?? .undeclared
        switch declared {
        case .utf16(let order): return utf16(bytes, order, marks)
        case .escaped(let converter):
            if marks.high, isUTF8(bytes) { return bytes }
            return converter.utf8(bytes)
        case .utf8, .undeclared, .table, .pairs: break
        }
        guard marks.high else {
            return marks.escape && isJapanese(bytes) ? Charset.iso2022jp.utf8(bytes) : bytes
        }
        if isUTF8(bytes), !isLikelyPairs(bytes, declared) { return bytes }
        switch declared {
        case .utf8: return repaired(bytes)
        case .table(let table): return table.utf8(bytes)
        case .pairs(let converter): return converter.utf8(bytes)
        default: return guessed(bytes)
        }
    }

    /// Whether there are bytes from 0x80 on, and whether there is an escape.
    ///
    /// Written so that the compiler can vectorise it.
    private static func marks(of bytes: [UInt8]) -> (high: Bool, escape: Bool) {
        var all: UInt8 = 0
        var escapes: UInt8 = 0
        for byte in bytes {
            all |= byte
            escapes |= byte == 0x1B ? 1 : 0
        }
        return (all >= 0x80, escapes != 0)
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool {
        (try? UTF8Span(validating: bytes.span)) != nil
    }

    /// Whether valid UTF-8 may yet be text of a charset that writes a character as two high bytes: it has
    /// none of UTF-8's sequences of three or four.
    private static func isLikelyPairs(_ bytes: [UInt8], _ declared: Charset) -> Bool {
        guard case .pairs = declared else { return false }
        return !bytes.contains { $0 >= 0xE0 }
    }

    /// Whether the only controls are those that text has.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 || $0 == 0x1B || 0x09...0x0D ~= $0 }
    }

    /// Whether an escape sequence of ISO-2022-JP stands in the text (RFC 1468).
    private static func isJapanese(_ bytes: [UInt8]) -> Bool {
        guard let escape = bytes.firstIndex(of: 0x1B), escape + 2 < bytes.count else { return false }
        let (kind, set) = (bytes[escape + 1], bytes[escape + 2])
        return kind == UInt8(ascii: "$") && (set == UInt8(ascii: "B") || set == UInt8(ascii: "@"))
            || kind == UInt8(ascii: "(") && (set == UInt8(ascii: "J") || set == UInt8(ascii: "I"))
    }

    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    /// Text without a label that is not UTF-8: damaged UTF-8 when most of it is, else Windows 1252.
    private static func guessed(_ bytes: [UInt8]) -> [UInt8] {
        let repaired = repaired(bytes)
        var leads = 0
        for byte in bytes where byte >= 0xC2 && byte < 0xF5 { leads += 1 }
        var damages = 0
        for index in repaired.indices.dropLast(2)
        where repaired[index] == 0xEF && repaired[index + 1] == 0xBF && repaired[index + 2] == 0xBD {
            damages += 1
        }
        return leads > damages * 2 ? repaired : Charset.windows1252.utf8(bytes)
    }

    /// UTF-16; a byte order mark decides, then the label, then on which side the zeros stand.
    private static func utf16(_ bytes: [UInt8], _ order: ByteOrder?, _ marks: (high: Bool, escape: Bool))
        -> [UInt8]
    {
        var start = 0
        var isLittle = order == .little
        if bytes.starts(with: [0xFF, 0xFE]) {
            (start, isLittle) = (2, true)
        } else if bytes.starts(with: [0xFE, 0xFF]) {
            (start, isLittle) = (2, false)
        } else {
            var zeros = [0, 0]
            for index in bytes.indices where bytes[index] == 0 { zeros[index & 1] += 1 }
            if zeros == [0, 0], isText(bytes), !marks.high || isUTF8(bytes) { return bytes }
            if order == nil { isLittle = zeros[1] > zeros[0] }
        }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var index = start
        while index + 1 < bytes.count {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(isLittle ? second << 8 | first : first << 8 | second)
            index += 2
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
