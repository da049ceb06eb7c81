// SPDX-License-Identifier: Apache-2.0
//
// One row: its fields as bytes, and the line on which it begins.
// Pure values. Bytes, because in Swift a quote or comma with a combining mark is neither quote nor comma.

/// One row of a file.
///
/// A reader fills the same record again and again, so that a row costs no allocation.
public struct CSVRecord: Sendable, Hashable {
    /// The line on which the row begins, from 1.
    public internal(set) var line = 0

    /// All fields one after the other, without delimiters and quotes.
    private(set) var bytes: [UInt8] = []

    /// Where each field ends in ``bytes``.
    private(set) var ends: [Int] = []

    /// Makes an empty record.
    public init() {}

    /// Makes a record out of fields.
    public init(line: Int, fields: [[UInt8]]) {
        self.line = line
        for field in fields {
            append(field)
            endField()
        }
    }

    /// Empties the record for a row that begins on `line`.
    public mutating func begin(line: Int) {
        clear()
        self.line = line
    }

    /// Adds a field at the end.
    public mutating func add(_ field: some Collection<UInt8>) {
        append(field)
        endField()
    }

    /// How many fields there are.
    public var count: Int { ends.count }

    /// The `index`-th field, from 0, as bytes without its quotes; empty when the row has no such field.
    public subscript(index: Int) -> ArraySlice<UInt8> {
        guard ends.indices.contains(index) else { return [] }
        return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// All fields.
    public var fields: [ArraySlice<UInt8>] { ends.indices.map { self[$0] } }

    /// Whether it is what an empty line gives: one field with nothing in it.
    var isBlank: Bool { ends.count == 1 && bytes.isEmpty }

    /// Whether U+FFFD stands in it.
    var holdsReplacement: Bool {
        bytes.indices.contains { bytes[$0] == 0xEF && bytes[$0...].starts(with: TextDecoder.replacement) }
    }

    /// How long the field is that has begun and not ended.
    var openFieldBytes: Int { bytes.count - (ends.last ?? 0) }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    mutating func append(_ part: some Collection<UInt8>) { bytes.append(contentsOf: part) }

    mutating func endField() { ends.append(bytes.count) }
}
