// SPDX-License-Identifier: Apache-2.0
//
// What a workspace keeps about people beside address, name and language: names, types and the words for them.
// Pure values. Written in config/attributes.yaml (NashraConfig reads it); forms: docs/attributes.md.

/// The declared attributes of subscribers.
///
/// A column that nobody declared is a string and is kept as it is. A declared one has a type, and its values one
/// canonical form each, so that they can be compared and sorted: see ``canonical(_:for:)``.
public struct AttributeSchema: Sendable, Hashable {
    /// The type of an attribute.
    public enum Kind: Sendable, Hashable {
        /// Any text in one line.
        case string
        /// A decimal number of at most 15 digits.
        case number
        /// A day of the Gregorian calendar.
        case date
        /// Yes or no.
        case bool
        /// One of some words, in the order of the file.
        case enumeration([String])

        /// The word for it in `config/attributes.yaml`: `string`, `number`, `date`, `bool` or `enum`.
        public var word: String {
            switch self {
            case .string: "string"
            case .number: "number"
            case .date: "date"
            case .bool: "bool"
            case .enumeration: "enum"
            }
        }
    }

    /// What becomes of a row whose value has the wrong form.
    public enum OnError: String, Sendable, Hashable, CaseIterable {
        /// The row is rejected.
        case reject
        /// The row is taken without this value, which is reported.
        case skip
    }

    /// Which comes first in `03/04/2026`.
    public enum DateOrder: String, Sendable, Hashable, CaseIterable {
        case dayFirst = "day-first"
        case monthFirst = "month-first"
    }

    /// Which character stands before the fraction of a number, where a file could mean two things.
    public enum DecimalMark: String, Sendable, Hashable, CaseIterable { case point, comma }

    /// One attribute.
    public struct Attribute: Sendable, Hashable {
        /// Its name in bulletins, segments and JSON: lower case, letters, digits and `_`.
        public var name: String
        /// Its type.
        public var kind: Kind
        /// Names of columns that mean it, in any language; its name and labels mean it too.
        public var headers: [String]
        /// What it is called for people, by language tag.
        public var label: [String: String]
        /// For an enumeration: other spellings of its words (labels by language), as they were written.
        public var spellings: [String: [String]]
        /// What becomes of a row whose value has the wrong form.
        public var onError: OnError
        /// For a date: which comes first in `03/04/2026`.
        public var dateOrder: DateOrder
        /// For a number: what `1,234` and `1.234` mean; `nil` when the file must not say such a thing.
        public var decimalMark: DecimalMark?

        /// Declares an attribute.
        public init(
            name: String,
            kind: Kind = .string,
            headers: [String] = [],
            label: [String: String] = [:],
            spellings: [String: [String]] = [:],
            onError: OnError = .reject,
            dateOrder: DateOrder = .dayFirst,
            decimalMark: DecimalMark? = nil
        ) {
            self.name = name
            self.kind = kind
            self.headers = headers
            self.label = label
            self.spellings = spellings
            self.onError = onError
            self.dateOrder = dateOrder
            self.decimalMark = decimalMark
        }
    }

    /// The attributes in the order of the file; of two with the same name the first counts.
    public var attributes: [Attribute] {
        didSet { index = Self.index(of: attributes) }
    }

    private var index: [String: Entry]

    /// An attribute, and for an enumeration its words by their folded spellings.
    private struct Entry: Sendable, Hashable {
        let attribute: Attribute
        let words: [String: String]
        /// Canonical forms by spellings as they were declared: most values of a file are found here.
        let exact: [String: String]
    }

    /// Declares some attributes.
    public init(_ attributes: [Attribute]) {
        self.attributes = attributes
        index = Self.index(of: attributes)
    }

    /// No attribute is declared; every column is a string.
    public static let none = AttributeSchema([])

    /// The attribute of this name, or `nil` when it is not declared.
    public func attribute(_ name: String) -> Attribute? { index[name]?.attribute }

    /// The canonical form of a value.
    ///
    /// The forms: a number `5`, `-0.25` (ASCII digits, no grouping, no exponent, no needless zeros); a day
    /// `2026-01-31`; `true` or `false`; of an enumeration the word as it is declared. A string is not changed.
    /// What is understood: docs/attributes.md. A canonical form is its own canonical form.
    ///
    /// - Parameters:
    ///   - text: The value as somebody wrote it; blanks and invisible marks at its ends do not count.
    ///   - name: The attribute; the text of one that is not declared is returned as it is.
    /// - Returns: The form to keep. Empty when `text` holds nothing but blanks.
    /// - Throws: ``AttributeFault``, which says what is allowed and nothing of the value.
    public func canonical(_ text: String, for name: String) throws(AttributeFault) -> String {
        guard let entry = index[name] else { return text }
        if case .string = entry.attribute.kind { return text }
        if let known = entry.exact[text] { return known }
        if AttributeValue.isCanonical(text, entry.attribute.kind) { return text }
        let value = AttributeValue(text)
        if value.isEmpty { return "" }
        do throws(AttributeValue.Problem) {
            switch entry.attribute.kind {
            case .string: return text
            case .number: return try value.number(mark: entry.attribute.decimalMark)
            case .date: return try value.date(order: entry.attribute.dateOrder)
            case .bool: return try value.bool() ? "true" : "false"
            case .enumeration(let words):
                if let word = entry.words[value.folded] { return word }
                throw .notAWord(words)
            }
        } catch {
            throw AttributeFault(name: name, kind: entry.attribute.kind, reason: error.words)
        }
    }

    private static func index(of attributes: [Attribute]) -> [String: Entry] {
        var index: [String: Entry] = [:]
        for attribute in attributes where index[attribute.name] == nil {
            var words: [String: String] = [:]
            var exact: [String: String] = [:]
            if case .enumeration(let all) = attribute.kind {
                // A word itself goes before another word's spelling.
                for word in all {
                    words[SearchFolding.fold(word)] = word
                    exact[word] = word
                }
                for word in all {
                    for spelling in attribute.spellings[word] ?? [] {
                        let folded = SearchFolding.fold(spelling)
                        if words[folded] == nil { words[folded] = word }
                        if words[folded] == word, exact[spelling] == nil { exact[spelling] = word }
                    }
                }
            }
            if case .bool = attribute.kind { exact = AttributeValue.bools }
            index[attribute.name] = Entry(attribute: attribute, words: words, exact: exact)
        }
        return index
    }
}

/// Why a text is no value of an attribute.
///
/// It says what is allowed, and nothing of what the text holds.
public struct AttributeFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The attribute.
    public let name: String
    /// Its type.
    public let kind: AttributeSchema.Kind
    /// What is wrong, to complete "NAME …", such as `is not a number such as 5 or 5.25`.
    public let reason: String

    /// Makes a fault.
    public init(name: String, kind: AttributeSchema.Kind, reason: String) {
        self.name = name
        self.kind = kind
        self.reason = reason
    }

    /// The reason in words, with the attribute's name.
    public var description: String { "\(name) \(reason)" }
}
