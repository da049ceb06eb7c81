// SPDX-License-Identifier: Apache-2.0
//
// Imported rows in the order of their keys, however many there are: sorted in pieces that fit into memory, which lie in
// a temporary file without a name, and merged as they are read again.
// Touches that file only; it is gone with the process, however that ends. Memory: docs/importing.md, "What it costs".
import Foundation
import NashraCSV
import NashraCore
import NashraStore

/// One sorted piece.
struct SortedRun: Sendable {
    /// The rows, when they are in memory.
    var bytes: [UInt8] = []
    /// Where the rows lie in the file, when they are there.
    var place: Range<Int> = 0..<0
}

/// All rows of an import, sorted.
///
/// `Sendable`: after ``ImportSorter/finish()`` nothing writes to the file, and reading says where.
final class SortedRows: Sendable {
    let runs: [SortedRun]
    private let file: Int32

    init(runs: [SortedRun], file: Int32) {
        self.runs = runs
        self.file = file
    }

    deinit { if file >= 0 { close(file) } }

    /// Begins to read from the first row.
    func merge() throws(UserError) -> MergedRows { try MergedRows(self) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(UserError) -> Int {
        while true {
            let count = pread(file, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw UserError(
                    .inputOutput,
                    "a temporary file cannot be read: \(String(cString: strerror(errno)))"
                )
            }
        }
    }
}

/// Sorts pieces of an import, and keeps them.
///
/// Used by one thread.
final class ImportSorter {
    private var runs: [SortedRun] = []
    private var file: Int32 = -1
    private var end = 0
    private let folder: String

    /// How many bytes of rows a piece has at most, beside its last row.
    static let runBytes = 8 << 20

    init(folder: String) { self.folder = folder }

    deinit { if file >= 0 { close(file) } }

    /// Sorts one piece.
    ///
    /// - Parameters:
    ///   - rows: Packed rows, one after the other.
    ///   - isOnly: There are no others: it need not leave the memory.
    /// - Throws: ``UserError`` when the temporary file cannot be made or written.
    func add(_ rows: [UInt8], isOnly: Bool) throws(UserError) {
        guard !rows.isEmpty else { return }
        let sorted = Self.sorted(rows)
        if isOnly {
            runs.append(SortedRun(bytes: sorted))
            return
        }
        if file < 0 { file = try TemporaryFile.open(in: folder) }
        try TemporaryFile.write(sorted[...], to: file)
        runs.append(SortedRun(place: end..<(end + sorted.count)))
        end += sorted.count
    }

    /// Hands over what was sorted.
    func finish() -> SortedRows {
        defer { file = -1 }
        return SortedRows(runs: runs, file: file)
    }

    /// One row in a piece: where, and the beginning of its key.
    private struct Mark {
        let prefix: UInt64
        let start: Int
    }

    static func sorted(_ rows: [UInt8]) -> [UInt8] {
        rows.withUnsafeBytes { raw in
            var marks: [Mark] = []
            marks.reserveCapacity(raw.count / 96)
            var start = 0
            while let length = PackedRow.length(raw, at: start) {
                marks.append(Mark(prefix: PackedRow(raw, at: start).prefix, start: start))
                start += length
            }
            marks.sort { left, right in
                if left.prefix != right.prefix { return left.prefix < right.prefix }
                return PackedRow(raw, at: left.start).precedes(PackedRow(raw, at: right.start))
            }
            return [UInt8](unsafeUninitializedCapacity: raw.count) { buffer, count in
                let target = UnsafeMutableRawBufferPointer(buffer)
                for mark in marks {
                    let row = PackedRow(raw, at: mark.start).bytes
                    UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: row)
                    count += row.count
                }
            }
        }
    }
}
