// SPDX-License-Identifier: Apache-2.0
//
// Sorted pieces read side by side as one, row by row.
// Reads the temporary file of an import. Memory: one buffer per piece.
import NashraCore
import NashraStore

/// Reads one sorted piece forwards.
private final class RunReader {
    private let rows: SortedRows
    private let buffer: UnsafeMutableRawBufferPointer
    private var next: Int
    private let end: Int
    private var position = 0
    private var filled = 0

    /// The row it stands at.
    private(set) var row: PackedRow
    private(set) var prefix: UInt64 = 0

    /// How much of a piece is in memory; the longest row fits several times.
    private static let bufferBytes = 256 << 10

    init(_ run: SortedRun, of rows: SortedRows) {
        self.rows = rows
        let isInMemory = !run.bytes.isEmpty
        buffer = .allocate(byteCount: isInMemory ? run.bytes.count : Self.bufferBytes, alignment: 8)
        buffer.copyBytes(from: run.bytes)
        filled = run.bytes.count
        next = run.place.lowerBound
        end = run.place.upperBound
        row = PackedRow(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    deinit { buffer.deallocate() }

    /// Goes to the next row; what the last one showed is gone.
    func advance() throws(UserError) -> Bool {
        if PackedRow.length(whole, at: position) == nil {
            guard next < end else { return false }
            try fill()
        }
        guard let length = PackedRow.length(whole, at: position) else {
            throw UserError(.bug, "a sorted row of an import could not be read back")
        }
        row = PackedRow(whole, at: position)
        prefix = row.prefix
        position += length
        return true
    }

    private var whole: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<filled]) }

    private func fill() throws(UserError) {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[position..<filled]))
        filled -= position
        position = 0
        while filled < buffer.count, next < end {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: buffer[filled..<min(buffer.count, filled + end - next)]
            )
            let count = try rows.read(into: part, at: next)
            guard count > 0 else { throw UserError(.bug, "a temporary file of an import is too short") }
            filled += count
            next += count
        }
    }
}

/// All rows of an import in order.
///
/// Used by one thread at a time.
final class MergedRows {
    /// A heap: the least row stands first.
    private var readers: [RunReader] = []
    private var hasBegun = false

    init(_ rows: SortedRows) throws(UserError) {
        for run in rows.runs {
            let reader = RunReader(run, of: rows)
            if try reader.advance() { readers.append(reader) }
        }
        for index in stride(from: readers.count / 2, through: 0, by: -1) { sink(index) }
    }

    /// Goes to the next row.
    ///
    /// - Returns: It, valid until the next call; `nil` at the end.
    func next() throws(UserError) -> PackedRow? {
        if hasBegun, let first = readers.first {
            if try !first.advance() {
                readers.swapAt(0, readers.count - 1)
                readers.removeLast()
            }
            sink(0)
        }
        hasBegun = true
        return readers.first?.row
    }

    private func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < readers.count {
                if precedes(child, least) { least = child }
            }
            guard least != parent else { return }
            readers.swapAt(parent, least)
            parent = least
        }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (readers[left], readers[right])
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        return left.row.precedes(right.row)
    }
}
