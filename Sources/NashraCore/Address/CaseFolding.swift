// SPDX-License-Identifier: Apache-2.0
//
// Texts that differ in case or composition only become one: Unicode's full default case folding, then NFC.
// Pure. Not `lowercased()`: ß and ss, ς and σ, K and k are one here, and a folded text can be longer.
// Rules: The Unicode Standard, section 3.13 (toCasefold, D145), CaseFolding.txt statuses C and F.
import Foundation

/// Full default case folding.
enum CaseFolding {
    /// NFC(toCasefold(NFD(text))): canonical caseless matching compares these byte by byte.
    static func fold(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars {
            folded.append(contentsOf: fold(scalar))
        }
        return String(folded).precomposedStringWithCanonicalMapping
    }

    /// Whether a text holds ASCII and bare Arabic letters and digits only, so that `lowercased()` is its folding.
    ///
    /// U+0621...U+064A but for tatweel, and U+0660...U+0669: no case, and composed already.
    static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            if byte < 0x80 { continue }
            guard index < bytes.endIndex else { return false }
            switch (byte, bytes[index]) {
            case (0xD8, 0xA1...0xBF), (0xD9, 0x81...0x8A), (0xD9, 0xA0...0xA9): index += 1
            default: return false
            }
        }
        return true
    }

    /// What a scalar folds to.
    ///
    /// Swift has the mappings of case but no table of foldings. Going to lower case by way of upper case gives the same,
    /// except for the dotless i, which folds to itself, and Cherokee, which folds to its capitals; a test compares all
    /// scalars with Python's table.
    static func fold(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar.value {
        case 0x41...0x5A: return Unicode.Scalar(scalar.value | 0x20).map { [$0] } ?? []
        case 0..<0x80, 0x0131: return [scalar]
        case 0x13A0...0x13F5, 0x13F8...0x13FD, 0xAB70...0xABBF:
            return Array(scalar.properties.uppercaseMapping.unicodeScalars)
        default:
            return scalar.properties.lowercaseMapping.unicodeScalars
                .flatMap { Array($0.properties.uppercaseMapping.unicodeScalars) }
                .flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
        }
    }
}
