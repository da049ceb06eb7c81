// SPDX-License-Identifier: Apache-2.0
//
// What every reader of tables can do, whatever the file is.
// No I/O of its own.
public import NashraCore

/// Gives the rows of a table one after the other: delimited text, or the sheet of a workbook.
///
/// Fields are UTF-8. Not `Sendable`: one thread reads.
public protocol TableReader: AnyObject {
    /// Reads the next row.
    ///
    /// - Parameter record: Receives the row; what it held before is gone in any case.
    /// - Returns: What was found. After `.end` or a fatal fault every further call returns `.end`.
    /// - Throws: ``UserError`` when the file cannot be read further, or was changed meanwhile.
    func next(into record: inout CSVRecord) throws(UserError) -> CSVReader.Step
}

extension CSVReader: TableReader {}
