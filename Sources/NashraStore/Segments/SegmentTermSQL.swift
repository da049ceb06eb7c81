// SPDX-License-Identifier: Apache-2.0
//
// One term as a condition of SQL.
// Builds text and values only. Which values compare how: docs/segments.md, "Fields".
import GRDB
import NashraCore
import NashraSegments

extension SegmentWriter {
    mutating func condition(_ term: SegmentTerm) -> String {
        switch term {
        case .field(let field, let test): return condition(field, test)
        case .subscribed(let topic, let test): return subscribed(topic, test)
        case .received(let bulletin): return received(bulletin)
        case .bounced:
            return """
                s.id IN (SELECT d.subscriber_id FROM bounce b CROSS JOIN delivery d ON d.id = b.delivery_id
                         WHERE b.event = 'hard' AND d.subscriber_id IS NOT NULL)
                """
        case .suppressed:
            return """
                EXISTS (SELECT 1 FROM suppression x WHERE x.address_key = s.address_key AND x.topic_id = 0
                        AND (+x.expires_at_ms IS NULL OR +x.expires_at_ms > \(bind(now.rawValue))))
                """
        }
    }

    /// A topic is never deleted; of one that is not there nobody is a subscriber.
    private mutating func subscribed(_ topic: String?, _ test: SegmentTest?) -> String {
        var conditions = ["u.subscriber_id = s.id"]
        if let topic {
            conditions.append("u.topic_id = (SELECT t.id FROM topic t WHERE t.name = \(bind(topic)))")
        }
        conditions += ["u.ended_at_ms IS NULL", "u.is_pending = 0"]
        if let test { conditions.append("(\(moments("u.consent_at_ms", test)))") }
        return "EXISTS (SELECT 1 FROM subscription u WHERE \(conditions.joined(separator: " AND ")))"
    }

    /// CROSS JOIN fixes the order: the few campaigns of the bulletin, and in each one look at a key.
    private mutating func received(_ bulletin: String) -> String {
        """
        EXISTS (SELECT 1 FROM bulletin b CROSS JOIN campaign c ON c.bulletin_id = b.id
                CROSS JOIN delivery d ON d.campaign_id = c.id AND d.address_key = s.address_key
                WHERE b.number = \(bind(bulletin)) AND +d.state = 'accepted')
        """
    }

    // MARK: Fields

    private mutating func condition(_ field: SegmentField, _ test: SegmentTest) -> String {
        switch field {
        case .language: return words("s.language", test)
        case .state: return words("s.state", test)
        case .domain: return test.isPartial ? texts("s.domain", test) : words("s.domain", test)
        case .address: return test.isPartial ? texts("s.address", test) : words("s.address_key", test)
        case .name: return texts("s.name", test)
        case .joined: return moments("s.created_at_ms", test)
        case .attribute(let name, let kind): return attribute(name, kind, test)
        }
    }

    private mutating func attribute(_ name: String, _ kind: SegmentKind, _ test: SegmentTest) -> String {
        let name = bind(name)
        if test == .isKnown { return "nashra_attr(s.attributes, \(name)) IS NOT NULL" }
        switch kind {
        case .text where test.isPartial: return texts("nashra_attr(s.attributes, \(name))", test)
        case .text:
            return equals("nashra_attr_fold(s.attributes, \(name))", test) { SearchFolding.fold($0.words) }
        case .bool, .word: return words("nashra_attr(s.attributes, \(name))", test)
        case .number:
            return ordered("nashra_attr_number(s.attributes, \(name))", test) { value, _ in
                if case .number(let text) = value { Double(text) } else { nil }
            }
        case .day:
            return ordered("nashra_attr_day(s.attributes, \(name))", test) { value, days in
                if case .day(let day) = value { days.number(day) } else { nil }
            }
        }
    }

    /// Words compared as they are.
    private mutating func words(_ column: String, _ test: SegmentTest) -> String {
        test == .isKnown ? "\(column) <> ''" : equals(column, test) { $0.words }
    }

    /// Texts, folded.
    private mutating func texts(_ column: String, _ test: SegmentTest) -> String {
        switch test {
        case .contains(let part): "nashra_holds(\(column), \(bind(SearchFolding.fold(part))), 0)"
        case .startsWith(let part): "nashra_holds(\(column), \(bind(SearchFolding.fold(part))), 1)"
        case .endsWith(let part): "nashra_holds(\(column), \(bind(SearchFolding.fold(part))), 2)"
        case .isKnown: "\(column) <> ''"
        case .isIn, .compared, .between:
            equals("nashra_fold(\(column))", test) { SearchFolding.fold($0.words) }
        }
    }

    private mutating func equals(
        _ column: String,
        _ test: SegmentTest,
        _ text: (SegmentValue) -> String
    ) -> String {
        guard case .isIn(let values) = test else { return "0" }
        let bound = bind(values.map(text))
        return values.count == 1 ? "\(column) = \(bound)" : "\(column) IN (\(bound))"
    }

    /// Numbers and days by their order.
    private mutating func ordered<Value: DatabaseValueConvertible>(
        _ column: String,
        _ test: SegmentTest,
        _ read: (SegmentValue, SegmentDays) -> Value?
    ) -> String {
        switch test {
        case .isIn(let values):
            let bound = bind(values.map { read($0, days) })
            return values.count == 1 ? "\(column) = \(bound)" : "\(column) IN (\(bound))"
        case .compared(let order, let value): return "\(column) \(order.rawValue) \(bind(read(value, days)))"
        case .between(let low, let high):
            return "\(column) BETWEEN \(bind(read(low, days))) AND \(bind(read(high, days)))"
        case .contains, .startsWith, .endsWith, .isKnown: return "0"
        }
    }

    /// Moments by the day that they lie in.
    private mutating func moments(_ column: String, _ test: SegmentTest) -> String {
        switch test {
        case .isIn(let values):
            return values.map { "(\(span(column, from: $0, to: $0)))" }.joined(separator: " OR ")
        case .between(let low, let high): return span(column, from: low, to: high)
        case .compared(let order, let value):
            switch order {
            case .less: return "\(column) < \(bind(start(value)))"
            case .atMost: return "\(column) < \(bind(start(value, after: 1)))"
            case .greater: return "\(column) >= \(bind(start(value, after: 1)))"
            case .atLeast: return "\(column) >= \(bind(start(value)))"
            }
        case .contains, .startsWith, .endsWith, .isKnown: return "0"
        }
    }

    private mutating func span(_ column: String, from low: SegmentValue, to high: SegmentValue) -> String {
        "\(column) >= \(bind(start(low))) AND \(column) < \(bind(start(high, after: 1)))"
    }

    /// When the day of a value begins, or the one after it.
    private func start(_ value: SegmentValue, after count: Int = 0) -> Int64? {
        if case .day(let day) = value { days.start(of: days.number(day) + count) } else { nil }
    }
}

extension SegmentTest {
    fileprivate var isPartial: Bool {
        switch self {
        case .contains, .startsWith, .endsWith: true
        case .isIn, .compared, .between, .isKnown: false
        }
    }
}

extension SegmentValue {
    /// A word as the store has it.
    fileprivate var words: String {
        switch self {
        case .text(let text), .number(let text): text
        case .bool(let bool): bool ? "true" : "false"
        case .day: ""
        }
    }
}
