// SPDX-License-Identifier: Apache-2.0
//
// The configuration file of a new workspace: every key with its comment, the answers filled in.
// Pure. The table of keys is its only source; config/nashra.yaml of the repository is made by it too.
public import NashraCore

/// Writes configuration files.
public enum ConfigurationTemplate {
    /// The file for some answers.
    public static func yaml(_ answers: WorkspaceAnswers) -> String {
        var writer = ConfigurationWriter(answers: answers)
        for key in ConfigurationKeys.all where key.shape != .secret { writer.add(key) }
        return writer.text
    }

    /// The file for answers that are not checked yet.
    public static func yaml(
        name: String,
        sender: String,
        relay: String,
        languages: [String]
    ) throws(UserError) -> String {
        yaml(try WorkspaceAnswers(name: name, sender: sender, relay: relay, languages: languages))
    }
}

/// Lays out one file.
private struct ConfigurationWriter {
    let answers: WorkspaceAnswers
    var text = """
        # The configuration of this Nashra workspace. Every key is here; what is empty has its default.
        #
        # Check it with `nashra config check`; see what counts, and why, with `nashra config show --origin`.
        # An environment variable overrides a key: NASHRA_SENDING_LANE for sending.lane,
        # NASHRA_RELAYS_PRIMARY_URL for relays.primary.url, NASHRA_LIST_NAME_AR for list.name.ar.
        # Durations carry their unit (250ms, 30s, 5m, 6h, 5d), shares a percent sign. Paths begin at the
        # workspace. Secrets never stand here.

        """
    private var path: [String] = []

    init(answers: WorkspaceAnswers) { self.answers = answers }

    mutating func add(_ key: ConfigurationKey) {
        let parts = key.path.split(separator: ".").map(String.init)
        let common = zip(parts.dropLast(), path).prefix { $0 == $1 }.count
        for depth in common..<parts.count - 1 {
            text += depth == 0 ? "\n" : ""
            if let comment = ConfigurationKeys.sections[parts[...depth].joined(separator: ".")] {
                wrap(comment, depth: depth)
            }
            line("\(name(parts[depth])):", depth: depth)
        }
        if parts.count == 1 { text += "\n" }
        path = Array(parts.dropLast())
        let depth = parts.count - 1
        wrap(key.comment, depth: depth)
        wrap(key.defaultLine, depth: depth)
        guard key.shape == .localized else {
            let value = value(key)
            return line("\(parts[depth]):\(value.isEmpty ? "" : " \(value)")", depth: depth)
        }
        line("\(parts[depth]):", depth: depth)
        for language in answers.languages {
            let value = key.path == "organisation.name" ? Self.quoted(answers.names[language] ?? "") : ""
            line("\(Self.key(language)):\(value.isEmpty ? "" : " \(value)")", depth: depth + 1)
        }
    }

    private func name(_ part: String) -> String { part == "*" ? "primary" : part }

    private func value(_ key: ConfigurationKey) -> String {
        let domain = answers.sender.domain
        switch key.path {
        case "languages": return "[\(answers.languages.map(\.rawValue).joined(separator: ", "))]"
        case "sender.address": return Self.quoted(answers.sender.text)
        case "relays.*.url": return Self.quoted(answers.relay)
        case "unsubscribe.url": return Self.quoted("https://\(domain)/unsubscribe/{token}")
        case "unsubscribe.mailbox": return Self.quoted("unsubscribe+{token}@\(domain)")
        case "subscribe.mailbox": return Self.quoted("confirm+{token}@\(domain)")
        case "feedback_id.sender": return answers.feedbackSender
        default: break
        }
        guard case .value(let text) = key.standard else { return "" }
        return key.shape == .list ? "[\(text)]" : text
    }

    private mutating func line(_ content: String, depth: Int) {
        text += String(repeating: "  ", count: depth) + content + "\n"
    }

    /// Writes a comment, broken between words before column 100.
    private mutating func wrap(_ comment: String, depth: Int) {
        let width = 98 - depth * 2
        var row = ""
        for word in comment.split(separator: " ") {
            if !row.isEmpty, row.count + 1 + word.count > width {
                line("# \(row)", depth: depth)
                row = ""
            }
            row += row.isEmpty ? String(word) : " \(word)"
        }
        line("# \(row)", depth: depth)
    }

    /// A language's tag as a key; `no` is quoted for readers that take it for a truth value.
    private static func key(_ language: Language) -> String {
        language.rawValue == "no" ? "\"no\"" : language.rawValue
    }

    /// A double-quoted YAML text.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
