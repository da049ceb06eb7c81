// SPDX-License-Identifier: Apache-2.0
//
// Reads bytes in pieces of a chosen size, and writes what was found in a form that tests can compare.
import NashraCSV
import NashraCore

/// What a reader found, row by row.
enum Found: Hashable, CustomStringConvertible {
    case row(line: Int, [String])
    case fault(CSVFault.Problem, line: Int)

    var description: String {
        switch self {
        case .row(let line, let fields): "\(line): \(fields)"
        case .fault(let problem, let line): "\(line): \(problem)"
        }
    }
}

/// Gives `bytes` in pieces of at most `piece`.
func source(_ bytes: [UInt8], piece: Int) -> CSVReader.Source {
    var offset = 0
    return { (buffer) throws(UserError) -> Int in
        let count = min(piece, buffer.count, bytes.count - offset)
        buffer.copyBytes(from: bytes[offset..<(offset + count)])
        offset += count
        return count
    }
}

/// Everything a reader finds in `bytes`.
func read(
    _ bytes: [UInt8],
    piece: Int = 4096,
    delimiter: CSVDelimiter? = nil,
    limits: CSVLimits = .standard
) throws -> [Found] {
    let reader = CSVReader(delimiter: delimiter, limits: limits, source: source(bytes, piece: piece))
    var record = CSVRecord()
    var found: [Found] = []
    while true {
        switch try reader.next(into: &record) {
        case .record:
            found.append(.row(line: record.line, record.fields.map { String(decoding: $0, as: UTF8.self) }))
        case .fault(let fault): found.append(.fault(fault.problem, line: fault.line))
        case .end: return found
        }
    }
}

/// Everything a reader finds in `text`.
func read(_ text: String, piece: Int = 4096, limits: CSVLimits = .standard) throws -> [Found] {
    try read(Array(text.utf8), piece: piece, limits: limits)
}

/// Small numbers that are the same on every run.
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// A number in `0..<limit`.
    mutating func roll(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }

    /// One of `choices`, which must not be empty.
    mutating func pick<T>(_ choices: [T]) -> T { choices[roll(choices.count)] }
}
