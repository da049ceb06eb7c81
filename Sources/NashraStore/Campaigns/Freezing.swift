// SPDX-License-Identifier: Apache-2.0
//
// The freeze: revision, campaign and one delivery per person, in one transaction.
// Touches the store. Rules: docs/decisions/0002-ledger.md.
import Foundation
import GRDB
public import NashraCore

extension Store {
    /// Freezes content and audience; from then on the campaign does not change, only its deliveries' states do.
    ///
    /// - Returns: The campaign, in state `sending`, not started.
    /// - Throws: `badData` when nobody is left to send to; what ``plan(_:chain:available:)`` throws.
    public func freeze(_ draft: CampaignDraft) throws(UserError) -> Campaign {
        let campaign = try write { db in
            let now = clock.now()
            let freeze = Freeze(draft: draft, now: now)
            try Suppressing.endExpired(db, now: now)
            let audience = try AudienceSQL(
                db,
                query: draft.query,
                chain: draft.chain,
                available: draft.available,
                now: now
            )
            let revision = try freeze.revision(db)
            try hooks.check(.statement)
            let name = try freeze.insertCampaign(db, revision: revision)
            let campaignID = db.lastInsertedRowID
            try hooks.check(.statement)
            try freeze.insertDeliveries(db, audience: audience, campaign: campaignID)
            let count = db.changesCount
            guard count > 0 else {
                throw UserError(
                    .badData,
                    "nobody is left to send to: \(draft.query.text) gives an empty audience",
                    remedy: "`nashra send … --dry-run` says who was left out, and why."
                )
            }
            try hooks.check(.statement)
            let last = db.lastInsertedRowID
            try db.execute(
                sql: """
                    UPDATE campaign SET audience_count = ?, first_delivery_id = ?, last_delivery_id = ?
                    WHERE id = ?
                    """,
                arguments: [count, last - Int64(count) + 1, last, campaignID]
            )
            try audit(
                db,
                actor: draft.actor,
                action: "campaign.freeze",
                object: name.rawValue,
                detail: [
                    "bulletin": draft.bulletin, "revision": String(revision.number),
                    "audience": draft.query.text, "count": String(count),
                ]
            )
            hooks.pass(.beforeFreezeCommit)
            return try CampaignQueries.campaign(db, id: campaignID)
        }
        hooks.pass(.afterFreezeCommit)
        return campaign
    }
}

/// The steps of one freeze.
private struct Freeze {
    let draft: CampaignDraft
    let now: Timestamp

    struct Revision {
        let bulletin: Int64
        let number: Int
    }

    /// Finds the revision with this content, or adds the next one.
    func revision(_ db: Database) throws -> Revision {
        try db.execute(
            sql: "INSERT OR IGNORE INTO bulletin (number, created_at_ms) VALUES (?, ?)",
            arguments: [draft.bulletin, now.rawValue]
        )
        guard
            let bulletin = try Int64.fetchOne(
                db,
                sql: "SELECT id FROM bulletin WHERE number = ?",
                arguments: [draft.bulletin]
            )
        else {
            throw UserError(
                .badData,
                "\(draft.bulletin) is no bulletin number",
                remedy: "Give 1 to 64 characters."
            )
        }
        let known = try Int.fetchOne(
            db,
            sql: """
                SELECT revision FROM bulletin_revision
                WHERE bulletin_id = ? AND content_hash = ? AND rendered = ? ORDER BY revision DESC
                """,
            arguments: [bulletin, draft.contentHash, draft.rendered]
        )
        if let known { return Revision(bulletin: bulletin, number: known) }
        let newest = try Int.fetchOne(
            db,
            sql: "SELECT max(revision) FROM bulletin_revision WHERE bulletin_id = ?",
            arguments: [bulletin]
        )
        let next = (newest ?? 0) + 1
        try db.execute(
            sql: "INSERT INTO bulletin_revision VALUES (?, ?, ?, ?, ?)",
            arguments: [bulletin, next, draft.contentHash, draft.rendered, now.rawValue]
        )
        return Revision(bulletin: bulletin, number: next)
    }

    /// Adds the campaign, for an audience of one until the deliveries are counted.
    func insertCampaign(_ db: Database, revision: Revision) throws -> CampaignName {
        let year = Int(now.iso8601.prefix(4)) ?? 1970
        let newest = try Int.fetchOne(
            db,
            sql: "SELECT max(number) FROM campaign WHERE year = ?",
            arguments: [year]
        )
        let number = (newest ?? 0) + 1
        let name = CampaignName(year: year, number: number)
        let settings = String(decoding: try JSONEncoder().encode(draft.settings), as: UTF8.self)
        try db.execute(
            sql: """
                INSERT INTO campaign (name, year, number, bulletin_id, revision, settings, audience_text,
                    audience_count, first_delivery_id, last_delivery_id, created_at_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0, 0, ?)
                """,
            arguments: [
                name.rawValue, year, number, revision.bulletin, revision.number, settings, draft.query.text,
                now.rawValue,
            ]
        )
        return name
    }

    /// Adds one delivery per person who is in.
    func insertDeliveries(_ db: Database, audience: AudienceSQL, campaign: Int64) throws {
        var arguments = audience.arguments
        let merge = MergeValues.sql(draft.fields, &arguments)
        _ = arguments.append(contentsOf: ["campaign": campaign])
        try db.execute(
            sql: """
                INSERT INTO delivery (campaign_id, subscriber_id, topic_id, address, address_key, domain, language,
                    merge, next_at_ms, changed_at_ms)
                \(audience.with)
                SELECT :campaign, subscriber_id, topic_id, address, address_key, domain, variant, \(merge), :now, :now
                FROM (\(audience.people)) WHERE exclusion = ''
                """,
            arguments: arguments
        )
    }
}

/// The merge values of a person as they are frozen.
enum MergeValues {
    /// Fields that the composer fills at the last moment; nothing of them is frozen.
    private static let systemFields: Set<String> = ["unsubscribe_url", "message_id"]

    /// The values as one JSON object; names and paths are bound, like every value.
    static func sql(_ fields: Set<String>, _ arguments: inout StatementArguments) -> String {
        var pairs: [String] = []
        for (index, field) in fields.subtracting(systemFields).sorted().enumerated() {
            _ = arguments.append(contentsOf: ["f\(index)": field])
            switch field {
            case "name": pairs.append(":f\(index), name")
            case "email": pairs.append(":f\(index), address")
            case "language": pairs.append(":f\(index), variant")
            default:
                pairs.append(
                    ":f\(index), (SELECT value FROM json_each(attributes) j WHERE j.key = :f\(index))"
                )
            }
        }
        return pairs.isEmpty ? "'{}'" : "json_object(\(pairs.joined(separator: ", ")))"
    }
}
