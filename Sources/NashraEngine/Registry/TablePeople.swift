// SPDX-License-Identifier: Apache-2.0
//
// The people of a table: its first row names the columns, every other row is a person.
// Reads what it is given, row by row; ImportColumns and RowCheck say what a row means.
public import NashraCSV
public import NashraCore
public import NashraStore

/// Reads the people of a table.
public final class TablePeople: PersonReader {
    /// Which column became what.
    public var mapping: ColumnMapping { check.columns.mapping }
    /// The columns' names.
    public let header: [String]
    /// What was noted about the rows; complete when the last one was read.
    public var notes: RowNotes? { noted }

    private let check: RowCheck
    private let checking: TableChecking
    private var batch = TableBatch()
    private var noted: RowNotes

    /// Reads the header.
    ///
    /// - Parameters:
    ///   - reader: Gives the rows, the header first.
    ///   - settings: How rows are to be read.
    ///   - file: The file as the user named it.
    /// - Throws: ``UserError`` with status `badData` when the header cannot be used, and what the reader throws.
    public init(_ reader: any TableReader, settings: TableSettings, file: String) throws(UserError) {
        var record = CSVRecord()
        noted = RowNotes(ownDomains: settings.ownDomains)
        switch try reader.next(into: &record) {
        case .record: break
        case .fault(let fault):
            let diagnostic = Diagnostic(file: file, line: fault.line, fault.description)
            throw UserError(
                .badData,
                "\(file): the first line must name the columns, and cannot be read",
                diagnostics: [diagnostic]
            )
        case .end:
            throw UserError(
                .badData,
                "\(file): is empty",
                remedy: "The first line must name the columns, such as: email,name,language"
            )
        }
        header = Self.texts(record)
        let columns = try ImportColumns(
            header: record,
            renamed: settings.renamed,
            file: file,
            schema: settings.schema
        )
        check = RowCheck(
            columns: columns,
            defaultLanguage: settings.defaultLanguage,
            schema: settings.schema
        )
        checking = TableChecking(reader, check)
    }

    /// Reads on; see ``PersonReader``.
    public func next() throws(UserError) -> PersonStep {
        while true {
            if let step = batch.next() { return step }
            if let stop = batch.stop { throw stop }
            guard !batch.isLast else { return .end }
            try checking.exchange(&batch, notes: noted)
            if let notes = batch.notes { noted = notes }
        }
    }

    /// The fields of a row as the columns call them.
    public func fields(of row: ImportRow) -> [String] {
        check.columns.meanings.enumerated().map { index, meaning in
            switch meaning {
            case .email: row.address.text
            case .name: row.name ?? ""
            // The parts of a name were put together; the first column shows the whole.
            case .namePart: index == check.columns.nameParts.first ? row.name ?? "" : ""
            case .language: row.language?.rawValue ?? ""
            case .attribute(let name): row.attributes[name] ?? ""
            case .ignored: ""
            }
        }
    }

    private static func texts(_ record: CSVRecord) -> [String] {
        record.fields.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// How the rows of a table are read.
public struct TableSettings: Sendable {
    /// The language of people whose row says none; `nil` leaves it open.
    public var defaultLanguage: Language?
    /// Fields by the name of the column that holds them, normalised (`--map col=field`).
    public private(set) var renamed: [String: String]
    /// The declared attributes.
    public var schema: AttributeSchema
    /// The organisation's domains as A-labels; what looks like them is noted.
    public var ownDomains: Set<String>

    /// Describes how rows are read.
    ///
    /// - Parameters:
    ///   - defaultLanguage: The language of people whose row says none.
    ///   - renamed: Fields by the name of the column that holds them, as the user typed both.
    ///   - schema: The declared attributes.
    ///   - ownDomains: The organisation's domains as A-labels.
    public init(
        defaultLanguage: Language? = nil,
        renamed: [String: String] = [:],
        schema: AttributeSchema = .none,
        ownDomains: Set<String> = []
    ) {
        self.defaultLanguage = defaultLanguage
        self.renamed = Dictionary(
            renamed.map { (ImportColumns.normalised($0.key), ImportColumns.normalised($0.value)) },
            uniquingKeysWith: { first, _ in first }
        )
        self.schema = schema
        self.ownDomains = ownDomains
    }
}
