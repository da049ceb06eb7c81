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
    case pipe = 0x7C

    /// Its name in a report: `comma`, `semicolon`, `tab` or `pipe`.
    public var name: String { String(describing: self) }

    /// The delimiter that the first lines of a file agree on; a comma when there is none.
    ///
    /// One that stands in the first line outside quotes, most often as often in each of the next four lines; among
    /// equals the one that the first line holds most often, and then comma before semicolon, tab and pipe.
    ///
    /// - Parameter bytes: The beginning of the file, without a byte order mark.
    /// - Returns: The delimiter.
    public static func detect(in bytes: some Sequence<UInt8>) -> CSVDelimiter {
        let lines = counts(in: bytes)
        guard let first = lines.first else { return .comma }
        var best: (delimiter: CSVDelimiter, agreeing: Int, count: Int) = (.comma, 0, 0)
        for (index, delimiter) in allCases.enumerated() where first[index] > 0 {
            let agreeing = lines.count(where: { $0[index] == first[index] })
            if (agreeing, first[index]) > (best.agreeing, best.count) {
                best = (delimiter, agreeing, first[index])
            }
        }
        return best.delimiter
    }

    /// How often each delimiter stands in each of the first five lines, outside quotes; empty lines are left out.
    private static func counts(in bytes: some Sequence<UInt8>) -> [[Int]] {
        let none = [Int](repeating: 0, count: allCases.count)
        var lines: [[Int]] = []
        var counts = none
        var isQuoted = false
        var isEmpty = true
        for byte in bytes {
            if byte == quote { isQuoted.toggle() }
            let endsLine = !isQuoted && (byte == lineFeed || byte == carriageReturn)
            if !endsLine {
                isEmpty = false
                if !isQuoted, let index = allCases.firstIndex(where: { $0.rawValue == byte }) {
                    counts[index] += 1
                }
                continue
            }
            if !isEmpty { lines.append(counts) }
            if lines.count == 5 { return lines }
            (counts, isEmpty) = (none, true)
        }
        // A line that the window cuts off counts only when there is no other.
        return lines.isEmpty && !isEmpty ? [counts] : lines
    }
}

let quote = UInt8(ascii: "\"")
let lineFeed: UInt8 = 0x0A
let carriageReturn: UInt8 = 0x0D
