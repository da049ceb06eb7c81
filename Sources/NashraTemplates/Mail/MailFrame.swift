// SPDX-License-Identifier: Apache-2.0
//
// What a mail shows around its text: who sends it, what it is, where to report, why somebody gets it.
// Pure values, in one language, not yet escaped.
public import NashraCore

/// What stands around the text of one variant.
public struct MailFrame: Sendable, Hashable {
    /// A place to report to, or to ask.
    public enum Contact: Sendable, Hashable {
        /// A telephone number as people write it.
        case phone(String)
        /// An https address.
        case url(String)
        /// An e-mail address.
        case mail(String)
    }

    /// One line of the report-to block.
    public struct ReportLine: Sendable, Hashable {
        /// What it is for, or where it counts.
        public var label: String
        /// Where to turn to.
        public var contact: Contact
        /// Makes a line.
        public init(label: String, contact: Contact) {
            self.label = label
            self.contact = contact
        }
    }

    /// A source to read on.
    public struct Reference: Sendable, Hashable {
        /// Its title.
        public var title: String
        /// Its https address.
        public var url: String
        /// Makes a reference.
        public init(title: String, url: String) {
            self.title = title
            self.url = url
        }
    }

    /// The organisation's name.
    public var organisation: String
    /// The department that issues the bulletin.
    public var department: String?
    /// The organisation's postal address, one line.
    public var address: String?
    /// The e-mail address for questions.
    public var contact: String?
    /// The bulletin's number.
    public var number: String
    /// The kind of bulletin, in words.
    public var kind: String
    /// How serious it is, in words.
    public var severity: String?
    /// The marking as it must stand in every language, such as `TLP:AMBER`.
    public var tlp: String?
    /// What the marking means, in words.
    public var tlpMeaning: String?
    /// A national classification, in words.
    public var classification: String?
    /// The day of issue, in words.
    public var date: String
    /// Until when it holds, a sentence.
    public var validUntil: String?
    /// Which bulletin it replaces, a sentence.
    public var replaces: String?
    /// Where to report.
    public var report: [ReportLine] = []
    /// Where to read on.
    public var references: [Reference] = []
    /// Whether the reader may unsubscribe; if so, the composer gives `unsubscribe_url`.
    public var mayUnsubscribe = true

    /// Makes a frame of what no mail is without.
    public init(organisation: String, number: String, kind: String, date: String) {
        self.organisation = organisation
        self.number = number
        self.kind = kind
        self.date = date
    }
}

/// The fixed words of mails in one language.
public struct LocaleStrings: Sendable, Hashable {
    /// The language.
    public var language: Language
    /// The words by key.
    public var strings: [String: String]

    /// The keys that layouts and the text part use; every locale has all of them.
    public static let required: Set<String> = Set(
        [
            "number", "valid_until", "replaces", "report_heading", "references_heading", "why_subscribed",
            "why_mandatory", "unsubscribe", "questions", "severity", "date_both",
        ]
            + ["awareness", "alert", "advisory", "correction", "service", "exercise", "notice"].map {
                "kind_" + $0
            }
            + ["info", "low", "medium", "high", "critical"].map { "severity_" + $0 }
            + ["red", "amber", "amber_strict", "green", "clear"].map { "tlp_" + $0 }
    )

    /// Takes words.
    public init(language: Language, strings: [String: String]) {
        self.language = language
        self.strings = strings
    }

    /// The words for a key, with `{placeholders}` filled; the key itself when there are none.
    public func text(_ key: String, _ values: [String: String] = [:]) -> String {
        var text = strings[key] ?? key
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            text = text.split(separator: "{\(name)}", omittingEmptySubsequences: false).joined(
                separator: value
            )
        }
        return text
    }
}
