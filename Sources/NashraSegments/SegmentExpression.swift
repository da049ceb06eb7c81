// SPDX-License-Identifier: Apache-2.0
//
// A question about people in the register, as a value: terms joined by and, or and not.
// Pure values. The language: docs/segments.md; its rules: docs/decisions/0009-segments.md.
public import NashraCore

/// A question that is true or false of each person, never unknown.
///
/// Made by ``SegmentParser`` or by ``all(of:)``, ``any(of:)`` and ``negation(of:)``, which keep one normal form: no
/// group in a group of its own kind, no group of one, no double negation. ``text`` is its canonical form.
public indirect enum SegmentExpression: Hashable, Sendable {
    /// One term.
    case term(SegmentTerm)
    /// Whoever the other is not true of; also those of whom nothing is known.
    case not(SegmentExpression)
    /// All of them, two at least.
    case all([SegmentExpression])
    /// One of them at least, of two or more.
    case any([SegmentExpression])

    /// All of `parts`, which must not be empty.
    public static func all(of parts: [SegmentExpression]) -> SegmentExpression {
        let flat = parts.flatMap { part in if case .all(let inner) = part { inner } else { [part] } }
        return flat.count == 1 ? flat[0] : .all(flat)
    }

    /// One of `parts`, which must not be empty.
    public static func any(of parts: [SegmentExpression]) -> SegmentExpression {
        let flat = parts.flatMap { part in if case .any(let inner) = part { inner } else { [part] } }
        return flat.count == 1 ? flat[0] : .any(flat)
    }

    /// Whoever `part` is not true of.
    public static func negation(of part: SegmentExpression) -> SegmentExpression {
        if case .not(let inner) = part { inner } else { .not(part) }
    }

    /// Its terms, from left to right; one that stands twice is there twice.
    public var terms: [SegmentTerm] {
        switch self {
        case .term(let term): [term]
        case .not(let inner): inner.terms
        case .all(let parts), .any(let parts): parts.flatMap(\.terms)
        }
    }
}

/// One thing that is asked of a person.
public enum SegmentTerm: Hashable, Sendable {
    /// A value of the person.
    case field(SegmentField, SegmentTest)
    /// Whether the person is subscribed now, and confirmed: to one topic, or to any when it is `nil`; with a test, joined
    /// on such a day.
    case subscribed(topic: String?, joined: SegmentTest?)
    /// Whether a relay took a message of this bulletin for the person.
    case received(bulletin: String)
    /// Whether a message to the person came back or was refused for good.
    case bounced
    /// Whether the person's address is suppressed everywhere.
    case suppressed
}

/// A value of a person.
public enum SegmentField: Hashable, Sendable {
    case language, name, address, domain, state
    /// The day on which the person came into the register.
    case joined
    /// An attribute, and what its values are compared as.
    case attribute(String, SegmentKind)

    /// The fields that every person has.
    public static let builtIn: [SegmentField] = [.language, .name, .address, .domain, .state, .joined]

    /// Its name in a query.
    public var name: String {
        switch self {
        case .language: "language"
        case .name: "name"
        case .address: "address"
        case .domain: "domain"
        case .state: "state"
        case .joined: "joined"
        case .attribute(let name, _): "attr.\(name)"
        }
    }

    /// What its values are compared as.
    public var kind: SegmentKind {
        switch self {
        case .language, .state: .word
        case .name, .address, .domain: .text
        case .joined: .day
        case .attribute(_, let kind): kind
        }
    }

    /// Whether every person has it.
    var isAlwaysKnown: Bool {
        switch self {
        case .address, .domain, .state, .joined: true
        case .language, .name, .attribute: false
        }
    }
}

/// What values are compared as.
public enum SegmentKind: String, Hashable, Sendable, CaseIterable {
    /// Texts, folded: see `SearchFolding`.
    case text
    case number, day
    /// `true` or `false`.
    case bool
    /// One of some words, compared as it is.
    case word
}

/// How a value is compared.
public enum SegmentTest: Hashable, Sendable {
    /// Which of two comes first.
    public enum Order: String, Hashable, Sendable, CaseIterable {
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    /// One of some values; one at least.
    case isIn([SegmentValue])
    case compared(Order, SegmentValue)
    /// From the first to the second, with both.
    case between(SegmentValue, SegmentValue)
    case contains(String)
    case startsWith(String)
    case endsWith(String)
    /// There is a value that is not empty.
    case isKnown
}

/// A value in a query, of the kind that it is compared with.
public enum SegmentValue: Hashable, Sendable {
    /// A text or a word.
    case text(String)
    /// A decimal number in canonical form: ASCII digits, at most 15, no grouping, no exponent.
    case number(String)
    case day(SegmentDay)
    case bool(Bool)
}

/// A day, in the workspace's time zone.
public enum SegmentDay: Hashable, Sendable {
    case date(CalendarDate)
    /// So many days before the day on which somebody asks; 0 is that day. 0...36,500.
    case daysAgo(Int)
}
