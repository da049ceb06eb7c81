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
        /// Means nothing, and hides the phrases within it: what reporting systems say around a quoted reply.
        case void

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

    /// The table that is built in, read once.
    static let standard = PhraseTable(PackageResources.phrases_tsv)

    private let rows: [Row]
    private let index: PhraseIndex

    /// Reads a table.
    ///
    /// A row's fields are reason, rank, scope, phrase and source; rows that are none are left out.
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
            let weight = phrase.split(separator: UInt8(ascii: "*")).reduce(0) {
                $0 + ByteSearch.trimmed($1).count
            }
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
        case UInt8(ascii: "v"): .void
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
    /// - Returns: What the phrase means, or `nil` when none is there.
    func match(_ folded: [UInt8], isTemporary: Bool = false, atLeast rank: Rank = .weak) -> PhraseMatch? {
        var best: Row?
        for hit in hits(in: folded) {
            let row = rows[hit.phrase]
            if row.rank > rank || (isTemporary && row.isPermanentOnly) { continue }
            guard let old = best else {
                best = row
                continue
            }
            if row.rank < old.rank || (row.rank == old.rank && row.weight > old.weight) { best = row }
        }
        return best.map(found)
    }

    /// Every phrase in the text that is not hidden, in the order of their starts, for `explain` and tests.
    func all(in folded: [UInt8]) -> [(match: PhraseMatch, start: Int)] {
        hits(in: folded).map { (found(rows[$0.phrase]), $0.start) }
    }

    /// The occurrences of phrases that no void phrase hides.
    private func hits(in folded: [UInt8]) -> [PhraseIndex.Hit] {
        var hits: [PhraseIndex.Hit] = []
        var voids: [PhraseIndex.Hit] = []
        index.forEach(in: folded.span) { hit in
            if rows[hit.phrase].rank == .void { voids.append(hit) } else { hits.append(hit) }
        }
        guard !voids.isEmpty else { return hits }
        return hits.filter { hit in !voids.contains { $0.start <= hit.start && hit.end <= $0.end } }
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
