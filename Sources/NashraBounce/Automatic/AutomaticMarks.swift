// SPDX-License-Identifier: Apache-2.0
//
// What the header of one message says about machines: the rows of the table that its fields and subject meet.
// Pure. Rules: RFC 3834 section 5; Rules/autoreplies.tsv.
import NashraCore
import NashraMIME

/// The marks of machines in one message's header.
struct AutomaticMarks {
    /// The row that makes it an automatic reply by itself, or `nil`.
    private(set) var sure: AutomaticRules.Rule?
    /// Whether ``sure`` holds for mail from a list too.
    var isChallenge: Bool { sure?.weight == .challenge }
    /// A subject that is usual for automatic replies.
    private(set) var likely: AutomaticRules.Rule?
    /// A field that only machines write.
    private(set) var support: AutomaticRules.Rule?
    /// Whether it is another machine's notification.
    private(set) var isNotification = false
    /// Whether a field says that no person wrote it.
    private(set) var isMachine = false
    /// Whether it answers a message: In-Reply-To or References.
    private(set) var isReply = false

    /// Looks at a message's header.
    init(_ examination: Examination, rules: AutomaticRules = .standard) {
        lookAtFields(examination.message.root.header, rules)
        lookAtSubject(examination.header, rules)
    }

    private mutating func lookAtFields(_ header: HeaderFields, _ rules: AutomaticRules) {
        for field in header.fields {
            let name = header.bytes[field.name]
            if ByteSearch.equals("in-reply-to", name) || ByteSearch.equals("references", name) {
                isReply = isReply || !field.value.isEmpty
                continue
            }
            guard name.count < rules.fields.count else { continue }
            for candidate in rules.fields[name.count] where ByteSearch.equals(candidate.field, name) {
                if holds(header, field, candidate.rule.text) { note(candidate.rule) }
            }
        }
    }

    private func holds(_ header: HeaderFields, _ field: HeaderField, _ text: String) -> Bool {
        if text.isEmpty { return true }
        return ByteSearch.contains(text, in: TextFolding.fold(header.bytes[field.value].prefix(512))[...])
    }

    private mutating func lookAtSubject(_ header: HeaderFacts, _ rules: AutomaticRules) {
        let subject = header.subjectFolded
        guard let first = subject.first else { return }
        lookAtStart(of: Array(header.subject.utf8), rules.exactStarts)
        lookAtStart(of: subject, rules.subjectStarts[Int(first)])
        guard sure == nil, likely == nil else { return }
        for rule in rules.subjects where ByteSearch.contains(rule.text, in: subject[...]) { note(rule) }
    }

    private mutating func lookAtStart(of subject: [UInt8], _ rules: [AutomaticRules.Rule]) {
        for rule in rules where ByteSearch.hasPrefix(rule.text, in: subject[...]) {
            let isHeading = rule.text.utf8.last == UInt8(ascii: "]")
            if rule.weight == .sure, !isHeading, !Self.endsHeading(subject[rule.text.utf8.count...]) {
                note(AutomaticRules.Rule(name: rule.name, text: rule.text, weight: .likely))
            } else {
                note(rule)
            }
        }
    }

    /// Whether `rest` shows that the words before it were a heading: nothing, a colon, a dash, a bracket.
    private static func endsHeading(_ rest: ArraySlice<UInt8>) -> Bool {
        let rest = ByteSearch.trimmed(rest)
        guard let first = rest.first else { return true }
        if [":", "-", "|", "[", "("].contains(where: { ByteSearch.hasPrefix($0, in: rest) }) { return true }
        if ["：", "–", "—"].contains(where: { ByteSearch.hasPrefix($0, in: rest) }) { return true }
        return first == UInt8(ascii: "]") || ByteSearch.hasPrefix("re:", in: rest)
    }

    private mutating func note(_ rule: AutomaticRules.Rule) {
        switch rule.weight {
        case .sure, .challenge: if sure == nil || rule.weight == .challenge { sure = rule }
        case .likely: if likely?.weight != .likely { likely = rule }
        case .weak: if likely == nil { likely = rule }
        case .support: support = support ?? rule
        case .notification: isNotification = true
        case .machine: isMachine = true
        case .moved: break
        }
    }
}
