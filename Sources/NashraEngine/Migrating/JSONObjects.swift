// SPDX-License-Identifier: Apache-2.0
//
// The objects of a JSON answer one after the other, in bounded memory: the elements of one array, wherever it stands.
// Reads one file. Form: RFC 8259; several answers may follow each other, and so may objects, one a line.
import Foundation
import NashraCore

/// Any JSON value.
enum JSONValue: Decodable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .number(String(integer))
        } else if let number = try? value.decode(Decimal.self) {
            self = .number(number.description)
        } else if let items = try? value.decode([JSONValue].self) {
            self = .array(items)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    /// The value of `key`, when it is an object that has one.
    subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// A string, number or bool as text; `nil` for anything else and for null.
    var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// The elements of an array; of nothing else any.
    var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }

    /// All scalars below it, each under the names that lead to it, joined by `_`; a list's joined by `; `.
    func flattened(under name: String = "", depth: Int = 0) -> [(name: String, text: String)] {
        guard depth < 8 else { return [] }
        switch self {
        case .null: return []
        case .string, .number, .bool: return name.isEmpty ? [] : [(name, text ?? "")]
        case .array(let items):
            let texts = items.compactMap(\.text)
            return texts.isEmpty || name.isEmpty ? [] : [(name, texts.joined(separator: "; "))]
        case .object(let members):
            return members.sorted { $0.key < $1.key }.flatMap { key, value in
                value.flattened(under: name.isEmpty ? key : "\(name)_\(key)", depth: depth + 1)
            }
        }
    }
}

/// Takes the objects out of a JSON file.
final class JSONObjects {
    /// What one look found.
    enum Step {
        case object(JSONValue, line: Int)
        case bad(line: Int, reason: String)
        case end
    }

    /// How long one object may be, in bytes.
    static let objectLimit = 1 << 20

    private let reader: PieceReader
    private let arrays: Set<String>
    /// How deep the array is whose elements are wanted; `nil` outside.
    private var wantedDepth: Int?
    private var depth = 0
    private var lastString: [UInt8] = []
    private var hasEnded = false

    /// - Parameters:
    ///   - reader: The file.
    ///   - arrays: The names of members whose elements are wanted; those of an array that is the whole file are too.
    init(_ reader: PieceReader, in arrays: Set<String>) {
        self.reader = reader
        self.arrays = arrays
    }

    func next() throws(UserError) -> Step {
        while !hasEnded {
            guard let byte = try reader.peek() else {
                hasEnded = true
                guard depth == 0 else {
                    return .bad(line: reader.line, reason: "the file ends within an object")
                }
                break
            }
            switch byte {
            case UInt8(ascii: "{"):
                let isElement = wantedDepth == depth || (depth == 0 && wantedDepth == nil)
                if isElement, let step = try element(isWhole: depth == 0) { return step }
                if !isElement { try open() }
            case UInt8(ascii: "["):
                let name = String(decoding: lastString, as: UTF8.self)
                try open()
                if wantedDepth == nil, depth == 1 || arrays.contains(name) { wantedDepth = depth }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == wantedDepth { wantedDepth = nil }
                _ = try reader.take()
                depth = max(0, depth - 1)
            case UInt8(ascii: "\""): lastString = try string()
            default: _ = try reader.take()
            }
        }
        return .end
    }

    private func open() throws(UserError) {
        _ = try reader.take()
        depth += 1
        if depth > 64 {
            throw UserError(
                .badData,
                "\(reader.path):\(reader.line): objects within objects, more than 64 deep"
            )
        }
    }

    /// Takes one object; a whole answer that holds one of the arrays is entered instead, and gives no step.
    private func element(isWhole: Bool) throws(UserError) -> Step? {
        let line = reader.line
        if isWhole, holdsArray() {
            try open()
            return nil
        }
        var bytes: [UInt8] = []
        var nesting = 0
        var isString = false
        var isEscaped = false
        while let byte = try reader.take() {
            if bytes.count <= Self.objectLimit { bytes.append(byte) }
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): nesting += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): nesting -= 1
            default: break
            }
            if nesting == 0 { return decoded(bytes, line) }
        }
        (hasEnded, depth) = (true, 0)
        return .bad(line: line, reason: "the object that begins here never ends")
    }

    private func decoded(_ bytes: [UInt8], _ line: Int) -> Step {
        guard bytes.count <= Self.objectLimit else {
            return .bad(line: line, reason: "the object is longer than 1 MiB")
        }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
            return .bad(line: line, reason: "this is not valid JSON")
        }
        return .object(value, line: line)
    }

    /// Whether one of the arrays is named within the first bytes of an answer, before any object's address.
    private func holdsArray() -> Bool {
        let head = reader.beginning(4_096)
        let places = arrays.compactMap { Self.place(of: Array("\"\($0)\"".utf8), in: head) }
        guard let first = places.min() else { return false }
        return Self.place(of: Array("\"email\"".utf8), in: head).map { first < $0 } ?? true
    }

    private static func place(of word: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= word.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - word.count)).first { bytes[$0...].starts(with: word) }
    }

    /// Takes a string and gives its first bytes.
    private func string() throws(UserError) -> [UInt8] {
        _ = try reader.take()
        var bytes: [UInt8] = []
        while let byte = try reader.take(), byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") { _ = try reader.take() }
            if bytes.count < 64 { bytes.append(byte) }
        }
        return bytes
    }
}

extension JSONValue {
    /// Reads a text; `nil` when it is not JSON.
    init?(_ text: String) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { return nil }
        self = value
    }
}
