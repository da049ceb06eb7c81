// SPDX-License-Identifier: Apache-2.0
//
// What the words of reports and replies mean, from Rules/phrases.tsv.
// Pure; made once and shared. Rules: docs/bounce-rules.md, "Phrases"; each row of the table says where its words come from.
import NashraCore

/// What words mean.
struct PhraseTable: Sendable {
    /// How much a phrase weighs; the smaller, the more.
    enum Rank: UInt8, Sendable, Comparable {
        /// Means one thing only.
        case sure
        /// Means this as a rule.
        case likely
        /// Better than nothing.
        case weak

        static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
    }

    /// A row of the table.
    private struct Row {
        var reason: RefusalReason
        var rank: Rank
        var isPermanentOnly: Bool
        var phrase: [UInt8]
        /// The bytes of `phrase` without stars: how much of a text it explains.
        var weight: Int
    }

    private let rows: [Row]
    private let index: PhraseIndex

    /// Reads the table that is built in.
    init() { self.init(PackageResources.phrases_tsv) }

    /// Reads a table: reason, rank, scope, phrase, source. Rows that are none are left out.
    init(_ table: [UInt8]) {
        var reasons: [[UInt8]: RefusalReason] = [:]
        for reason in RefusalReason.allCases { reasons[Array(reason.rawValue.utf8)] = reason }
        var rows: [Row] = []
        rows.reserveCapacity(table.count / 48)
        for line in table.split(separator: 0x0A) where line.first != UInt8(ascii: "#") {
            let fields = line.split(separator: 0x09)
            guard fields.count >= 4, let reason = reasons[Array(fields[0])], let rank = Self.rank(fields[1])
            else {
                continue
            }
            let phrase = TextFolding.fold(fields[3])
            let weight = phrase.reduce(0) { $1 == UInt8(ascii: "*") ? $0 : $0 + 1 }
            let permanent = fields[2].first == UInt8(ascii: "p")
            rows.append(
                Row(reason: reason, rank: rank, isPermanentOnly: permanent, phrase: phrase, weight: weight)
            )
        }
        self.rows = rows
        index = PhraseIndex(rows.map(\.phrase))
    }

    private static func rank(_ field: ArraySlice<UInt8>) -> Rank? {
        switch field.first {
        case UInt8(ascii: "s"): .sure
        case UInt8(ascii: "l"): .likely
        case UInt8(ascii: "w"): .weak
        default: nil
        }
    }

    /// How many phrases it knows.
    var count: Int { rows.count }

    /// The phrase that weighs most: of the surest rank the longest, of equals the first.
    ///
    /// - Parameters:
    ///   - folded: ``TextFolding/fold(_:)`` made it.
    ///   - isTemporary: Whether a 4xx came with the words; phrases that mean nothing beside one are left out.
    ///   - rank: The least sure rank that counts.
    func match(_ folded: [UInt8], isTemporary: Bool = false, atLeast rank: Rank = .weak) -> PhraseMatch? {
        var best: Int?
        index.forEach(in: folded.span) { hit in
            let row = rows[hit.phrase]
            if row.rank > rank || (isTemporary && row.isPermanentOnly) { return }
            guard let old = best else {
                best = hit.phrase
                return
            }
            if row.rank < rows[old].rank || (row.rank == rows[old].rank && row.weight > rows[old].weight) {
                best = hit.phrase
            }
        }
        return best.map { found(rows[$0]) }
    }

    /// Every phrase in the text, in the order of their starts, for `explain` and tests.
    func all(in folded: [UInt8]) -> [(match: PhraseMatch, start: Int)] {
        var matches: [(match: PhraseMatch, start: Int)] = []
        index.forEach(in: folded.span) { matches.append((found(rows[$0.phrase]), $0.start)) }
        return matches
    }

    private func found(_ row: Row) -> PhraseMatch {
        PhraseMatch(
            reason: row.reason,
            rule: "phrase: " + String(decoding: row.phrase, as: UTF8.self),
            isSure: row.rank == .sure,
            length: row.weight
        )
    }
}
