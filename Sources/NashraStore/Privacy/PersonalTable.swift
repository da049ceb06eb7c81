// SPDX-License-Identifier: Apache-2.0
//
// What a table holds of a person: which rows are hers, and what erasing makes of each column.
// Values and text only. The tables themselves: PersonalData. Rules: docs/decisions/0010-privacy.md.

/// A table of the store, as far as people go.
struct PersonalTable: Sendable {
    /// What a column says of the person whose row it is in.
    enum Column: Sendable, Hashable {
        /// Handed out; stays when the person is erased: numbers, times, words of ours, links to what is emptied.
        case kept
        /// Handed out; erasing puts the value of this SQL expression there.
        case emptied(String)
        /// Not handed out, and treated by Erasing on its own: it may name others too.
        case treated
    }

    /// What erasing does to the person's rows.
    enum Fate: Sendable, Hashable { case emptied, deleted }

    /// The table.
    let name: String
    /// Its name in what is handed out; `nil`: nothing of it is.
    let section: String?
    /// Which rows are the person's, as a condition over the parameters of ``PersonScope/arguments``; `nil`: none.
    let rows: String?
    /// What becomes of them.
    let fate: Fate
    /// All columns.
    let columns: [String: Column]
    /// Columns that hold JSON.
    let json: Set<String>

    init(
        _ name: String,
        as section: String? = nil,
        rows: String? = nil,
        fate: Fate = .emptied,
        kept: [String] = [],
        emptied: [String: String] = [:],
        treated: [String] = [],
        json: Set<String> = []
    ) {
        self.name = name
        self.section = section
        self.rows = rows
        self.fate = fate
        self.json = json
        var columns: [String: Column] = [:]
        for column in kept { columns[column] = .kept }
        for (column, expression) in emptied { columns[column] = .emptied(expression) }
        for column in treated { columns[column] = .treated }
        self.columns = columns
    }

    /// The columns that are handed out, by name.
    var exported: [String] { columns.filter { $0.value != .treated }.keys.sorted() }

    /// The statement that erases the person's rows; `nil` when nothing of them is emptied.
    var erasure: String? {
        guard let rows else { return nil }
        guard fate == .emptied else { return "DELETE FROM \(name) WHERE \(rows)" }
        let changes = columns.compactMap { column, rule -> String? in
            guard case .emptied(let expression) = rule else { return nil }
            return "\(column) = \(expression)"
        }.sorted()
        return changes.isEmpty ? nil : "UPDATE \(name) SET \(changes.joined(separator: ", ")) WHERE \(rows)"
    }
}
