// SPDX-License-Identifier: Apache-2.0
//
// What can be wrong with one row, or with the file as a whole, and where.
// Pure values. The rule of recovery is in CSVReader.swift.

/// One thing that is wrong in a file of comma-separated values.
///
/// It costs its row, not the file, unless it is fatal.
public struct CSVFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Hashable, Sendable {
        /// A quote was opened and the text after it does not close it.
        case unterminatedQuote
        /// Something other than a delimiter or a line end follows a closing quote.
        case textAfterQuote
        /// A NUL byte.
        case nul
        /// A carriage return without a line feed, in a file whose lines end otherwise.
        case bareCarriageReturn
        /// The `column`-th field, from 1, is longer than `limit` bytes.
        case fieldTooLong(column: Int, limit: Int)
        /// The row is longer than `limit` bytes.
        case rowTooLong(limit: Int)
        /// The row has more than `limit` columns.
        case tooManyColumns(limit: Int)
        /// The file is longer than `limit` bytes; nothing after them is read.
        case fileTooLong(limit: Int)
        /// The file begins with a byte order mark of UTF-16.
        case utf16
        /// The file begins with `sep=` and a character that does not separate fields.
        case unknownSeparator
        /// The row holds bytes that mean nothing in the encoding that it is read in.
        case undecodable
        /// The `column`-th cell of a sheet, from 1, holds an error of the spreadsheet, such as `#N/A`.
        case cellError(column: Int, code: String)
        /// The `column`-th cell of a sheet, from 1, cannot be read.
        case unreadableCell(column: Int)
    }

    /// What is wrong.
    public var problem: Problem

    /// The line on which it begins, from 1; a line end within quotes counts.
    public var line: Int

    /// Makes a fault.
    public init(_ problem: Problem, line: Int) {
        self.problem = problem
        self.line = line
    }

    /// Whether reading ends here.
    public var isFatal: Bool {
        switch problem {
        case .fileTooLong, .utf16, .unknownSeparator: true
        default: false
        }
    }

    /// The reason in words, without the line and without anything out of the file.
    public var description: String {
        switch problem {
        case .unterminatedQuote: "a quote is opened here and never closed"
        case .textAfterQuote: "text follows a closing quote; write a quote within quotes as two"
        case .nul: "the row holds a NUL byte"
        case .bareCarriageReturn: "the row holds a carriage return without a line feed"
        case .fieldTooLong(let column, let limit): "field \(column) is longer than \(limit) bytes"
        case .rowTooLong(let limit): "the row is longer than \(limit) bytes"
        case .tooManyColumns(let limit): "the row has more than \(limit) columns"
        case .fileTooLong(let limit): "the file is longer than \(limit) bytes; nothing after them was read"
        case .utf16: "the file is UTF-16; save it as UTF-8"
        case .unknownSeparator: "sep= names a separator other than comma, semicolon, tab and |"
        case .undecodable: "the row holds bytes that mean nothing in the encoding of the file"
        case .cellError(let column, let code): "cell \(column) holds the error \(code); mend the formula"
        case .unreadableCell(let column): "cell \(column) cannot be read"
        }
    }
}
