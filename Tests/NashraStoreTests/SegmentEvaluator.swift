// SPDX-License-Identifier: Apache-2.0
//
// What a query means, said a second time without SQL: it is held against what the store answers.
// Shares with the compiler only the folding of texts, which has tests of its own.
import Foundation
import NashraCore
import NashraSegments

/// Answers a question about one person.
struct SegmentEvaluator {
    let now: Timestamp
    let timeZone: TimeZone

    func matches(_ expression: SegmentExpression, _ person: SegmentPerson) -> Bool {
        switch expression {
        case .term(let term): holds(term, person)
        case .not(let inner): !matches(inner, person)
        case .all(let parts): parts.allSatisfy { matches($0, person) }
        case .any(let parts): parts.contains { matches($0, person) }
        }
    }

    private func holds(_ term: SegmentTerm, _ person: SegmentPerson) -> Bool {
        switch term {
        case .bounced: person.isBounced
        case .suppressed: person.isSuppressed
        case .received(let bulletin): person.received.contains(bulletin)
        case .subscribed(let topic, let test):
            person.memberships.contains { name, membership in
                membership.isCurrent && (topic == nil || topic == name)
                    && (test.map { day(of: membership.joined, passes: $0) } ?? true)
            }
        case .field(let field, let test): holds(field, test, person)
        }
    }

    private func holds(_ field: SegmentField, _ test: SegmentTest, _ person: SegmentPerson) -> Bool {
        switch field {
        case .language: word(person.language, test)
        case .state: word(person.state, test)
        case .address: isPartial(test) ? text(person.address, test) : word(person.address, test)
        case .domain: isPartial(test) ? text(person.domain, test) : word(person.domain, test)
        case .name: text(person.name, test)
        case .joined: day(of: person.joined, passes: test)
        case .attribute(let name, let kind): attribute(person.attributes[name], kind, test)
        }
    }

    private func attribute(_ value: String?, _ kind: SegmentKind, _ test: SegmentTest) -> Bool {
        guard let value, !value.isEmpty else { return false }
        if test == .isKnown { return true }
        switch kind {
        case .text: return text(value, test)
        case .word, .bool: return word(value, test)
        case .number:
            let digits = value.filter { ("0"..."9").contains($0) }.count
            guard value.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?/) != nil, digits <= 15,
                let number = Decimal(string: value, locale: Locale(identifier: "en"))
            else { return false }
            return passes(number, test) { wanted in
                if case .number(let text) = wanted {
                    Decimal(string: text, locale: Locale(identifier: "en"))
                } else {
                    nil
                }
            }
        case .day:
            guard let date = CalendarDate(value) else { return false }
            return passes(date, test, self.date)
        }
    }

    private func isPartial(_ test: SegmentTest) -> Bool {
        switch test {
        case .contains, .startsWith, .endsWith: true
        default: false
        }
    }

    private func word(_ value: String?, _ test: SegmentTest) -> Bool {
        guard let value, !value.isEmpty else { return false }
        guard case .isIn(let values) = test else { return test == .isKnown }
        return values.contains { wanted in
            switch wanted {
            case .text(let text): Array(text.utf8) == Array(value.utf8)
            case .bool(let bool): value == "\(bool)"
            default: false
            }
        }
    }

    private func text(_ value: String?, _ test: SegmentTest) -> Bool {
        guard let value, !value.isEmpty else { return false }
        let folded = Array(SearchFolding.fold(value).utf8)
        func part(_ text: String) -> [UInt8] { Array(SearchFolding.fold(text).utf8) }
        switch test {
        case .isIn(let values):
            return values.contains {
                if case .text(let wanted) = $0 { part(wanted) == folded } else { false }
            }
        case .contains(let text):
            let wanted = part(text)
            return folded.indices.contains { folded[$0...].starts(with: wanted) }
        case .startsWith(let text): return folded.starts(with: part(text))
        case .endsWith(let text): return folded.reversed().starts(with: part(text).reversed())
        case .isKnown: return true
        case .compared, .between: return false
        }
    }

    // MARK: Days

    private func day(of moment: Timestamp, passes test: SegmentTest) -> Bool {
        passes(date(of: moment), test, date)
    }

    private func date(_ value: SegmentValue) -> CalendarDate? {
        guard case .day(let day) = value else { return nil }
        switch day {
        case .date(let date): return date
        case .daysAgo(let count):
            return date(of: Timestamp(rawValue: noon(date(of: now)) - Int64(count) * 86_400_000), in: .gmt)
        }
    }

    private func noon(_ date: CalendarDate) -> Int64 { date.midnightUTC.rawValue + 43_200_000 }

    private func date(of moment: Timestamp, in zone: TimeZone? = nil) -> CalendarDate {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone ?? timeZone
        let parts = calendar.dateComponents(
            [.year, .month, .day],
            from: Date(timeIntervalSince1970: Double(moment.rawValue) / 1_000)
        )
        guard
            let date = CalendarDate(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
        else { preconditionFailure("\(moment) has no date") }
        return date
    }

    private func passes<Value: Comparable>(
        _ value: Value,
        _ test: SegmentTest,
        _ read: (SegmentValue) -> Value?
    ) -> Bool {
        switch test {
        case .isIn(let values): return values.contains { read($0) == value }
        case .compared(let order, let wanted):
            guard let wanted = read(wanted) else { return false }
            return switch order {
            case .less: value < wanted
            case .atMost: value <= wanted
            case .greater: value > wanted
            case .atLeast: value >= wanted
            }
        case .between(let low, let high):
            guard let low = read(low), let high = read(high) else { return false }
            return low <= value && value <= high
        case .isKnown: return true
        case .contains, .startsWith, .endsWith: return false
        }
    }
}
