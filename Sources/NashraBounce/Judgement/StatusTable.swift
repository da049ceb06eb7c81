// SPDX-License-Identifier: Apache-2.0
//
// What an enhanced status code means, from Rules/statuses.tsv.
// Pure. Rules: the IANA registry "SMTP Enhanced Status Codes" and the vendors' lists that the table's rows cite.
import NashraCore

/// What enhanced status codes mean.
struct StatusTable: Sendable {
    /// A row of the table.
    struct Meaning: Sendable, Equatable {
        /// What it means.
        var reason: RefusalReason
        /// Whether the code means one thing only wherever it is used; a loose one yields to any sure phrase, and the words
        /// about it count.
        var isFirm: Bool
    }

    private var meanings: [UInt32: Meaning] = [:]

    /// Reads the table that is built in.
    init() {
        for row in RuleTable.rows(PackageResources.statuses_tsv) where row.count >= 3 {
            guard let reason = RefusalReason(rawValue: row[1]), let key = Self.key(row[0]) else { continue }
            meanings[key] = Meaning(reason: reason, isFirm: row[2] == "firm")
        }
    }

    /// What a code means; `nil` when it says nothing.
    func meaning(of status: EnhancedStatusCode) -> Meaning? {
        meanings[Self.key(status.category, status.subject, status.detail)]
            ?? meanings[Self.key(0, status.subject, status.detail)]
    }

    private static func key(_ category: UInt8, _ subject: UInt16, _ detail: UInt16) -> UInt32 {
        UInt32(category) << 20 | UInt32(subject) << 10 | UInt32(detail)
    }

    /// `5.1.1`, or `x.1.1` for every class.
    private static func key(_ text: String) -> UInt32? {
        let fields = text.split(separator: ".")
        guard fields.count == 3, let subject = UInt16(fields[1]), let detail = UInt16(fields[2]) else {
            return nil
        }
        if fields[0] == "x" { return key(0, subject, detail) }
        return UInt8(fields[0]).map { key($0, subject, detail) }
    }
}

/// Reads the tables in Rules/.
enum RuleTable {
    /// The rows of a table: fields between tabs, without comment lines (`#`) and empty ones.
    static func rows(_ bytes: [UInt8]) -> [[String]] {
        bytes.split(separator: 0x0A).compactMap { line in
            guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
            return line.split(separator: 0x09, omittingEmptySubsequences: false).map {
                String(decoding: ByteSearch.trimmed($0), as: UTF8.self)
            }
        }
    }
}
