// SPDX-License-Identifier: Apache-2.0
//
// What was written: the file and the environment as texts by key path, each with its origin. Nothing is read into
// values yet, but every key is known, and what should be a text is one.
// Pure; ConfigurationFile hands it the bytes and the environment.
import NashraCore
import NashraYAML

/// The texts of one configuration.
struct ConfigurationSource {
    /// What was written for one key.
    struct Raw {
        /// The text, or the items of a list.
        let texts: [String]
        /// Where it was written.
        let origin: ConfigurationOrigin
        /// The column, when it was written in the file.
        let column: Int?
    }

    /// The file's name in findings.
    let file: String
    /// By key path; keys with an empty value are not there.
    private(set) var raws: [String: Raw] = [:]
    /// The names of the relays, in the order of the file, and where they stand.
    private(set) var relays: [(name: String, mark: YAMLMark?)] = []
    /// Where each mapping stands, by key path.
    private(set) var sections: [String: YAMLMark] = [:]
    /// What is wrong with the keys.
    private(set) var diagnostics: [Diagnostic] = []

    /// Reads the file's tree and lays the environment over it.
    init(file: String, root: YAMLNode, environment: [String: String]) {
        self.file = file
        if let entries = root.entries {
            walk(entries, pattern: [], path: [])
        } else {
            report("the file holds \(root.kind), not a mapping of keys", root.mark)
        }
        overlay(environment)
    }

    private mutating func walk(_ entries: [YAMLEntry], pattern: [String], path: [String]) {
        let children = Self.children(of: pattern)
        for entry in entries {
            let path = path + [entry.key]
            let isRelay = pattern == ["relays"]
            guard isRelay || children.contains(entry.key) else {
                unknown(entry, path.joined(separator: "."), children, present: entries.map(\.key))
                continue
            }
            let pattern = pattern + [isRelay ? "*" : entry.key]
            if isRelay { addRelay(entry) }
            if let key = ConfigurationKeys.all.first(where: { $0.path == pattern.joined(separator: ".") }) {
                take(entry, key, path.joined(separator: "."))
            } else if let below = entry.value.entries {
                sections[path.joined(separator: ".")] = entry.keyMark
                walk(below, pattern: pattern, path: path)
            } else if !entry.value.isEmpty {
                report(
                    "“\(path.joined(separator: "."))” is \(entry.value.kind), not a mapping of keys",
                    entry.value.mark,
                    "Put its keys below it, indented."
                )
            }
        }
    }

    /// The names that may stand right below a pattern.
    private static func children(of pattern: [String]) -> [String] {
        var seen: Set<String> = []
        return ConfigurationKeys.all.compactMap { key in
            let parts = key.path.split(separator: ".").map(String.init)
            guard parts.count > pattern.count, Array(parts.prefix(pattern.count)) == pattern else {
                return nil
            }
            return seen.insert(parts[pattern.count]).inserted ? parts[pattern.count] : nil
        }
    }

    private mutating func addRelay(_ entry: YAMLEntry) {
        let bytes = entry.key.utf8
        let isName = bytes.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        if !isName || bytes.first.map({ (0x61...0x7A).contains($0) }) != true || bytes.count > 32 {
            report(
                "“\(entry.key)” cannot be a relay's name",
                entry.keyMark,
                "Use small letters, digits and hyphens, a letter first, at most 32."
            )
        }
        relays.append((entry.key, entry.keyMark))
    }

    private mutating func take(_ entry: YAMLEntry, _ key: ConfigurationKey, _ path: String) {
        guard key.shape != .secret else {
            let variable = ConfigurationKey.variable(path)
            return report(
                "“\(path)” is a secret; it may not stand in this file",
                entry.keyMark,
                "Delete it, change the password if others can read the file, and use password_file, "
                    + "a credential or \(variable)."
            )
        }
        if entry.value.isEmpty { return }
        switch key.shape {
        case .localized: takeLocalized(entry, path)
        case .list:
            let items = entry.value.items ?? [entry.value]
            let texts = items.compactMap(\.text).filter { !$0.isEmpty }
            guard texts.count == items.count else {
                return report("“\(path)” holds an item that is empty or no text", entry.value.mark, "")
            }
            raws[path] = Raw(texts: texts, origin: origin(entry.value), column: entry.value.mark.column)
        case .text, .secret:
            guard let text = entry.value.text else {
                return report(
                    "“\(path)” is \(entry.value.kind), not a text",
                    entry.value.mark,
                    "Put text that begins with [, { or - in quotes."
                )
            }
            raws[path] = Raw(texts: [text], origin: origin(entry.value), column: entry.value.mark.column)
        }
    }

    private mutating func takeLocalized(_ entry: YAMLEntry, _ path: String) {
        guard let entries = entry.value.entries else {
            return report(
                "“\(path)” is \(entry.value.kind), not a text for each language",
                entry.value.mark,
                "Write it as {ar: …, en: …}, or with one line per language below it."
            )
        }
        sections[path] = entry.keyMark
        for item in entries {
            guard let language = Language(rawValue: item.key), language.rawValue == item.key else {
                report(
                    "“\(item.key)” under “\(path)” is no language tag",
                    item.keyMark,
                    "Use tags such as ar, en or fr."
                )
                continue
            }
            guard !item.value.isEmpty else { continue }
            guard let text = item.value.text else {
                report("“\(path).\(item.key)” is \(item.value.kind), not a text", item.value.mark)
                continue
            }
            raws["\(path).\(item.key)"] = Raw(
                texts: [text],
                origin: origin(item.value),
                column: item.value.mark.column
            )
        }
    }

    private mutating func unknown(_ entry: YAMLEntry, _ path: String, _ children: [String], present: [String])
    {
        let near = Suggestion.nearest(to: entry.key, among: children.filter { !present.contains($0) })
        report(
            "“\(path)” is not a key we know",
            entry.keyMark,
            near.map { "Did you mean “\($0)”?" } ?? "Known here: \(children.joined(separator: ", "))."
        )
    }

    private func origin(_ node: YAMLNode) -> ConfigurationOrigin { .file(file, line: node.mark.line) }

    private mutating func report(_ message: String, _ mark: YAMLMark, _ remedy: String = "") {
        diagnostics.append(
            Diagnostic(file: file, line: mark.line, column: mark.column, message, remedy: remedy)
        )
    }
}

// The environment

extension ConfigurationSource {
    /// Variables of ours that are no configuration keys.
    static let otherVariables: Set<String> = [
        "NASHRA_WORKSPACE", "NASHRA_RECORD", "NASHRA_FAILPOINT", "NASHRA_LANG", "NASHRA_TEST_CLOCK",
    ]

    private mutating func overlay(_ environment: [String: String]) {
        let ours = environment.filter { $0.key.hasPrefix("NASHRA_") && !Self.otherVariables.contains($0.key) }
        if relays.isEmpty { addRelays(from: ours.keys.sorted()) }
        var known: [String: (path: String, key: ConfigurationKey)] = [:]
        for key in ConfigurationKeys.all {
            for relay in key.path.contains("*") ? relays.map(\.name) : [""] {
                let path = key.path(relay: relay)
                known[ConfigurationKey.variable(path)] = (path, key)
            }
        }
        for (name, value) in ours.sorted(by: { $0.key < $1.key }) {
            guard let (path, key) = known[name] ?? localizedKey(name) else {
                unknown(variable: name, known.values.map(\.path).map(ConfigurationKey.variable))
                continue
            }
            if key.shape == .localized && path == key.path {
                diagnostics.append(
                    Diagnostic(
                        .warning,
                        file: "environment",
                        "\(name) needs a language; it is not used",
                        remedy: "Write \(name)_AR, \(name)_EN, …"
                    )
                )
                continue
            }
            guard !value.isEmpty else { continue }
            // A list may be written as in the file, too: [1s, 2s].
            let isBracketed = key.shape == .list && value.hasPrefix("[") && value.hasSuffix("]")
            let list = isBracketed ? value.dropFirst().dropLast() : value[...]
            let items = list.split(separator: ",").map { String($0.trimmed) }
            raws[path] = Raw(
                texts: key.shape == .list ? items : [value],
                origin: .environment(name),
                column: nil
            )
        }
    }

    private mutating func addRelays(from names: [String]) {
        for name in names where name.hasPrefix("NASHRA_RELAYS_") && name.hasSuffix("_URL") {
            let relay = name.dropFirst("NASHRA_RELAYS_".count).dropLast("_URL".count).lowercased()
            if !relay.isEmpty { relays.append((relay.replacing("_", with: "-"), nil)) }
        }
    }

    private func localizedKey(_ name: String) -> (path: String, key: ConfigurationKey)? {
        for key in ConfigurationKeys.all where key.shape == .localized {
            let prefix = ConfigurationKey.variable(key.path) + "_"
            guard name.hasPrefix(prefix) else { continue }
            let tag = name.dropFirst(prefix.count).lowercased()
            if Language(rawValue: tag)?.rawValue == tag { return ("\(key.path).\(tag)", key) }
        }
        return nil
    }

    private mutating func unknown(variable name: String, _ known: [String]) {
        let near = Suggestion.nearest(to: name, among: known.sorted() + Self.otherVariables.sorted())
        diagnostics.append(
            Diagnostic(
                .warning,
                file: "environment",
                "\(name) is not a variable we know; it is not used",
                remedy: near.map { "Did you mean \($0)?" } ?? "The names are in docs/config.md."
            )
        )
    }
}

extension Substring {
    /// Without blanks at either end.
    fileprivate var trimmed: Substring {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
