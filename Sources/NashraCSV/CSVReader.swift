// SPDX-License-Identifier: Apache-2.0
//
// Reads comma-separated values row by row, in constant memory, from anything that gives bytes.
// Does no I/O of its own: it pulls from the source it is given. Never traps, whatever the bytes are.
// Rules: RFC 4180, widened as the type says; limits from docs/threat-model.md, "Import".
public import NashraCore

/// A reader of comma-separated values.
///
/// What it takes beyond RFC 4180: a byte order mark of UTF-8; lines that end in LF, CR LF or CR (one kind of the last
/// two with the first in a file); semicolons, tabs and `|` when the first lines hold them rather than commas; a first
/// line `sep=;` as Excel writes and obeys it; empty lines, which it skips; quotes inside a field that does not begin with one, which stand for themselves.
///
/// What it does after a fault, so that one bad row costs one row:
/// - A NUL, a bare carriage return, a field or a row that is too long, too many columns: the row is dropped, and reading
///   goes on after the row's end.
/// - Text after a closing quote on the same line: the rest of that line is dropped.
/// - A quote that is not closed on its line, and whose next quote does not end a field or does not come within the
///   limit of a row: it is reported where it was opened, and reading goes on with the *next line*, as if the broken
///   line had ended where it ends for the eye. What was taken for quoted text is so read a second time, as rows; never
///   a third time, because a line that leaves a quote open closes the one that was open before it.
///
/// Not `Sendable`: one thread reads.
public final class CSVReader {
    /// Gives bytes: fills some or all of the buffer and says how much; 0 at the end.
    public typealias Source = (UnsafeMutableRawBufferPointer) throws(UserError) -> Int

    /// What one call of ``next(into:)`` found.
    public enum Step: Hashable, Sendable {
        /// A row; it is in the record.
        case record
        /// A row that cannot be read; the next call goes on after it unless the fault is fatal.
        case fault(CSVFault)
        /// No more rows.
        case end
    }

    /// What separates fields; before the first row, what was asked for, or a comma.
    public private(set) var delimiter: CSVDelimiter
    /// How many bytes the source has given.
    public private(set) var bytesRead = 0

    private let limits: CSVLimits
    private let source: Source
    private let detectsDelimiter: Bool
    /// The bytes being looked at; what counts is `position..<filled`.
    private var window: [UInt8]
    private var position = 0
    private var filled = 0
    private var line = 1
    private var lineEnding: RecordScanner.LineEnding?
    private var sourceEnded = false
    private var isTooLong = false
    private var hasStarted = false
    private var hasEnded = false

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - delimiter: What separates fields; `nil` to find out from the first line.
    ///   - limits: How long things may be.
    ///   - source: Where bytes come from.
    public init(
        delimiter: CSVDelimiter? = nil,
        limits: CSVLimits = .standard,
        source: @escaping Source
    ) {
        self.delimiter = delimiter ?? .comma
        self.detectsDelimiter = delimiter == nil
        self.limits = limits
        self.source = source
        window = [UInt8](repeating: 0, count: 4 * limits.rowBytes + 64)
    }

    /// Reads the next row.
    ///
    /// - Parameter record: Receives the row; what it held before is gone in any case.
    /// - Returns: What was found. After `.end` or a fatal fault every further call returns `.end`.
    /// - Throws: What the source throws.
    public func next(into record: inout CSVRecord) throws(UserError) -> Step {
        if !hasStarted {
            hasStarted = true
            try fill()
            if let fault = start() { return end(with: fault) }
        }
        while !hasEnded {
            if position == filled, sourceEnded, !isTooLong { break }
            switch scan(into: &record) {
            case .row:
                if !record.isBlank { return .record }
            case .fault(let fault, let skipsLine):
                if skipsLine { try skipLine() }
                return .fault(fault)
            case .needsMore:
                if isTooLong { return end(with: CSVFault(.fileTooLong(limit: limits.fileBytes), line: line)) }
                try fill()
            }
        }
        hasEnded = true
        return .end
    }

    private enum Scan {
        case row, needsMore
        case fault(CSVFault, skipsLine: Bool)
    }

    /// Scans one row of the window, and moves on unless it needs more.
    private func scan(into record: inout CSVRecord) -> Scan {
        window.withUnsafeBufferPointer { bytes in
            var scanner = RecordScanner(
                window: UnsafeBufferPointer(rebasing: bytes[..<filled]),
                isLast: sourceEnded && !isTooLong,
                delimiter: delimiter.rawValue,
                limits: limits,
                lineEnding: lineEnding,
                position: position,
                line: line
            )
            let outcome = scanner.scan(into: &record)
            let result: Scan
            switch outcome {
            case .row:
                result = .row
            case .fault(let problem, let faultLine):
                result = .fault(CSVFault(problem, line: faultLine), skipsLine: scanner.skipsLine)
            case .needsMore:
                guard filled - position > limits.rowBytes + 2 else { return .needsMore }
                let fault = scanner.overflow(from: line)
                result = .fault(fault, skipsLine: scanner.skipsLine)
            }
            (position, line, lineEnding) = (scanner.position, scanner.line, scanner.lineEnding)
            return result
        }
    }

    /// Drops what is left of the current line, and its end.
    private func skipLine() throws(UserError) {
        while true {
            position = window.withUnsafeBufferPointer { bytes in
                var next = position
                while next < filled, bytes[next] > carriageReturn { next += 1 }
                return next
            }
            while position < filled {
                let byte = window[position]
                if byte == carriageReturn, position + 1 == filled, !sourceEnded { break }
                position += 1
                let isPair = byte == carriageReturn && position < filled && window[position] == lineFeed
                if isPair { position += 1 }
                if byte == lineFeed || isPair || (byte == carriageReturn && lineEnding != .lineFeed) {
                    line += 1
                    return
                }
            }
            if sourceEnded || isTooLong { return }
            try fill()
        }
    }

    /// Moves what is left to the front of the window and fills the rest.
    private func fill() throws(UserError) {
        if position > 0, position < filled {
            window.withUnsafeMutableBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[position..<filled])
                bytes.copyMemory(from: rest)
            }
        }
        (position, filled) = (0, filled - position)
        while !sourceEnded, filled < window.count {
            let from = filled
            let count = try window.withUnsafeMutableBufferPointer {
                (bytes: inout UnsafeMutableBufferPointer<UInt8>) throws(UserError) -> Int in
                let rest = UnsafeMutableBufferPointer(rebasing: bytes[from...])
                return min(try source(UnsafeMutableRawBufferPointer(rest)), rest.count)
            }
            if count <= 0 { sourceEnded = true }
            bytesRead += max(0, count)
            filled += max(0, count)
            if bytesRead > limits.fileBytes {
                filled -= bytesRead - limits.fileBytes
                (isTooLong, sourceEnded) = (true, true)
            }
        }
    }

    /// Looks at the beginning of the file: byte order mark and delimiter.
    private func start() -> CSVFault? {
        let head = window[..<filled]
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
            return CSVFault(.utf16, line: 1)
        }
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        if detectsDelimiter { delimiter = .detect(in: window[position..<filled]) }
        return separatorLine()
    }

    /// Reads a first line that names the separator, with or without quotes.
    ///
    /// It wins over what was found out, and loses to what was asked for.
    private func separatorLine() -> CSVFault? {
        let line = window[position..<filled].prefix(10).prefix { $0 != lineFeed && $0 != carriageReturn }
        let text = line.filter { $0 != quote }
        guard text.count == 5, text.prefix(4).elementsEqual("sep=".utf8, by: { $0 | 0x20 == $1 | 0x20 }),
            let byte = text.last, position + line.count < filled
        else { return nil }
        guard let named = CSVDelimiter(rawValue: byte) else { return CSVFault(.unknownSeparator, line: 1) }
        if detectsDelimiter { delimiter = named }
        position += line.count
        if window[position] == carriageReturn, position + 1 < filled, window[position + 1] == lineFeed {
            position += 1
        }
        // The kind of its end is left to the next line: nothing but Excel ends this one.
        position += 1
        self.line = 2
        return nil
    }

    private func end(with fault: CSVFault) -> Step {
        hasEnded = true
        return .fault(fault)
    }
}
