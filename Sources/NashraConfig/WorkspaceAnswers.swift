// SPDX-License-Identifier: Apache-2.0
//
// What `nashra init` asks, checked, and what follows from it.
// Pure values.
public import NashraCore

/// The answers that a new workspace begins with.
public struct WorkspaceAnswers: Sendable, Hashable {
    /// The languages, in the order of replacement; never empty.
    public let languages: [Language]
    /// The organisation's name in each of the languages.
    public let names: [Language: String]
    /// The From address.
    public let sender: EmailAddress
    /// The relay's address, `smtp://host:port`.
    public let relay: String

    /// Checks one name for all languages.
    ///
    /// - Throws: `usage`, naming the flag.
    public init(name: String, sender: String, relay: String, languages: [String]) throws(UserError) {
        try self.init(names: ["": name], sender: sender, relay: relay, languages: languages)
    }

    /// Checks names by language tag; the empty tag stands for all languages without a name of their own.
    ///
    /// - Throws: `usage`, naming the flag.
    public init(
        names: [String: String],
        sender: String,
        relay: String,
        languages: [String]
    ) throws(UserError) {
        var tags: [Language] = []
        for text in languages {
            guard let language = Language(rawValue: text), language.rawValue == text else {
                throw UserError(
                    .usage,
                    "--languages holds “\(text)”, which is no language tag.",
                    remedy: "Write it as ar,en,fr."
                )
            }
            if !tags.contains(language) { tags.append(language) }
        }
        guard !tags.isEmpty else {
            throw UserError(.usage, "--languages is empty.", remedy: "Write it as ar,en,fr.")
        }
        var checked: [Language: String] = [:]
        for language in tags {
            guard let name = names[language.rawValue] ?? names[""], !name.isEmpty, Self.isLine(name) else {
                throw UserError(
                    .usage,
                    "--name is empty or holds a line break or a control character.",
                    remedy: "Give the organisation's name in one line."
                )
            }
            checked[language] = name
        }
        do throws(AddressFault) {
            self.sender = try EmailAddress.parse(sender)
        } catch {
            throw UserError(
                .usage,
                "--sender is no e-mail address: \(error).",
                remedy: "Write it as bulletin@moi.example."
            )
        }
        guard !self.sender.needsSMTPUTF8 else {
            throw UserError(
                .usage,
                "--sender has letters left of the @ that not every relay takes.",
                remedy: "Write it as bulletin@moi.example."
            )
        }
        do throws(RelayURL.Fault) {
            _ = try RelayURL(relay)
        } catch {
            throw UserError(
                .usage,
                "--relay is no relay's address: \(error.message).",
                remedy: "Write it as smtp://host:port."
            )
        }
        self.languages = tags
        self.names = checked
        self.relay = relay
    }

    /// Letters and digits of the sender's domain, as far as they fit into Feedback-ID.
    var feedbackSender: String {
        let letters = sender.domain.utf8.filter { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") }.prefix(
            15
        )
        return letters.count < 5 ? "nashra" : String(decoding: letters, as: UTF8.self)
    }

    private static func isLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
    }
}
