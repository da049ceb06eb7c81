// SPDX-License-Identifier: Apache-2.0
//
// What bulletin.yaml says about a bulletin, read and checked.
// Pure values. The keys are documented in docs/lint.md; words and marks are those of DESIGN, "Bulletins".
public import NashraCore

/// What sort of bulletin it is.
public enum BulletinKind: String, Sendable, Hashable, CaseIterable {
    case awareness, alert, advisory, correction, service, exercise, notice
}

/// What it is about.
public enum BulletinCategory: String, Sendable, Hashable, CaseIterable {
    case phishing, fraud, malware, ransomware, traffic, weather, fire, health, crowd, hajj, drugs, border,
        residency
    case rumour, vulnerability, insider, travel, seasonal, other
    case identityTheft = "identity-theft"
    case socialMedia = "social-media"
    case childSafety = "child-safety"
    case civilDefense = "civil-defense"
    case eServices = "e-services"
    case dataProtection = "data-protection"
}

/// How serious it is.
public enum BulletinSeverity: String, Sendable, Hashable, CaseIterable {
    case info, low, medium, high, critical
}

/// Who may read it, by the Traffic Light Protocol 2.0; the raw value stands unchanged in every language.
public enum TrafficLight: String, Sendable, Hashable, CaseIterable {
    case red = "RED"
    case amber = "AMBER"
    case amberStrict = "AMBER+STRICT"
    case green = "GREEN"
    case clear = "CLEAR"
}

/// Who goes first.
public enum Lane: String, Sendable, Hashable, CaseIterable { case urgent, normal, digest }

/// What bulletin.yaml says.
public struct BulletinMetadata: Sendable, Hashable {
    /// One line of the report-to block.
    public struct ReportLine: Sendable, Hashable {
        /// What it is for.
        public var label: [Language: String]
        /// A telephone number as people write it.
        public var phone: String?
        /// An https address.
        public var url: String?
        /// An e-mail address.
        public var mail: String?
        /// The line in the file.
        public var line: Int?
    }

    /// A source to read on.
    public struct Reference: Sendable, Hashable {
        /// Its title.
        public var title: [Language: String]
        /// Its https address.
        public var url: String
        /// The line in the file.
        public var line: Int?
    }

    /// The number, unique in the workspace.
    public var number: String
    /// What sort it is.
    public var kind: BulletinKind
    /// What it is about.
    public var category: BulletinCategory?
    /// How serious it is.
    public var severity: BulletinSeverity?
    /// Who may read it.
    public var tlp: TrafficLight?
    /// A national classification, in words by language.
    public var classification: [Language: String]
    /// Who goes first.
    public var lane: Lane
    /// The topics it is meant for.
    public var topics: [String]
    /// The department that issues it.
    public var department: [Language: String]
    /// The address for questions.
    public var contact: String?
    /// The day of issue.
    public var date: CalendarDate
    /// Days to add to the computed Hijri date, -2...2: where the moon is sighted, the calendar is only a
    /// forecast.
    public var hijriAdjustmentInDays: Int
    /// The last day of validity.
    public var expires: CalendarDate?
    /// The number of the bulletin that it replaces.
    public var supersedes: String?
    /// The domains that links may lead to, or below.
    public var allowedDomains: [String]
    /// Where to report.
    public var report: [ReportLine]
    /// Where to read on.
    public var references: [Reference]
    /// The layout's name.
    public var layout: String
    /// Lines of keys that later checks speak of.
    var lines: [String: Int]
}
