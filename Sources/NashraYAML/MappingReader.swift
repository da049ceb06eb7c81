// SPDX-License-Identifier: Apache-2.0
//
// One mapping of a document while its keys are asked for; what nobody asked for is reported at the end.
// Not Sendable: it belongs to its YAMLReader.
public import NashraCore

/// The keys of one mapping.
public final class MappingReader {
    /// The key path from the root, such as `relays.primary`; empty at the root.
    public let path: String
    /// Where the mapping begins.
    public let mark: YAMLMark

    let reader: YAMLReader
    private let entries: [YAMLEntry]
    private var asked: [String] = []

    init(reader: YAMLReader, path: String, entries: [YAMLEntry], mark: YAMLMark) {
        self.reader = reader
        self.path = path
        self.entries = entries
        self.mark = mark
    }

    /// The keys that are there, in the order of the file.
    public var keys: [String] { entries.map(\.key) }

    /// The key path of one of its keys, for messages.
    public func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Where the value of `key` begins, or the key when its value is empty; `nil` when it is not there.
    public func mark(of key: String) -> YAMLMark? {
        entries.first { $0.key == key }.map { $0.value.isEmpty ? $0.keyMark : $0.value.mark }
    }

    /// The value as it stands; `nil` when the key is missing or its value is empty.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - required: Whether its absence is a fault.
    /// - Returns: The value, never an empty text.
    public func node(_ key: String, required: Bool = false) -> YAMLNode? {
        asked.append(key)
        let entry = entries.first { $0.key == key }
        if let entry, !entry.value.isEmpty { return entry.value }
        guard required else { return nil }
        if let entry {
            reader.report("“\(path(of: key))” is empty", at: entry.keyMark, remedy: "Give it a value.")
        } else {
            reader.report("“\(path(of: key))” is missing", at: mark, remedy: "Add the key “\(key)”.")
        }
        return nil
    }

    /// Reports that the value of `key` will not do: at its place, or at the mapping's when the key is not there.
    public func fault(
        _ key: String,
        _ message: String,
        remedy: String = "",
        severity: Diagnostic.Severity = .error,
        code: String = ""
    ) {
        reader.report(
            "“\(path(of: key))” \(message)",
            at: mark(of: key) ?? mark,
            remedy: remedy,
            severity: severity,
            code: code
        )
    }

    /// A mapping under `key`; its unknown keys are reported when `body` returns.
    public func mapping<Value>(
        _ key: String,
        required: Bool = false,
        _ body: (MappingReader) -> Value
    ) -> Value? {
        node(key, required: required).flatMap { read($0, as: path(of: key), body) }
    }

    /// A list of mappings under `key`, empty when there is none; a single mapping counts as a list of one.
    public func mappings<Value>(
        _ key: String,
        required: Bool = false,
        _ body: (MappingReader) -> Value
    ) -> [Value] {
        guard let node = node(key, required: required) else { return [] }
        return (node.items ?? [node]).enumerated().compactMap { index, item in
            read(item, as: "\(path(of: key))[\(index + 1)]", body)
        }
    }

    /// The entries of a mapping whose keys are free; empty when there is none.
    public func table(_ key: String, required: Bool = false) -> [YAMLEntry] {
        guard let node = node(key, required: required) else { return [] }
        guard let entries = node.entries else {
            reader.report("“\(path(of: key))” is \(node.kind), not a mapping of keys", at: node.mark)
            return []
        }
        return entries
    }

    /// Marks a key as known without reading it.
    public func ignore(_ key: String) { asked.append(key) }

    private func read<Value>(_ node: YAMLNode, as path: String, _ body: (MappingReader) -> Value) -> Value? {
        guard let entries = node.entries else {
            reader.report(
                "“\(path)” is \(node.kind), not a mapping of keys",
                at: node.mark,
                remedy: "Put its keys below it, indented."
            )
            return nil
        }
        let mapping = MappingReader(reader: reader, path: path, entries: entries, mark: node.mark)
        let value = body(mapping)
        mapping.finish()
        return value
    }

    /// Reports every key that was not asked for.
    func finish() {
        let present = Set(entries.map(\.key))
        for entry in entries where !asked.contains(entry.key) {
            let near = Suggestion.nearest(to: entry.key, among: asked.filter { !present.contains($0) })
            reader.report(
                "“\(path(of: entry.key))” is not a key we know",
                at: entry.keyMark,
                remedy: near.map { "Did you mean “\($0)”?" } ?? "Known here: \(knownKeys)."
            )
        }
    }

    private var knownKeys: String {
        var seen: Set<String> = []
        let known = asked.filter { seen.insert($0).inserted }
        return known.isEmpty ? "none" : known.joined(separator: ", ")
    }
}
