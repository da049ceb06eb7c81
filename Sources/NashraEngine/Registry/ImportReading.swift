// SPDX-License-Identifier: Apache-2.0
//
// The first half of an import: everybody in the file read, checked, packed and sorted; nothing is changed yet.
// Reads what it is given and writes a temporary file. Two threads: one reads and checks, one sorts.
import NashraCore
import NashraStore

/// What reading a file gave.
struct ImportRead {
    let rows: SortedRows
    /// The topics that rows name themselves.
    let topics: Set<String>
    /// How many people can be taken.
    let people: Int
}

/// Reads all people of a file.
struct ImportReading {
    /// Where the temporary file lies.
    let folder: String
    /// Remember whose rows could not be taken: with --sync they are in the file all the same.
    let keepsMentions: Bool

    /// Reads to the end.
    func read(
        _ people: any PersonReader,
        rejects: ImportRejects,
        _ summary: inout ImportSummary
    ) throws(UserError) -> ImportRead {
        let queue = ImportHandoff<Piece>(limit: 1)
        let folder = folder
        let sorted = ImportHandoff<Piece>.thread("nashra-import-sort") { () throws(UserError) -> SortedRows in
            do throws(UserError) {
                let sorter = ImportSorter(folder: folder)
                while let piece = try queue.take() { try sorter.add(piece.bytes, isOnly: piece.isOnly) }
                return sorter.finish()
            } catch {
                queue.end(error)
                throw error
            }
        }
        var reader = Reader(reading: self, queue: queue, notesItself: people.notes == nil)
        do throws(UserError) {
            try reader.run(people, rejects, &summary)
            queue.end()
        } catch {
            queue.end(error)
            _ = try? sorted()
            throw error
        }
        summary.notes = people.notes ?? summary.notes
        return ImportRead(rows: try sorted(), topics: reader.topics, people: reader.count)
    }

    /// Some rows on their way to the sorting thread.
    private struct Piece: Sendable {
        let bytes: [UInt8]
        let isOnly: Bool
    }

    /// The reading thread's side.
    private struct Reader {
        let reading: ImportReading
        let queue: ImportHandoff<Piece>
        let notesItself: Bool
        var bytes: [UInt8] = []
        var pieces = 0
        var topics: Set<String> = []
        var count = 0

        init(reading: ImportReading, queue: ImportHandoff<Piece>, notesItself: Bool) {
            self.reading = reading
            self.queue = queue
            self.notesItself = notesItself
        }

        mutating func run(
            _ people: any PersonReader,
            _ rejects: ImportRejects,
            _ summary: inout ImportSummary
        ) throws(UserError) {
            while true {
                switch try people.next() {
                case .person(let row, let line):
                    summary.rows += 1
                    if notesItself { summary.notes.note(row.address, line: line) }
                    try take(row, line: line)
                case .refused(let line, let reason, let fields):
                    summary.rows += 1
                    summary.refuse(line: line, reason)
                    try rejects.add(line: line, reason, fields)
                    if reading.keepsMentions { try mention(fields, line: line) }
                case .cutOff(let line, let reason):
                    summary.rows += 1
                    summary.refuse(line: line, reason)
                    summary.isIncomplete = true
                    return try flush(isLast: true)
                case .end:
                    return try flush(isLast: true)
                }
            }
        }

        private mutating func take(_ row: ImportRow, line: Int) throws(UserError) {
            count += 1
            for membership in row.memberships { topics.insert(membership.topic) }
            PackedRow.append(row, line: line, to: &bytes)
            if bytes.count >= ImportSorter.runBytes { try flush(isLast: false) }
        }

        /// Keeps the addresses in a row that could not be taken.
        private mutating func mention(_ fields: [String], line: Int) throws(UserError) {
            for field in fields where field.utf8.contains(UInt8(ascii: "@")) {
                guard let address = try? CleanedAddress.read(field).address else { continue }
                PackedRow.append(ImportRow(address: address), line: line, isMention: true, to: &bytes)
            }
            if bytes.count >= ImportSorter.runBytes { try flush(isLast: false) }
        }

        private mutating func flush(isLast: Bool) throws(UserError) {
            guard !bytes.isEmpty else { return }
            try queue.put(Piece(bytes: bytes, isOnly: isLast && pieces == 0))
            pieces += 1
            bytes = []
            if !isLast { bytes.reserveCapacity(ImportSorter.runBytes + (128 << 10)) }
        }
    }
}
