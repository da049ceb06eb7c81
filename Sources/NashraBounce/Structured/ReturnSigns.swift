// SPDX-License-Identifier: Apache-2.0
//
// Sentences by which mail systems say that a message was not delivered, is late, or was delivered, from Rules/returns.tsv.
// Pure.
import NashraCore

/// The sentences that make a machine's text a report.
struct ReturnSigns: Sendable {
    private struct Row: Sendable {
        var words: String
        var action: BounceVerdict.Action
    }

    private var rows: [Row] = []

    /// Reads the table that is built in.
    init() {
        for row in RuleTable.rows(PackageResources.returns_tsv) where row.count >= 2 {
            guard let action = BounceVerdict.Action(rawValue: row[0]) else { continue }
            let words = String(decoding: TextFolding.fold(Array(row[1].utf8)[...]), as: UTF8.self)
            rows.append(Row(words: words, action: action))
        }
    }

    /// What a folded text says happened, by the first row that it holds; `nil` when it says nothing of the kind.
    func action(in folded: [UInt8]) -> BounceVerdict.Action? {
        rows.first { ByteSearch.find($0.words, in: folded) != nil }?.action
    }

    /// Whether a folded subject is one under which mail systems report.
    func isReport(_ subject: [UInt8]) -> Bool {
        let words = [
            "undeliver", "undelivr", "not deliver", "non deliver", "non-deliver", "nondeliver", "deliver",
            "returned",
            "failure", "failed", "bounce", "rejected", "blocked", "refused", "delay", "status notification",
            "unzustellbar", "non remis", "no entregado", "no se puede", "devuelt", "mancat", "nao entreg",
            "не доставлен", "недостав", "配信", "退信", "送達", "تسليم", "failure notice", "problem", "warning",
        ]
        return action(in: subject) != nil || words.contains { ByteSearch.find($0, in: subject) != nil }
    }
}
