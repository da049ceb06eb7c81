// SPDX-License-Identifier: Apache-2.0
//
// What falls under each rule of retention, and what is done with it.
// Text only. Reports of finished campaigns are kept in campaign_count, and nothing here changes what they count.

/// The statements of pruning.
enum PruneSQL {
    /// The rows that fall under a rule, as `id`, oldest first; takes `:before`.
    static func due(_ rule: Retention.Rule) -> String {
        switch rule {
        case .returnedBytes:
            """
            SELECT x.returned_id AS id FROM returned_bytes x JOIN returned r ON r.id = x.returned_id
            WHERE r.recorded_at_ms < :before AND r.purpose <> 'reply' ORDER BY x.returned_id
            """
        case .returned:
            """
            SELECT id FROM returned WHERE recorded_at_ms < :before AND purpose <> 'reply'
                AND (sender IS NOT NULL OR subject <> '' OR recipients <> '[]' OR diagnostic IS NOT NULL) ORDER BY id
            """
        case .replies:
            """
            SELECT r.id FROM returned r WHERE r.recorded_at_ms < :before AND r.purpose = 'reply'
                AND (r.sender IS NOT NULL OR r.subject <> ''
                     OR EXISTS (SELECT 1 FROM returned_bytes x WHERE x.returned_id = r.id))
                AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.returned_id = r.id AND o.state = 'queued')
            ORDER BY r.id
            """
        case .attempts:
            """
            SELECT DISTINCT a.delivery_id AS id FROM campaign c
            JOIN attempt a ON a.delivery_id BETWEEN c.first_delivery_id AND c.last_delivery_id
            WHERE \(ended) ORDER BY 1
            """
        case .deliveries:
            """
            SELECT d.id FROM campaign c
            JOIN delivery d ON d.id BETWEEN c.first_delivery_id AND c.last_delivery_id
            WHERE \(ended) AND d.address NOT LIKE 'erased-%' AND d.state <> 'ambiguous' ORDER BY d.id
            """
        case .importChanges:
            """
            SELECT i.id FROM import i WHERE i.finished_at_ms < :before AND EXISTS (
                SELECT 1 FROM import_change c
                WHERE c.import_id = i.id AND (c.before <> '{}' OR c.after <> '{}')) ORDER BY i.id
            """
        case .unconfirmed:
            """
            SELECT s.id FROM subscriber s WHERE s.state = 'pending' AND s.created_at_ms < :before
                AND NOT EXISTS (SELECT 1 FROM confirmation f
                                WHERE f.subscriber_id = s.id AND f.asked_at_ms >= :before)
                AND NOT EXISTS (SELECT 1 FROM subscription u
                                WHERE u.subscriber_id = s.id AND u.is_pending = 0 AND u.ended_at_ms IS NULL)
            ORDER BY s.id
            """
        case .unsubscribed:
            """
            SELECT s.id FROM subscriber s
            WHERE s.state IN ('active', 'unsubscribed') AND s.updated_at_ms < :before
                AND (s.state = 'unsubscribed' OR EXISTS (
                    SELECT 1 FROM subscription u WHERE u.subscriber_id = s.id AND u.ended_at_ms IS NOT NULL))
                AND NOT EXISTS (SELECT 1 FROM subscription u WHERE u.subscriber_id = s.id
                                AND (u.ended_at_ms IS NULL OR u.ended_at_ms >= :before))
                AND NOT EXISTS (SELECT 1 FROM delivery d JOIN campaign c ON c.id = d.campaign_id
                                WHERE c.state IN ('sending', 'paused') AND d.campaign_id = c.id
                                AND d.address_key = s.address_key AND d.state = 'in_flight')
            ORDER BY s.id
            """
        }
    }

    /// What is done with the rows `:ids`, a JSON array of their numbers.
    static func statements(_ rule: Retention.Rule) -> [String] {
        switch rule {
        case .returnedBytes: ["DELETE FROM returned_bytes WHERE returned_id IN \(ids)"]
        case .returned:
            [
                """
                UPDATE returned SET sender = NULL, subject = '', recipients = '[]', diagnostic = NULL
                WHERE id IN \(ids)
                """
            ]
        case .replies:
            [
                "DELETE FROM returned_bytes WHERE returned_id IN \(ids)",
                """
                UPDATE returned SET sender = NULL, subject = '', recipients = '[]', diagnostic = NULL
                WHERE id IN \(ids)
                """,
            ]
        case .attempts: ["DELETE FROM attempt WHERE delivery_id IN \(ids)"]
        case .deliveries:
            [
                "UPDATE attempt SET reply = NULL WHERE delivery_id IN \(ids)",
                """
                UPDATE delivery SET address = 'erased-d' || id, address_key = 'erased-d' || id, merge = '{}',
                    reply = NULL, subscriber_id = NULL
                WHERE id IN \(ids)
                """,
            ]
        case .importChanges:
            ["UPDATE import_change SET before = '{}', after = '{}' WHERE import_id IN \(ids)"]
        case .unconfirmed, .unsubscribed: []
        }
    }

    /// The column that tells how old a row is; `nil` where no column does.
    static func time(of table: PersonalTable) -> String? {
        let known = [
            "created_at_ms", "recorded_at_ms", "started_at_ms", "asked_at_ms", "consent_at_ms",
            "raised_at_ms",
            "erased_at_ms", "applied_at_ms", "accepted_at_ms", "at_ms",
        ]
        return known.first { table.columns[$0] != nil }
    }

    private static let ids = "(SELECT CAST(value AS INTEGER) FROM json_each(:ids))"

    /// Campaigns that have ended so long ago.
    private static let ended = """
        c.state IN ('finished', 'cancelled') AND coalesce(c.finished_at_ms, c.created_at_ms) < :before
        """
}
