// SPDX-License-Identifier: Apache-2.0
//
// The test of a field: an operator that its type allows, and values of its type.
// Pure. Grammar: docs/segments.md, "Grammar"; which operator each type allows: docs/segments.md, "Fields".
import NashraCore

extension SegmentParser {
    /// An operator as it was written.
    private enum Operator: String {
        case equal = "="
        case unequal = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
        case isIn = "in"
        case contains
        case startsWith = "starts with"
        case endsWith = "ends with"
        case before, after, between
        case isKnown = "is known"
        case isEmpty = "is empty"
    }

    /// Reads operator and values.
    ///
    /// - Returns: The test, and whether it was negated.
    mutating func test(of field: SegmentField) throws(SegmentFault) -> (SegmentTest, isNegated: Bool) {
        let start = token.range
        var isNegated = take("not")
        let written = try operation(field)
        let place = start.lowerBound..<max(start.upperBound, token(after: -1).range.upperBound)
        try check(written, field, place)
        switch written {
        case .equal: return (.isIn([try value(field)]), isNegated)
        case .unequal: return (.isIn([try value(field)]), !isNegated)
        case .isIn: return (.isIn(try list(field)), isNegated)
        case .less, .before: return (.compared(.less, try value(field, isOrdered: true)), isNegated)
        case .greater, .after: return (.compared(.greater, try value(field, isOrdered: true)), isNegated)
        case .atMost: return (.compared(.atMost, try value(field, isOrdered: true)), isNegated)
        case .atLeast: return (.compared(.atLeast, try value(field, isOrdered: true)), isNegated)
        case .between: return (try range(field), isNegated)
        case .contains: return (.contains(try piece()), isNegated)
        case .startsWith: return (.startsWith(try piece()), isNegated)
        case .endsWith: return (.endsWith(try piece()), isNegated)
        case .isKnown: return (.isKnown, isNegated)
        case .isEmpty:
            isNegated.toggle()
            return (.isKnown, isNegated)
        }
    }

    private mutating func operation(_ field: SegmentField) throws(SegmentFault) -> Operator {
        if case .sign(let sign) = token.content, let found = Operator(rawValue: sign) {
            advance()
            return found
        }
        let first = token.keyword ?? ""
        let second = token(after: 1).keyword ?? ""
        switch first {
        case "in", "contains", "before", "after", "between":
            advance()
            if let found = Operator(rawValue: first) { return found }
        case "starts" where second == "with", "ends" where second == "with":
            advance()
            advance()
            return first == "starts" ? .startsWith : .endsWith
        case "is":
            advance()
            let isNegated = take("not")
            let isKnown = token.keyword == "known"
            guard isKnown || token.keyword == "empty" else {
                throw fault("\(token.words) stands after is", remedy: "Possible: is known, is empty.")
            }
            advance()
            return isKnown != isNegated ? .isKnown : .isEmpty
        default: break
        }
        throw fault(
            "\(token.words) stands where a comparison of \(field.name) must stand",
            remedy: "Possible: \(Self.possible(field))."
        )
    }

    /// The operators that a field allows, in words.
    private static func possible(_ field: SegmentField) -> String {
        operators(field).map(\.rawValue).joined(separator: ", ") + ", not in"
    }

    private static func operators(_ field: SegmentField) -> [Operator] {
        let order: [Operator] = [.less, .atMost, .greater, .atLeast, .between]
        let known: [Operator] = field.isAlwaysKnown ? [] : [.isKnown, .isEmpty]
        let base: [Operator] =
            switch field.kind {
            case .text:
                [.equal, .unequal, .isIn, .contains, .startsWith, .endsWith]
            case .number: [.equal, .unequal, .isIn] + order
            case .day: [.equal, .unequal, .isIn, .before, .after] + order
            case .bool, .word: [.equal, .unequal, .isIn]
            }
        return base + known
    }

    private func check(_ written: Operator, _ field: SegmentField, _ place: Range<Int>) throws(SegmentFault) {
        if Self.operators(field).contains(written) { return }
        // What nobody declared can still be compared with a number or a day.
        if isUndeclared(field), Self.operators(.joined).contains(written) { return }
        throw fault(
            "\(field.name) is \(field.kind.words), for which \(written.rawValue) is not possible",
            at: place,
            remedy: "Possible: \(Self.possible(field))."
        )
    }

    private func isUndeclared(_ field: SegmentField) -> Bool {
        if case .attribute(let name, _) = field { vocabulary.schema.attribute(name) == nil } else { false }
    }

    // MARK: Values

    private mutating func list(_ field: SegmentField) throws(SegmentFault) -> [SegmentValue] {
        guard token.content == .open else {
            throw fault("\(token.words) stands after in", remedy: "Put the values in brackets: in (a, b).")
        }
        advance()
        var values: [SegmentValue] = []
        var seen: Set<SegmentValue> = []
        while true {
            let value = try value(field)
            if seen.insert(value).inserted { values.append(value) }
            let end = token.content
            guard end == .comma || end == .close else {
                throw fault(
                    "\(token.words) stands where a comma or ) must stand",
                    remedy: "A value of several words needs quotes, such as \"Al Khor\"."
                )
            }
            advance()
            if end == .close { return values }
        }
    }

    private mutating func range(_ field: SegmentField) throws(SegmentFault) -> SegmentTest {
        let low = try value(field, isOrdered: true)
        guard take("and") else {
            throw fault("\(token.words) stands where and must stand", remedy: "Write between A and B.")
        }
        let place = token.range
        let high = try value(field, isOrdered: true)
        switch (low, high) {
        case (.number, .number), (.day, .day): return .between(low, high)
        default: throw fault("this is not of the same type as the value before and", at: place)
        }
    }

    /// A part of a text.
    private mutating func piece() throws(SegmentFault) -> String {
        let place = token.range
        let text = try valueText()
        guard !SearchFolding.fold(text).isEmpty else {
            throw fault("this text holds nothing to look for", at: place)
        }
        return text
    }

    /// The text of a value, and goes on.
    mutating func valueText() throws(SegmentFault) -> String {
        switch token.content {
        case .quoted(let text):
            advance()
            return text
        case .word(let word):
            guard !SegmentLexing.reserved.contains(token.keyword ?? "") else {
                throw fault(
                    "“\(word)” is a word of the language and stands where a value must stand",
                    remedy: "If it is meant as a value, put it in quotes."
                )
            }
            advance()
            return word
        case .open:
            throw fault("a bracket stands where a value must stand", remedy: "For a list write in (a, b).")
        default: throw fault("\(token.words) stands where a value must stand")
        }
    }
}

extension SegmentKind {
    /// What a value is, for a sentence.
    var words: String {
        switch self {
        case .text: "a text"
        case .number: "a number"
        case .day: "a day"
        case .bool: "true or false"
        case .word: "one of some words"
        }
    }
}
