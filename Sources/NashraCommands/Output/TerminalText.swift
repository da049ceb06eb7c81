// SPDX-License-Identifier: Apache-2.0
//
// Text as a terminal shows it: how wide it is, what must not reach it, where directions are isolated.
// Pure.
// Rules: UAX 9 (isolates), UAX 11 (East Asian width), ECMA-48 (control functions).

/// What is done to text before a terminal gets it.
enum TerminalText {
    /// `text` with every control spelt out: no subscriber's name moves the cursor or colours the screen.
    ///
    /// Line feeds and tabs stay. The isolates U+2066...2069 stay too, because they end with their line; the
    /// older bidi controls, which can turn the rest of a line around, are spelt out.
    static func escaped(_ text: String) -> String {
        escaped(text, keeping: { $0 == "\n" || $0 == "\t" || (0x2066...0x2069).contains($0.value) })
    }

    /// `text` for one cell of a table: nothing stays that breaks a line or changes direction.
    static func escapedCell(_ text: String) -> String { escaped(text, keeping: { _ in false }) }

    private static func escaped(_ text: String, keeping isKept: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: { isDangerous($0) && !isKept($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            guard isDangerous(scalar), !isKept(scalar) else {
                result.unicodeScalars.append(scalar)
                continue
            }
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result += spelt(scalar)
            }
        }
        return result
    }

    private static func spelt(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16)
        guard scalar.value < 0x80 else { return "\\u{\(hex)}" }
        return "\\x" + (hex.count == 1 ? "0" : "") + hex
    }

    /// Controls of both sets, line and paragraph separators, and what changes direction.
    private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// How many columns `text` takes.
    static func width(_ text: some StringProtocol) -> Int {
        text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.reduce(0) { $0 + width($1) }
    }

    private static func width(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        // An emoji of several scalars is as wide as one: joined, coloured, a flag, or asked for by U+FE0F.
        let isEmoji = scalars.contains { $0.value == 0xFE0F || (0x1F1E6...0x1F1FF).contains($0.value) }
        if isEmoji, scalars.count > 1 { return 2 }
        if scalars.contains(where: { $0.value == 0x200D }), scalars.first?.properties.isEmoji == true {
            return 2
        }
        return scalars.reduce(0) { $0 + ($0 > 0 && $1.properties.isEmojiModifier ? 0 : width($1)) }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // The middle and last parts of a Korean syllable stand in its first.
        if (0x1160...0x11FF).contains(scalar.value) { return 0 }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// `W` and `F` of EastAsianWidth.txt without the emoji, which are known by a property of their own.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18D8F, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]

    /// At most `columns` of `text`, with an ellipsis where something is left out; characters stay whole.
    static func truncated(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var used = 0
        var result = ""
        for character in text {
            let more = width(character)
            guard used + more < columns else { break }
            used += more
            result.append(character)
        }
        return result + "…"
    }

    /// `text` between FSI and PDI when it has letters that run from right to left: its neighbours stay put.
    static func isolated(_ text: String) -> String {
        text.unicodeScalars.contains(where: isRightToLeft) ? "\u{2068}\(text)\u{2069}" : text
    }

    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590...0x08FF, 0x200F, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF:
            true
        default: false
        }
    }
}
