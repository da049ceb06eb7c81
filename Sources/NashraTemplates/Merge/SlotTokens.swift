// SPDX-License-Identifier: Apache-2.0
//
// How a merge field travels through Markdown and Mustache: as a private-use character, the slot's number and
// another one.
// Pure. Nothing escapes or interprets U+E000...U+E003; sources that hold private-use characters are refused
// before.

/// A merge field as it was written.
struct Slot: Hashable, Sendable {
    var field: String
    /// Unescaped; `nil` when a value must be there.
    var fallback: String?
}

/// The slots of one variant, by number.
struct SlotTable: Sendable {
    private(set) var slots: [Slot] = []

    /// What stands for the slot in text.
    mutating func token(for slot: Slot) -> String {
        if let known = slots.firstIndex(of: slot) { return Self.token(known) }
        slots.append(slot)
        return Self.token(slots.count - 1)
    }

    private static func token(_ number: Int) -> String { "\u{E000}\(number)\u{E001}" }

    /// The same text with its tokens marked as standing inside a URL.
    static func insideURL(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\u{E000}" ? "\u{E002}" : $0 }))
    }

    /// Whether text holds a token.
    static func hasToken(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0xE000...0xE003).contains($0.value) }
    }

    /// Cuts text at its tokens.
    ///
    /// - Parameters:
    ///   - text: Escaped already for where it stands; its tokens are ours.
    ///   - escaping: How values are escaped, except inside URLs, where they are percent-encoded.
    /// - Returns: The pieces, none of them empty.
    func cut(_ text: String, as escaping: Escaping) -> MergeTemplate {
        var segments: [Segment] = []
        var fixed: [UInt8] = []
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "\u{E000}" || scalar == "\u{E002}" else {
                fixed.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                continue
            }
            let digits = scalars.prefix { $0 != "\u{E001}" }
            scalars = scalars.dropFirst(digits.count + 1)
            guard let number = Int(String(digits)), slots.indices.contains(number) else { continue }
            if !fixed.isEmpty { segments.append(.bytes(fixed)) }
            fixed = []
            segments.append(segment(slots[number], escaping: scalar == "\u{E002}" ? .urlComponent : escaping))
        }
        if !fixed.isEmpty { segments.append(.bytes(fixed)) }
        return MergeTemplate(segments: segments)
    }

    private func segment(_ slot: Slot, escaping: Escaping) -> Segment {
        .slot(field: slot.field, fallback: slot.fallback.map(escaping.escaped), escaping: escaping)
    }
}
