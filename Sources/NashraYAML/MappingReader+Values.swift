// SPDX-License-Identifier: Apache-2.0
//
// The kinds of values that files hold, each read from text and reported when it is of another form.
// Forms: ScalarText.
public import NashraCore

extension MappingReader {
    /// A text.
    public func string(_ key: String, required: Bool = false) -> String? {
        scalar(key, required: required)
    }

    /// A list of texts, none of them empty; one text alone counts as a list of one.
    public func strings(_ key: String, required: Bool = false) -> [String]? {
        guard let node = node(key, required: required) else { return nil }
        if let items = node.items {
            return items.enumerated().compactMap { index, item in
                if let text = item.text, !text.isEmpty { return text }
                reader.report(
                    "item \(index + 1) of “\(path(of: key))” is \(item.isEmpty ? "empty" : item.kind), not a text",
                    at: item.mark
                )
                return nil
            }
        }
        return text(of: node, key).map { [$0] }
    }

    /// `true` or `yes`, `false` or `no`.
    public func bool(_ key: String, required: Bool = false) -> Bool? {
        value(key, required, form: "true or false", ScalarText.bool)
    }

    /// A whole number within `range`.
    public func integer(
        _ key: String,
        in range: ClosedRange<Int>,
        required: Bool = false
    ) -> Int? {
        value(key, required, form: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            ScalarText.integer(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A duration with its unit, within `range`.
    public func duration(
        _ key: String,
        in range: ClosedRange<Duration>,
        required: Bool = false
    ) -> Duration? {
        let bounds = "\(ScalarText.text(range.lowerBound)) to \(ScalarText.text(range.upperBound))"
        return value(key, required, form: "a duration such as 250ms, 30s, 5m, 6h or 5d, from \(bounds)") {
            text in
            ScalarText.duration(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A day, `YYYY-MM-DD`.
    public func date(_ key: String, required: Bool = false) -> CalendarDate? {
        value(key, required, form: "a day such as 2026-03-01") { CalendarDate($0) }
    }

    /// A moment with its offset; a day alone counts as its beginning at longitude zero.
    public func timestamp(_ key: String, required: Bool = false) -> Timestamp? {
        value(key, required, form: "a moment such as 2026-03-01T09:00:00+03:00") { text in
            ScalarText.timestamp(text) ?? CalendarDate(text)?.midnightUTC
        }
    }

    /// One of the words of an enumeration.
    public func oneOf<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        _ type: Word.Type,
        required: Bool = false
    ) -> Word? where Word.RawValue == String {
        oneOf(key, Word.allCases.map(\.rawValue), required: required).flatMap(Word.init(rawValue:))
    }

    /// One of some words.
    public func oneOf(_ key: String, _ words: [String], required: Bool = false) -> String? {
        guard let text = scalar(key, required: required) else { return nil }
        if words.contains(text) { return text }
        let near = Suggestion.nearest(to: text, among: words)
        fault(
            key,
            "is “\(text)”, not one of: \(words.joined(separator: ", "))",
            remedy: near.map { "Did you mean “\($0)”?" } ?? ""
        )
        return nil
    }

    /// An e-mail address.
    public func address(_ key: String, required: Bool = false) -> EmailAddress? {
        guard let text = scalar(key, required: required) else { return nil }
        do throws(AddressFault) {
            return try EmailAddress.parse(text)
        } catch {
            fault(key, "is no e-mail address: \(error)")
            return nil
        }
    }

    /// A language tag such as `ar`.
    public func language(_ key: String, required: Bool = false) -> Language? {
        value(key, required, form: "a language tag of two or three small letters, such as ar") { text in
            Language(rawValue: text).flatMap { $0.rawValue == text ? $0 : nil }
        }
    }

    /// Texts by language, `{ar: …, en: …}`; empty when there are none.
    public func localized(_ key: String, required: Bool = false) -> [Language: String] {
        var texts: [Language: String] = [:]
        for entry in table(key, required: required) {
            guard let language = Language(rawValue: entry.key), language.rawValue == entry.key else {
                reader.report(
                    "“\(entry.key)” under “\(path(of: key))” is no language tag",
                    at: entry.keyMark,
                    remedy: "Use tags such as ar, en or fr."
                )
                continue
            }
            guard !entry.value.isEmpty else { continue }
            if let text = text(of: entry.value, "\(key).\(entry.key)") { texts[language] = text }
        }
        return texts
    }

    /// Reads a text and turns it into something else.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - required: Whether its absence is a fault.
    ///   - form: What it should have been, to complete "is “x”, not …".
    ///   - read: Gives `nil` for a text of another form.
    /// - Returns: What `read` gave.
    public func value<Value>(
        _ key: String,
        _ required: Bool = false,
        form: String,
        _ read: (String) -> Value?
    ) -> Value? {
        guard let text = scalar(key, required: required) else { return nil }
        if let value = read(text) { return value }
        fault(key, "is “\(text)”, not \(form)")
        return nil
    }

    private func scalar(_ key: String, required: Bool) -> String? {
        node(key, required: required).flatMap { text(of: $0, key) }
    }

    private func text(of node: YAMLNode, _ key: String) -> String? {
        if let text = node.text { return text }
        reader.report(
            "“\(path(of: key))” is \(node.kind), not a text",
            at: node.mark,
            remedy: "Put text that begins with [, { or - in quotes."
        )
        return nil
    }
}
