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
    /// What was noted about the rows so far.
    public var notes: RowNotes? { noted }

    private let reader: any TableReader
    private let check: RowCheck
    private var record = CSVRecord()
    private var noted: RowNotes
    private var hasEnded = false

    /// Reads the header.
    ///
    /// - Parameters:
    ///   - reader: Gives the rows, the header first.
    ///   - settings: How rows are to be read.
    ///   - file: The file as the user named it.
    /// - Throws: ``UserError`` with status `badData` when the header cannot be used, and what the reader throws.
    public init(_ reader: any TableReader, settings: TableSettings, file: String) throws(UserError) {
        self.reader = reader
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
    }

    /// Reads on; see ``PersonReader``.
    public func next() throws(UserError) -> PersonStep {
        guard !hasEnded else { return .end }
        switch try reader.next(into: &record) {
        case .end:
            hasEnded = true
            return .end
        case .fault(let fault):
            guard fault.isFatal else {
                return .refused(line: fault.line, reason: fault.description, fields: [])
            }
            hasEnded = true
            return .cutOff(line: fault.line, reason: fault.description)
        case .record:
            do {
                return .person(try check.check(record, &noted), line: record.line)
            } catch {
                return .refused(line: record.line, reason: error.reason, fields: Self.texts(record))
            }
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
