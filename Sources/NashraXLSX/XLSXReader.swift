// SPDX-License-Identifier: Apache-2.0
//
// The rows of one sheet of a workbook, as they inflate: neither the sheet nor its XML is ever whole in memory.
// Reads the package it is given. Rules: ECMA-376 part 1, 18.3.1 (worksheets); docs/import-files.md, "Workbooks".
public import NashraCSV
public import NashraCore

/// A reader of a workbook's sheet.
///
/// Not `Sendable`: one thread reads.
///
/// A row's line is its number in the sheet. Empty rows are skipped; hidden rows and columns are read like others; a
/// merged range has its text in its first cell. Every row has at least as many fields as the first.
public final class XLSXReader: TableReader {
    /// The name of the sheet that is read.
    public let sheet: String
    /// The names of all sheets of cells, for people; hidden ones are marked.
    public let sheets: String

    private let limits: CSVLimits
    private let context: CellContext
    private let checkEnd: () throws(UserError) -> Void
    private var reader: PartReader
    private var hasEnded = false
    private var isInData = false
    private var row = 0
    private var width = 0
    private var rowBytes = 0
    private var problem: CSVFault.Problem?

    /// Opens the workbook that `file` is.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - sheet: The sheet's name, or its number from 1; `nil` for the first that is not hidden.
    ///   - limits: How long rows and fields may be.
    ///   - workbook: How much the workbook may hold.
    ///   - temporaryFolder: Where large tables of shared strings are kept; `nil` for the system's.
    /// - Throws: ``UserError`` with status `badData` when it is no workbook, has no such sheet or exceeds a limit.
    public convenience init(
        _ file: InputFile,
        sheet: String? = nil,
        limits: CSVLimits = .standard,
        workbook: WorkbookLimits = WorkbookLimits(),
        temporaryFolder: String? = nil
    ) throws(UserError) {
        let archive = try ZipArchive(file, limits: workbook)
        try self.init(
            archive,
            sheet: sheet,
            limits: limits,
            workbook: workbook,
            temporaryFolder: temporaryFolder
        ) {
            () throws(UserError) in try file.checkUnchanged()
        }
    }

    /// Opens a workbook whose parts lie anywhere.
    ///
    /// - Parameters:
    ///   - parts: The parts.
    ///   - sheet: As above.
    ///   - limits: As above.
    ///   - workbook: As above.
    ///   - temporaryFolder: As above.
    ///   - checkEnd: Is asked once all rows were read; may throw.
    /// - Throws: As above.
    public init(
        _ parts: any PackageParts,
        sheet: String? = nil,
        limits: CSVLimits = .standard,
        workbook: WorkbookLimits = WorkbookLimits(),
        temporaryFolder: String? = nil,
        checkEnd: @escaping () throws(UserError) -> Void = {}
    ) throws(UserError) {
        let contents = try Workbook(parts)
        let chosen = try contents.sheet(sheet, file: parts.name)
        var context = CellContext(countsFrom1904: contents.countsFrom1904)
        if let styles = contents.styles { context.styles = try CellStyles(styles, of: parts) }
        if let strings = contents.strings {
            context.strings = try SharedStrings(
                strings,
                of: parts,
                limits: workbook,
                temporaryFolder: temporaryFolder
            )
        }
        self.context = context
        (self.sheet, sheets, self.limits, self.checkEnd) = (chosen.name, contents.list, limits, checkEnd)
        reader = try PartReader(chosen.part, of: parts)
    }

    /// Reads the next row; see ``TableReader``.
    public func next(into record: inout CSVRecord) throws(UserError) -> CSVReader.Step {
        while !hasEnded {
            switch try reader.next() {
            case .start where reader.at.isNamed("sheetData"): isInData = true
            case .end where reader.at.isNamed("sheetData"): isInData = false
            case .start where isInData && reader.at.isNamed("row"):
                try readRow(into: &record)
                if let problem { return .fault(CSVFault(problem, line: row)) }
                guard record.hasText else { continue }
                if width == 0 { width = record.count }
                while record.count < width { record.add([]) }
                return .record
            case .done:
                hasEnded = true
                try checkEnd()
            default: break
            }
        }
        return .end
    }

    /// Reads cells up to the row's end.
    private func readRow(into record: inout CSVRecord) throws(UserError) {
        let given = reader.at.attribute("r").flatMap(CellReference.number) ?? 0
        row = given > row && given <= CellReference.mostRows ? given : row + 1
        record.begin(line: row)
        (problem, rowBytes) = (nil, 0)
        var cell: Cell?
        var next = 1
        while true {
            switch try reader.next() {
            case .start:
                if reader.at.isNamed("c") {
                    let begun = Cell(reader.at, next: next)
                    next = begun.column + 1
                    cell = begun
                } else {
                    cell?.begin(reader.at)
                }
            case .text: cell?.add(reader.at)
            case .end:
                if reader.at.isNamed("row") { return }
                if reader.at.isNamed("c") {
                    if let cell { try take(cell, into: &record) }
                    cell = nil
                } else {
                    cell?.end(reader.at)
                }
            case .done: return
            }
        }
    }

    private func take(_ cell: Cell, into record: inout CSVRecord) throws(UserError) {
        guard problem == nil else { return }
        switch try cell.outcome(context, limit: limits.fieldBytes) {
        case .fault(let found): problem = found
        case .text(let text):
            guard !text.isEmpty else { return }
            rowBytes += text.count + 1
            if cell.column > limits.columns {
                problem = .tooManyColumns(limit: limits.columns)
            } else if cell.column <= record.count {
                problem = .unreadableCell(column: cell.column)
            } else if rowBytes > limits.rowBytes {
                problem = .rowTooLong(limit: limits.rowBytes)
            } else {
                while record.count < cell.column - 1 { record.add([]) }
                record.add(text)
            }
        }
    }
}

extension CSVRecord {
    /// Whether any field holds something.
    fileprivate var hasText: Bool { (0..<count).contains { !self[$0].isEmpty } }
}
