// SPDX-License-Identifier: Apache-2.0
//
// Fields of CSV files that a spreadsheet would run as a formula, guarded on the way out and freed on the way in.
// Pure, on bytes: to a spreadsheet `=` with a combining mark is an equals sign still, to a Swift String it is not.
// Rules: CWE-1236; OWASP ASVS 5.0 1.2.10; RFC 4180; docs/privacy.md, "Exports".

/// The guard against formula injection.
///
/// A guarded field begins with an apostrophe. Guarding and freeing are exact inverses of each other, so that an export
/// imports again to the same values: a field that already looks guarded gets one apostrophe more.
public enum FormulaGuard {
    /// Whether a field needs an apostrophe before it.
    ///
    /// - Parameter field: Its bytes, UTF-8, without quotes.
    /// - Returns: `true` when the first byte or scalar is `=`, `@`, a tab, a line end, NUL, a full-width `＝＋－＠`, or a
    ///   `+` or `-` that begins no plain number; and when such a sign of any kind stands behind apostrophes only.
    public static func isNeeded(_ field: some Collection<UInt8>) -> Bool {
        guard let first = field.first else { return false }
        if first == apostrophe { return looksGuarded(field) }
        guard startsLikeFormula(field) else { return false }
        return !(first == UInt8(ascii: "+") || first == UInt8(ascii: "-")) || !isPlainNumber(field)
    }

    /// Whether a field begins with an apostrophe that ``isNeeded(_:)`` may have asked for.
    public static func looksGuarded(_ field: some Collection<UInt8>) -> Bool {
        guard field.first == apostrophe else { return false }
        return startsLikeFormula(field.drop { $0 == apostrophe })
    }

    /// The field as a spreadsheet may have it.
    public static func guarded(_ field: String) -> String {
        isNeeded(field.utf8) ? "'\(field)" : field
    }

    /// The field as it was before ``guarded(_:)``.
    ///
    /// Takes one apostrophe away, and only one before what a spreadsheet would run; `'abc` stays as it is.
    public static func freed(_ field: String) -> String {
        looksGuarded(field.utf8) ? String(field.utf8.dropFirst()) ?? field : field
    }

    /// Adds a field to a row of a CSV file: in quotes, its quotes doubled, and guarded unless `isPlain`.
    ///
    /// - Parameters:
    ///   - field: Its bytes, UTF-8.
    ///   - isPlain: For machines: no apostrophe is added.
    ///   - bytes: The file so far; separators and line ends are the caller's.
    public static func append(_ field: some Collection<UInt8>, isPlain: Bool = false, to bytes: inout [UInt8])
    {
        bytes.append(quote)
        if !isPlain, isNeeded(field) { bytes.append(apostrophe) }
        for byte in field {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }

    private static let quote = UInt8(ascii: "\"")
    private static let apostrophe = UInt8(ascii: "'")

    private static func startsLikeFormula(_ field: some Collection<UInt8>) -> Bool {
        switch field.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0A, 0x0D,
            0x00:
            return true
        case 0xEF:
            // U+FF1D ＝, U+FF0B ＋, U+FF0D － and U+FF20 ＠ are EF BC 9D, 8B, 8D and A0.
            let rest = field.dropFirst().prefix(2)
            guard rest.count == 2, rest.first == 0xBC, let last = rest.dropFirst().first else { return false }
            return last == 0x9D || last == 0x8B || last == 0x8D || last == 0xA0
        default: return false
        }
    }

    /// A sign, digits, and at most one point: `-12.5`, and a telephone number such as `+97455551234`.
    private static func isPlainNumber(_ field: some Collection<UInt8>) -> Bool {
        let digits = field.dropFirst()
        return !digits.isEmpty && digits.count <= 20
            && digits.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            && digits.lazy.filter { $0 == UInt8(ascii: ".") }.count <= 1
    }
}
