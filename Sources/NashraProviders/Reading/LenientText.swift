// SPDX-License-Identifier: Apache-2.0
//
// Fields of events as providers really write them: a number where a text is documented, a text where a list
// is. Pure. What does not fit is taken for absent, so that one odd field does not cost the event.

/// A text, a number or a truth value, as text; anything else is empty.
struct LenientText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        guard let value = try? decoder.singleValueContainer() else {
            text = ""
            return
        }
        if let string = try? value.decode(String.self) {
            text = string
        } else if let integer = try? value.decode(Int64.self) {
            text = String(integer)
        } else if let number = try? value.decode(Double.self) {
            text = String(number)
        } else if let truth = try? value.decode(Bool.self) {
            text = String(truth)
        } else {
            text = ""
        }
    }
}

/// Texts: a list of them, one alone, or none.
struct LenientTexts: Decodable {
    /// The most of one list that count.
    static let maximum = 1000

    let texts: [String]

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            var texts: [String] = []
            while !list.isAtEnd, texts.count < Self.maximum {
                guard let item = try? list.decode(LenientText.self) else { break }
                texts.append(item.text)
            }
            self.texts = texts
        } else {
            texts = (try? LenientText(from: decoder)).map { [$0.text] } ?? []
        }
    }
}

/// The fields of an object, each read only when asked for; a missing or odd one is `nil`.
struct Fields: Decodable {
    private let container: KeyedDecodingContainer<Name>?

    init(from decoder: any Decoder) throws { container = try? decoder.container(keyedBy: Name.self) }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// A text that is not empty.
    func text(_ name: String) -> String? {
        guard let text = value(name, LenientText.self)?.text, !text.isEmpty else { return nil }
        return text
    }

    /// Texts that are not empty.
    func texts(_ name: String) -> [String] {
        value(name, LenientTexts.self)?.texts.filter { !$0.isEmpty } ?? []
    }

    /// An object within.
    func fields(_ name: String) -> Fields? {
        guard let fields = value(name, Fields.self), fields.container != nil else { return nil }
        return fields
    }

    /// A list of objects within, at most 1,000 of them.
    func list(_ name: String) -> [Fields] {
        guard let container, var list = try? container.nestedUnkeyedContainer(forKey: Name(stringValue: name))
        else {
            return []
        }
        var found: [Fields] = []
        while !list.isAtEnd, found.count < LenientTexts.maximum {
            guard let item = try? list.decode(Fields.self) else { break }
            found.append(item)
        }
        return found
    }

    /// The names there are.
    var names: [String] { container?.allKeys.map(\.stringValue) ?? [] }

    private func value<Value: Decodable>(_ name: String, _ type: Value.Type) -> Value? {
        guard let container else { return nil }
        return try? container.decodeIfPresent(type, forKey: Name(stringValue: name))
    }
}
