// SPDX-License-Identifier: Apache-2.0
//
// Rows of one person, which sorting made neighbours: one of them counts, the others are duplicates or contradict it.
// Pure over the merged rows.
import NashraCore
import NashraStore

/// Some thousand people of an import, each once.
struct ImportBatch: Sendable {
    /// The rows that count.
    var rows = PackedRows()
    /// Rows that contradict an earlier row of the same person.
    var conflicts = PackedRows()
    /// The line of that earlier row, for each.
    var earlier: [Int] = []
    /// How many rows repeat an earlier one.
    var duplicates = 0
    /// The first of them: its line, and the line of the one that counts.
    var repeated: [(line: Int, first: Int)] = []

    /// A transaction's worth.
    static let rowLimit = 20_000
    /// So that a million rows of one person stay few in memory.
    static let conflictLimit = 20_000

    var isFull: Bool { rows.count >= Self.rowLimit || conflicts.count >= Self.conflictLimit }
}

/// Goes through merged rows person by person.
final class ImportGrouping {
    private let merged: MergedRows
    private let mergesRows: Bool
    /// The row that counts of the person that is being read.
    private var head = PackedRows()

    init(_ merged: MergedRows, mergesRows: Bool) {
        self.merged = merged
        self.mergesRows = mergesRows
    }

    /// The next people; `nil` when there are none.
    func next() throws(UserError) -> ImportBatch? {
        var batch = ImportBatch()
        while !batch.isFull {
            guard let row = try merged.next() else {
                finishPerson(&batch)
                break
            }
            guard !row.isMention else { continue }
            try take(row, &batch)
        }
        let isEmpty = batch.rows.count == 0 && batch.conflicts.count == 0 && batch.duplicates == 0
        return isEmpty ? nil : batch
    }

    private func take(_ row: PackedRow, _ batch: inout ImportBatch) throws(UserError) {
        var verdict = Verdict.another
        var firstLine = 0
        head.forEach { _, first in
            guard first.hasSameKey(as: row) else { return }
            firstLine = first.line
            verdict = first.saysTheSame(as: row) ? .same : .contradiction
        }
        switch verdict {
        case .another:
            finishPerson(&batch)
            head.append(row)
        case .same:
            batch.duplicates += 1
            if batch.repeated.count < ImportSamples.kept { batch.repeated.append((row.line, firstLine)) }
        case .contradiction:
            if mergesRows {
                try merge(row)
            } else {
                batch.conflicts.append(row)
                batch.earlier.append(firstLine)
            }
        }
    }

    private enum Verdict { case another, same, contradiction }

    private func finishPerson(_ batch: inout ImportBatch) {
        head.forEach { _, row in batch.rows.append(row) }
        head.removeAll()
    }

    /// Puts two rows of one person together: what the first leaves open, the other fills.
    private func merge(_ row: PackedRow) throws(UserError) {
        let other = try row.row()
        var merged: ImportRow?
        var line = 0
        do {
            try head.forEach { _, first in
                merged = try first.row()
                line = first.line
            }
        } catch {
            throw error as? UserError ?? UserError(.bug, "\(error)")
        }
        guard let merged = merged?.merged(with: other) else { return }
        head.removeAll()
        head.append(merged, line: line)
    }
}
