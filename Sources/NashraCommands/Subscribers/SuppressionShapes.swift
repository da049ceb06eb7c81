// SPDX-License-Identifier: Apache-2.0
//
// Suppressions as JSON, CSV and people see them.
// Pure values.
import NashraCore
import NashraEngine
import NashraStore

struct SuppressionLine: Encodable {
    let address: String
    let scope: String
    let reason: String
    let origin: String
    let note: String
    let created: String
    let createdBy: String
    let expires: String?

    enum CodingKeys: String, CodingKey {
        case address, scope, reason, origin, note, created, expires
        case createdBy = "created_by"
    }

    init(_ suppression: Suppression) {
        // The key's domain is for machines; people know it by its letters.
        let parts = suppression.addressKey.split(separator: "@", maxSplits: 1).map(String.init)
        address = parts.count == 2 ? "\(parts[0])@\(DomainName.uLabels(parts[1]))" : suppression.addressKey
        scope = suppression.scope.description
        reason = suppression.reason.rawValue
        origin = suppression.origin
        note = suppression.note
        created = suppression.createdAt.iso8601
        createdBy = suppression.createdBy
        expires = suppression.expiresAt?.iso8601
    }

    static let header = [
        "address", "scope", "reason", "origin", "note", "created", "created_by", "expires",
    ]

    var cells: [String] {
        [address, scope, reason, origin, note, created, createdBy, expires ?? ""]
    }
}

struct SuppressionList: Encodable {
    let schema = "nashra.suppressions.v1"
    let total: Int
    let suppressions: [SuppressionLine]

    var rows: [[String]] { [SuppressionLine.header] + suppressions.map(\.cells) }
}

extension SuppressionList {
    /// For people: what fits on a line.
    var table: String {
        Table(
            ["address", "scope", "reason", "by", "since", "expires", "note"],
            suppressions.map {
                [
                    $0.address, $0.scope, $0.reason, $0.origin, String($0.created.prefix(10)),
                    $0.expires ?? "",
                    $0.note,
                ]
            }
        ).text
    }
}

/// One line of an export in JSON.
struct SuppressionRecord: Encodable {
    let line: SuppressionLine

    init(_ line: SuppressionLine) { self.line = line }

    private enum Key: String, CodingKey { case schema }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("nashra.suppression.v1", forKey: .schema)
        try line.encode(to: encoder)
    }
}

/// What suppresses one address, and what did.
struct SuppressionShown: Encodable {
    struct Spell: Encodable {
        let scope: String
        let reason: String
        let origin: String
        let note: String
        let created: String
        let createdBy: String
        let expires: String?
        let ended: String?
        let how: String?
        let endedBy: String?
        let why: String?

        enum CodingKeys: String, CodingKey {
            case scope, reason, origin, note, created, expires, ended, how, why
            case createdBy = "created_by"
            case endedBy = "ended_by"
        }

        init(_ spell: SuppressionSpell) {
            scope = spell.scope.description
            reason = spell.reason.rawValue
            origin = spell.origin
            note = spell.note
            created = spell.from.iso8601
            createdBy = spell.by
            expires = spell.expires?.iso8601
            ended = spell.until?.iso8601
            how = spell.end?.rawValue
            endedBy = spell.endedBy
            why = spell.endedWhy
        }
    }

    let schema = "nashra.suppression.v1"
    let address: String
    let suppressions: [SuppressionLine]
    let history: [Spell]

    var rows: [[String]] {
        [["scope", "reason", "origin", "note", "created", "created_by", "expires", "ended", "how", "why"]]
            + history.map {
                [
                    $0.scope, $0.reason, $0.origin, $0.note, $0.created, $0.createdBy, $0.expires ?? "",
                    $0.ended ?? "", $0.how ?? "", $0.why ?? "",
                ]
            }
    }

    /// A sentence, and what was when.
    var text: String {
        let scopes = suppressions.map(\.scope).joined(separator: ", ")
        let head = suppressions.isEmpty ? "not suppressed now" : "suppressed now: \(scopes)"
        return "\(address): \(head)\n\n"
            + Table(
                ["since", "until", "scope", "reason", "by", "note", "ended"],
                history.map { spell in
                    [
                        spell.created, spell.ended ?? spell.expires.map { "(\($0))" } ?? "", spell.scope,
                        spell.reason, spell.origin, spell.note,
                        [spell.how, spell.why].compactMap(\.self).filter { !$0.isEmpty }
                            .joined(separator: ": "),
                    ]
                }
            ).text
    }
}

/// What an import of suppressions did.
struct SuppressionImportShown: Encodable {
    struct File: Encodable {
        struct Rejection: Encodable {
            let line: Int?
            let reason: String
        }

        let file: String
        let rows: Int
        let added: Int
        let replaced: Int
        let unchanged: Int
        let duplicates: Int
        let rejected: Int
        let rejections: [Rejection]
    }

    let schema = "nashra.suppressions-import.v1"
    let isDryRun: Bool
    let files: [File]

    enum CodingKeys: String, CodingKey {
        case schema, files
        case isDryRun = "dry_run"
    }

    init(_ summaries: [SuppressionSummary], isDryRun: Bool) {
        self.isDryRun = isDryRun
        files = summaries.map { summary in
            File(
                file: summary.file,
                rows: summary.rows,
                added: summary.added,
                replaced: summary.replaced,
                unchanged: summary.unchanged,
                duplicates: summary.duplicates,
                rejected: summary.rejected,
                rejections: summary.rejections.map { .init(line: $0.line, reason: $0.message) }
            )
        }
    }

    var rows: [[String]] {
        [["file", "rows", "added", "replaced", "unchanged", "duplicates", "rejected"]]
            + files.map { file in
                [file.file]
                    + [file.rows, file.added, file.replaced, file.unchanged, file.duplicates, file.rejected]
                    .map(String.init)
            }
    }
}
