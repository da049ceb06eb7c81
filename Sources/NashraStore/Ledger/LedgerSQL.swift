// SPDX-License-Identifier: Apache-2.0
//
// The statements that move a delivery from state to state. Each says in its WHERE from which states it may.
// Text only. Rules: docs/decisions/0002-ledger.md.

/// The ledger's statements; parameters are numbered.
enum LedgerSQL {
    /// Whether a delivery's person may not be mailed at this moment: suppressed, gone, or not in the topic, or taking a
    /// pause from it.
    ///
    /// The same rule decides in AudienceSQL. Each question is one look at a key.
    ///
    /// - Parameters:
    ///   - row: The delivery's name in the statement.
    ///   - now: The moment, as a parameter of the statement.
    /// - Returns: A condition.
    static func mayNotBeMailed(_ row: String, now: String) -> String {
        """
        (EXISTS (\(suppression(of: row, now: now)))
         OR (\(row).subscriber_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM subscriber s WHERE s.id = \(row).subscriber_id AND s.state = 'active'))
         OR (\(row).topic_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM subscription u WHERE u.subscriber_id = \(row).subscriber_id
                 AND u.topic_id = \(row).topic_id AND u.ended_at_ms IS NULL AND u.is_pending = 0
                 AND (u.paused_from_ms IS NULL OR u.paused_from_ms > \(now) OR u.paused_until_ms <= \(now)))))
        """
    }

    /// The suppressions that stand in the way of a row with `address_key` and `topic_id`: those of every campaign, those of
    /// its topic, while they last.
    ///
    /// The signs keep SQLite from building a table of two numbers for each row: hardly anybody has a suppression.
    static func suppression(of row: String, now: String) -> String {
        """
        SELECT 1 FROM suppression x WHERE x.address_key = \(row).address_key
            AND (+x.topic_id = 0 OR +x.topic_id = \(row).topic_id)
            AND (+x.expires_at_ms IS NULL OR +x.expires_at_ms > \(now))
        """
    }

    /// Whether anything may be sent, with ?1 campaign; for which epoch, and what happens to unknown fates.
    static let gate = "SELECT state, epoch, settings ->> '$.ambiguous' FROM campaign WHERE id = ?1"

    /// ?1 epoch, ?2 now, ?3 delivery, ?4 campaign.
    static let intent = """
        UPDATE delivery SET state = 'in_flight', epoch = ?1, attempts = attempts + 1, changed_at_ms = ?2
        WHERE id = ?3 AND campaign_id = ?4 AND state IN ('queued', 'deferred')
          AND NOT \(mayNotBeMailed("delivery", now: "?2"))
        """

    /// Takes ?1 now, ?2 delivery; changes nothing while the person may still be mailed.
    static let suppress = """
        UPDATE delivery SET state = 'suppressed', changed_at_ms = ?1, reason = CASE
            WHEN EXISTS (\(suppression(of: "delivery", now: "?1"))) THEN 'suppressed'
            WHEN NOT EXISTS (SELECT 1 FROM subscriber s WHERE s.id = delivery.subscriber_id AND s.state = 'active')
            THEN 'unsubscribed'
            WHEN EXISTS (SELECT 1 FROM subscription u WHERE u.subscriber_id = delivery.subscriber_id
                AND u.topic_id = delivery.topic_id AND u.ended_at_ms IS NULL AND u.is_pending = 0) THEN 'paused'
            ELSE 'unsubscribed' END
        WHERE id = ?2 AND state IN ('queued', 'deferred') AND \(mayNotBeMailed("delivery", now: "?1"))
        """

    /// The rows that a result of ours may still change: in flight under our epoch, or refused before the dot.
    ///
    /// ?1 delivery, ?2 campaign, ?3 epoch.
    private static let ours = """
        WHERE id = ?1 AND campaign_id = ?2
          AND ((state = 'in_flight' AND epoch = ?3) OR state IN ('queued', 'deferred'))
        """

    /// ?1 delivery, ?2 campaign, ?3 epoch, ?4 now, ?5 code, ?6 status, ?7 relay.
    static let accept = """
        UPDATE delivery SET state = 'accepted', accepted_at_ms = ?4, changed_at_ms = ?4, code = ?5, status = ?6,
            relay = ?7, reason = NULL, reply = NULL, stage = NULL
        WHERE id = ?1 AND campaign_id = ?2 AND state = 'in_flight' AND epoch = ?3
        """

    /// ?1 delivery, ?2 campaign, ?3 epoch, ?4 now, ?5 code, ?6 status, ?7 relay, ?8 reason, ?9 reply, ?10 stage,
    /// ?11 the new state, ?12 when to try again or NULL, ?13 automatic resends to add.
    ///
    /// A refusal before the dot had no intent that charged a try; it is charged here.
    static let fail = """
        UPDATE delivery SET attempts = attempts + (state <> 'in_flight'), state = ?11, changed_at_ms = ?4, code = ?5,
            status = ?6, relay = ?7, reason = ?8, reply = ?9, stage = ?10, next_at_ms = coalesce(?12, next_at_ms),
            ambiguous_count = ambiguous_count + ?13
        \(ours)
        """

    /// ?1 delivery, ?2 campaign, ?3 epoch, ?4 now, ?5 whether the campaign is cancelled.
    ///
    /// A row that was deferred before its intent still has the reason of that deferral.
    static let release = """
        UPDATE delivery SET attempts = attempts - 1, changed_at_ms = ?4, state = CASE
            WHEN ?5 THEN 'cancelled' WHEN reason IS NULL THEN 'queued' ELSE 'deferred' END
        WHERE id = ?1 AND campaign_id = ?2 AND state = 'in_flight' AND epoch = ?3
        """

    /// What decides about one more automatic resend, for ?1 delivery.
    static let resends = "SELECT ambiguous_count FROM delivery WHERE id = ?1"

    /// ?1 delivery, ?2 epoch, ?3 outcome, ?4 relay, ?5 stage, ?6 scope, ?7 code, ?8 status, ?9 reason, ?10 reply,
    /// ?11 started, ?12 finished.
    static let attempt = """
        INSERT INTO attempt (delivery_id, number, epoch, outcome, relay, stage, scope, code, status, reason, reply,
            started_at_ms, finished_at_ms)
        SELECT id, attempts, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM delivery WHERE id = ?1
        """
}
