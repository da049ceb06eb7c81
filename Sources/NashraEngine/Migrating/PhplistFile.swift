// SPDX-License-Identifier: Apache-2.0
//
// What phpList exports: subscribers with their states, attributes and lists, and the blacklist as a table.
// Reads one file, twice when it separates lists by spaces. Format: phpList 3, Subscribers > Export; docs/moving-in.md.
import NashraCSV
import NashraCore
import NashraStore

/// Opens one file of phpList.
enum PhplistFile {
    static func open(_ path: String, _ context: MigrationContext) throws(UserError) -> any ForeignFile {
        let table = try ForeignTable(path, context)
        guard let email = table.column("email") else {
            throw context.unknown(path, "the first row does not name a column Email")
        }
        if let column = table.column("reason", "data") {
            return PhplistBlacklist(table, email: email, reason: column)
        }
        let lists = table.column("list membership") ?? table.header.count - 1
        let isExport = PhplistColumns.isSystem(table.header) || table.column("list membership") != nil
        guard isExport, lists != email else {
            if table.column("added") != nil { return PhplistBlacklist(table, email: email, reason: nil) }
            throw context.unknown(path, "the first row names none of phpList's own columns")
        }
        let names = try PhplistLists(path, column: lists, context)
        return PhplistExport(table, email: email, lists: lists, names: names)
    }
}

/// phpList's own columns, by both of the wordings that its versions use.
enum PhplistColumns {
    static let confirmed = ["confirmed", "is this user confirmed", "is this subscriber confirmed"]
    static let blacklisted = ["blacklisted", "is this user blacklisted", "is this subscriber blacklisted"]
    static let disabled = [
        "disabled", "is this account disabled?", "is this user disabled?", "is this subscriber disabled?",
    ]
    static let bounces = [
        "bouncecount", "number of bounces on this user", "number of bounces on this subscriber",
        "number of bounces",
    ]
    static let entered = ["entered"]
    static let modified = ["modified", "last modified"]

    /// Those that say nothing about the person.
    static let technical: Set<String> = [
        "id", "optedin", "did this user manually confirm", "did this subscriber manually confirm", "uniqid",
        "unique id for user", "unique id for subscriber", "unique id", "uuid", "htmlemail",
        "send this user html emails", "send this subscriber html emails", "subscribepage",
        "which page was used to subscribe", "rssfrequency", "rss frequency", "password", "passwordchanged",
        "last time password was changed", "extradata", "additional data", "foreignkey", "foreign key",
        "list membership", "ip", "change summary", "change detail", "email", "",
    ]

    static let own = Set(confirmed + blacklisted + disabled + bounces + entered + modified).union(technical)

    /// Whether a header has two columns that only phpList calls so.
    static func isSystem(_ header: [String]) -> Bool {
        let known = Set(confirmed + blacklisted + disabled + bounces + entered)
        return header.count { known.contains(ForeignTable.folded($0)) } >= 2
    }
}

/// Subscribers.
private final class PhplistExport: ForeignFile {
    /// From so many bounces on phpList takes a subscriber's confirmation back: bounce_unsubscribe_threshold.
    static let bouncing = 5

    private(set) var notes: [String: Int] = [:]
    private let table: ForeignTable
    private let email: Int
    private let lists: Int
    private let names: PhplistLists
    private let attributes: [(column: Int, name: String)]
    private let columns: [String: Int]

    var kind: String { "phpList's export of subscribers" }

    init(_ table: ForeignTable, email: Int, lists: Int, names: PhplistLists) {
        self.table = table
        self.email = email
        self.lists = lists
        self.names = names
        let folded = table.header.map(ForeignTable.folded)
        attributes = folded.enumerated().compactMap { column, name in
            column == lists || PhplistColumns.own.contains(name) ? nil : (column, table.header[column])
        }
        columns = Dictionary(folded.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
    }

    func next() throws(UserError) -> ForeignStep {
        let row: ForeignTable.Row
        switch try table.next() {
        case .row(let found): row = found
        case .other(let step): return step
        }
        guard row.texts.count == table.header.count else {
            let reason = "the row has \(row.texts.count) fields and the header \(table.header.count)"
            return .refused(line: row.line, reason: reason, fields: row.texts)
        }
        var person = ForeignPerson(address: row[email])
        person.createdAt = ForeignTime.parse(text(row, PhplistColumns.entered))
        person.attributes = attributes.map { ($0.name, row[$0.column]) }
        let isConfirmed = text(row, PhplistColumns.confirmed) != "0"
        person.suppression = suppression(row, isConfirmed: isConfirmed)
        person.memberships = names.split(row[lists]).map {
            ForeignPerson.Membership(
                list: $0,
                state: isConfirmed ? .active : .pending,
                consentAt: isConfirmed ? person.createdAt : nil
            )
        }
        if names.isGuessed, person.memberships.count > 1 {
            notes[
                "people were read to be in several lists: phpList separated them by spaces only",
                default: 0
            ] += 1
        }
        return .person(person, line: row.line)
    }

    private func suppression(_ row: ForeignTable.Row, isConfirmed: Bool) -> ImportSuppression? {
        let since = ForeignTime.parse(text(row, PhplistColumns.modified))
        if Self.isTrue(text(row, PhplistColumns.blacklisted)) {
            return ImportSuppression(reason: .operator, note: "blacklisted in phpList", since: since)
        }
        if Self.isTrue(text(row, PhplistColumns.disabled)) {
            return ImportSuppression(reason: .operator, note: "disabled in phpList", since: since)
        }
        let count = Int(text(row, PhplistColumns.bounces)) ?? 0
        guard !isConfirmed, count >= Self.bouncing else { return nil }
        return ImportSuppression(reason: .softBounce, note: "\(count) bounces in phpList", since: since)
    }

    private func text(_ row: ForeignTable.Row, _ names: [String]) -> String {
        row[names.compactMap { columns[$0] }.first]
    }

    private static func isTrue(_ text: String) -> Bool {
        !["", "0", "no", "false"].contains(text.lowercased())
    }
}

/// The blacklist: address, when, and why as phpList noted it.
private final class PhplistBlacklist: ForeignFile {
    private let table: ForeignTable
    private let email: Int
    private let reason: Int?

    var kind: String { "phpList's blacklist" }

    init(_ table: ForeignTable, email: Int, reason: Int?) {
        self.table = table
        self.email = email
        self.reason = reason
    }

    func next() throws(UserError) -> ForeignStep {
        let row: ForeignTable.Row
        switch try table.next() {
        case .row(let found): row = found
        case .other(let step): return step
        }
        let name = row[table.column("name")]
        guard name.isEmpty || name == "reason" else {
            return .passedOver(reason: "details of blacklisted people")
        }
        let words = row[reason]
        var person = ForeignPerson(address: row[email])
        person.suppression = ImportSuppression(
            reason: Self.meaning(words),
            note: "blacklisted in phpList\(words.isEmpty ? "" : ": \(words.prefix(200))")",
            since: ForeignTime.parse(row[table.column("added", "entered", "date")])
        )
        return .person(person, line: row.line)
    }

    /// phpList notes its reasons as sentences, in the language of its pages.
    private static func meaning(_ words: String) -> SuppressionReason {
        let folded = words.lowercased()
        func says(_ parts: String...) -> Bool { parts.contains { folded.contains($0) } }
        if says("complain", "abuse", "spam", "feedback loop") { return .complaint }
        if says("bounce") { return .hardBounce }
        if says("unsubscri", "opt out", "opted out", "désabonn", "إلغاء") { return .unsubscribe }
        return .operator
    }
}

/// How one export's column of lists is taken apart.
///
/// phpList 3.3 and later end each name with `; `. Before, names only have a space between them, and may hold spaces
/// themselves; then a name is what some person has alone, or what the user named.
private struct PhplistLists {
    /// Whether names had to be found by their spaces.
    let isGuessed: Bool
    private let names: Set<String>

    private static let limit = 10_000

    init(_ path: String, column: Int, _ context: MigrationContext) throws(UserError) {
        let table = try ForeignTable(path, context)
        var cells: Set<String> = []
        while true {
            let step = try table.next()
            if case .other(.end) = step { break }
            if case .other(.cutOff) = step { break }
            guard case .row(let row) = step else { continue }
            if row[column].utf8.contains(UInt8(ascii: ";")) {
                (isGuessed, names) = (false, [])
                return
            }
            if cells.count < Self.limit { cells.insert(Self.trimmed(row[column][...])) }
        }
        isGuessed = true
        var names = context.knownLists
        for cell in cells.sorted(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) })
        where Self.segments(cell, names) == nil {
            names.insert(cell)
        }
        self.names = names
    }

    /// The lists of one cell.
    func split(_ cell: String) -> [String] {
        let text = Self.trimmed(cell[...])
        guard !text.isEmpty, text != "No Lists" else { return [] }
        if isGuessed { return Self.segments(text, names) ?? [text] }
        return text.split(separator: ";").map { Self.trimmed($0) }.filter { !$0.isEmpty }
    }

    /// `text` as names with one space between them, longest first; `nil` when it is none.
    private static func segments(_ text: String, _ names: Set<String>) -> [String]? {
        let words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard words.count <= 64 else { return nil }
        // reached[n]: how the first n words are made of names.
        var reached: [[String]?] = [[]] + [[String]?](repeating: nil, count: words.count)
        for end in 1...max(1, words.count) where end <= words.count {
            for start in 0..<end where reached[end] == nil {
                guard let before = reached[start] else { continue }
                let name = words[start..<end].joined(separator: " ")
                if names.contains(name) { reached[end] = before + [name] }
            }
        }
        return words.isEmpty ? nil : reached[words.count]
    }

    private static func trimmed(_ text: Substring) -> String {
        text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
}
