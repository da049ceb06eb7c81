// SPDX-License-Identifier: Apache-2.0
//
// One row of an imported file becomes one checked row, or the reason why not.
// Pure. Checks bytes and scalars, never Characters: CR LF is one Character, and so is a quote with an accent.
import NashraCSV
import NashraCore
import NashraStore

/// Checks rows of one file.
struct RowCheck {
    /// Why a row is refused, in words that name the column and not what it holds.
    struct Refusal: Error, Hashable { let reason: String }

    /// How long a name may be, in bytes.
    static let nameBytes = 400

    let columns: ImportColumns
    let defaultLanguage: Language?

    /// The person in `record`.
    func check(_ record: CSVRecord) throws(Refusal) -> ImportRow {
        try checkWidth(record)
        let address: EmailAddress
        do {
            address = try EmailAddress.parse(record[columns.email])
        } catch {
            throw Refusal(reason: error.description)
        }
        var name: String?
        var language = defaultLanguage
        var attributes: [String: String] = [:]
        for (index, meaning) in columns.meanings.enumerated() {
            switch meaning {
            case .email, .ignored: continue
            case .name: name = try Self.text(record[index], called: "name", limit: Self.nameBytes)
            case .language: language = try Self.language(record[index]) ?? defaultLanguage
            case .attribute(let field): attributes[field] = try Self.text(record[index], called: field)
            }
        }
        return ImportRow(
            address: address,
            name: name,
            language: language,
            attributes: attributes
        )
    }

    /// Refuses a row with more or fewer fields than the header: a shifted field would reach the wrong place.
    private func checkWidth(_ record: CSVRecord) throws(Refusal) {
        let expected = columns.meanings.count
        guard record.count != expected else { return }
        let surplus = record.fields.dropFirst(expected)
        guard record.count > expected, surplus.allSatisfy(\.isEmpty) else {
            throw Refusal(reason: "the row has \(record.count) fields and the header \(expected)")
        }
    }

    /// A field as text without white space at its ends; `nil` when nothing is left.
    static func text(
        _ bytes: ArraySlice<UInt8>,
        called field: String,
        limit: Int = .max
    ) throws(Refusal) -> String? {
        guard let whole = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(reason: "\(field) is not valid UTF-8")
        }
        let scalars = Array(whole.unicodeScalars)
        let start = scalars.prefix { isBlank($0) }.count
        let end = scalars.count - scalars.reversed().prefix { isBlank($0) }.count
        guard start < end else { return nil }
        let kept = scalars[start..<end]
        if let bad = kept.first(where: isForbidden) {
            throw Refusal(reason: "\(field) holds \(Self.words(for: bad))")
        }
        let text = String(String.UnicodeScalarView(kept))
        guard text.utf8.count <= limit else {
            throw Refusal(reason: "\(field) is longer than \(limit) bytes")
        }
        return text
    }

    private static func language(_ bytes: ArraySlice<UInt8>) throws(Refusal) -> Language? {
        guard let tag = try text(bytes, called: "language") else { return nil }
        guard let language = Language(rawValue: tag) else {
            throw Refusal(reason: "language is not a tag such as ar, en or fr")
        }
        return language
    }

    /// Blank at an end: spaces of all kinds and tabs, but no line ends; those are refused.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\t" || scalar.properties.generalCategory == .spaceSeparator
    }

    /// What has no place in a name: controls, line ends, overrides of direction, and invisible carriers of text.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
        case 0x202A...0x202E, 0x2066...0x2069: true
        case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
        default: false
        }
    }

    private static func words(for scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: return "a line end"
        case 0x202A...0x202E, 0x2066...0x2069: return "an override of the writing direction"
        default:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "the control U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }
}
