// SPDX-License-Identifier: Apache-2.0
//
// One value of a flat JSON object, without reading the others: asked of a million people in one query.
// Pure. Anything may be handed in; what is no flat object has no values. Form: FlatJSON.

/// Walks over the bytes of a flat JSON object.
struct FlatJSONScan {
    /// Where a value was found.
    enum Found: Equatable {
        case none
        /// In the object itself.
        case bytes(Range<Int>)
        /// In the buffer, because it needed unescaping.
        case unescaped
    }

    private let json: UnsafeBufferPointer<UInt8>
    private var index = 0

    private init(_ json: UnsafeBufferPointer<UInt8>) { self.json = json }

    /// Finds the value of a name; `null` is none, and so is a value that is a list or an object.
    static func value(
        of name: UnsafeBufferPointer<UInt8>,
        in json: UnsafeBufferPointer<UInt8>,
        buffer: inout [UInt8]
    ) -> Found {
        var scan = FlatJSONScan(json)
        return scan.find(name, &buffer)
    }

    private mutating func find(_ name: UnsafeBufferPointer<UInt8>, _ buffer: inout [UInt8]) -> Found {
        guard next() == UInt8(ascii: "{") else { return .none }
        while true {
            guard next() == UInt8(ascii: "\""), let key = string() else { return .none }
            let isWanted = isEqual(key, name, &buffer)
            guard next() == UInt8(ascii: ":"), let first = next() else { return .none }
            if first == UInt8(ascii: "\"") {
                guard let value = string() else { return .none }
                if isWanted { return found(value, &buffer) }
            } else {
                guard let value = literal(first) else { return .none }
                if isWanted { return json[value.lowerBound] == UInt8(ascii: "n") ? .none : .bytes(value) }
            }
            guard next() == UInt8(ascii: ",") else { return .none }
        }
    }

    /// The next byte that is no blank; `nil` at the end.
    private mutating func next() -> UInt8? {
        while index < json.count {
            let byte = json[index]
            index += 1
            if byte > 0x20 { return byte }
        }
        return nil
    }

    /// The rest of a string after its quote, and whether it holds escapes.
    private mutating func string() -> (range: Range<Int>, isEscaped: Bool)? {
        let start = index
        var isEscaped = false
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "\""):
                index += 1
                return (start..<(index - 1), isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                index += 2
            default: index += 1
            }
        }
        return nil
    }

    /// A number, `true`, `false` or `null`.
    private mutating func literal(_ first: UInt8) -> Range<Int>? {
        let start = index - 1
        guard first != UInt8(ascii: "{"), first != UInt8(ascii: "[") else { return nil }
        while index < json.count {
            let byte = json[index]
            if byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") { break }
            index += 1
        }
        return start..<index
    }

    private func isEqual(
        _ key: (range: Range<Int>, isEscaped: Bool),
        _ name: UnsafeBufferPointer<UInt8>,
        _ buffer: inout [UInt8]
    ) -> Bool {
        if key.isEscaped {
            JSONEscapes.decode(json, key.range, into: &buffer)
            return buffer.elementsEqual(name)
        }
        guard key.range.count == name.count else { return false }
        for (offset, byte) in name.enumerated() where json[key.range.lowerBound + offset] != byte {
            return false
        }
        return true
    }

    private func found(_ value: (range: Range<Int>, isEscaped: Bool), _ buffer: inout [UInt8]) -> Found {
        guard value.isEscaped else { return value.range.isEmpty ? .none : .bytes(value.range) }
        JSONEscapes.decode(json, value.range, into: &buffer)
        return .unescaped
    }
}

/// The escapes of JSON strings (RFC 8259, section 7).
enum JSONEscapes {
    /// Decodes the inside of a string; what is no escape stays as it is.
    static func decode(_ json: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        var index = range.lowerBound
        while index < range.upperBound {
            guard json[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound else {
                bytes.append(json[index])
                index += 1
                continue
            }
            let letter = json[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "u"): index = appendScalar(json, index, range.upperBound, &bytes)
            default: bytes.append(letter)
            }
        }
    }

    /// Appends what `\uXXXX` at `index` stands for, and returns where it ends.
    private static func appendScalar(
        _ json: UnsafeBufferPointer<UInt8>,
        _ index: Int,
        _ end: Int,
        _ bytes: inout [UInt8]
    ) -> Int {
        guard let high = unit(json, index, end) else { return index }
        var value = high
        var next = index + 4
        if (0xD800..<0xDC00).contains(high), next + 1 < end, json[next] == UInt8(ascii: "\\"),
            json[next + 1] == UInt8(ascii: "u"), let low = unit(json, next + 2, end),
            (0xDC00..<0xE000).contains(low)
        {
            value = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
            next += 6
        }
        bytes.append(
            contentsOf: UTF8.encode(Unicode.Scalar(value) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter
        )
        return next
    }

    private static func unit(_ json: UnsafeBufferPointer<UInt8>, _ index: Int, _ end: Int) -> UInt32? {
        guard index + 4 <= end else { return nil }
        var value: UInt32 = 0
        for byte in json[index..<(index + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
