// SPDX-License-Identifier: Apache-2.0
//
// The configuration as one checked value; whoever holds one need not check anything again.
// Pure values. What each key means: config/nashra.yaml and docs/config.md.
public import NashraCore

/// Everything that config/nashra.yaml, the environment and credentials say.
public struct Configuration: Sendable, Hashable {
    /// Who speaks.
    public struct Organisation: Sendable, Hashable {
        /// The name in each language; never empty.
        public var name: [Language: String]
        /// The postal address in each language.
        public var address: [Language: String]
    }

    /// The addresses of the mails.
    public struct Sender: Sendable, Hashable {
        /// The From address.
        public var address: EmailAddress
        /// The From name in each language; never empty.
        public var name: [Language: String]
        /// Where replies go.
        public var replyTo: EmailAddress?
        /// The domain of envelope senders, as A-labels.
        public var envelopeDomain: String
        /// The domain in Message-ID, as A-labels.
        public var messageIDDomain: String
    }

    /// What mail programs are told about the list.
    public struct List: Sendable, Hashable {
        /// The List-Id, without angle brackets.
        public var id: String
        /// The name beside it; never empty.
        public var name: [Language: String]
        /// The people who run it.
        public var owner: EmailAddress?
        /// An https or mailto address with help.
        public var help: String?
    }

    /// How readers leave.
    public struct Unsubscribe: Sendable, Hashable {
        /// An https address that holds `{token}` once.
        public var url: String?
        /// A mail address that holds `{token}` once.
        public var mailbox: String?
    }

    /// How people join by an own yes.
    public struct Subscribe: Sendable, Hashable {
        /// A mail address that holds `{token}` once.
        public var mailbox: String?
        /// An https address that holds `{token}` once.
        public var url: String?
        /// How long a yes is waited for.
        public var lifetime: Duration
        /// Mails to one person in 24 hours, at most.
        public var perDay: Int
        /// Mails to one person in 30 days, at most.
        public var perMonth: Int
        /// Mails to all people in an hour, at most.
        public var perHour: Int
    }

    /// The database.
    public struct Store: Sendable, Hashable {
        /// The file, from the workspace's folder.
        public var path: String
        /// How long to wait for another writer.
        public var busyTimeout: Duration
    }

    /// What the program says about itself.
    public struct Log: Sendable, Hashable {
        /// How much.
        public enum Level: String, Sendable, CaseIterable {
            case trace, debug, info, notice, warning, error, critical
        }
        /// How much.
        public var level: Level
        /// The file, from the workspace's folder; `nil`: the standard error stream.
        public var file: String?
    }

    /// How dates and numbers are written.
    public struct Display: Sendable, Hashable {
        /// Which digits.
        public enum Digits: String, Sendable, CaseIterable { case auto, arab, latn }
        /// The locale of a language; a language that is not there is its own locale.
        public var locale: [Language: String]
        /// The digits of a language; a language that is not there has `auto`.
        public var digits: [Language: Digits]
        /// The languages whose date line also has the Hijri date.
        public var hijri: Set<Language>
        /// The time zone's identifier, which the system knows.
        public var timeZone: String
    }

    /// Who speaks.
    public var organisation: Organisation
    /// The languages, and the order in which a missing variant is replaced; never empty.
    public var languages: [Language]
    /// The addresses of the mails.
    public var sender: Sender
    /// What mail programs are told about the list.
    public var list: List
    /// How readers leave.
    public var unsubscribe: Unsubscribe
    /// How people join by an own yes.
    public var subscribe: Subscribe
    /// The sender in Feedback-ID, 5 to 15 ASCII letters or digits.
    public var feedbackSender: String
    /// The relay; exactly one for now.
    public var relay: RelayConfiguration
    /// How campaigns are sent.
    public var sending: SendingConfiguration
    /// What comes back.
    public var bounces: BouncesConfiguration
    /// How long personal data is kept.
    public var privacy: PrivacyConfiguration
    /// The database.
    public var store: Store
    /// The root key's file, from the workspace's folder.
    public var rootKeyPath: String
    /// What the program says about itself.
    public var log: Log
    /// How dates and numbers are written.
    public var display: Display

    /// Every key with its value and where that came from, in the order of the shipped file; secrets are masked.
    public var entries: [ConfigurationEntry]

    /// The text for a language, or for the first of ``languages`` that has one, or any.
    public func text(_ texts: [Language: String], in language: Language) -> String? {
        ([language] + languages).lazy.compactMap { texts[$0] }.first
            ?? texts.min { $0.key.rawValue < $1.key.rawValue }?.value
    }

    /// The texts of all ``languages`` by tag, each replaced as ``text(_:in:)`` does.
    public func textsByTag(_ texts: [Language: String]) -> [String: String] {
        var result: [String: String] = [:]
        for language in Set(languages).union(texts.keys) {
            result[language.rawValue] = text(texts, in: language)
        }
        return result
    }
}

/// One key with its value and origin, for `config show`.
public struct ConfigurationEntry: Sendable, Hashable {
    /// The key's path, such as `relays.primary.url`.
    public var key: String
    /// The value as the file would hold it; empty when there is none, dots for a secret.
    public var value: String
    /// Where it came from.
    public var origin: ConfigurationOrigin
}

/// Where a value came from.
public enum ConfigurationOrigin: Sendable, Hashable, CustomStringConvertible {
    /// Nobody set it.
    case standard
    /// A place in the configuration file.
    case file(String, line: Int)
    /// An environment variable.
    case environment(String)
    /// A secret's own file: a credential, or what a `…_file` key names.
    case credential(String)

    /// `default`, `config/nashra.yaml:12`, `environment NASHRA_…` or `credential …`.
    public var description: String {
        switch self {
        case .standard: "default"
        case .file(let file, let line): "\(file):\(line)"
        case .environment(let name): "environment \(name)"
        case .credential(let name): "credential \(name)"
        }
    }
}
