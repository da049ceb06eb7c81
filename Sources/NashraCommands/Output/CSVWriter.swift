// SPDX-License-Identifier: Apache-2.0
//
// CSV that spreadsheets read as text and never as a formula.
// Pure, on bytes.
// Rules: RFC 4180; CWE-1236: every field is quoted, and one that starts like a formula gets an apostrophe.

/// Writes comma-separated values.
enum CSVWriter {
    /// The rows, UTF-8, each ended by CR LF.
    static func document(_ rows: [[String]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for row in rows { append(row, to: &bytes) }
        return bytes
    }

    /// Adds one row to `bytes`.
    static func append(_ row: [String], to bytes: inout [UInt8]) {
        for (index, field) in row.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(quote)
            if startsLikeFormula(field) { bytes.append(UInt8(ascii: "'")) }
            for byte in field.utf8 {
                if byte == quote { bytes.append(quote) }
                bytes.append(byte)
            }
            bytes.append(quote)
        }
        bytes += [0x0D, 0x0A]
    }

    private static let quote = UInt8(ascii: "\"")

    /// Looks at the first scalar and not the first character.
    ///
    /// To a spreadsheet `=` with a combining mark is an equals sign still. A plain number may keep its sign.
    private static func startsLikeFormula(_ field: String) -> Bool {
        guard let first = field.unicodeScalars.first else { return false }
        switch first {
        case "+", "-": return !isPlainNumber(field)
        case "=", "@", "\t", "\r", "\n", "\0", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": return true
        default: return false
        }
    }

    private static func isPlainNumber(_ field: String) -> Bool {
        let digits = field.utf8.dropFirst()
        return !digits.isEmpty && digits.count <= 20
            && digits.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }
}
