// SPDX-License-Identifier: Apache-2.0
//
// One key of nashra.yaml: its path, the form of its value, its default, and what people must know about it.
// Pure values. The table of all keys is the one source: the reader, the shipped file and docs/config.md follow it.

/// One key of the configuration.
package struct ConfigurationKey: Sendable {
    /// The form of a value.
    package enum Shape: Sendable, Hashable {
        /// One text.
        case text
        /// A list of texts; in the environment separated by commas.
        case list
        /// One text per language.
        case localized
        /// A text that may not stand in the file, only in the environment or in a credential.
        case secret
    }

    /// What counts when the key has no value.
    package enum Default: Sendable, Hashable {
        /// A fault.
        case required
        /// Nothing; the words say what that means.
        case none(String)
        /// A value, as the file would hold it; a list is separated by commas.
        case value(String)
        /// Something that follows from other keys; the words say what.
        case derived(String)
    }

    /// The path; `*` stands for the name of a relay.
    package let path: String
    /// The form of the value.
    package let shape: Shape
    /// What counts when there is none.
    package let standard: Default
    /// Meaning and danger, in sentences.
    package let comment: String

    init(_ path: String, _ shape: Shape = .text, _ standard: Default, _ comment: String) {
        self.path = path
        self.shape = shape
        self.standard = standard
        self.comment = comment
    }

    /// The line about the default, as it stands in the shipped file.
    package var defaultLine: String {
        switch standard {
        case .required: "Required."
        case .none(let words): "Default: none (\(words))."
        case .value(let text): "Default: \(shape == .list ? "[\(text)]" : text)"
        case .derived(let words): "Default: \(words)."
        }
    }

    /// The path for the relay of a name.
    package func path(relay: String) -> String {
        path.split(separator: ".").map { $0 == "*" ? relay : String($0) }.joined(separator: ".")
    }

    /// The environment variable for a path.
    package static func variable(_ path: String) -> String {
        "NASHRA_"
            + path.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    }
}

/// The table of all keys, in the order of the shipped file.
package enum ConfigurationKeys {
    /// All keys.
    package static let all: [ConfigurationKey] = identity + subscribe + delivery + bounces + privacy + machine

    /// What stands above the first key of a section, by the section's path.
    package static let sections: [String: String] = [
        "organisation":
            "Who speaks. It stands in every mail: in the header line, the footer and the From line.",
        "sender": "The addresses of the mails.",
        "list": "What mail programs are told about the list (RFC 2369, RFC 2919).",
        "unsubscribe": """
        How readers leave. Mail programs show a button for it (RFC 2369, RFC 8058); mandatory topics have none. \
        DANGER: large providers refuse or junk bulk mail whose unsubscribing does not work.
        """,
        "subscribe": """
        How people join by an own yes: nashra subscribers add --confirm sends a mail with a token that only its mailbox \
        has.
        """,
        "feedback_id": "How Gmail counts complaints about us.",
        "relays": "The SMTP server that takes our mails. Exactly one for now; its name is yours.",
        "relays.*.timeouts":
            "How long each step of the dialogue with the relay may take (RFC 5321, 4.5.3.2).",
        "sending": "How campaigns are sent.",
        "sending.retry": "When a delivery that the relay put off is tried again.",
        "sending.storm_guard": """
        When a campaign is held because refusals look like our own fault and not like people's. Nobody is \
        suppressed by what it catches.
        """,
        "bounces":
            "What comes back: bounces, complaints, replies. What is done about it stands in bounce-policy.yaml.",
        "bounces.mailbox": "A mailbox on a server, read by bounces ingest.",
        "bounces.providers":
            "What proves that notifications are a mail provider's own; see docs/providers.md.",
        "replies": "What people answer to a bulletin. It is kept in any case.",
        "privacy": "How long personal data is kept. Nothing happens by itself: nashra privacy prune does it.",
        "privacy.retention": "Days, such as 365d, or never; see docs/privacy.md.",
        "store": "The database: subscribers, campaigns, every delivery.",
        "keys": "Secrets that Nashra makes itself.",
        "log": "What the program says about itself while it runs.",
        "display": "How dates and numbers are written in mails and reports.",
    ]

    /// Finds the key for a path with a relay's name in it.
    package static func key(for path: String) -> ConfigurationKey? {
        let parts = path.split(separator: ".")
        return all.first { key in
            let pattern = key.path.split(separator: ".")
            return pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0 == "*" || $0 == $1 }
        }
    }
}
