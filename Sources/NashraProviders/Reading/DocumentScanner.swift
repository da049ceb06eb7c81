// SPDX-License-Identifier: Apache-2.0
//
// Finds the JSON objects of an input, one after the other, and measures them before anybody builds them.
// Pure, on bytes, without recursion. Forms: one object, an array of objects, JSON Lines, or objects one after
// the other.

/// The objects at the top of a JSON text.
struct DocumentScanner {
    /// The deepest nesting of one object.
    static let maximumDepth = 64
    /// The longest object.
    static let maximumObject = 1 << 20
    /// The most names, values and brackets of one object.
    static let maximumParts = 20_000

    /// One thing found.
    enum Item: Equatable {
        /// An object, by its bytes' places.
        case object(Range<Int>)
        /// What is none, at this place, and why.
        case fault(at: Int, String)
    }

    private let bytes: [UInt8]
    private var place = 0
    /// Whether an object has been walked to the end of the input in vain; from then on walks are short, or a
    /// thousand brackets would be a thousand walks over everything.
    private var hasRunOut = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    }

    /// The next object or fault; `nil` at the end.
    mutating func next() -> Item? {
        // Brackets and commas between objects are not checked: what counts is inside.
        while place < bytes.count, Self.isBetween(bytes[place]) { place += 1 }
        guard place < bytes.count else { return nil }
        let start = place
        guard bytes[start] == UInt8(ascii: "{") else {
            skipToObject()
            return .fault(at: start, "here no JSON object begins")
        }
        guard let measure = measureObject() else {
            hasRunOut = true
            skipToLine(from: start)
            return .fault(at: start, "the JSON object that begins here does not end")
        }
        place = start + measure.length
        if measure.depth > Self.maximumDepth {
            return .fault(at: start, "the JSON object is nested deeper than \(Self.maximumDepth) levels")
        }
        if measure.length > Self.maximumObject || measure.parts > Self.maximumParts {
            return .fault(at: start, "the JSON object is too large for an event")
        }
        return .object(start..<place)
    }

    private static func isBetween(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, 0x5B, 0x5D, 0x2C: true
        default: false
        }
    }

    private struct Measure {
        var length = 0
        var depth = 0
        var parts = 0
    }

    /// Walks to the bracket that closes the object at `place`; strings are passed over.
    private func measureObject() -> Measure? {
        var measure = Measure()
        var depth = 0
        var inString = false
        var index = place
        let limit = hasRunOut ? min(bytes.count, place + Self.maximumObject) : bytes.count
        while index < limit {
            let byte = bytes[index]
            index += 1
            if inString {
                if byte == UInt8(ascii: "\\") {
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): inString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                measure.parts += 1
                measure.depth = max(measure.depth, depth)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    measure.length = index - place
                    return measure
                }
            case UInt8(ascii: ","), UInt8(ascii: ":"): measure.parts += 1
            default: break
            }
        }
        return nil
    }

    private mutating func skipToObject() {
        while place < bytes.count, bytes[place] != UInt8(ascii: "{") { place += 1 }
    }

    /// After an object without an end: the next line that begins with one, as JSON Lines has it.
    private mutating func skipToLine(from start: Int) {
        place = start + 1
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "{"), bytes[place - 1] == 0x0A { return }
            place += 1
        }
    }
}
