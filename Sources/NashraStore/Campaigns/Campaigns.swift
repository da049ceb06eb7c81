// SPDX-License-Identifier: Apache-2.0
//
// Campaigns as they are kept: found, listed, paused, resumed, cancelled, finished.
// Touches the store. Rules: docs/decisions/0002-ledger.md.
public import Foundation
import GRDB
public import NashraCore

extension Store {
    /// All campaigns, newest first.
    public func campaigns(limit: Int = 1_000) throws(UserError) -> [Campaign] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "\(CampaignQueries.select) ORDER BY c.id DESC LIMIT ?",
                arguments: [limit]
            ).map(CampaignQueries.campaign)
        }
    }

    /// The campaign of a name; `nil` when there is none.
    public func campaign(named name: CampaignName) throws(UserError) -> Campaign? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: "\(CampaignQueries.select) WHERE c.name = ?",
                arguments: [name.rawValue]
            )
            .map(CampaignQueries.campaign)
        }
    }

    /// The newest campaign that sent the same content to the same audience and was not cancelled; `nil` for none.
    public func previousCampaign(
        bulletin: String,
        contentHash: String,
        audienceText: String
    ) throws(UserError) -> CampaignName? {
        try read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT c.name FROM campaign c
                    JOIN bulletin b ON b.id = c.bulletin_id
                    JOIN bulletin_revision r ON r.bulletin_id = c.bulletin_id AND r.revision = c.revision
                    WHERE b.number = ? AND r.content_hash = ? AND c.audience_text = ? AND c.state <> 'cancelled'
                    ORDER BY c.id DESC
                    """,
                arguments: [bulletin, contentHash, audienceText]
            ).map(CampaignName.init)
        }
    }

    /// The rendered bulletin that was frozen with a campaign, as the draft gave it.
    public func rendered(for campaign: Int64) throws(UserError) -> Data {
        try read { db in
            let data = try Data.fetchOne(
                db,
                sql: """
                    SELECT r.rendered FROM campaign c
                    JOIN bulletin_revision r ON r.bulletin_id = c.bulletin_id AND r.revision = c.revision
                    WHERE c.id = ?
                    """,
                arguments: [campaign]
            )
            guard let data else { throw CampaignQueries.missing(campaign) }
            return data
        }
    }

    /// Holds a campaign.
    ///
    /// From the commit on no further intent is granted; messages past it may still arrive.
    ///
    /// Pausing a paused campaign changes its reason only.
    @discardableResult
    public func pause(_ campaign: Int64, reason: String, actor: String) throws(UserError) -> Campaign {
        try change(campaign, to: .paused, from: [.sending, .paused], reason: reason, actor: actor) { _, _ in }
    }

    /// Lets a paused campaign go on when a sender runs; harmless for one that is sending.
    @discardableResult
    public func resume(_ campaign: Int64, actor: String) throws(UserError) -> Campaign {
        try change(campaign, to: .sending, from: [.sending, .paused], reason: nil, actor: actor) { _, _ in }
    }

    /// Stops a campaign for good: what waits or is ambiguous becomes `cancelled`.
    ///
    /// What is in flight keeps its state until its sender tells the result; call
    /// ``takeOver(_:epoch:now:)`` as well when there is no sender any more.
    @discardableResult
    public func cancel(_ campaign: Int64, actor: String) throws(UserError) -> Campaign {
        let from: Set<CampaignState> = [.sending, .paused, .cancelled]
        return try change(campaign, to: .cancelled, from: from, reason: nil, actor: actor) { db, campaign in
            try db.execute(
                sql: """
                    UPDATE delivery SET state = 'cancelled', changed_at_ms = ?
                    WHERE id BETWEEN ? AND ? AND state IN ('queued', 'deferred', 'ambiguous')
                    """,
                arguments: [clock.now().rawValue, campaign.first, campaign.last]
            )
            try db.execute(
                sql: "UPDATE campaign SET finished_at_ms = coalesce(finished_at_ms, ?) WHERE id = ?",
                arguments: [clock.now().rawValue, campaign.id]
            )
        }
    }

    /// Marks a campaign finished when all its deliveries are final.
    ///
    /// - Returns: Whether it is finished now.
    public func finishIfDone(_ campaign: Int64, now: Timestamp) throws(UserError) -> Bool {
        try write { db in
            let open = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_due
                                   WHERE campaign_id = :c AND state IN ('queued', 'deferred'))
                        OR EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_in_flight
                                   WHERE campaign_id = :c AND state = 'in_flight')
                    """,
                arguments: ["c": campaign]
            )
            guard open == false else { return false }
            try db.execute(
                sql: """
                    UPDATE campaign SET state = 'finished', pause_reason = NULL, finished_at_ms = ?
                    WHERE id = ? AND state IN ('sending', 'paused')
                    """,
                arguments: [now.rawValue, campaign]
            )
            let changed = db.changesCount > 0
            let current = try CampaignQueries.campaign(db, id: campaign)
            if changed {
                try audit(db, actor: "sender", action: "campaign.finish", object: current.name.rawValue)
                try ReportCache.keep(db, current)
            }
            return current.state == .finished
        }
    }

    private func change(
        _ id: Int64,
        to state: CampaignState,
        from allowed: Set<CampaignState>,
        reason: String?,
        actor: String,
        also: (Database, CampaignQueries.Span) throws -> Void
    ) throws(UserError) -> Campaign {
        try write { db in
            let campaign = try CampaignQueries.campaign(db, id: id)
            let name = campaign.name
            guard allowed.contains(campaign.state) else {
                throw UserError(
                    .badData,
                    "campaign \(name) is \(campaign.state.rawValue) and cannot become \(state.rawValue)",
                    remedy: "`nashra campaigns show \(name)` tells its story."
                )
            }
            try db.execute(
                sql: "UPDATE campaign SET state = ?, pause_reason = ? WHERE id = ?",
                arguments: [state.rawValue, reason, campaign.id]
            )
            try also(db, CampaignQueries.span(db, id: campaign.id))
            if campaign.state != state || campaign.pauseReason != reason {
                try audit(
                    db,
                    actor: actor,
                    action: "campaign.\(state.rawValue)",
                    object: name.rawValue,
                    detail: reason.map { ["reason": $0] } ?? [:]
                )
            }
            return try CampaignQueries.campaign(db, id: campaign.id)
        }
    }
}

/// How campaigns are read.
enum CampaignQueries {
    static let select = """
        SELECT c.id, c.name, b.number AS bulletin, c.revision, c.state, c.pause_reason, c.audience_text,
               c.audience_count, c.settings, c.created_at_ms, c.started_at_ms, c.finished_at_ms
        FROM campaign c JOIN bulletin b ON b.id = c.bulletin_id
        """

    /// The rows of a campaign's deliveries.
    struct Span {
        let id: Int64
        let first: Int64
        let last: Int64
    }

    static func campaign(_ db: Database, id: Int64) throws -> Campaign {
        guard let row = try Row.fetchOne(db, sql: "\(select) WHERE c.id = ?", arguments: [id]) else {
            throw missing(id)
        }
        return try campaign(row)
    }

    static func missing(_ id: Int64) -> UserError {
        UserError(.bug, "there is no campaign with row \(id)", remedy: "Please report this.")
    }

    static func span(_ db: Database, id: Int64) throws -> Span {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT first_delivery_id, last_delivery_id FROM campaign WHERE id = ?",
            arguments: [id]
        )
        return Span(id: id, first: row?[0] ?? 0, last: row?[1] ?? -1)
    }

    static func campaign(_ row: Row) throws -> Campaign {
        let settings = try JSONDecoder().decode(
            CampaignSettings.self,
            from: Data((row["settings"] as String).utf8)
        )
        guard let state = CampaignState(rawValue: row["state"]) else {
            throw UserError(
                .bug,
                "a campaign has the state \(row["state"] as String)",
                remedy: "Please report this."
            )
        }
        return Campaign(
            id: row["id"],
            name: CampaignName(rawValue: row["name"]),
            bulletin: row["bulletin"],
            revision: row["revision"],
            state: state,
            pauseReason: row["pause_reason"],
            audienceText: row["audience_text"],
            audience: row["audience_count"],
            settings: settings,
            createdAt: Timestamp(rawValue: row["created_at_ms"]),
            startedAt: (row["started_at_ms"] as Int64?).map(Timestamp.init),
            finishedAt: (row["finished_at_ms"] as Int64?).map(Timestamp.init)
        )
    }
}
