// SPDX-License-Identifier: Apache-2.0
//
// The fields of one header block, as places in the bytes they were read from.
// Pure; copies a value only when it is asked for.
// Rules: RFC 5322 sections 2.2 and 3.6.8.

/// One field: where its name and its value lie.
public struct HeaderField: Sendable, Hashable {
    private let nameStart: UInt32
    private let nameEnd: UInt32
    private let valueStart: UInt32
    private let valueEnd: UInt32

    /// Where the name lies, without the colon: at least one byte, printable ASCII.
    public var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }

    /// Where the value lies: with its line folds, without white space at either end.
    ///
    /// May be empty.
    public var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }

    /// Both ranges must lie below 4 GiB, which the limit on messages sees to.
    init(name: Range<Int>, value: Range<Int>) {
        nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
        nameEnd = UInt32(truncatingIfNeeded: name.upperBound)
        valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
        valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
    }

    /// The same field with a value that ends at `end`.
    func ending(at end: Int) -> HeaderField {
        HeaderField(name: name, value: Int(valueStart)..<max(Int(valueStart), end))
    }
}

/// The fields of a header, in order.
public struct HeaderFields: Sendable {
    /// What the fields' places refer to: the whole message, or a decoded body.
    public let bytes: [UInt8]
    /// The fields, in order; at most 1,000.
    public let fields: [HeaderField]
    /// Where the block lies in ``bytes``, from its first line to where the empty line begins.
    public let range: Range<Int>

    init(bytes: [UInt8], fields: [HeaderField], range: Range<Int>) {
        self.bytes = bytes
        self.fields = fields
        self.range = range
    }

    /// Whether there is no field.
    public var isEmpty: Bool { fields.isEmpty }

    /// The value of the first field with a name, in ASCII and in any case; `nil` when there is none.
    ///
    /// It is unfolded, and white space at its ends is gone.
    public func first(_ name: String) -> [UInt8]? {
        for field in fields where matches(field, name) { return unfolded(field) }
        return nil
    }

    /// The values of all fields with a name, in order, unfolded, white space trimmed.
    public func all(_ name: String) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for field in fields where matches(field, name) { values.append(unfolded(field)) }
        return values
    }

    /// Whether there is a field with a name; cheaper than asking for its value.
    public func has(_ name: String) -> Bool {
        for field in fields where matches(field, name) { return true }
        return false
    }

    /// The name of a field of this block, in lower case.
    public func name(of field: HeaderField) -> [UInt8] { bytes[field.name].map(ASCII.lower) }

    /// The value of a field of this block without its line folds: white space before a fold stays, CR and LF
    /// go.
    public func unfolded(_ field: HeaderField) -> [UInt8] {
        let raw = bytes[field.value]
        for byte in raw where byte == 0x0A || byte == 0x0D {
            return raw.filter { $0 != 0x0A && $0 != 0x0D }
        }
        return Array(raw)
    }

    /// Reads bytes as groups of fields that are separated by empty lines; see ``MIMEPart/fieldGroups()``.
    public static func groups(in bytes: [UInt8]) -> [HeaderFields] {
        groups(in: bytes, range: bytes.indices)
    }

    /// Reads a range of `bytes` as groups of fields that are separated by empty lines; what lies outside
    /// `bytes` is not read.
    public static func groups(in bytes: [UInt8], range: Range<Int>) -> [HeaderFields] {
        let range = range.clamped(to: bytes.indices)
        var groups: [HeaderFields] = []
        var position = range.lowerBound
        while position < range.upperBound, groups.count < 1_000 {
            let block = HeaderScanner.group(in: bytes.span, from: position, to: range.upperBound)
            if !block.fields.isEmpty {
                groups.append(
                    HeaderFields(bytes: bytes, fields: block.fields, range: position..<block.end)
                )
            }
            position = block.next
        }
        return groups
    }

    private func matches(_ field: HeaderField, _ name: String) -> Bool {
        let range = field.name
        let wanted = name.utf8
        guard range.count == wanted.count else { return false }
        var index = range.lowerBound
        for byte in wanted {
            guard ASCII.lower(bytes[index]) == ASCII.lower(byte) else { return false }
            index += 1
        }
        return true
    }
}
