// SPDX-License-Identifier: Apache-2.0
//
// Folding: what is left of a text when case, line breaks, indents and typographic habits no longer matter.
// Pure. The phrases of Rules/*.tsv are folded by the same function when they are loaded.

/// Folds text for the search of phrases.
enum TextFolding {
    /// The folded form of UTF-8 text.
    ///
    /// Letters become small (ASCII, Latin-1, Greek, Cyrillic); every run of blanks, line ends and controls becomes one
    /// space, none at the ends; curly quotes become `'` and `"`; soft hyphens, zero-width and bidi marks and Arabic vowel marks vanish;
    /// the forms of alef, yeh and kaf become one. Bytes that
    /// are not UTF-8 stay as they are.
    static func fold(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(text.count)
        let bytes = text.span
        var index = 0
        var blank = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte > 0x20, byte < 0x7F {
                if blank {
                    if !folded.isEmpty { folded.append(0x20) }
                    blank = false
                }
                folded.append(byte.asciiLowercased)
                index += 1
            } else if byte <= 0x20 || byte == 0x7F {
                blank = true
                index += 1
            } else {
                index += foldWide(bytes, index, into: &folded, &blank)
            }
        }
        return folded
    }

    /// Folds one sequence that begins with a byte above ASCII; returns how many bytes it has.
    private static func foldWide(
        _ bytes: Span<UInt8>,
        _ index: Int,
        into folded: inout [UInt8],
        _ blank: inout Bool
    ) -> Int {
        let first = bytes[index]
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        let third = index + 2 < bytes.count ? bytes[index + 2] : 0
        switch (first, second, third) {
        case (0xC2, 0xA0, _):
            blank = true
            return 2
        case (0xC2, 0xAD, _), (0xD8, 0x9C, _): return 2  // soft hyphen, Arabic letter mark
        case (0xD9, 0x80, _), (0xD9, 0x8B...0x92, _): return 2  // Arabic stretching and vowel marks
        case (0xE3, 0x80, 0x80), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xAF):
            blank = true
            return 3
        case (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x80, 0xAA...0xAE), (0xE2, 0x81, 0xA0...0xA9),
            (0xEF, 0xBB, 0xBF):
            return 3
        default: break
        }
        if blank {
            if !folded.isEmpty { folded.append(0x20) }
            blank = false
        }
        switch (first, second, third) {
        case (0xE2, 0x80, 0x98...0x9B):
            folded.append(UInt8(ascii: "'"))
            return 3
        case (0xE2, 0x80, 0x9C...0x9F):
            folded.append(UInt8(ascii: "\""))
            return 3
        case (0xC3, 0x80...0x9E, _) where second != 0x97: folded += [0xC3, second + 0x20]
        case (0xCE, 0x91...0x9F, _): folded += [0xCE, second + 0x20]
        case (0xCE, 0xA0...0xA9, _): folded += [0xCF, second - 0x20]
        case (0xD0, 0x90...0x9F, _): folded += [0xD0, second + 0x20]
        case (0xD0, 0xA0...0xAF, _): folded += [0xD1, second - 0x20]
        case (0xD0, 0x80...0x8F, _): folded += [0xD1, second + 0x10]
        case (0xD8, 0xA2...0xA3, _), (0xD8, 0xA5, _): folded += [0xD8, 0xA7]  // alef with madda or hamza
        case (0xD9, 0x89, _), (0xDB, 0x8C, _): folded += [0xD9, 0x8A]  // alef maksura and Persian yeh
        case (0xDA, 0xA9, _): folded += [0xD9, 0x83]  // Persian kaf
        default:
            folded.append(first)
            return 1
        }
        return 2
    }
}
