// SPDX-License-Identifier: Apache-2.0
//
// Merge templates as JSON: fixed text as strings, so that a stored bulletin can be read by people.
// Pure. The form is part of the store: what was written once must be readable for ever.

extension MergeTemplate: Codable {
    /// Reads the list of pieces.
    public init(from decoder: any Decoder) throws {
        segments = try decoder.singleValueContainer().decode([Segment].self)
    }

    /// Writes the list of pieces.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(segments)
    }
}

extension Segment: Codable {
    private enum Key: String, CodingKey { case text, field, fallback, escaping }

    /// Reads `{"text"}` or `{"field", "fallback", "escaping"}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .text) {
            self = .bytes(Array(text.utf8))
        } else {
            self = .slot(
                field: try container.decode(String.self, forKey: .field),
                fallback: try container.decodeIfPresent(String.self, forKey: .fallback).map {
                    Array($0.utf8)
                },
                escaping: try container.decode(Escaping.self, forKey: .escaping)
            )
        }
    }

    /// Writes the form that ``init(from:)`` reads; text that is not UTF-8 is an error.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .bytes(let bytes):
            try container.encode(try Self.string(bytes, encoder), forKey: .text)
        case .slot(let field, let fallback, let escaping):
            try container.encode(field, forKey: .field)
            try container.encodeIfPresent(
                try fallback.map { try Self.string($0, encoder) },
                forKey: .fallback
            )
            try container.encode(escaping, forKey: .escaping)
        }
    }

    /// Refuses what is not UTF-8, because a repaired string would be other bytes than those that were sent.
    private static func string(_ bytes: [UInt8], _ encoder: any Encoder) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let context = EncodingError.Context(
                codingPath: encoder.codingPath,
                debugDescription: "the bytes are not UTF-8"
            )
            throw EncodingError.invalidValue(bytes, context)
        }
        return text
    }
}
