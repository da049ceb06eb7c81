// SPDX-License-Identifier: Apache-2.0
//
// Rows for people: columns under each other whatever the script, numbers to the right, nothing that can harm.
// Pure but for `text`, which asks what stdout is.

/// A table of text.
struct Table: Sendable {
    private let header: [String]
    private let rows: [[String]]

    /// What parts the columns.
    private static let gap = "  "

    /// Makes a table.
    ///
    /// - Parameters:
    ///   - header: The columns' titles.
    ///   - rows: The cells; what a row lacks is empty, what it has too many is left out.
    init(_ header: [String], _ rows: [[String]]) {
        self.header = header
        self.rows = rows
    }

    /// The table as stdout wants it, without a line end after the last row.
    var text: String { text(for: TerminalStyle.of(1)) }

    /// The table for a stream of that style.
    func text(for style: TerminalStyle) -> String {
        let cells = ([header] + rows).map { row in
            header.indices.map { $0 < row.count ? TerminalText.escapedCell(row[$0]) : "" }
        }
        var widths = header.indices.map { column in
            cells.reduce(0) { max($0, TerminalText.width($1[column])) }
        }
        if let columns = style.columns { Self.shrink(&widths, to: columns) }
        let right = header.indices.map { column in
            let values = cells.dropFirst().map { $0[column] }.filter { !$0.isEmpty }
            return !values.isEmpty && values.allSatisfy(Self.isNumber)
        }
        return cells.map { row in
            let line = header.indices.map { column in
                Self.cell(row[column], widths[column], toRight: right[column], isolates: style.isTerminal)
            }
            return Self.withoutTrailingSpace(line.joined(separator: Self.gap))
        }.joined(separator: "\n")
    }

    private static func cell(_ text: String, _ width: Int, toRight: Bool, isolates: Bool) -> String {
        let shown = TerminalText.truncated(text, to: width)
        let padding = String(repeating: " ", count: max(0, width - TerminalText.width(shown)))
        let isolated = isolates ? TerminalText.isolated(shown) : shown
        return toRight ? padding + isolated : isolated + padding
    }

    /// Takes columns from the widest until the table fits, but leaves each its first eight.
    private static func shrink(_ widths: inout [Int], to columns: Int) {
        var excess = widths.reduce(0, +) + gap.count * max(0, widths.count - 1) - columns
        while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8
        {
            widths[widest] -= 1
            excess -= 1
        }
    }

    /// A sign, digits, and what parts them: `12,345`, `-3`, `99.5 %`, `1,234/s`, `0:12`, or a dash for none.
    private static func isNumber(_ text: String) -> Bool {
        if text == "-" || text == "–" { return true }
        let allowed = text.unicodeScalars.allSatisfy { scalar in
            (0x30...0x39).contains(scalar.value) || ",.+-% :".unicodeScalars.contains(scalar)
        }
        // A date has two hyphens and reads better from the left.
        return allowed && text.utf8.contains { (0x30...0x39).contains($0) }
            && !text.dropFirst().utf8.contains(UInt8(ascii: "-"))
    }

    private static func withoutTrailingSpace(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
