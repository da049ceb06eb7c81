// SPDX-License-Identifier: Apache-2.0
//
// Random queries over the words of random registers.
import NashraCore
import NashraSegments

/// Makes queries, and tells the literals in them.
struct SegmentQueries {
    var random: SeededRandom

    mutating func expression(depth: Int = 0) -> SegmentExpression {
        switch Int.random(in: depth == 0 ? 2..<10 : depth > 3 ? 0..<2 : 0..<8, using: &random) {
        case 0...2: return .term(term())
        case 3: return .negation(of: expression(depth: depth + 1))
        case 4, 5: return .any(of: parts(depth))
        default: return .all(of: parts(depth))
        }
    }

    private mutating func parts(_ depth: Int) -> [SegmentExpression] {
        (0..<random.pick([2, 2, 3, 4])).map { _ in expression(depth: depth + 1) }
    }

    private mutating func term() -> SegmentTerm {
        switch Int.random(in: 0..<14, using: &random) {
        case 0: return .bounced
        case 1: return .suppressed
        case 2: return .received(bulletin: random.pick(SegmentWords.bulletins))
        case 3:
            return .subscribed(topic: random.oneIn(3) ? nil : random.pick(SegmentWords.topics), joined: nil)
        case 4:
            return .subscribed(
                topic: random.pick(SegmentWords.topics),
                joined: random.oneIn(2) ? ordered(.day, isTested: true) : nil
            )
        case 5: return .field(.language, oneOf(SegmentWords.languages, canBeUnknown: true))
        case 6: return .field(.state, oneOf(["active", "pending", "unsubscribed"]))
        case 7:
            return .field(
                .domain,
                random.oneIn(2) ? partial(["wzara", "quux", ".example"]) : oneOf(SegmentWords.domains)
            )
        case 8:
            return .field(
                .address,
                random.oneIn(2) ? partial(["ZQ1", "zq2.P", "quux.EXAMPLE"]) : oneOf(["zq3.p@quux.example"])
            )
        case 9: return .field(.name, text())
        case 10: return .field(.joined, ordered(.day))
        default: return attribute()
        }
    }

    private mutating func attribute() -> SegmentTerm {
        let isKnown = random.oneIn(6)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return .field(.attribute("wqgrade", .number), isKnown ? .isKnown : ordered(.number))
        case 1: return .field(.attribute("wqdue", .day), isKnown ? .isKnown : ordered(.day))
        case 2:
            let test = SegmentTest.isIn([.bool(random.oneIn(2))])
            return .field(.attribute("wqstaff", .bool), isKnown ? .isKnown : test)
        case 3:
            return .field(.attribute("wqsize", .word), isKnown ? .isKnown : oneOf(["zqsmall", "zqlarge"]))
        case 4: return .field(.attribute("wqcity", .text), text())
        default:
            let name = random.pick(SegmentWords.undeclared)
            // What nobody declared has an order by what it is compared with, and is a text else.
            let isDay = random.oneIn(2)
            let test = isDay ? ordered(.day) : ordered(.number)
            switch test {
            case .compared, .between: return .field(.attribute(name, isDay ? .day : .number), test)
            default: return .field(.attribute(name, .text), text())
            }
        }
    }

    private mutating func oneOf(_ words: [String], canBeUnknown: Bool = false) -> SegmentTest {
        if canBeUnknown, random.oneIn(4) { return .isKnown }
        return .isIn(words.shuffled(using: &random).prefix(random.pick([1, 1, 2])).map(SegmentValue.text))
    }

    private mutating func partial(_ parts: [String]) -> SegmentTest {
        let part = random.pick(parts)
        return random.pick([.contains(part), .startsWith(part), .endsWith(part)])
    }

    private mutating func text() -> SegmentTest {
        let known = SegmentWords.names.filter { !$0.isEmpty }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .isKnown
        case 1, 2:
            return partial(["احمد", "أَحْمَد", "الدوسرى", "ZOË", "quixote", "77", "'; DROP", "محمد", "🎉", "%"])
        default:
            return .isIn(
                known.shuffled(using: &random).prefix(random.pick([1, 2, 5])).map(SegmentValue.text)
            )
        }
    }

    private enum Order { case number, day }

    private mutating func value(_ order: Order) -> SegmentValue {
        if order == .number { return .number(random.pick(SegmentWords.numbers)) }
        if random.oneIn(3) { return .day(.daysAgo(random.pick([0, 1, 28, 633]))) }
        let date = CalendarDate(random.pick(SegmentWords.dates))
        return .day(date.map(SegmentDay.date) ?? .daysAgo(0))
    }

    private mutating func ordered(_ order: Order, isTested: Bool = false) -> SegmentTest {
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !isTested:
            var values: [SegmentValue] = []
            for _ in 0..<random.pick([1, 2, 3]) {
                let value = value(order)
                if !values.contains(value) { values.append(value) }
            }
            return .isIn(values)
        case 1: return .between(value(order), value(order))
        default: return .compared(random.pick(SegmentTest.Order.allCases), value(order))
        }
    }
}

extension SegmentExpression {
    /// The words, names and numbers of a query that must not stand in SQL.
    var literals: [String] {
        terms.flatMap { term -> [String] in
            switch term {
            case .bounced, .suppressed: []
            case .received(let bulletin): [bulletin]
            case .subscribed(let topic, let test): [topic].compactMap { $0 } + (test?.literals ?? [])
            case .field(.attribute(let name, _), let test): [name] + test.literals
            // Two letters, and states, which are words of the schema, are told by the parameters.
            case .field(.language, _), .field(.state, _): []
            case .field(_, let test): test.literals
            }
        }
    }
}

extension SegmentTest {
    fileprivate var literals: [String] {
        switch self {
        case .isKnown: []
        case .contains(let text), .startsWith(let text), .endsWith(let text):
            [text, SearchFolding.fold(text)]
        case .isIn(let values): values.flatMap(\.literals)
        case .compared(_, let value): value.literals
        case .between(let low, let high): low.literals + high.literals
        }
    }
}

extension SegmentValue {
    fileprivate var literals: [String] {
        switch self {
        case .text(let text): [text, SearchFolding.fold(text)]
        case .number(let number): [number]
        case .day(.date(let date)):
            [date.description, "\(date.daysSinceEpoch)", "\(date.midnightUTC.rawValue)"]
        case .day(.daysAgo), .bool: []
        }
    }
}
