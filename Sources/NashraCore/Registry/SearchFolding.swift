// SPDX-License-Identifier: Apache-2.0
//
// Makes texts comparable that people take for the same: أحمد, أَحْمَد and احـمد; Zoë and zoe; ٢٠٢٦ and 2026.
// Pure. For searching and matching only: what is folded is never kept or shown.
// Rules: docs/attributes.md, "Folding"; Unicode 15, chapter 9.2 (Arabic).
import Foundation

/// Folds texts for searching.
///
/// Dropped: harakat and other Arabic marks, tatweel, accents of Latin, Greek and Cyrillic letters, marks of direction,
/// joiners and other invisible characters. Made one: the forms of alef, of ya (with alef maqsura and the Persian ya), of
/// kaf, ta marbuta and ha, hamza's seats with their letters, letters of both cases, Arabic, Persian and full-width
/// digits with ASCII ones, spaces of all widths. Folding what is folded changes nothing.
public enum SearchFolding {
    /// The folded form of `text`.
    public static func fold(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            if bytes.allSatisfy({ $0 < 0x80 && !(0x41...0x5A).contains($0) }) {
                return String(decoding: bytes, as: UTF8.self)
            }
            var folded: [UInt8] = []
            fold(bytes, into: &folded)
            return String(decoding: folded, as: UTF8.self)
        }
    }

    /// Folds bytes.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8. Bytes that are not are copied as they are.
    ///   - folded: Receives the folded form; what it held before is gone, its capacity is kept.
    public static func fold(_ bytes: UnsafeBufferPointer<UInt8>, into folded: inout [UInt8]) {
        folded.removeAll(keepingCapacity: true)
        folded.reserveCapacity(bytes.count)
        table.withUnsafeBufferPointer { table in
            var index = 0
            while index < bytes.count {
                if bytes[index] < 0x80 {
                    index = foldASCII(bytes, from: index, into: &folded)
                } else {
                    index += foldScalar(bytes, at: index, table, into: &folded)
                }
            }
        }
    }

    /// Folds a run of ASCII; returns where it ends.
    private static func foldASCII(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        into folded: inout [UInt8]
    ) -> Int {
        var end = start
        var hasCapital = false
        while end < bytes.count, bytes[end] < 0x80 {
            if (0x41...0x5A).contains(bytes[end]) { hasCapital = true }
            end += 1
        }
        let first = folded.count
        folded.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<end]))
        guard hasCapital else { return end }
        for index in first..<folded.count where (0x41...0x5A).contains(folded[index]) {
            folded[index] |= 0x20
        }
        return end
    }

    /// Folds the scalar at `index`, which is not ASCII; returns its length.
    private static func foldScalar(
        _ bytes: UnsafeBufferPointer<UInt8>,
        at index: Int,
        _ table: UnsafeBufferPointer<UInt32>,
        into folded: inout [UInt8]
    ) -> Int {
        let byte = bytes[index]
        if (0xC2...0xDF).contains(byte), index + 1 < bytes.count, bytes[index + 1] & 0xC0 == 0x80 {
            let value = Int(byte & 0x1F) << 6 | Int(bytes[index + 1] & 0x3F)
            let entry = table[value - 0x80]
            append(entry & 0xFFFF, to: &folded)
            if entry > 0xFFFF { append(entry >> 16, to: &folded) }
            return 2
        }
        var decoder = UTF8()
        var rest = bytes[index...].prefix(4).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&rest) else {
            folded.append(byte)
            return 1
        }
        for scalar in slow(scalar) { append(scalar.value, to: &folded) }
        return UTF8.width(scalar)
    }

    /// Appends a scalar's UTF-8; 0 stands for none.
    private static func append(_ value: UInt32, to folded: inout [UInt8]) {
        switch value {
        case 0: return
        case 1..<0x80: folded.append(UInt8(truncatingIfNeeded: value))
        case 0x80..<0x800:
            folded.append(0xC0 | UInt8(truncatingIfNeeded: value >> 6))
            folded.append(0x80 | UInt8(truncatingIfNeeded: value & 0x3F))
        default:
            guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else { return }
            folded.append(contentsOf: encoded)
        }
    }

    // MARK: Tables

    /// For U+0080...U+07FF: the scalar that stands for it, in the upper half a second one; 0 when it is dropped.
    private static let table: [UInt32] = (0x80..<0x800).map { value in
        guard let scalar = Unicode.Scalar(UInt32(value)) else { return 0 }
        let folded = slow(scalar).prefix(2).map(\.value)
        return (folded.first ?? 0) | (folded.count > 1 ? folded[1] << 16 : 0)
    }

    /// What a scalar beyond ASCII folds to.
    private static func slow(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar.value {
        case 0xAD, 0x061C, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF:
            return []
        case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: return [" "]
        case 0x0600...0x06FF, 0x0750...0x077F, 0x0870...0x08FF: return arabic(scalar)
        case 0xFB00...0xFDFF, 0xFE70...0xFEFC, 0xFF01...0xFFEE:
            let plain = String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars
            guard plain.first != scalar || plain.count > 1 else { return [scalar] }
            return plain.flatMap { $0.isASCII ? lower($0) : slow($0) }
        case 0xC0...0x052F, 0x1C80...0x1C8F, 0x1D00...0x1FFF, 0x2C60...0x2C7F, 0xA720...0xA7FF:
            return alphabetic(scalar)
        default:
            if scalar.properties.generalCategory == .nonspacingMark { return [] }
            let small = lower(scalar)
            // The Kelvin sign and its like are letters with accents once they are small.
            return small == [scalar] ? small : small.flatMap { $0.isASCII ? [$0] : slow($0) }
        }
    }

    private static func lower(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        Array(scalar.properties.lowercaseMapping.unicodeScalars)
    }

    /// Latin, Greek and Cyrillic: both cases are one, and accents fall.
    private static func alphabetic(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if let plain = Self.plain[scalar] { return plain }
        let letters = scalar.properties.lowercaseMapping.decomposedStringWithCanonicalMapping.unicodeScalars
        return letters.flatMap { letter -> [Unicode.Scalar] in
            if letter.properties.generalCategory == .nonspacingMark { return [] }
            return Self.plain[letter] ?? [letter]
        }
    }

    /// Letters that no decomposition takes apart.
    private static let plain: [Unicode.Scalar: [Unicode.Scalar]] = [
        "ß": ["s", "s"], "ẞ": ["s", "s"], "æ": ["a", "e"], "Æ": ["a", "e"], "œ": ["o", "e"], "Œ": ["o", "e"],
        "ø": ["o"], "Ø": ["o"], "đ": ["d"], "Đ": ["d"], "ð": ["d"], "Ð": ["d"], "þ": ["t", "h"],
        "Þ": ["t", "h"], "ł": ["l"], "Ł": ["l"], "ħ": ["h"], "Ħ": ["h"], "ı": ["i"], "ς": ["σ"],
    ]

    /// Letters of one sound and shape are one letter; marks and tatweel fall; digits are ASCII.
    private static func arabic(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar.value {
        case 0x0622, 0x0623, 0x0625, 0x0671, 0x0672, 0x0673, 0x0675: return ["\u{0627}"]
        case 0x0624, 0x0676: return ["\u{0648}"]
        case 0x0626, 0x0649, 0x06CC, 0x06D2, 0x06D3, 0x0678: return ["\u{064A}"]
        case 0x0629, 0x06BE, 0x06C0, 0x06C1, 0x06C2, 0x06C3, 0x06D5: return ["\u{0647}"]
        case 0x06A9, 0x06AA: return ["\u{0643}"]
        case 0x0640: return []
        case 0x0660...0x0669: return Unicode.Scalar(scalar.value - 0x0660 + 0x30).map { [$0] } ?? []
        case 0x06F0...0x06F9: return Unicode.Scalar(scalar.value - 0x06F0 + 0x30).map { [$0] } ?? []
        case 0x060C: return [","]
        case 0x061B: return [";"]
        case 0x066B: return ["."]
        default: return scalar.properties.generalCategory == .nonspacingMark ? [] : [scalar]
        }
    }
}
