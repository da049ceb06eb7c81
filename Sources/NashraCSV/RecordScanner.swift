// SPDX-License-Identifier: Apache-2.0
//
// Finds one row in a window of bytes that holds it whole, or says that it does not.
// Pure; no state outlives a row, so a row can be scanned again from its start when more bytes have come.
// Rules: RFC 4180 section 2, widened as CSVReader.swift says.

/// Scans one row, from ``position`` on.
struct RecordScanner {
    /// What was found.
    enum Outcome {
        /// A row, up to ``position``.
        case row
        /// No row but a fault; reading goes on at ``position``, after the rest of that line if ``skipsLine``.
        case fault(CSVFault.Problem, onLine: Int)
        /// The window ends before the row does.
        case needsMore
    }

    /// How the file ends its lines: known once the first has ended.
    enum LineEnding { case lineFeed, carriageReturn }

    /// How one field ended.
    private enum FieldEnd { case delimiter, row, window, broken(CSVFault.Problem, onLine: Int) }

    let window: UnsafeBufferPointer<UInt8>
    /// Nothing comes after the window.
    let isLast: Bool
    let delimiter: UInt8
    let limits: CSVLimits
    var lineEnding: LineEnding?
    /// The next byte.
    var position: Int
    /// The line of the next byte.
    var line: Int
    /// Where the row's last byte is followed by its line end.
    private var rowEnd = 0
    /// After a fault: the rest of the line at ``position`` belongs to the broken row.
    private(set) var skipsLine = false
    /// The quoted field that is open: on which line it began, and where the next line begins, if that was seen.
    private(set) var openQuote: (line: Int, nextLineAt: Int?)?
    /// The first fault that does not keep the row from ending where it should.
    private var problem: CSVFault.Problem?

    init(
        window: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        delimiter: UInt8,
        limits: CSVLimits,
        lineEnding: LineEnding?,
        position: Int,
        line: Int
    ) {
        self.window = window
        self.isLast = isLast
        self.delimiter = delimiter
        self.limits = limits
        self.lineEnding = lineEnding
        self.position = position
        self.line = line
    }

    /// Scans one row into `record`, which holds nothing of use unless the outcome is a row.
    mutating func scan(into record: inout CSVRecord) -> Outcome {
        let start = position
        record.clear()
        record.line = line
        while true {
            let isQuoted = position < window.count && window[position] == quote
            let end = isQuoted ? quotedField(into: &record) : plainField(into: &record)
            if case .window = end { return .needsMore }
            if case .broken(let problem, let line) = end { return .fault(problem, onLine: line) }
            if record.count < limits.columns {
                record.endField()
            } else {
                note(.tooManyColumns(limit: limits.columns))
            }
            if case .delimiter = end { continue }
            if rowEnd - start > limits.rowBytes { note(.rowTooLong(limit: limits.rowBytes)) }
            return problem.map { .fault($0, onLine: record.line) } ?? .row
        }
    }

    /// The fault of a row, begun on line `start`, that is longer than rows may be and has not ended in the window.
    mutating func overflow(from start: Int) -> CSVFault {
        if let openQuote, let nextLineAt = openQuote.nextLineAt {
            position = nextLineAt
            line = openQuote.line + 1
            return CSVFault(.unterminatedQuote, line: openQuote.line)
        }
        skipsLine = true
        return CSVFault(.rowTooLong(limit: limits.rowBytes), line: start)
    }

    /// A field that does not begin with a quote; quotes within it stand for themselves.
    private mutating func plainField(into record: inout CSVRecord) -> FieldEnd {
        let start = position
        while position < window.count {
            let byte = window[position]
            if byte > carriageReturn, byte != delimiter {
                position += 1
                continue
            }
            let end = position
            if let fieldEnd = endOfField(at: byte) {
                if case .window = fieldEnd { return .window }
                add(start..<end, to: &record)
                return fieldEnd
            }
            position += 1
        }
        guard isLast else { return .window }
        add(start..<position, to: &record)
        rowEnd = position
        return .row
    }

    /// What `byte`, at ``position`` outside quotes, ends; `nil` when it belongs to the field.
    ///
    /// Steps over what ends it.
    private mutating func endOfField(at byte: UInt8) -> FieldEnd? {
        switch byte {
        case delimiter:
            position += 1
            return .delimiter
        case lineFeed:
            return endRow(bytes: 1, lineEnding ?? .lineFeed)
        case carriageReturn:
            guard position + 1 < window.count || isLast else { return .window }
            if position + 1 < window.count, window[position + 1] == lineFeed {
                return endRow(bytes: 2, lineEnding ?? .lineFeed)
            }
            if lineEnding != .lineFeed { return endRow(bytes: 1, .carriageReturn) }
            note(.bareCarriageReturn)
            return nil
        case 0:
            note(.nul)
            return nil
        default:
            return nil
        }
    }

    private mutating func endRow(bytes: Int, _ ending: LineEnding) -> FieldEnd {
        rowEnd = position
        position += bytes
        line += 1
        lineEnding = ending
        return .row
    }

    /// A field that begins with a quote, at ``position``.
    private mutating func quotedField(into record: inout CSVRecord) -> FieldEnd {
        openQuote = (line, nil)
        position += 1
        var start = position
        while position < window.count {
            let byte = window[position]
            if byte == quote {
                guard position + 1 < window.count || isLast else { return .window }
                if position + 1 < window.count, window[position + 1] == quote {
                    add(start..<(position + 1), to: &record)
                    position += 2
                    start = position
                    continue
                }
                add(start..<position, to: &record)
                position += 1
                return afterClosingQuote()
            }
            if byte <= carriageReturn { passControl(byte) }
            position += 1
        }
        return isLast ? broken() : .window
    }

    /// Counts lines within quotes, and notes a NUL.
    private mutating func passControl(_ byte: UInt8) {
        if byte == 0 { note(.nul) }
        let next = position + 1
        let endsLine =
            byte == lineFeed
            || (byte == carriageReturn && next < window.count && window[next] != lineFeed)
        guard endsLine else { return }
        line += 1
        if openQuote?.nextLineAt == nil { openQuote?.nextLineAt = next }
    }

    private mutating func afterClosingQuote() -> FieldEnd {
        guard position < window.count else {
            guard isLast else { return .window }
            openQuote = nil
            rowEnd = position
            return .row
        }
        let byte = window[position]
        guard byte == delimiter || byte == lineFeed || byte == carriageReturn else { return broken() }
        let before = problem
        guard let end = endOfField(at: byte) else {
            problem = before  // a bare carriage return: it is the quote that counts
            return broken()
        }
        if case .window = end { return .window }
        openQuote = nil
        return end
    }

    /// The quote was not closed as it should: go on after the line on which it was opened.
    private mutating func broken() -> FieldEnd {
        guard let openQuote else { return .row }
        if let nextLineAt = openQuote.nextLineAt {
            position = nextLineAt
            line = openQuote.line + 1
            return .broken(.unterminatedQuote, onLine: openQuote.line)
        }
        skipsLine = true
        let isOpen = position >= window.count
        return .broken(isOpen ? .unterminatedQuote : .textAfterQuote, onLine: openQuote.line)
    }

    private mutating func note(_ problem: CSVFault.Problem) {
        if self.problem == nil { self.problem = problem }
    }

    private mutating func add(_ range: Range<Int>, to record: inout CSVRecord) {
        guard problem == nil else { return }
        guard record.openFieldBytes + range.count <= limits.fieldBytes else {
            return note(.fieldTooLong(column: record.count + 1, limit: limits.fieldBytes))
        }
        record.append(UnsafeBufferPointer(rebasing: window[range]))
    }
}
