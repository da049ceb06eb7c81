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
        var folded = [UInt8](repeating: 0, count: text.count)
        var output = folded.mutableSpan  // folding never makes more bytes than there were
        let bytes = text.span
        var count = 0
        var index = 0
        var blank = false
        while index < bytes.count {
            let byte = bytes[index]
            var piece = Piece(length: 1, count: 1, first: byte.asciiLowercased)
            if byte <= 0x20 || byte == 0x7F {
                blank = true
                index += 1
                continue
            } else if byte >= 0x80 {
                piece = wide(bytes, index)
                blank = blank || piece.isBlank
            }
            index += piece.length
            guard piece.count > 0 else { continue }
            if blank, count > 0 {
                output[count] = 0x20
                count += 1
            }
            blank = false
            output[count] = piece.first
            if piece.count > 1 { output[count + 1] = piece.second }
            count += piece.count
        }
        folded.removeLast(folded.count - count)
        return folded
    }

    /// What becomes of one sequence of bytes.
    private struct Piece {
        /// How many bytes it had.
        var length: Int
        /// How many it gets: 0…2.
        var count = 0
        var first: UInt8 = 0
        var second: UInt8 = 0
        /// Whether it is a blank.
        var isBlank = false
    }

    /// Folds the sequence that begins with the byte above ASCII at `index`.
    private static func wide(_ bytes: Span<UInt8>, _ index: Int) -> Piece {
        let first = bytes[index]
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        let third = index + 2 < bytes.count ? bytes[index + 2] : 0
        switch (first, second, third) {
        case (0xC2, 0xA0, _): return Piece(length: 2, isBlank: true)
        case (0xC2, 0xAD, _), (0xD8, 0x9C, _): return Piece(length: 2)  // soft hyphen, Arabic letter mark
        case (0xD9, 0x80, _), (0xD9, 0x8B...0x92, _):
            return Piece(length: 2)  // Arabic stretching and vowel marks
        case (0xE3, 0x80, 0x80), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xAF):
            return Piece(length: 3, isBlank: true)
        case (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x80, 0xAA...0xAE), (0xE2, 0x81, 0xA0...0xA9),
            (0xEF, 0xBB, 0xBF):
            return Piece(length: 3)
        case (0xE2, 0x80, 0x98...0x9B): return Piece(length: 3, count: 1, first: UInt8(ascii: "'"))
        case (0xE2, 0x80, 0x9C...0x9F): return Piece(length: 3, count: 1, first: UInt8(ascii: "\""))
        default: return letter(first, second)
        }
    }

    /// Folds a letter of two bytes; any other byte stays as it is.
    private static func letter(_ first: UInt8, _ second: UInt8) -> Piece {
        let pair: (UInt8, UInt8)? =
            switch (first, second) {
            case (0xC3, 0x80...0x9E) where second != 0x97: (0xC3, second + 0x20)
            case (0xCE, 0x91...0x9F): (0xCE, second + 0x20)
            case (0xCE, 0xA0...0xA9): (0xCF, second - 0x20)
            case (0xD0, 0x90...0x9F): (0xD0, second + 0x20)
            case (0xD0, 0xA0...0xAF): (0xD1, second - 0x20)
            case (0xD0, 0x80...0x8F): (0xD1, second + 0x10)
            case (0xD8, 0xA2...0xA3), (0xD8, 0xA5): (0xD8, 0xA7)  // alef with madda or hamza
            case (0xD9, 0x89), (0xDB, 0x8C): (0xD9, 0x8A)  // alef maksura and Persian yeh
            case (0xDA, 0xA9): (0xD9, 0x83)  // Persian kaf
            default: nil
            }
        guard let pair else { return Piece(length: 1, count: 1, first: first) }
        return Piece(length: 2, count: 2, first: pair.0, second: pair.1)
    }
}
