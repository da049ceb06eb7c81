// SPDX-License-Identifier: Apache-2.0
//
// The table of Rules/autoreplies.tsv, laid out for quick questions about one message.
// Pure; read once. Which row means what is said at the head of the table.
import NashraCore

/// The rules that know automatic replies, other machines' mails and senders that are nobody.
struct AutomaticRules: Sendable {
    /// What a row says about a message; the table explains each.
    enum Weight: String, Sendable {
        case sure, challenge, likely, weak, support, notification, machine, moved
    }

    /// One row.
    struct Rule: Sendable {
        /// The rule's name, for the verdict.
        let name: String
        /// What is looked for, folded; empty for any value of a field.
        let text: String
        /// What it says.
        let weight: Weight
    }

    /// One row about a header field.
    struct FieldRule: Sendable {
        /// The field's name in small letters.
        let field: String
        let rule: Rule
    }

    /// Rows about header fields, by the length of the field's name.
    private(set) var fields: [[FieldRule]]
    /// Rows about how a subject begins, by their first byte.
    private(set) var subjectStarts = [[Rule]](repeating: [], count: 256)
    /// Rows about how a subject begins before it is folded.
    private(set) var exactStarts: [Rule] = []
    /// Rows about what a subject holds.
    private(set) var subjects: [Rule] = []
    /// Rows about the text that make an automatic reply likely.
    private(set) var texts: [Rule] = []
    /// Rows about the text that say that somebody left.
    private(set) var moved: [Rule] = []
    /// Rows about the local part of From; a text that begins with `=` is the whole of it.
    private(set) var senders: [Rule] = []

    /// The rules of Rules/autoreplies.tsv.
    static let standard = AutomaticRules(table: PackageResources.autoreplies_tsv)

    /// Reads a table; rows that cannot be read are left out, and a test counts them.
    init(table: [UInt8]) {
        fields = Array(repeating: [], count: Self.longestName + 1)
        for row in RuleTable.rows(table) where row.count >= 5 {
            guard let weight = Weight(rawValue: row[3]) else { continue }
            let isExact = row[1] == "subject-exact"
            let folded = isExact ? Array(row[2].utf8) : TextFolding.fold(Array(row[2].utf8)[...])
            let text = String(decoding: folded, as: UTF8.self)
            add(name: row[0], place: row[1], text: text, weight: weight)
        }
    }

    /// How many rows were read.
    var count: Int {
        fields.joined().count + subjectStarts.joined().count + exactStarts.count + subjects.count
            + texts.count + moved.count
            + senders.count
    }

    private static let longestName = 48

    private mutating func add(name: String, place: String, text: String, weight: Weight) {
        let rule = Rule(name: name, text: text, weight: weight)
        switch place {
        case "subject-start": subjectStarts[Int(text.utf8.first ?? 0)].append(rule)
        case "subject-exact": exactStarts.append(rule)
        case "subject": subjects.append(rule)
        case "text": weight == .moved ? moved.append(rule) : texts.append(rule)
        case "sender": senders.append(rule)
        case "field":
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].utf8.count <= Self.longestName else { return }
            let value = parts[1].drop { $0 == " " }
            let field = FieldRule(
                field: String(parts[0]),
                rule: Rule(name: name, text: value == "*" ? "" : String(value), weight: weight)
            )
            fields[parts[0].utf8.count].append(field)
        default: break
        }
    }
}
