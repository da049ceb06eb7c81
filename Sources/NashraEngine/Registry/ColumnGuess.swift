// SPDX-License-Identifier: Apache-2.0
//
// Finds out what columns mean: first what the user said, then the fields' own names, then declared attributes, then
// words for fields in three languages. What could mean two things is asked back and never guessed.
// Pure.
import NashraCore

/// The columns of one header while their meanings are found.
struct ColumnGuess {
    private(set) var faults: [(message: String, remedy: String)] = []
    private(set) var meanings: [ImportColumns.Meaning] = []
    private(set) var nameParts: [Int] = []
    private(set) var email: Int?
    /// Where the person stands: only in a file that `subscribers export` wrote; elsewhere `state` is anything.
    private(set) var state: Int?

    private let texts: [String]
    private let renamed: [String: String]
    private let schema: AttributeSchema
    /// The declared attributes by all that names them, folded.
    private let declared: [String: String]
    /// The names of the columns as fields are called.
    private let names: [String]
    private var rules: [ColumnMapping.Rule] = []
    private var roles: [HeaderWords.Role?] = []

    init(texts: [String], renamed: [String: String], schema: AttributeSchema) {
        self.texts = texts
        self.renamed = renamed
        self.schema = schema
        names = texts.map(ImportColumns.normalised)
        var declared: [String: String] = [:]
        for attribute in schema.attributes {
            let words = [attribute.name] + attribute.headers
            let labels = attribute.label.sorted { $0.key < $1.key }.map(\.value)
            for word in words + labels where declared[HeaderWords.key(word)] == nil {
                declared[HeaderWords.key(word)] = attribute.name
            }
        }
        self.declared = declared
    }

    /// For the plan.
    var mapping: ColumnMapping {
        ColumnMapping(
            columns: texts.indices.map { index in
                let field: String? =
                    switch meanings[index] {
                    case .email: "email"
                    case .name, .namePart: "name"
                    case .language: "language"
                    case .attribute(let name): name
                    case .ignored: index == state ? "state" : nil
                    }
                return ColumnMapping.Column(
                    number: index + 1,
                    header: texts[index],
                    field: field,
                    rule: rules[index]
                )
            }
        )
    }

    /// Finds all meanings, or faults.
    mutating func resolve() {
        for index in texts.indices { read(index) }
        resolveEmail()
        resolveName()
        resolveOne(.language, .language, "the language", field: "language")
        for index in texts.indices
        where meanings[index] == .ignored && rules[index] != .skipped && index != state {
            // A word for a field that another column is: an attribute that is called as the column is.
            let isOwn = Self.ownNames[names[index]] == nil
            meanings[index] = isOwn ? .attribute(names[index]) : .ignored
            rules[index] = isOwn ? .own : .skipped
        }
        checkMaps()
        checkAttributes()
        email = meanings.firstIndex(of: .email)
        if email == nil { askForEmail() }
    }

    // MARK: One column

    private mutating func read(_ index: Int) {
        let name = names[index]
        if let field = field(mapping: index) {
            add(field.isEmpty ? .ignored : Self.meaning(of: field), field.isEmpty ? .skipped : .map)
        } else if name.isEmpty {
            add(.ignored, .skipped)
        } else if let field = Self.ownNames[name] {
            add(.ignored, .name, field)
        } else if index < offset {
            add(.ignored, .skipped)
        } else if isExport, index == offset + 3 {
            state = index
            add(.ignored, .name)
        } else if isExport, texts[index].hasPrefix("attr."),
            Self.exported.contains(String(texts[index].dropFirst(5)))
        {
            add(.attribute(String(texts[index].dropFirst(5))), .attribute)
        } else if let attribute = declared[HeaderWords.key(texts[index])] {
            add(.attribute(attribute), .attribute)
        } else if let role = HeaderWords.role(of: texts[index]) {
            add(.ignored, .word, role)
        } else {
            add(.attribute(name), .own)
        }
    }

    private mutating func add(
        _ meaning: ImportColumns.Meaning,
        _ rule: ColumnMapping.Rule,
        _ role: HeaderWords.Role? = nil
    ) {
        meanings.append(meaning)
        rules.append(rule)
        roles.append(role)
    }

    /// What `--map` says of a column: by its name, else by its number.
    private func field(mapping index: Int) -> String? {
        if !names[index].isEmpty, let field = renamed[names[index]] { return field }
        let number = String(index + 1)
        return names.contains(number) ? nil : renamed[number]
    }

    /// Whether the header is that of `subscribers export`; an attribute called as one of these has `attr.` before it.
    private var isExport: Bool { texts.dropFirst(offset).starts(with: Self.exported) }

    /// How many columns an import put before its own in a file of rejected rows; they are left out when it comes back.
    private var offset: Int { texts.starts(with: ["line", "reason"]) ? 2 : 0 }

    private static let exported = ["email", "name", "language", "state"]

    private static let ownNames: [String: HeaderWords.Role] = [
        "email": .email, "name": .name, "language": .language,
    ]

    private static func meaning(of field: String) -> ImportColumns.Meaning {
        switch field {
        case "email": .email
        case "name": .name
        case "language": .language
        default: .attribute(field)
        }
    }

    // MARK: Fields that are there once

    private mutating func resolveEmail() {
        if meanings.contains(.email) || roles.contains(.email) {
            resolveOne(.email, .email, "the address", field: "email")
        } else {
            resolveOne(.perhapsEmail, .email, "the address", field: "email")
        }
    }

    /// Gives a meaning to the one column that has the role; a column that `--map` named goes before it.
    private mutating func resolveOne(
        _ role: HeaderWords.Role,
        _ meaning: ImportColumns.Meaning,
        _ words: String,
        field: String
    ) {
        let mapped = meanings.indices.filter { meanings[$0] == meaning }
        let found = mapped.isEmpty ? roles.indices.filter { roles[$0] == role } : mapped
        guard found.count > 1 else {
            if let index = found.first { meanings[index] = meaning }
            return
        }
        let ways = found.map { "--map \(spelling($0))=\(field)" }.joined(separator: " or ")
        faults.append(
            (
                "\(found.count) columns could be \(words): \(found.map(title).joined(separator: ", "))",
                mapped.isEmpty ? "Say which: \(ways)." : "Map one of them only."
            )
        )
        // One of them, so that nothing else is said of it.
        if let index = found.first { meanings[index] = meaning }
    }

    /// The name is one column, or is joined from its parts.
    private mutating func resolveName() {
        var parts: [(part: HeaderWords.NamePart, index: Int)] = []
        for index in roles.indices {
            if case .part(let part) = roles[index] { parts.append((part, index)) }
        }
        let hasFirst = parts.contains { $0.part == .first }
        let hasLast = parts.contains { $0.part == .last }
        let isWhole = meanings.contains(.name) || roles.contains(.name)
        for index in roles.indices where roles[index] == .nameOrLast || roles[index] == .nameOrFirst {
            let part: HeaderWords.NamePart = roles[index] == .nameOrLast ? .last : .first
            if !isWhole, part == .last ? hasFirst && !hasLast : hasLast && !hasFirst {
                parts.append((part, index))
            } else if !isWhole {
                roles[index] = .name
            }
        }
        let kinds = Set(parts.map(\.part))
        let isWholeNow = meanings.contains(.name) || roles.contains(.name)
        guard !isWholeNow, kinds.count == parts.count, kinds.count > 1, kinds.contains(.first) else {
            return resolveOne(.name, .name, "the name", field: "name")
        }
        nameParts = parts.sorted { $0.part.rawValue < $1.part.rawValue }.map(\.index)
        for index in nameParts { meanings[index] = .namePart }
    }

    // MARK: Faults

    private mutating func checkMaps() {
        for column in renamed.keys.sorted() where !names.contains(column) {
            if let number = Int(column), texts.indices.contains(number - 1) { continue }
            let near = Suggestion.nearest(to: column, among: names.filter { !$0.isEmpty })
            let all = names.enumerated().map { $1.isEmpty ? "(\($0 + 1) has no name)" : $1 }
            faults.append(
                (
                    "there is no column '\(column)' to map",
                    (near.map { "Did you mean '\($0)'? " } ?? "")
                        + "The columns: \(all.prefix(40).joined(separator: ", "))."
                )
            )
        }
    }

    private mutating func checkAttributes() {
        var seen: [String: Int] = [:]
        for index in meanings.indices {
            guard case .attribute(let name) = meanings[index] else { continue }
            if ImportColumns.reserved.contains(name) {
                faults.append(
                    (
                        "'\(name)' is a name that Nashra fills in itself",
                        "Rename the column, or map it: --map \(spelling(index))=other_name."
                    )
                )
            }
            if let first = seen[name] {
                faults.append(
                    (
                        "two columns are '\(name)': \(title(first)), \(title(index))",
                        "Rename one, or leave it out: --map \(index + 1)= (the column's number)."
                    )
                )
            }
            seen[name] = index
        }
    }

    private mutating func askForEmail() {
        let near = Suggestion.nearest(to: "email", among: names.filter { !$0.isEmpty })
        faults.append(
            (
                "there is no column 'email'; the first line must name the columns",
                near.map { "Is it '\($0)'? Then say --map \($0)=email." }
                    ?? "Say which column holds the address: --map COLUMN=email, or its number: --map 1=email."
            )
        )
    }

    /// A column for a sentence.
    private func title(_ index: Int) -> String { "'\(texts[index])' (column \(index + 1))" }

    /// A column for `--map`: its name when that is one word and only its own, else its number.
    private func spelling(_ index: Int) -> String {
        let isOnly = names.filter { $0 == names[index] }.count == 1
        return isOnly && !names[index].isEmpty ? names[index] : String(index + 1)
    }
}
