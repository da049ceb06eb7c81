// SPDX-License-Identifier: Apache-2.0
//
// Files of suppressions as they are found: tables, lists of addresses, and the JSON Lines of our own export.
// Reads one file.
import Foundation
import NashraCSV
public import NashraCore
import NashraTables

extension SuppressionImport {
    /// Imports the file at `path`, or standard input when that is `-`; see ``run(_:file:)``.
    ///
    /// A table in any encoding, a workbook, or JSON Lines: then the first byte is `{`.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - encoding: Of delimited text, by name; `nil` to find out.
    ///   - sheet: Of a workbook, by name or number; `nil` for the first.
    /// - Returns: What was done.
    /// - Throws: `noInput` when the file cannot be opened; what ``run(_:file:)`` throws.
    public func run(
        path: String,
        encoding: String? = nil,
        sheet: String? = nil
    ) throws(UserError) -> SuppressionSummary {
        let table = try TableFile.open(path: path, options: TableOptions(encoding: encoding, sheet: sheet))
        guard try Self.isJSON(table.file) else { return try run(table.reader, file: table.file.name) }
        return try run(JSONLinesTable(table.file), file: table.file.name)
    }

    private static func isJSON(_ file: InputFile) throws(UserError) -> Bool {
        let first = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
        defer { first.deallocate() }
        return try file.read(into: first, at: 0) == 1 && first.first == UInt8(ascii: "{")
    }
}

/// One JSON object of texts per line, as rows of a table with the columns of our export.
final class JSONLinesTable: TableReader {
    static let columns = [
        "address", "scope", "reason", "origin", "note", "created", "created_by", "expires",
    ]

    private static let lineBytes = 64 << 10

    private let file: InputFile
    private var offset = 0
    private var window: [UInt8] = []
    private var start = 0
    private var line = 0
    private var hasEnded = false

    init(_ file: InputFile) { self.file = file }

    func next(into record: inout CSVRecord) throws(UserError) -> CSVReader.Step {
        if line == 0 {
            line = 1
            record = CSVRecord(line: 1, fields: Self.columns.map { Array($0.utf8) })
            return .record
        }
        while let bytes = try nextLine() {
            defer { line += 1 }
            guard !bytes.isEmpty else { continue }
            guard bytes.count <= Self.lineBytes else {
                return .fault(CSVFault(.rowTooLong(limit: Self.lineBytes), line: line))
            }
            guard let object = try? JSONDecoder().decode([String: String?].self, from: Data(bytes)) else {
                return .fault(CSVFault(.textAfterQuote, line: line))
            }
            // Guarded, because the rows of tables are: the check takes the guard away again.
            let fields = Self.columns.map { FormulaGuard.guarded((object[$0] ?? nil) ?? "") }
            record = CSVRecord(line: line, fields: fields.map { Array($0.utf8) })
            return .record
        }
        return .end
    }

    /// The next line without its end, only the beginning of one that is too long; `nil` after the last.
    private func nextLine() throws(UserError) -> ArraySlice<UInt8>? {
        var kept: [UInt8] = []
        while true {
            if let end = window[start...].firstIndex(of: 0x0A) {
                let part = window[start..<end]
                start = end + 1
                return kept.isEmpty ? part : (kept + part)[...]
            }
            if kept.count <= Self.lineBytes { kept += window[start...] }
            guard !hasEnded else { return kept.isEmpty ? nil : kept[...] }
            try fill()
            if window.isEmpty { hasEnded = true }
        }
    }

    private func fill() throws(UserError) {
        start = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.lineBytes, alignment: 1)
        defer { buffer.deallocate() }
        let count = try file.read(into: buffer, at: offset)
        offset += count
        if count == 0 { try file.checkUnchanged() }
        window = Array(buffer.prefix(count))
    }
}
