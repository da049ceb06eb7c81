// SPDX-License-Identifier: Apache-2.0
//
// The ledger read by the queue: what is due, what another process left behind, what is too late.
// Touches the store. Rules: docs/decisions/0002-ledger.md.
import Foundation
import GRDB
public import NashraCore

/// One start of a sending process: a random number that its rows carry, so that a later start knows them as foreign.
public struct SenderEpoch: RawRepresentable, Hashable, Sendable {
    /// The number, above 0.
    public let rawValue: Int64
    /// Wraps a number.
    public init(rawValue: Int64) { self.rawValue = rawValue }
    /// A new epoch.
    public static func random() -> SenderEpoch { SenderEpoch(rawValue: .random(in: 1...Int64.max)) }
}

/// What a restart found in flight, and did with it.
public struct Recovery: Sendable, Hashable {
    /// How many are queued once more.
    public let resent: Int
    /// How many are held as ambiguous, for an operator.
    public let held: Int
}

extension Store {
    /// Makes `epoch` the sender of a campaign, and settles what another process left in flight.
    ///
    /// Call it once per start, with the ``SenderLock`` held, before the first ``LedgerWriter``. With the policy
    /// `resend` a delivery is queued once more, the first time; everything else is held as `ambiguous`, and so is
    /// what a cancelled campaign left.
    public func takeOver(
        _ campaign: Int64,
        epoch: SenderEpoch,
        now: Timestamp
    ) throws(UserError) -> Recovery {
        try write { db in
            let current = try CampaignQueries.campaign(db, id: campaign)
            let resend = current.settings.ambiguous == .resend && current.state != .cancelled
            let foreign = "campaign_id = :c AND state = 'in_flight' AND epoch <> :e"
            let arguments: StatementArguments = ["c": campaign, "e": epoch.rawValue, "now": now.rawValue]
            try db.execute(
                sql: """
                    INSERT INTO attempt (delivery_id, number, epoch, outcome, relay, stage, scope, reply,
                        started_at_ms, finished_at_ms)
                    SELECT id, attempts, epoch, 'ambiguous', '', 'after-dot', 'ambiguous',
                        'the sending process ended before it knew the result', changed_at_ms, :now
                    FROM delivery INDEXED BY delivery_in_flight WHERE \(foreign)
                    """,
                arguments: arguments
            )
            try hooks.check(.statement)
            var resent = 0
            if resend {
                try db.execute(
                    sql: """
                        UPDATE delivery INDEXED BY delivery_in_flight SET state = 'queued', ambiguous_count = 1, next_at_ms = :now,
                            changed_at_ms = :now, reason = NULL
                        WHERE \(foreign) AND ambiguous_count = 0
                        """,
                    arguments: arguments
                )
                resent = db.changesCount
            }
            try hooks.check(.statement)
            try db.execute(
                sql: """
                    UPDATE delivery INDEXED BY delivery_in_flight SET state = 'ambiguous', changed_at_ms = :now, stage = 'after-dot'
                    WHERE \(foreign)
                    """,
                arguments: arguments
            )
            let held = db.changesCount
            try db.execute(
                sql: """
                    UPDATE campaign SET epoch = ?, started_at_ms = coalesce(started_at_ms, ?) WHERE id = ?
                    """,
                arguments: [epoch.rawValue, now.rawValue, campaign]
            )
            if resent + held > 0 {
                try audit(
                    db,
                    actor: "sender",
                    action: "campaign.recover",
                    object: current.name.rawValue,
                    detail: ["resent": String(resent), "held": String(held)]
                )
            }
            return Recovery(resent: resent, held: held)
        }
    }

    /// The next deliveries, by row number, that are due and still allowed.
    ///
    /// Those that are suppressed or have left since the freeze become `suppressed` here; the intent asks once more.
    ///
    /// - Parameters:
    ///   - campaign: Whose.
    ///   - cursor: The row number of the last delivery of the page before; 0 to begin a pass.
    ///   - now: Only what is due at or before this.
    ///   - limit: How many at most. Fewer means that the pass is over.
    /// - Returns: The page.
    /// - Throws: `inputOutput` or `tryAgain` when the store cannot be read or written.
    public func due(
        _ campaign: Int64,
        after cursor: Int64,
        now: Timestamp,
        limit: Int
    ) throws(UserError) -> [DueDelivery] {
        var allowed: [DueQueries.Found] = []
        var cursor = cursor
        var isOver = false
        while allowed.count < limit, !isOver {
            let wanted = limit - allowed.count
            let rows = try read { db in
                try DueQueries.rows(db, campaign: campaign, after: cursor, now: now, limit: wanted)
            }
            try suppress(rows.filter(\.blocked).map(\.id), now: now)
            allowed += rows.filter { !$0.blocked }
            cursor = rows.last?.id ?? cursor
            isOver = rows.count < wanted
        }
        var deliveries: [DueDelivery] = []
        deliveries.reserveCapacity(allowed.count)
        for row in allowed { deliveries.append(try row.delivery(values: FlatJSON.decode(row.merge))) }
        return deliveries
    }

    private func suppress(_ deliveries: [Int64], now: Timestamp) throws(UserError) {
        guard !deliveries.isEmpty else { return }
        try write { db in
            let suppress = try FastStatement(db, LedgerSQL.suppress)
            for id in deliveries {
                suppress.bind(1, now.rawValue)
                suppress.bind(2, id)
                try suppress.run()
            }
        }
    }

    /// When the next waiting delivery is due, or was; `nil` when none waits.
    public func nextDue(_ campaign: Int64) throws(UserError) -> Timestamp? {
        try read { db in
            try Int64.fetchOne(db, sql: DueQueries.nextSQL, arguments: [campaign]).map(Timestamp.init)
        }
    }

    /// How many deliveries a campaign has in each state; states without any are missing.
    public func stateCounts(of campaign: Int64) throws(UserError) -> [DeliveryState: Int] {
        try read { db in
            let span = try CampaignQueries.span(db, id: campaign)
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT state, count(*) FROM delivery WHERE id BETWEEN ? AND ? GROUP BY state",
                arguments: [span.first, span.last]
            )
            var counts: [DeliveryState: Int] = [:]
            for row in rows { counts[try DeliveryState(stored: row[0])] = row[1] }
            return counts
        }
    }

    /// Ends what waits when the campaign's time is over: its own end, or the schedule's lifetime after its date.
    ///
    /// - Returns: How many deliveries are `expired` now.
    @discardableResult
    public func expire(_ campaign: Int64, now: Timestamp) throws(UserError) -> Int {
        let settings = try read { db in try CampaignQueries.campaign(db, id: campaign).settings }
        let lifetime = settings.date + .milliseconds(settings.retry.lifetimeInMilliseconds)
        guard now >= min(settings.expiresAt ?? lifetime, lifetime) else { return 0 }
        return try write { db in
            try db.execute(
                sql: """
                    UPDATE delivery INDEXED BY delivery_due SET state = 'expired', changed_at_ms = ?
                    WHERE campaign_id = ? AND state IN ('queued', 'deferred')
                    """,
                arguments: [now.rawValue, campaign]
            )
            return db.changesCount
        }
    }

    /// Settles the ambiguous deliveries of a campaign as an operator decides.
    ///
    /// - Parameters:
    ///   - campaign: Whose.
    ///   - resend: `true` queues them once more, and a finished campaign goes on; `false` makes them `cancelled`.
    ///   - actor: Who decided.
    /// - Returns: How many there were.
    /// - Throws: `badData` when the campaign is cancelled and they are to be sent.
    @discardableResult
    public func settle(_ campaign: Int64, resend: Bool, actor: String) throws(UserError) -> Int {
        try write { db in
            let span = try CampaignQueries.span(db, id: campaign)
            let now = clock.now().rawValue
            let current = try CampaignQueries.campaign(db, id: campaign)
            guard !resend || current.state != .cancelled else {
                throw UserError(
                    .badData,
                    "campaign \(current.name) is cancelled; nothing of it is sent any more",
                    remedy: "Start a new campaign."
                )
            }
            try db.execute(
                sql: """
                    UPDATE delivery SET state = ?, next_at_ms = ?, changed_at_ms = ?, reason = NULL
                    WHERE id BETWEEN ? AND ? AND state = 'ambiguous'
                    """,
                arguments: [resend ? "queued" : "cancelled", now, now, span.first, span.last]
            )
            let count = db.changesCount
            guard count > 0 else { return 0 }
            try ReportCache.drop(db, campaign)
            if resend {
                try db.execute(
                    sql: """
                        UPDATE campaign SET state = 'sending', finished_at_ms = NULL
                        WHERE id = ? AND state = 'finished'
                        """,
                    arguments: [campaign]
                )
            }
            try audit(
                db,
                actor: actor,
                action: "campaign.settle",
                object: current.name.rawValue,
                detail: ["resend": String(resend), "count": String(count)]
            )
            return count
        }
    }
}

extension DeliveryState {
    /// The state that a row says.
    init(stored: String) throws(UserError) {
        guard let state = DeliveryState(rawValue: stored) else {
            throw UserError(.bug, "a delivery has the state \(stored)", remedy: "Please report this.")
        }
        self = state
    }
}
