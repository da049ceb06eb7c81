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
    let schema: AttributeSchema
    /// Where a value of the wrong form costs the value and not the row.
    private let skips: Set<String>
    private let attributeCount: Int

    init(columns: ImportColumns, defaultLanguage: Language?, schema: AttributeSchema = .none) {
        self.columns = columns
        self.defaultLanguage = defaultLanguage
        self.schema = schema
        attributeCount = columns.meanings.count { if case .attribute = $0 { true } else { false } }
        skips = Set(schema.attributes.lazy.filter { $0.onError == .skip }.map(\.name))
    }

    /// The person in `record`.
    func check(_ record: CSVRecord) throws(Refusal) -> ImportRow {
        var notes = RowNotes()
        return try check(record, &notes)
    }

    /// The person in `record`; what is worth saying about a row that is taken goes to `notes`.
    func check(_ record: CSVRecord, _ notes: inout RowNotes) throws(Refusal) -> ImportRow {
        try checkWidth(record)
        let read: CleanedAddress
        do throws(AddressFault) {
            read = try CleanedAddress.read(
                Self.freed(record[columns.email]),
                remembering: &notes.domains
            )
        } catch {
            throw Refusal(reason: error.description)
        }
        var row = ImportRow(address: read.address, language: defaultLanguage)
        row.attributes.reserveCapacity(attributeCount)
        for (index, meaning) in columns.meanings.enumerated() {
            switch meaning {
            case .email, .ignored, .namePart: continue
            case .name: row.name = try Self.text(record[index], called: "name", limit: Self.nameBytes)
            case .language: row.language = try LanguageWords.language(record[index]) ?? defaultLanguage
            case .attribute(let field):
                guard let text = try Self.text(record[index], called: field) else { continue }
                if let value = try value(text, of: field, record.line, &notes) {
                    row.attributes[field] = value
                }
            }
        }
        if let column = columns.state { row.state = try Self.state(record[column]) }
        if !columns.nameParts.isEmpty { row.name = try joinedName(record) }
        if !read.cleanings.isEmpty { notes.note(read.cleanings) }
        notes.note(read.address, line: record.line)
        return row
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

    /// A value in its canonical form, or `nil` when it is left out.
    private func value(
        _ text: String,
        of field: String,
        _ line: Int,
        _ notes: inout RowNotes
    ) throws(Refusal) -> String? {
        do throws(AttributeFault) {
            let value = try schema.canonical(text, for: field)
            return value.isEmpty ? nil : value
        } catch {
            guard skips.contains(field) else { throw Refusal(reason: error.description) }
            notes.note(error, line: line)
            return nil
        }
    }

    /// Where a person of our own export stands.
    private static func state(_ bytes: ArraySlice<UInt8>) throws(Refusal) -> Subscriber.State? {
        guard let word = try text(bytes, called: "state") else { return nil }
        guard let state = Subscriber.State(rawValue: word), state != .erased else {
            throw Refusal(reason: "state is not one of: active, pending, unsubscribed")
        }
        return state
    }

    /// First name and family name in one, with a space between them.
    private func joinedName(_ record: CSVRecord) throws(Refusal) -> String? {
        var name = ""
        for index in columns.nameParts {
            guard let part = try Self.text(record[index], called: "name", limit: Self.nameBytes) else {
                continue
            }
            name += name.isEmpty ? part : " " + part
        }
        guard name.utf8.count <= Self.nameBytes else {
            throw Refusal(reason: "name is longer than \(Self.nameBytes) bytes")
        }
        return name.isEmpty ? nil : name
    }

    // MARK: Texts

    /// A field as text without white space at its ends; `nil` when nothing is left.
    static func text(
        _ bytes: ArraySlice<UInt8>,
        called field: String,
        limit: Int = .max
    ) throws(Refusal) -> String? {
        var slice = freed(bytes)
        while let last = slice.last, last == 0x20 || last == 0x09 { slice.removeLast() }
        while let first = slice.first, first == 0x20 || first == 0x09 { slice.removeFirst() }
        if slice.isEmpty { return nil }
        let text = isHarmless(slice) ? validated(slice) : try checked(slice, field)
        guard let text else {
            if String(validating: slice, as: UTF8.self) == nil {
                throw Refusal(reason: "\(field) is not valid UTF-8")
            }
            return nil
        }
        guard text.utf8.count <= limit else {
            throw Refusal(reason: "\(field) is longer than \(limit) bytes")
        }
        return text
    }

    /// A field without the apostrophe that our exports put before what a spreadsheet would run.
    static func freed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard bytes.first == UInt8(ascii: "'"), FormulaGuard.looksGuarded(bytes) else { return bytes }
        return bytes.dropFirst()
    }

    /// Whether no byte can belong to anything that is forbidden or blank: true of nearly all names, Arabic ones too.
    private static func isHarmless(_ bytes: ArraySlice<UInt8>) -> Bool {
        for byte in bytes {
            switch byte {
            case 0x20...0x7E, 0xC3...0xE0, 0xE4...0xEE, 0x80...0xBF: continue
            default: return false
            }
        }
        return true
    }

    /// The text of harmless bytes; `nil` when they are not UTF-8.
    ///
    /// Repairing puts the three bytes of U+FFFD for one or two, for nothing of four bytes is harmless; so what was
    /// repaired is longer. Validating costs several times as much.
    private static func validated(_ bytes: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.utf8.count == bytes.count ? text : nil
    }

    /// The text of a field, scalar by scalar; `nil` when nothing is left or it is not UTF-8.
    private static func checked(_ bytes: ArraySlice<UInt8>, _ field: String) throws(Refusal) -> String? {
        guard let whole = String(validating: bytes, as: UTF8.self) else { return nil }
        let scalars = Array(whole.unicodeScalars)
        let start = scalars.prefix { isBlank($0) }.count
        let end = scalars.count - scalars.reversed().prefix { isBlank($0) }.count
        guard start < end else { return nil }
        let kept = scalars[start..<end]
        if let bad = kept.first(where: isForbidden) {
            throw Refusal(reason: "\(field) holds \(words(for: bad))")
        }
        return String(String.UnicodeScalarView(kept))
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
