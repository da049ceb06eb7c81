// SPDX-License-Identifier: Apache-2.0
//
// How much a text looks like names and words, and how much like bytes read in the wrong encoding.
// Pure. The letters' weights are logarithms of how often each stands in 159,000 letters of Arabic translations of
// free programs; the rest is what Arabic and French spelling forbids.

/// What a reading of some words is worth.
struct Plausibility {
    /// More is better; a word that could be one counts about two for each letter.
    private(set) var score = 0.0
    /// How many characters beyond ASCII were judged.
    private(set) var count = 0

    /// The score of one character on the average.
    var average: Double { count == 0 ? 0 : score / Double(count) }

    /// Judges words, each followed by a line feed.
    init(_ text: String) {
        var word: [UInt32] = []
        for scalar in text.unicodeScalars {
            if scalar.value > 0x7F { count += 1 }
            switch Self.kind(scalar.value) {
            case .letter, .mark: word.append(scalar.value)
            case .separator:
                judge(word)
                word = []
            case .symbol:
                score -= 2
                judge(word)
                word = []
            case .impossible: score -= 8
            }
        }
        judge(word)
    }

    private enum Kind { case letter, mark, separator, symbol, impossible }

    private static func kind(_ value: UInt32) -> Kind {
        switch value {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x24F, 0x370...0x3FF, 0x400...0x52F,
            0x620...0x63F, 0x641...0x64A, 0x66E...0x6D3, 0xFB50...0xFDFF, 0xFE70...0xFEFC:
            .letter
        case 0x640, 0x64B...0x652, 0x670, 0x200C, 0x200D: .mark
        case 0x00...0x40, 0x5B...0x60, 0x7B...0x7F, 0xA0, 0xA3, 0xAB, 0xB0, 0xB7, 0xBB, 0x60C, 0x61B, 0x61F,
            0x660...0x66D, 0x200E, 0x200F, 0x2010...0x2027, 0x2030, 0x20AC, 0x2122:
            .separator
        case 0x80...0x9F, 0xFFFD: .impossible
        default: .symbol
        }
    }

    private static func isArabic(_ value: UInt32) -> Bool {
        (0x620...0x6FF).contains(value) || value >= 0xFB50
    }

    private mutating func judge(_ word: [UInt32]) {
        guard word.contains(where: { $0 > 0x7F }) else { return }
        let arabic = word.count(where: Self.isArabic)
        if arabic == 0 { return judgeLatin(word) }
        var switches = 0
        for (value, next) in zip(word, word.dropFirst()) where Self.isArabic(value) != Self.isArabic(next) {
            if Self.kind(value) == .letter, Self.kind(next) == .letter { switches += 1 }
        }
        score -= 5 * Double(switches)
        judgeArabic(word.filter(Self.isArabic), isPure: switches == 0 && arabic > 1)
    }

    private mutating func judgeArabic(_ word: [UInt32], isPure: Bool) {
        if isPure { score += 1.5 * Double(word.count) }
        if word.starts(with: [0x627, 0x644]), word.count > 3 { score += 2 }
        for (index, value) in word.enumerated() {
            score += Self.weight(value)
            let isFirst = index == 0
            let isLast = index == word.count - 1
            switch value {
            case 0x629, 0x649: if isFirst || !isLast { score -= 2.5 }  // ta marbuta and final alif end a word
            case 0x624, 0x626, 0x621: if isFirst { score -= 3 }
            case 0x64B...0x64D: if isFirst || index < word.count - 2 { score -= 3 }  // nunation ends one
            case 0x64E...0x652, 0x670: if isFirst { score -= 3 }
            default: break
            }
        }
    }

    private mutating func judgeLatin(_ word: [UInt32]) {
        let hasASCII = word.contains { $0 < 0x80 }
        for (index, value) in word.enumerated() where value > 0x7F {
            if !hasASCII, word.count > 1 { score -= 2 }
            score += Self.usual.contains(value) ? 0.5 : -0.5
            guard index > 0 else { continue }
            let before = word[index - 1]
            if before > 0x7F { score -= 1 }
            if Self.isCapital(value), !Self.isCapital(before) { score -= 3 }
        }
    }

    private static func isCapital(_ value: UInt32) -> Bool {
        (0x41...0x5A).contains(value) || (0xC0...0xDE).contains(value) || value == 0x152
    }

    private static let usual = Set("éèêëàâäáçîïíôöóùûüúñœßãåøæÉÈÊÀÂÇÎÔÖÜÄŒ".unicodeScalars.map(\.value))

    private static func weight(_ value: UInt32) -> Double {
        switch value {
        case 0x621...0x63A: weights[Int(value - 0x621)]
        case 0x641...0x64A: weights[Int(value - 0x641) + 26]
        case 0x640: -0.5
        case 0x64B...0x652: -0.5
        case 0xFB50...: -1
        default: -0.5
        }
    }

    /// U+0621 to U+063A, then U+0641 to U+064A.
    private static let weights: [Double] = [
        -3.4, -5.8, -0.9, -4.1, -1.5, -3.1, 2.4, 0.0, 0.6, 0.8, -2.8, -0.8, -0.5, -1.3, 0.1, -1.7,
        0.9, -1.9, 0.0, -1.6, -0.9, -2.0, -1.1, -3.7, 0.0, -1.8,
        0.1, -0.6, -0.6, 2.1, 1.3, 0.6, -1.1, 0.8, -2.4, 1.5,
    ]
}
