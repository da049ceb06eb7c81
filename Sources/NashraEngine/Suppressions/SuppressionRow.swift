// SPDX-License-Identifier: Apache-2.0
//
// One row of a file of suppressions, read and checked: which column is what, and what its words mean.
// Pure. Rules: docs/suppressions.md, "Files".
import NashraCSV
import NashraCore
import NashraStore

/// Which column of a file holds what; a column that is missing is `nil`.
struct SuppressionColumns: Hashable, Sendable {
    var address: Int
    var scope: Int?
    var reason: Int?
    var origin: Int?
    var note: Int?
    var created: Int?
    var createdBy: Int?
    var expires: Int?

    /// A file without a first line of names: one address per line.
    static let addressesOnly = SuppressionColumns(address: 0)

    /// What columns are called, in the languages of exports that people keep; compared after ``folded(_:)``.
    private static let names:
        [(field: any WritableKeyPath<SuppressionColumns, Int?> & Sendable, words: Set<String>)] = [
            (
                \.scope,
                ["scope", "topic", "list", "القائمة", "الموضوع", "النطاق", "liste", "sujet", "portee"]
            ),
            (\.reason, ["reason", "السبب", "سبب", "raison", "motif"]),
            (\.origin, ["origin", "source", "المصدر", "origine"]),
            (\.note, ["note", "notes", "comment", "ملاحظة", "ملاحظات", "remarque", "commentaire"]),
            (\.created, ["created", "since", "date", "added", "التاريخ", "منذ", "depuis"]),
            (\.createdBy, ["created_by"]),
            (\.expires, ["expires", "until", "حتى", "ينتهي", "expire", "jusqu_au"]),
        ]

    private static let addressWords: Set<String> = [
        "address", "email", "e_mail", "email_address", "e_mail_address", "mail", "recipient", "adresse",
        "adresse_e_mail", "adresse_email", "adresse_electronique", "courriel", "البريد", "بريد",
        "البريد_الالكتروني", "البريد_الإلكتروني", "الايميل", "ايميل", "العنوان",
    ]

    init(address: Int) { self.address = address }

    /// Reads a first row; `nil` when it names no columns but is an address itself.
    ///
    /// - Throws: `badData` when it is neither, or names the address twice.
    init?(header: CSVRecord, file: String) throws(UserError) {
        let names = header.fields.map { Self.folded(String(decoding: $0, as: UTF8.self)) }
        let places = names.indices.filter { Self.addressWords.contains(names[$0]) }
        guard let place = places.first else {
            let isAddress = header[0].contains(UInt8(ascii: "@"))
            guard !isAddress else { return nil }
            throw UserError(
                .badData,
                "\(file): line \(header.line) names no column of addresses",
                remedy: "Call it address, or write one address per line and nothing else."
            )
        }
        guard places.count == 1 else {
            throw UserError(
                .badData,
                "\(file): columns \(place + 1) and \(places[1] + 1) could both be the address",
                remedy: "Rename one of them."
            )
        }
        address = place
        for (field, words) in Self.names {
            self[keyPath: field] = names.firstIndex(where: words.contains)
        }
    }

    /// A name in lower case, its blanks and hyphens as `_`.
    private static func folded(_ text: String) -> String {
        let words = text.lowercased().unicodeScalars.split { scalar in
            !(scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        }
        return words.map { String(String.UnicodeScalarView($0)) }.joined(separator: "_")
            .replacing("é", with: "e")
    }
}

/// Why a row is not taken.
struct SuppressionRowFault: Error {
    let reason: String
}

/// The check of one row.
struct SuppressionRow: Sendable {
    let columns: SuppressionColumns
    let defaults: SuppressionImport.Defaults
    let topics: Set<String>
    let now: Timestamp

    /// What a row asks for; `nil` for a row without anything in it, or a comment that begins with `#`.
    func draft(_ record: CSVRecord) throws(SuppressionRowFault) -> SuppressionDraft? {
        let text = try text(record, columns.address)
        guard !text.isEmpty, text.utf8.first != UInt8(ascii: "#") else {
            if record.fields.allSatisfy(\.isEmpty) || text.utf8.first == UInt8(ascii: "#") { return nil }
            throw SuppressionRowFault(reason: "the row has no address")
        }
        let address: EmailAddress
        do { address = try CleanedAddress.read(text).address } catch {
            throw SuppressionRowFault(reason: "\(error)")
        }
        let since = try moment(record, columns.created, "since")
        if let since, since > now + .seconds(86_400) {
            throw SuppressionRowFault(reason: "it begins in the future, on \(since.iso8601)")
        }
        let expires = try moment(record, columns.expires, "the end") ?? defaults.expires
        if let expires, expires <= now || expires <= since ?? now {
            throw SuppressionRowFault(reason: "its time was over on \(expires.iso8601)")
        }
        let origin = try self.text(record, columns.origin)
        let note = try self.text(record, columns.note)
        let by = try self.text(record, columns.createdBy)
        return SuppressionDraft(
            address: address,
            scope: try scope(record),
            reason: try reason(record),
            origin: origin.isEmpty ? defaults.origin : origin,
            note: note.isEmpty ? defaults.note : note,
            createdBy: by.isEmpty ? nil : by,
            since: since,
            expires: expires
        )
    }

    /// A field without white space around it, and without the apostrophe that keeps spreadsheets from running it.
    private func text(_ record: CSVRecord, _ column: Int?) throws(SuppressionRowFault) -> String {
        guard let column, column < record.count else { return "" }
        guard let text = String(validating: record[column], as: UTF8.self) else {
            throw SuppressionRowFault(reason: "column \(column + 1) is not valid UTF-8")
        }
        let kept = text.drop(while: \.isWhitespace)
        let trimmed = kept.prefix(kept.count - kept.reversed().prefix(while: \.isWhitespace).count)
        return FormulaGuard.freed(String(trimmed))
    }

    private func scope(_ record: CSVRecord) throws(SuppressionRowFault) -> SuppressionScope {
        let text = try text(record, columns.scope)
        guard !text.isEmpty else { return defaults.scope }
        let scope = SuppressionScope(text) ?? .topic(text)
        if case .topic(let name) = scope, !topics.contains(name) {
            let near = Suggestion.nearest(to: name, among: topics.sorted())
            throw SuppressionRowFault(
                reason: "there is no topic \(name)" + (near.map { "; is it \($0)?" } ?? "")
            )
        }
        return scope
    }

    /// Words of other systems for our reasons.
    private static let words: [String: SuppressionReason] = [
        "bounce": .hardBounce, "bounced": .hardBounce, "hard": .hardBounce, "soft": .softBounce,
        "spam": .complaint, "abuse": .complaint, "unsubscribed": .unsubscribe, "manual": .operator,
        "admin": .operator, "blocklisted": .operator, "blacklisted": .operator,
    ]

    private func reason(_ record: CSVRecord) throws(SuppressionRowFault) -> SuppressionReason {
        let text = try text(record, columns.reason)
        guard !text.isEmpty else { return defaults.reason }
        let word = String(text.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
        if let reason = SuppressionReason(rawValue: word) ?? Self.words[word] { return reason }
        let known = SuppressionReason.allCases.map(\.rawValue).joined(separator: ", ")
        throw SuppressionRowFault(reason: "'\(text)' is no reason; say \(known)")
    }

    private func moment(
        _ record: CSVRecord,
        _ column: Int?,
        _ what: String
    ) throws(SuppressionRowFault) -> Timestamp? {
        let text = try text(record, column)
        guard !text.isEmpty else { return nil }
        if let moment = SuppressionMoment.parse(text), moment.rawValue > 0 { return moment }
        throw SuppressionRowFault(
            reason: "\(what) '\(text)' is no time; write 2026-12-31 or 2026-12-31T08:00:00Z"
        )
    }
}

/// Times in files: RFC 3339 with a zone, or a day at its beginning in UTC.
enum SuppressionMoment {
    static func parse(_ text: String) -> Timestamp? {
        if let day = CalendarDate(text) { return day.midnightUTC }
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "),
            let day = CalendarDate(String(decoding: bytes[..<10], as: UTF8.self)),
            let time = seconds(bytes[11..<19])
        else { return nil }
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop { (0x30...0x39).contains($0) } }
        guard let zone = offset(rest) else { return nil }
        return day.midnightUTC + .seconds(time - zone)
    }

    /// `HH:MM:SS` as seconds of the day.
    private static func seconds(_ bytes: ArraySlice<UInt8>) -> Int? {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map(number)
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
            hour < 24, minute < 60, second < 61
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    /// `Z`, `+03:00` or `+0300` as seconds.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        let sign = bytes.first
        if bytes.count == 1, sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, let hours = number(digits[..<2]), let minutes = number(digits[2...]),
            hours < 15, minutes < 60
        else { return nil }
        return (hours * 3_600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count == 2, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
