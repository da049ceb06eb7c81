// SPDX-License-Identifier: Apache-2.0
//
// The canonical text of an expression: what is shown, kept with a campaign, and read again.
// Pure. `SegmentParser.parse(canonical: x.text) == x`, with the same vocabulary.
import NashraCore

extension SegmentExpression: CustomStringConvertible {
    /// The canonical text, in one line.
    public var text: String { Self.text(self, in: .top) }

    /// The canonical text.
    public var description: String { text }

    private enum Place { case top, any, all, not }

    private static func text(_ expression: SegmentExpression, in place: Place) -> String {
        switch expression {
        case .term(let term): return term.text
        case .not(.term(let term)): return term.negatedText
        case .not(let inner): return "not \(text(inner, in: .not))"
        case .all(let parts):
            let joined = parts.map { text($0, in: .all) }.joined(separator: " and ")
            return place == .not ? "(\(joined))" : joined
        case .any(let parts):
            let joined = parts.map { text($0, in: .any) }.joined(separator: " or ")
            return place == .top ? joined : "(\(joined))"
        }
    }
}

extension SegmentTerm: CustomStringConvertible {
    /// The canonical text.
    public var description: String { text }

    /// The canonical text.
    public var text: String {
        switch self {
        case .field(let field, let test): return "\(Self.name(field)) \(test.text(of: field))"
        case .subscribed(let topic, let test):
            let to = topic.map { " to \(SegmentValue.quoted($0))" } ?? ""
            return "subscribed\(to)\(test.map { " \($0.text(of: .joined))" } ?? "")"
        case .received(let bulletin): return "received \(SegmentValue.quoted(bulletin))"
        case .bounced: return "bounced"
        case .suppressed: return "suppressed"
        }
    }

    /// The canonical text of what it is not.
    var negatedText: String {
        guard case .field(let field, let test) = self else { return "not \(text)" }
        switch test {
        case .isIn(let values) where values.count == 1:
            return "\(Self.name(field)) != \(values[0].text(in: field))"
        case .isIn: return "\(Self.name(field)) not \(test.text(of: field))"
        case .isKnown: return "\(Self.name(field)) is empty"
        default: return "not \(text)"
        }
    }

    private static func name(_ field: SegmentField) -> String {
        guard case .attribute(let name, _) = field else { return field.name }
        let isBare = !name.isEmpty && SegmentLexing.isBare("attr.\(name)")
        return isBare ? field.name : "attr.\(SegmentValue.inQuotes(name))"
    }
}

extension SegmentTest {
    /// The operator and its values.
    func text(of field: SegmentField) -> String {
        switch self {
        case .isIn(let values):
            let texts = values.map { $0.text(in: field) }
            return values.count == 1 ? "= \(texts[0])" : "in (\(texts.joined(separator: ", ")))"
        case .compared(let order, let value):
            let sign: String =
                switch (field.kind, order) {
                case (.day, .less): "before"
                case (.day, .greater): "after"
                default: order.rawValue
                }
            return "\(sign) \(value.text(in: field))"
        case .between(let low, let high):
            return "between \(low.text(in: field)) and \(high.text(in: field))"
        case .contains(let text): return "contains \(SegmentValue.quoted(text))"
        case .startsWith(let text): return "starts with \(SegmentValue.quoted(text))"
        case .endsWith(let text): return "ends with \(SegmentValue.quoted(text))"
        case .isKnown: return "is known"
        }
    }
}

extension SegmentValue {
    func text(in field: SegmentField) -> String {
        switch self {
        case .text(let text):
            if case .domain = field { return Self.quoted(Self.domain(text)) }
            return Self.quoted(text)
        case .number(let number): return number
        case .day(.date(let date)): return date.description
        case .day(.daysAgo(0)): return "today"
        case .day(.daysAgo(let count)): return "\(count) days ago"
        case .bool(let bool): return bool ? "true" : "false"
        }
    }

    /// As people read it, where that leads back to the same.
    private static func domain(_ text: String) -> String {
        let shown = DomainName.uLabels(text)
        return (try? DomainName.aLabels(Array(shown.utf8))) == text ? shown : text
    }

    /// A text as it stands in a query, in quotes where it needs them.
    static func quoted(_ text: String) -> String {
        SegmentLexing.isBare(text) ? text : inQuotes(text)
    }

    static func inQuotes(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
