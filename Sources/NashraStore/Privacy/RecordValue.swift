// SPDX-License-Identifier: Apache-2.0
//
// Rows of any table as JSON has them.
// Pure values.
import Foundation

/// A value of a row, or of the JSON in one.
public enum RecordValue: Sendable, Hashable, Encodable {
    case null
    case number(Int64)
    case real(Double)
    case truth(Bool)
    case text(String)
    case list([RecordValue])
    case object([String: RecordValue])

    /// Writes it as the JSON that it stands for.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .number(let value): try container.encode(value)
        case .real(let value): try container.encode(value)
        case .truth(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }

    /// The member of an object; `nil` for other values.
    public subscript(name: String) -> RecordValue? {
        if case .object(let values) = self { values[name] } else { nil }
    }

    /// The text, or `nil` for other values.
    public var asText: String? { if case .text(let text) = self { text } else { nil } }

    /// What a JSON text says; the text itself when it is no JSON.
    init(json text: String) {
        self = (try? JSONDecoder().decode(AnyJSON.self, from: Data(text.utf8)))?.value ?? .text(text)
    }

    /// Bytes: as text when they are UTF-8 without NUL, else in base64 below the name `base64`.
    init(bytes: [UInt8]) {
        if !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) {
            self = .text(text)
        } else {
            self = .object(["base64": .text(Data(bytes).base64EncodedString())])
        }
    }
}

/// Reads any JSON.
private struct AnyJSON: Decodable {
    let value: RecordValue

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = .null
        } else if let truth = try? container.decode(Bool.self) {
            value = .truth(truth)
        } else if let number = try? container.decode(Int64.self) {
            value = .number(number)
        } else if let real = try? container.decode(Double.self) {
            value = .real(real)
        } else if let text = try? container.decode(String.self) {
            value = .text(text)
        } else if let list = try? container.decode([AnyJSON].self) {
            value = .list(list.map(\.value))
        } else {
            value = .object(try container.decode([String: AnyJSON].self).mapValues(\.value))
        }
    }
}
