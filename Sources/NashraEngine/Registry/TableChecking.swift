// SPDX-License-Identifier: Apache-2.0
//
// Rows of a table checked on a thread of their own while the next ones are read, some hundred at a time and in their
// order. A table that fits into one batch needs no thread.
// Pure waiting, by ImportHandoff. Measured: docs/importing.md, "What it costs".
import NashraCSV
import NashraCore
import NashraStore

/// Some rows on their way from the reader to the check and back.
struct TableBatch: Sendable {
    /// The rows, in room that is used again; the first ``count`` count.
    private var records: [CSVRecord] = []
    /// What stands in place of a row that could not be read.
    private var faults: [CSVFault?] = []
    private var bytes = 0
    /// Whether nothing follows.
    private(set) var isLast = false
    /// What stopped the reader, after these rows.
    private(set) var stop: UserError?
    /// What the rows are, the first one last.
    private var steps: [PersonStep] = []
    /// What was noted about all rows, with the last batch.
    private(set) var notes: RowNotes?

    /// How many rows, and about how many bytes of them, go together.
    private static let mostRows = 512
    private static let mostBytes = 256 << 10

    /// Reads rows until there are enough of them.
    mutating func fill(_ reader: any TableReader) {
        if bytes > Self.mostBytes { records.removeAll() }
        (bytes, isLast) = (0, false)
        faults.removeAll(keepingCapacity: true)
        while faults.count < Self.mostRows, bytes <= Self.mostBytes, !isLast {
            let index = faults.count
            if index == records.count { records.append(CSVRecord()) }
            do throws(UserError) {
                switch try reader.next(into: &records[index]) {
                case .end: isLast = true
                case .fault(let fault):
                    faults.append(fault)
                    isLast = fault.isFatal
                case .record:
                    faults.append(nil)
                    bytes += records[index][records[index].count - 1].endIndex
                }
            } catch {
                (stop, isLast) = (error, true)
            }
        }
    }

    /// Finds out what its rows are.
    mutating func check(_ check: RowCheck, _ notes: inout RowNotes) {
        steps.reserveCapacity(faults.count)
        for (index, fault) in faults.enumerated() {
            steps.append(fault.map(Self.step) ?? Self.step(records[index], check, &notes))
        }
        steps.reverse()
        if isLast { self.notes = notes }
    }

    /// Takes the first step that was not taken.
    mutating func next() -> PersonStep? { steps.popLast() }

    private static func step(_ fault: CSVFault) -> PersonStep {
        fault.isFatal
            ? .cutOff(line: fault.line, reason: fault.description)
            : .refused(line: fault.line, reason: fault.description, fields: [])
    }

    private static func step(_ record: CSVRecord, _ check: RowCheck, _ notes: inout RowNotes) -> PersonStep {
        do throws(RowCheck.Refusal) {
            return .person(try check.check(record, &notes), line: record.line)
        } catch {
            let fields = record.fields.map { String(decoding: $0, as: UTF8.self) }
            return .refused(line: record.line, reason: error.reason, fields: fields)
        }
    }
}

/// Reads the batches of one table and has them checked.
///
/// Used by one thread at a time; ends the thread that checks when it goes.
final class TableChecking {
    private let reader: any TableReader
    private let check: RowCheck
    private let unchecked = ImportHandoff<TableBatch>(limit: TableChecking.depth)
    private let checked = ImportHandoff<TableBatch>(limit: TableChecking.depth)
    private var underWay = 0
    private var hasThread = false
    private var hasReadAll = false

    /// How many batches are under way, so that neither thread waits for a single one.
    private static let depth = 4

    init(_ reader: any TableReader, _ check: RowCheck) {
        self.reader = reader
        self.check = check
    }

    deinit {
        unchecked.end()
        checked.end()
    }

    /// Exchanges a batch that is used up for the next one; never called again after the last.
    func exchange(_ batch: inout TableBatch, notes: RowNotes) throws(UserError) {
        var spare: TableBatch? = batch
        batch = TableBatch()
        while underWay < Self.depth, !hasReadAll {
            var next = spare.take() ?? TableBatch()
            next.fill(reader)
            hasReadAll = next.isLast
            if hasReadAll, !hasThread {
                var notes = notes
                next.check(check, &notes)
                batch = next
                return
            }
            if !hasThread { start(notes) }
            try unchecked.put(next)
            underWay += 1
        }
        guard let next = try checked.take() else { throw UserError(.bug, "rows of a table were lost") }
        underWay -= 1
        batch = next
    }

    private func start(_ notes: RowNotes) {
        hasThread = true
        let (check, unchecked, checked) = (check, unchecked, checked)
        _ = ImportHandoff<TableBatch>.thread("nashra-import-check") { () throws(UserError) in
            var notes = notes
            while var batch = try unchecked.take() {
                batch.check(check, &notes)
                try checked.put(batch)
            }
        }
    }
}
