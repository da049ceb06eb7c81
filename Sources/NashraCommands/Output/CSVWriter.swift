// SPDX-License-Identifier: Apache-2.0
//
// CSV that spreadsheets read as text and never as a formula.
// Pure, on bytes. Rules: RFC 4180; what is guarded: FormulaGuard.
import NashraCore

/// Writes comma-separated values.
enum CSVWriter {
    /// What spreadsheets need before the first byte to read UTF-8 as UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

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
            FormulaGuard.append(field.utf8, to: &bytes)
        }
        bytes += [0x0D, 0x0A]
    }
}
