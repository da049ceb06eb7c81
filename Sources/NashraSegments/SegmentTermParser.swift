// SPDX-License-Identifier: Apache-2.0
//
// One term of a query: a field with its test, or a word about the person.
// Pure. Grammar: docs/segments.md, "Grammar".
import NashraCore

extension SegmentParser {
    /// What can begin a term, for messages.
    static let possibleTerms = """
        Possible: language, name, address, domain, state, joined, attr.NAME, subscribed to TOPIC, received BULLETIN, \
        bounced, suppressed.
        """

    /// Reads a term.
    mutating func term() throws(SegmentFault) -> SegmentExpression {
        guard case .word(let word) = token.content, !SegmentLexing.reserved.contains(token.keyword ?? "")
        else {
            let isEnd = token.content == .end
            throw fault(
                isEnd
                    ? "the query ends where a term must stand"
                    : "\(token.words) stands where a term must stand",
                remedy: Self.possibleTerms
            )
        }
        switch token.keyword {
        case "subscribed":
            advance()
            return try subscribed()
        case "received":
            advance()
            return .term(.received(bulletin: try name("a bulletin", "2026-014", vocabulary.bulletins)))
        case "bounced":
            advance()
            return .term(.bounced)
        case "suppressed":
            advance()
            return .term(.suppressed)
        default: return try fieldTerm(word)
        }
    }

    private mutating func subscribed() throws(SegmentFault) -> SegmentExpression {
        var topic: String?
        if take("to") { topic = try name("a topic", "fraud", vocabulary.topics) }
        let isSign = if case .sign(let sign) = token.content { sign != "!=" } else { false }
        guard isSign || ["before", "after", "between"].contains(token.keyword ?? "") else {
            return .term(.subscribed(topic: topic, joined: nil))
        }
        let (test, _) = try test(of: .joined)
        return .term(.subscribed(topic: topic, joined: test))
    }

    /// Reads the name of something that must be there.
    private mutating func name(
        _ what: String,
        _ example: String,
        _ names: SegmentVocabulary.Names
    ) throws(SegmentFault) -> String {
        let text: String
        switch token.content {
        case .quoted(let name): text = name
        case .word(let name) where !SegmentLexing.reserved.contains(token.keyword ?? ""): text = name
        default:
            throw fault("\(token.words) stands where \(what) must stand", remedy: "For example: \(example).")
        }
        guard !text.isEmpty, text.utf8.count <= 256 else {
            throw fault("the name of \(what) cannot be empty or longer than 256 bytes")
        }
        guard names.contains(text) else {
            throw fault("there is no \(what.dropFirst(2)) \(text)", remedy: Self.remedy(text, names.all()))
        }
        advance()
        return text
    }

    static func remedy(_ word: String, _ known: [String]) -> String {
        let near = Suggestion.nearest(to: word, among: known).map { "Did you mean \($0)? " } ?? ""
        let shown = known.sorted().prefix(20).joined(separator: ", ")
        let list =
            known.isEmpty ? "There are none." : "There are: \(shown)\(known.count > 20 ? ", …" : "")."
        return near + list
    }

    // MARK: Fields

    private mutating func fieldTerm(_ word: String) throws(SegmentFault) -> SegmentExpression {
        var place = token.range
        var word = word
        advance()
        // A name with blanks stands in quotes: attr."Employee number".
        if word.lowercased() == "attr.", case .quoted(let name) = token.content {
            place = place.lowerBound..<token.range.upperBound
            word += name
            advance()
        }
        let field = try field(word, place)
        let (test, isNegated) = try test(of: field)
        let typed: SegmentField =
            if case .attribute(let name, _) = field { .attribute(name, try kind(of: field, test)) } else {
                field
            }
        let term = SegmentExpression.term(.field(typed, test))
        return isNegated ? .negation(of: term) : term
    }

    private func field(_ word: String, _ place: Range<Int>) throws(SegmentFault) -> SegmentField {
        let lower = word.lowercased()
        if lower == "created" { return .joined }
        if let field = SegmentField.builtIn.first(where: { $0.name == lower }) { return field }
        let hasPrefix = lower.hasPrefix("attr.")
        let name = hasPrefix ? String(word.dropFirst(5)) : word
        if let declared = vocabulary.declared(name) {
            return .attribute(declared.name, SegmentKind(declared.kind))
        }
        guard !name.isEmpty, name.utf8.count <= 256 else {
            throw fault(
                "attr. stands without the name of an attribute",
                at: place,
                remedy: "Write attr.NAME."
            )
        }
        // Of what nobody declared, a bare name must be known for certain: any could be a slip.
        if vocabulary.attributes.contains(name) { return .attribute(name, .text) }
        let known = Set(vocabulary.schema.attributes.map(\.name) + vocabulary.attributes.all())
        if hasPrefix {
            throw fault("nobody has an attribute \(name)", at: place, remedy: Self.remedy(name, Array(known)))
        }
        let words = SegmentField.builtIn.map(\.name) + ["subscribed", "received", "bounced", "suppressed"]
        let near = Suggestion.nearest(to: word, among: words + known.sorted())
        let attributes =
            known.isEmpty ? "" : " Attributes: \(known.sorted().prefix(20).joined(separator: ", "))."
        throw fault(
            "\(word.count > 40 ? "\(word.prefix(40))…" : word) is no field",
            at: place,
            remedy: (near.map { "Did you mean \($0)? " } ?? "") + Self.possibleTerms + attributes
        )
    }

    /// What the values of an attribute are compared as; the test has been read.
    ///
    /// The order of an attribute that nobody declared goes by what it is compared with.
    private func kind(of field: SegmentField, _ test: SegmentTest) throws(SegmentFault) -> SegmentKind {
        switch test {
        case .compared(_, let value), .between(let value, _):
            switch value {
            case .number: .number
            case .day: .day
            case .text, .bool: field.kind
            }
        default: field.kind
        }
    }
}

extension SegmentKind {
    /// What values of a declared type are compared as.
    init(_ kind: AttributeSchema.Kind) {
        switch kind {
        case .string: self = .text
        case .number: self = .number
        case .date: self = .day
        case .bool: self = .bool
        case .enumeration: self = .word
        }
    }
}
