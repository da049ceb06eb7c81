// SPDX-License-Identifier: Apache-2.0
//
// Domains that the eye takes for another one: letters of another alphabet, digits for letters, rn for m.
// Pure. A small part of UTS 39's confusables.txt: what looks like a letter of a Latin or an Arabic domain name.
// Rules: UTS 39 sections 4 (skeleton) and 5 (mixed scripts), RFC 5564 (Arabic letters in domain names).

/// Skeletons of domains, for comparing them as the eye does.
enum Lookalikes {
    /// What a domain, in U-labels and lower case, looks like: two with one skeleton are hard to tell apart.
    static func skeleton(_ domain: String) -> String {
        var bytes = Array(domain.utf8)
        if bytes.contains(where: { $0 >= 0x80 }) {
            let seen = domain.unicodeScalars.map { twins[$0] ?? $0 }
            bytes = Array(SearchFolding.fold(String(String.UnicodeScalarView(seen))).utf8)
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            switch (result.last, byte) {
            case (UInt8(ascii: "r"), UInt8(ascii: "n")): result[result.count - 1] = UInt8(ascii: "m")
            case (UInt8(ascii: "v"), UInt8(ascii: "v")): result[result.count - 1] = UInt8(ascii: "w")
            case (UInt8(ascii: "c"), UInt8(ascii: "l")), (UInt8(ascii: "c"), UInt8(ascii: "1")):
                result[result.count - 1] = UInt8(ascii: "d")
            case (_, UInt8(ascii: "0")): result.append(UInt8(ascii: "o"))
            case (_, UInt8(ascii: "1")): result.append(UInt8(ascii: "l"))
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether a label mixes alphabets that no name mixes: Latin, Greek, Cyrillic.
    ///
    /// Arabic with Latin cannot be: the rule of RFC 5893 refuses such a label before.
    static func mixesScripts(_ domain: String) -> Bool {
        domain.unicodeScalars.split(separator: ".").contains { label in
            Set(label.compactMap(script)).count > 1
        }
    }

    private enum Script { case latin, greek, cyrillic }

    private static func script(_ scalar: Unicode.Scalar) -> Script? {
        switch scalar.value {
        case 0x61...0x7A, 0xDF...0x024F, 0x0250...0x02AF, 0x1E00...0x1EFF: .latin
        case 0x0370...0x03FF, 0x1F00...0x1FFF: .greek
        case 0x0400...0x052F: .cyrillic
        default: nil
        }
    }

    /// Letters of other alphabets that look like a letter a–z.
    ///
    /// From confusables.txt, and for letters that differ in small print only by eye.
    private static let twins: [Unicode.Scalar: Unicode.Scalar] = [
        // Cyrillic
        "а": "a", "ь": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "һ": "h", "і": "i", "ї": "i", "ј": "j",
        "к": "k",
        "ӏ": "l", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ц": "u",
        "ѵ": "v",
        "ԝ": "w", "х": "x", "у": "y", "ғ": "f", "ɡ": "g", "в": "b", "н": "h",
        // Greek
        "α": "a", "ά": "a", "β": "b", "ε": "e", "έ": "e", "η": "n", "ι": "i", "ί": "i", "κ": "k", "ν": "v",
        "ο": "o", "ό": "o", "ρ": "p", "τ": "t", "υ": "u", "ύ": "u", "χ": "x", "ω": "w", "γ": "y", "σ": "o",
        // Latin letters that are not a–z and have no accent to lose
        "ı": "i", "ɑ": "a", "ɩ": "i", "ʏ": "y", "ƅ": "b", "ɢ": "g", "ʟ": "l", "ɴ": "n", "ʀ": "r", "ƽ": "s",
        // Arabic letters of one shape, beyond those that are folded for searching
        "ڪ": "ك", "ٮ": "ب", "ٯ": "ق", "ڡ": "ف", "ې": "ي", "ۍ": "ي", "ێ": "ي",
    ]
}
