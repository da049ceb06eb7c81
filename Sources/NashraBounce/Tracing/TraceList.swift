// SPDX-License-Identifier: Apache-2.0
//
// A short list of names out of a stranger's message: no repetitions, bounded, ours never crowded out by others.
// Pure.

/// Collects names, at most ``limit``.
struct TraceList {
    /// How many names a trace holds of each sort.
    static let limit = 16

    private var ours: [String] = []
    private var others: [String] = []
    private var seen: Set<String> = []

    /// The names: those with a token's form first, then the others, each in the order they were found.
    var names: [String] { Array((ours + others).prefix(Self.limit)) }

    /// Adds a name unless it is there, empty or longer than 320 bytes.
    mutating func add(_ name: String) {
        guard !name.isEmpty, name.utf8.count <= 320 else { return }
        let isOurs = TokenScanner.isOurs(name)
        guard isOurs ? ours.count < Self.limit : others.count < Self.limit else { return }
        guard seen.insert(name.lowercased()).inserted else { return }
        if isOurs { ours.append(name) } else { others.append(name) }
    }

    /// Adds several.
    mutating func add(_ names: some Sequence<String>) {
        for name in names { add(name) }
    }
}
