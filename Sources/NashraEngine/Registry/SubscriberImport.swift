// SPDX-License-Identifier: Apache-2.0
//
// A file of subscribers, row by row, checked and handed on in batches; bad rows are reported and skipped.
// Reads one file and writes to nothing but the sink it is given: a sink that only looks makes it a dry run.
// Rules: docs/threat-model.md, "Import"; a second import of the same file changes nothing.
public import NashraCSV
public import NashraCore
public import NashraStore

/// Imports files of subscribers.
///
/// The first row names the columns: `email` is required, `name` and `language` have their meaning, every other name is
/// a field for bulletins. A column without a name is skipped.
public struct SubscriberImport: Sendable {
    /// Takes a batch of checked rows, all or none, and says for each what became of it, in their order.
    public typealias Sink = (_ batch: [ImportRow]) throws(UserError) -> [RowOutcome]

    /// The language of people whose row says none; `nil` leaves it open.
    public var defaultLanguage: Language?
    /// Fields by the name of the column that holds them, where the two differ (`--map col=field`).
    public var renamed: [String: String]
    /// How many rows a batch has at most, from 1.
    public var batchRows: Int

    /// Makes an import.
    ///
    /// - Parameters:
    ///   - defaultLanguage: The language of people whose row says none.
    ///   - renamed: Fields by the name of the column that holds them.
    ///   - batchRows: How many rows a batch has at most.
    public init(defaultLanguage: Language? = nil, renamed: [String: String] = [:], batchRows: Int = 5000) {
        self.defaultLanguage = defaultLanguage
        self.renamed = Dictionary(
            renamed.map { (ImportColumns.normalised($0.key), ImportColumns.normalised($0.value)) },
            uniquingKeysWith: { first, _ in first }
        )
        self.batchRows = max(1, batchRows)
    }

    /// Imports the file at `path`, or standard input when that is `-`; see ``run(_:file:into:)``.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - sink: Takes the rows.
    /// - Returns: What was done.
    /// - Throws: ``UserError``; with status `noInput` when the file cannot be opened.
    public func run(path: String, into sink: Sink) throws(UserError) -> ImportSummary {
        let source = try CSVFileSource(path: path)
        let reader = CSVReader { (buffer) throws(UserError) in try source.read(into: buffer) }
        return try run(reader, file: path == "-" ? "standard input" : path, into: sink)
    }

    /// Imports one file.
    ///
    /// - Parameters:
    ///   - reader: Gives the rows, the header first.
    ///   - file: The file as the user named it.
    ///   - sink: Takes the rows. Batches it took before an error stay taken; importing again goes on from there.
    /// - Returns: What was done, adding up: every row is counted once.
    /// - Throws: ``UserError`` with status `badData` when the header cannot be used, and what reader and sink throw.
    public func run(
        _ reader: CSVReader,
        file: String,
        into sink: Sink
    ) throws(UserError) -> ImportSummary {
        var record = CSVRecord()
        let check = RowCheck(
            columns: try header(reader, &record, file: file),
            defaultLanguage: defaultLanguage
        )
        var summary = ImportSummary(file: file)
        var seen = SeenKeys()
        var batch = Batch()
        reading: while true {
            switch try reader.next(into: &record) {
            case .end:
                break reading
            case .fault(let fault):
                if fault.isFatal { summary.isIncomplete = true } else { summary.rows += 1 }
                summary.refuse(line: fault.line, fault.description)
                if fault.isFatal { break reading }
            case .record:
                summary.rows += 1
                take(record, check, into: &batch, &seen, &summary)
                if batch.rows.count >= batchRows { try hand(&batch, to: sink, &summary) }
            }
        }
        try hand(&batch, to: sink, &summary)
        return summary
    }

    private func header(
        _ reader: CSVReader,
        _ record: inout CSVRecord,
        file: String
    ) throws(UserError) -> ImportColumns {
        switch try reader.next(into: &record) {
        case .record:
            return try ImportColumns(header: record, renamed: renamed, file: file)
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
    }

    private func take(
        _ record: CSVRecord,
        _ check: RowCheck,
        into batch: inout Batch,
        _ seen: inout SeenKeys,
        _ summary: inout ImportSummary
    ) {
        do {
            let row = try check.check(record)
            guard seen.insert(row.address.key) else {
                summary.duplicates += 1
                return
            }
            batch.rows.append(row)
            batch.lines.append(record.line)
        } catch {
            summary.refuse(line: record.line, error.reason)
        }
    }

    private func hand(
        _ batch: inout Batch,
        to sink: Sink,
        _ summary: inout ImportSummary
    ) throws(UserError) {
        guard !batch.rows.isEmpty else { return }
        let outcomes = try sink(batch.rows)
        guard outcomes.count == batch.rows.count else {
            throw UserError(.bug, "an import of \(batch.rows.count) rows had \(outcomes.count) outcomes")
        }
        for (line, outcome) in zip(batch.lines, outcomes) { summary.count(outcome, line: line) }
        batch.rows.removeAll(keepingCapacity: true)
        batch.lines.removeAll(keepingCapacity: true)
    }

    /// Checked rows that wait for the sink, and where each stood.
    private struct Batch {
        var rows: [ImportRow] = []
        var lines: [Int] = []
    }
}

/// The addresses of a file that were seen: 16 bytes each, so that a million cost some 40 MB and not some 150.
///
/// Two addresses are taken for the same when two hashes with random keys agree, all 128 bits.
private struct SeenKeys {
    private struct Mark: Hashable {
        let first: Int
        let second: Int
    }

    private var marks: Set<Mark> = []

    mutating func insert(_ key: String) -> Bool {
        var (first, second) = (Hasher(), Hasher())
        first.combine(key)
        second.combine(0x5EED)
        second.combine(key)
        return marks.insert(Mark(first: first.finalize(), second: second.finalize())).inserted
    }
}
