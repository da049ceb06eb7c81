// SPDX-License-Identifier: Apache-2.0
//
// What separates fields, and how long things may be.
// Pure. Limits: docs/threat-model.md, "Import".

/// How long a file and its parts may be.
public struct CSVLimits: Sendable, Hashable {
    /// Bytes in one row, with delimiters and quotes, without its line end.
    public var rowBytes: Int
    /// Fields in one row.
    public var columns: Int
    /// Bytes in one field, without its quotes.
    public var fieldBytes: Int
    /// Bytes in the file.
    public var fileBytes: Int

    /// Makes limits; every one must be at least 1.
    public init(
        rowBytes: Int = 64 << 10,
        columns: Int = 200,
        fieldBytes: Int = 8 << 10,
        fileBytes: Int = 512 << 20
    ) {
        self.rowBytes = max(1, rowBytes)
        self.columns = max(1, columns)
        self.fieldBytes = max(1, fieldBytes)
        self.fileBytes = max(1, fileBytes)
    }

    /// 64 KiB, 200 columns, 8 KiB, 512 MiB.
    public static let standard = CSVLimits()
}

/// What separates the fields of a row.
public enum CSVDelimiter: UInt8, Sendable, Hashable, CaseIterable {
    case comma = 0x2C
    case semicolon = 0x3B
    case tab = 0x09

    /// The delimiter that a file's first line holds most often outside quotes; a comma when it holds none.
    ///
    /// - Parameter bytes: The beginning of the file, without a byte order mark.
    /// - Returns: The delimiter; at equal counts comma wins over semicolon, and semicolon over tab.
    public static func detect(in bytes: some Sequence<UInt8>) -> CSVDelimiter {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes {
            if byte == quote {
                isQuoted.toggle()
            } else if !isQuoted {
                if byte == lineFeed || byte == carriageReturn { break }
                if CSVDelimiter(rawValue: byte) != nil { counts[byte, default: 0] += 1 }
            }
        }
        let most = allCases.map { counts[$0.rawValue] ?? 0 }.max() ?? 0
        return allCases.first { (counts[$0.rawValue] ?? 0) == most } ?? .comma
    }
}

let quote = UInt8(ascii: "\"")
let lineFeed: UInt8 = 0x0A
let carriageReturn: UInt8 = 0x0D
