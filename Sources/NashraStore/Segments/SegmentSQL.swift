// SPDX-License-Identifier: Apache-2.0
//
// An expression as a condition of SQL. Columns, operators and functions come from enums; every word, name and number of
// the query is bound, and never stands in the text.
// Builds text and values only. Rules: docs/decisions/0009-segments.md.
import GRDB
import NashraCore
import NashraSegments

/// A condition about a person `s` (a row of `subscriber`), and the values of its parameters.
package struct SegmentSQL {
    /// The condition: true, or false or NULL.
    package let condition: String
    /// The values, by the names that stand in the condition.
    let parameters: [(name: String, value: DatabaseValue)]

    /// The values as GRDB takes them.
    var arguments: StatementArguments {
        StatementArguments(Dictionary(parameters.map { ($0.name, $0.value) }) { first, _ in first })
    }

    /// Compiles a question.
    ///
    /// - Parameters:
    ///   - question: The question.
    ///   - prefix: What the parameters' names begin with; another one for each condition of a statement.
    package init(_ question: SegmentQuestion, prefix: String = "q") {
        let days = SegmentDays(now: question.at, timeZone: question.timeZone)
        var writer = SegmentWriter(days: days, now: question.at, prefix: prefix)
        condition = writer.condition(question.expression)
        parameters = writer.parameters
    }

    /// Whoever was erased is in no segment.
    static let notErased = "s.state <> 'erased'"
}

/// Writes one condition.
struct SegmentWriter {
    let days: SegmentDays
    let now: Timestamp
    let prefix: String
    private(set) var parameters: [(name: String, value: DatabaseValue)] = []

    init(days: SegmentDays, now: Timestamp, prefix: String) {
        self.days = days
        self.now = now
        self.prefix = prefix
    }

    /// Binds a value and gives the parameter that stands for it.
    mutating func bind(_ value: some DatabaseValueConvertible) -> String {
        let name = "\(prefix)\(parameters.count)"
        parameters.append((name, value.databaseValue))
        return ":\(name)"
    }

    mutating func bind(_ values: [some DatabaseValueConvertible]) -> String {
        values.map { bind($0) }.joined(separator: ", ")
    }

    /// Writes a condition; the depth is bounded by the parser.
    mutating func condition(_ expression: SegmentExpression) -> String {
        switch expression {
        case .term(let term): return condition(term)
        // Unknown counts as false at each level, so its opposite is true.
        case .not(let inner): return "(\(condition(inner))) IS NOT TRUE"
        case .all(let parts): return joined(parts, by: " AND ")
        case .any(let parts): return joined(parts, by: " OR ")
        }
    }

    private mutating func joined(_ parts: [SegmentExpression], by word: String) -> String {
        // SQLite asks in this order and stops early: a column costs less than a function, that less than a look at
        // another table.
        let ordered = parts.enumerated().sorted {
            ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset)
        }
        let texts = ordered.map { "(\(condition($0.element)))" }
        return texts.joined(separator: word)
    }
}

extension SegmentExpression {
    /// How much it costs to ask, roughly: 1 is a column.
    var cost: Int {
        switch self {
        case .term(let term): term.cost
        case .not(let inner): inner.cost
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.cost }
        }
    }
}

extension SegmentTerm {
    var cost: Int {
        switch self {
        case .field(.attribute, let test): test.looksInside ? 8 : 6
        case .field(.address, .isIn): 1
        case .field(.name, let test): test == .isKnown ? 1 : 8
        case .field(_, let test): test.looksInside ? 7 : 1
        case .suppressed: 12
        case .subscribed: 20
        case .bounced: 24
        case .received: 60
        }
    }
}

extension SegmentTest {
    fileprivate var looksInside: Bool {
        switch self {
        case .contains, .startsWith, .endsWith: true
        case .isIn, .compared, .between, .isKnown: false
        }
    }
}
