// SPDX-License-Identifier: Apache-2.0
//
// Suppressions as JSON, CSV and people see them.
// Pure values.
import NashraCore
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
