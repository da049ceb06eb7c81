// SPDX-License-Identifier: Apache-2.0
//
// A table that another system exported: columns by name, rows as texts.
// Reads one file.
import NashraCSV
import NashraCore

/// The rows of a table whose first row names the columns.
final class ForeignTable {
    /// One row.
    struct Row {
        let line: Int
        let texts: [String]

        /// The text of a column; empty when the row or the table has none.
        subscript(column: Int?) -> String {
            guard let column, texts.indices.contains(column) else { return "" }
            return texts[column]
        }
    }

    /// A row, or what there was instead.
    enum Step {
        case row(Row)
        case other(ForeignStep)
    }

    /// The names of the columns as they stand.
    let header: [String]

    private let reader: CSVReader
    private var record = CSVRecord()
    private let columns: [String: Int]

    init(_ path: String, _ context: MigrationContext) throws(UserError) {
        guard path != "-" else { throw context.unknown(path, "standard input can be read once") }
        let source = try CSVFileSource(path: path)
        reader = CSVReader(source: source.read)
        guard case .record = try reader.next(into: &record) else {
            throw context.unknown(path, "the first row cannot be read")
        }
        let names = record.fields.map { String(decoding: $0, as: UTF8.self) }
        header = names
        columns = Dictionary(
            names.enumerated().map { (Self.folded($0.element), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Where the column of one of these names is, whatever the case.
    func column(_ names: String...) -> Int? { names.compactMap { columns[$0] }.first }

    func next() throws(UserError) -> Step {
        switch try reader.next(into: &record) {
        case .end: return .other(.end)
        case .fault(let fault):
            let step: ForeignStep =
                fault.isFatal
                ? .cutOff(line: fault.line, reason: fault.description)
                : .refused(line: fault.line, reason: fault.description, fields: [])
            return .other(step)
        case .record:
            var texts: [String] = []
            for field in record.fields {
                guard let text = String(validating: field, as: UTF8.self) else {
                    return .other(
                        .refused(line: record.line, reason: "the row is not valid UTF-8", fields: [])
                    )
                }
                texts.append(text)
            }
            return .row(Row(line: record.line, texts: texts))
        }
    }

    static func folded(_ name: String) -> String {
        String(name.lowercased().split { $0 == " " || $0 == "\t" }.joined(separator: " "))
    }
}
