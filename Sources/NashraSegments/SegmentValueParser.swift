// SPDX-License-Identifier: Apache-2.0
//
// Values of a query, read as their field's type and brought into one form.
// Pure. Forms: docs/segments.md, "Values".
import NashraCore

extension SegmentParser {
    /// Reads one value of a field.
    ///
    /// - Parameters:
    ///   - field: Whose.
    ///   - isOrdered: It is compared by order: then an attribute that nobody declared takes numbers and days.
    /// - Returns: The value in its one form.
    /// - Throws: What is wrong with it.
    mutating func value(_ field: SegmentField, isOrdered: Bool = false) throws(SegmentFault) -> SegmentValue {
        if isOrdered, field.kind == .text { return try orderedValue(field) }
        if field.kind == .day { return .day(try day(field)) }
        let place = token.range
        let text = try valueText()
        switch field {
        case .language: return .text(try language(text, place))
        case .state: return .text(try state(text, place))
        case .address: return .text(try address(text, place))
        case .domain: return .text(try domain(text, place))
        case .name, .joined: return .text(try folded(text, field, place))
        case .attribute(let name, let kind):
            switch kind {
            case .text: return .text(try folded(text, field, place))
            case .bool: return .bool(try canonical(text, name, place) == "true")
            // In a query a point is always the decimal mark, whatever files use.
            case .number:
                if let number = Self.number(text) { return .number(number) }
                return .number(try canonical(text, name, place))
            case .word, .day: return .text(try canonical(text, name, place))
            }
        }
    }

    private func folded(_ text: String, _ field: SegmentField, _ place: Range<Int>) throws(SegmentFault)
        -> String
    {
        guard !SearchFolding.fold(text).isEmpty else {
            throw fault(
                "an empty text cannot be compared",
                at: place,
                remedy: "Write \(field.name) is empty."
            )
        }
        return text
    }

    private func canonical(_ text: String, _ name: String, _ place: Range<Int>) throws(SegmentFault) -> String
    {
        do {
            let value = try vocabulary.schema.canonical(text, for: name)
            guard !value.isEmpty else {
                throw fault(
                    "an empty text cannot be compared",
                    at: place,
                    remedy: "Write attr.\(name) is empty."
                )
            }
            return value
        } catch let error as AttributeFault {
            throw fault("the value of \(name) \(error.reason)", at: place, remedy: possibleWords(text, name))
        } catch let error as SegmentFault {
            throw error
        } catch {
            throw fault("the value of \(name) cannot be read", at: place)
        }
    }

    private func possibleWords(_ text: String, _ name: String) -> String {
        guard case .enumeration(let words)? = vocabulary.schema.attribute(name)?.kind else { return "" }
        return Self.remedy(text, words)
    }

    private func language(_ text: String, _ place: Range<Int>) throws(SegmentFault) -> String {
        if let language = Language(rawValue: text) { return language.rawValue }
        throw fault("this is no language tag", at: place, remedy: "Write a tag such as ar, en or fr.")
    }

    /// Who was erased is in no segment, so that state cannot be asked for.
    private func state(_ text: String, _ place: Range<Int>) throws(SegmentFault) -> String {
        let states = ["pending", "active", "unsubscribed"]
        if states.contains(text.lowercased()) { return text.lowercased() }
        throw fault("this is no state", at: place, remedy: Self.remedy(text, states))
    }

    private func address(_ text: String, _ place: Range<Int>) throws(SegmentFault) -> String {
        do throws(AddressFault) {
            let key = try EmailAddress.parse(text).key
            // Folding can lengthen a local part beyond what may be written.
            return try EmailAddress.parse(key).key
        } catch {
            throw fault(
                "this is no address: \(error)",
                at: place,
                remedy: "For a part of one: address contains, domain = example.org."
            )
        }
    }

    private func domain(_ text: String, _ place: Range<Int>) throws(SegmentFault) -> String {
        do throws(AddressFault) {
            return try DomainName.aLabels(Array(text.utf8))
        } catch {
            throw fault(
                "this is no domain: \(error)",
                at: place,
                remedy: "For a part of one: domain ends with .example, domain contains ministry."
            )
        }
    }

    // MARK: Order

    /// A number or a day, whichever the text is.
    private mutating func orderedValue(_ field: SegmentField) throws(SegmentFault) -> SegmentValue {
        if let day = try dayIfAny() { return .day(day) }
        let place = token.range
        let text = try valueText()
        if let number = Self.number(text) { return .number(number) }
        throw fault(
            "\(field.name) is not declared, so only numbers and days have an order in it",
            at: place,
            remedy:
                "Write a number such as 5 or a day such as 2026-01-31, or declare it in config/attributes.yaml."
        )
    }

    /// The canonical form of a number, or `nil`.
    static func number(_ text: String) -> String? {
        let schema = AttributeSchema([
            AttributeSchema.Attribute(name: "n", kind: .number, decimalMark: .point)
        ])
        guard let number = try? schema.canonical(text, for: "n"), !number.isEmpty else { return nil }
        return number
    }

    private mutating func day(_ field: SegmentField) throws(SegmentFault) -> SegmentDay {
        if let day = try dayIfAny() { return day }
        let place = token.range
        let text = try valueText()
        if case .attribute(let name, _) = field, vocabulary.schema.attribute(name) != nil,
            let day = CalendarDate(try canonical(text, name, place))
        {
            return .date(day)
        }
        throw fault(
            "this is no day",
            at: place,
            remedy: "Write a day such as 2026-01-31, today, or 30 days ago."
        )
    }

    /// A day in the forms of the language; takes nothing when none stands here.
    private mutating func dayIfAny() throws(SegmentFault) -> SegmentDay? {
        let word: String
        switch token.content {
        case .word(let text), .quoted(let text): word = text
        default: return nil
        }
        if let date = CalendarDate(word) {
            advance()
            return .date(date)
        }
        if token.keyword == "today" {
            advance()
            return .daysAgo(0)
        }
        guard case .word = token.content, ["day", "days"].contains(token(after: 1).keyword ?? ""),
            token(after: 2).keyword == "ago"
        else { return nil }
        guard let number = Self.number(word), let count = Int(number), (0...36_500).contains(count) else {
            throw fault("the number of days must be a whole number from 0 to 36500")
        }
        advance()
        advance()
        advance()
        return .daysAgo(count)
    }
}
