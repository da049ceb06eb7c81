// SPDX-License-Identifier: Apache-2.0
//
// config/attributes.yaml: what the workspace keeps about people, read and checked; without it all columns are strings.
// Reads that one file. Meaning of each key: the shipped file; docs/attributes.md.
public import NashraCore
import NashraYAML

/// Reads the declared attributes.
public enum AttributesFile {
    /// Where it stands in a workspace.
    public static let path = "config/attributes.yaml"

    /// How many attributes may be declared; a file to import has 200 columns at most.
    static let mostAttributes = 200
    /// How many words an enumeration may have.
    static let mostWords = 1_000

    /// Reads a workspace's attributes; none are declared when there is no file.
    ///
    /// - Parameter workspace: Whose.
    /// - Returns: The attributes.
    /// - Throws: `configuration` with all faults, each with file, line and column.
    public static func require(_ workspace: Workspace) throws(UserError) -> AttributeSchema {
        let file = workspace.path(path)
        let bytes: [UInt8]
        do throws(BoundedFile.Fault) {
            bytes = try BoundedFile.open(file).read(limit: YAMLDocument.maximumSizeInBytes + 1)
        } catch {
            guard !error.isMissing else { return .none }
            throw UserError(
                .configuration,
                "\(workspace.displayed(file)) cannot be read: \(error.reason)",
                remedy: "Give the user who runs nashra the right to read it."
            )
        }
        let (schema, diagnostics) = read(bytes, file: workspace.displayed(file))
        guard let schema else {
            throw UserError(
                .configuration,
                "The attributes have \(diagnostics.count == 1 ? "an error" : "\(diagnostics.count) errors").",
                remedy: "Mend the lines above; nothing was done meanwhile.",
                diagnostics: diagnostics
            )
        }
        return schema
    }

    /// Reads attributes.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - file: Its name for findings.
    /// - Returns: The attributes, or `nil` when a finding is an error; and all findings.
    public static func read(
        _ bytes: [UInt8],
        file: String
    ) -> (schema: AttributeSchema?, diagnostics: [Diagnostic]) {
        let reader = YAMLReader(file: file)
        let schema = reader.read(bytes) { AttributesReader(top: $0).schema() }
        return (reader.hasErrors ? nil : schema, reader.diagnostics)
    }
}

/// Fills a schema from one mapping.
private struct AttributesReader {
    let top: MappingReader

    private enum Word: String, CaseIterable { case string, number, date, bool, `enum` }

    func schema() -> AttributeSchema {
        let attributes = top.mapping("attributes") { list -> [AttributeSchema.Attribute] in
            if list.keys.count > AttributesFile.mostAttributes {
                top.fault("attributes", "has more than \(AttributesFile.mostAttributes) of them")
            }
            let attributes = list.keys.prefix(AttributesFile.mostAttributes).compactMap {
                attribute(list, $0)
            }
            for name in list.keys { list.ignore(name) }
            checkHeaders(attributes, in: list)
            return attributes
        }
        return AttributeSchema(attributes ?? [])
    }

    private func attribute(_ list: MappingReader, _ name: String) -> AttributeSchema.Attribute? {
        guard isName(name, in: list) else { return nil }
        var attribute = AttributeSchema.Attribute(name: name)
        _ = list.mapping(name) { fields in
            let word = fields.oneOf("type", Word.self) ?? .string
            attribute.label = Dictionary(
                fields.localized("label").map { ($0.key.rawValue, $0.value) },
                uniquingKeysWith: { first, _ in first }
            )
            attribute.headers = fields.strings("columns") ?? []
            if let onError = fields.oneOf("on_error", AttributeSchema.OnError.self) {
                attribute.onError = onError
            }
            attribute.kind = kind(word, fields, &attribute)
        }
        return attribute
    }

    /// The type, with the keys that only it has; of another type they are unknown keys.
    private func kind(
        _ word: Word,
        _ fields: MappingReader,
        _ attribute: inout AttributeSchema.Attribute
    ) -> AttributeSchema.Kind {
        switch word {
        case .string: return .string
        case .bool: return .bool
        case .number:
            attribute.decimalMark = fields.oneOf("decimal", AttributeSchema.DecimalMark.self)
            return .number
        case .date:
            attribute.dateOrder = fields.oneOf("date_order", AttributeSchema.DateOrder.self) ?? .dayFirst
            return .date
        case .enum:
            let words = words(fields)
            attribute.spellings = Dictionary(words, uniquingKeysWith: { first, _ in first })
            return .enumeration(words.map(\.0))
        }
    }

    // MARK: Names

    private static let reserved: Set<String> = ["email", "name", "language", "unsubscribe_url", "message_id"]

    private func isName(_ name: String, in list: MappingReader) -> Bool {
        let isWord = name.unicodeScalars.allSatisfy { scalar in
            scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
                || scalar.properties.generalCategory == .nonspacingMark
        }
        guard isWord, name == name.lowercased(), !name.isEmpty, name.unicodeScalars.count <= 64,
            !name.hasPrefix("_"), !name.hasSuffix("_")
        else {
            list.fault(
                name,
                "is not the name of an attribute",
                remedy: "Use small letters, digits and _ within, at most 64, such as city."
            )
            return false
        }
        guard !Self.reserved.contains(name) else {
            list.fault(name, "is a field that every subscriber has", remedy: "Take another name.")
            return false
        }
        return true
    }

    /// Two attributes that one column could be.
    private func checkHeaders(_ attributes: [AttributeSchema.Attribute], in list: MappingReader) {
        var owners: [String: String] = [:]
        for attribute in attributes {
            for word in Set([attribute.name] + attribute.headers + attribute.label.values) {
                let folded = SearchFolding.fold(word)
                if let other = owners[folded], other != attribute.name {
                    list.fault(
                        attribute.name,
                        "and “\(other)” are both meant by a column “\(word)”",
                        remedy: "Change one of them, so that a column means one attribute."
                    )
                }
                owners[folded] = attribute.name
            }
        }
    }

    // MARK: Words of an enumeration

    /// The words with their other spellings: a list, or a mapping from word to spellings.
    private func words(_ fields: MappingReader) -> [(String, [String])] {
        guard let node = fields.node("words", required: true) else { return [] }
        var words: [(word: String, spellings: [String])] = []
        if let entries = node.entries {
            for entry in entries { words.append((entry.key, texts(of: entry.value, in: fields))) }
        } else {
            for item in node.items ?? [node] { words.append((item.text ?? "", [])) }
        }
        if words.isEmpty { fields.fault("words", "holds no word") }
        if words.contains(where: { $0.word.isEmpty }) {
            fields.fault("words", "holds something that is no word")
        }
        if words.count > AttributesFile.mostWords {
            fields.fault("words", "has more than \(AttributesFile.mostWords) of them")
        }
        checkWords(words, in: fields)
        return words
    }

    /// A text, a list of texts, or texts by language.
    private func texts(of node: YAMLNode, in fields: MappingReader) -> [String] {
        if node.isEmpty { return [] }
        let nodes = node.entries?.map(\.value) ?? node.items ?? [node]
        let texts = nodes.compactMap(\.text).filter { !$0.isEmpty }
        if texts.count < nodes.count {
            fields.fault(
                "words",
                "has a word whose other spellings are no texts",
                remedy: "Write Doha: {ar: الدوحة, fr: Doha} or Doha: [الدوحة, Ad-Dawhah]."
            )
        }
        return texts
    }

    /// A word that is read as another one could never be told apart.
    private func checkWords(_ words: [(word: String, spellings: [String])], in fields: MappingReader) {
        var owners: [String: String] = [:]
        for (word, spellings) in words {
            let folded = SearchFolding.fold(word)
            if let other = owners.updateValue(word, forKey: folded) {
                conflict(word, word, other, in: fields)
            }
            for spelling in spellings {
                let other = owners.updateValue(word, forKey: SearchFolding.fold(spelling))
                if let other, other != word { conflict(spelling, word, other, in: fields) }
            }
        }
    }

    private func conflict(_ spelling: String, _ word: String, _ other: String, in fields: MappingReader) {
        fields.fault(
            "words",
            word == other ? "says “\(word)” twice" : "says “\(spelling)” for “\(word)” and for “\(other)”",
            remedy: "Case, accents and harakat do not tell words apart."
        )
    }
}
