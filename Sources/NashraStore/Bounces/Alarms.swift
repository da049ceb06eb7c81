// SPDX-License-Identifier: Apache-2.0
//
// Alarms: too many people of one domain or campaign were condemned at once, and somebody decides.
// Touches the store. Rules: docs/decisions/0007-bounces.md.
import GRDB
public import NashraCore

/// Trouble of a domain or a campaign, which withholds suppressions.
public struct Alarm: Sendable, Hashable {
    /// What raised it.
    public enum Cause: String, Sendable, Hashable, Codable, CaseIterable {
        /// Too large a share of the deliveries.
        case share
        /// Too many people are said to be of a domain that does not exist.
        case domainUnknown = "domain-unknown"
    }

    /// What was decided.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Nothing yet: nobody is suppressed by it.
        case open
        /// These people are suppressed.
        case accepted
        /// These people are not suppressed.
        case dismissed
    }

    /// Its row.
    public var id: Int64
    /// The campaign.
    public var campaign: CampaignName
    /// The domain, as A-labels; `nil` for the whole campaign.
    public var domain: String?
    /// What raised it.
    public var cause: Cause
    /// What was decided.
    public var state: State
    /// How many people were condemned when it was raised.
    public var condemned: Int
    /// Of how many deliveries.
    public var deliveries: Int
    /// How many suppressions were taken back when it was raised.
    public var lifted: Int
    /// How many people it is about by now.
    public var withheld: Int
    /// When it was raised.
    public var raisedAt: Timestamp
    /// When it was settled, or `nil`.
    public var settledAt: Timestamp?
    /// Who settled it, or `nil`.
    public var settledBy: String?
}

extension Store {
    /// The alarms, newest first.
    ///
    /// - Parameters:
    ///   - state: Only those in this state; `nil` for all.
    ///   - limit: How many at most.
    /// - Returns: The alarms.
    /// - Throws: `inputOutput` when the store cannot be read.
    public func alarms(state: Alarm.State? = nil, limit: Int = 1_000) throws(UserError) -> [Alarm] {
        try read { db in
            try Row.fetchAll(
                db,
                sql:
                    "\(AlarmQueries.select) WHERE (:s IS NULL OR a.state = :s) ORDER BY a.id DESC LIMIT :limit",
                arguments: ["s": state?.rawValue, "limit": limit]
            ).map(AlarmQueries.alarm)
        }
    }

    /// Decides about an alarm, and may decide otherwise later.
    ///
    /// - Parameters:
    ///   - id: Its row.
    ///   - accept: `true` suppresses the people it is about, but those whom somebody freed since; `false` does not, and
    ///     takes back what an earlier acceptance did.
    ///   - actor: Who decides.
    /// - Returns: The alarm as it is now.
    /// - Throws: `unknownObject` when there is no such alarm.
    @discardableResult
    public func settleAlarm(_ id: Int64, accept: Bool, actor: String) throws(UserError) -> Alarm {
        try write { db in
            let alarm = try AlarmQueries.alarm(db, id: id)
            let state: Alarm.State = accept ? .accepted : .dismissed
            guard alarm.state != state else { return alarm }
            let acting = try BounceActing(db, store: self, policy: .standard, actor: actor)
            try db.execute(
                sql: "UPDATE alarm SET state = ?, settled_at_ms = ?, settled_by = ? WHERE id = ?",
                arguments: [state.rawValue, acting.now.rawValue, actor, id]
            )
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT delivery_id, event, status, reason, returned_id FROM bounce WHERE alarm_id = ?
                    ORDER BY delivery_id, event
                    """,
                arguments: [id]
            )
            var changed = 0
            for row in rows {
                try hooks.check(.statement)
                changed += try acting.settle(row, alarm: id, accept: accept) ? 1 : 0
            }
            try acting.suppressing.audit(
                accept ? "alarm.accept" : "alarm.dismiss",
                alarm.campaign.rawValue,
                ["alarm": String(id), "domain": alarm.domain ?? "", "changed": String(changed)]
            )
            return try AlarmQueries.alarm(db, id: id)
        }
    }
}

extension BounceActing {
    /// Suppresses one person of an alarm, or takes that back.
    fileprivate func settle(_ row: Row, alarm: Int64, accept: Bool) throws -> Bool {
        guard let person = try delivery(row[0]), let event = BounceEvent(rawValue: row[1]) else {
            return false
        }
        guard accept else {
            let isOurs = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM suppression_history WHERE address_key = ? AND delivery_id = ?
                        AND ended_at_ms IS NULL AND reason IN ('hard_bounce', 'soft_bounce'))
                    """,
                arguments: [person.key, person.id]
            )
            guard isOurs == true else { return false }
            return try suppressing.lift(person.key, how: "alarm", why: "alarm \(alarm) was dismissed")
        }
        if let lifted = try liftedAt(person.key), person.at < lifted { return false }
        let news = BounceNews(
            event: event,
            status: row[2],
            reason: (row[3] as String?).flatMap(RefusalReason.init),
            returned: row[4],
            origin: "alarm"
        )
        var effects: [RecordedReturn.Effect] = []
        try suppress(person, event == .hard ? .hardBounce : .softBounce, news, &effects)
        return !effects.isEmpty
    }
}

/// How alarms are read.
enum AlarmQueries {
    static let select = """
        SELECT a.id, c.name, a.domain, a.cause, a.state, a.condemned, a.deliveries, a.lifted, a.raised_at_ms,
            a.settled_at_ms, a.settled_by,
            (SELECT count(DISTINCT b.delivery_id) FROM bounce b WHERE b.alarm_id = a.id)
        FROM alarm a JOIN campaign c ON c.id = a.campaign_id
        """

    static func alarm(_ db: Database, id: Int64) throws -> Alarm {
        guard let row = try Row.fetchOne(db, sql: "\(select) WHERE a.id = ?", arguments: [id]) else {
            throw UserError(
                .unknownObject,
                "there is no alarm \(id)",
                remedy: "`nashra bounces alarms` lists them."
            )
        }
        return alarm(row)
    }

    static func alarm(_ row: Row) -> Alarm {
        let domain: String = row[2]
        return Alarm(
            id: row[0],
            campaign: CampaignName(rawValue: row[1]),
            domain: domain.isEmpty ? nil : domain,
            cause: Alarm.Cause(rawValue: row[3]) ?? .share,
            state: Alarm.State(rawValue: row[4]) ?? .open,
            condemned: row[5],
            deliveries: row[6],
            lifted: row[7],
            withheld: row[11],
            raisedAt: Timestamp(rawValue: row[8]),
            settledAt: (row[9] as Int64?).map(Timestamp.init),
            settledBy: row[10]
        )
    }
}
