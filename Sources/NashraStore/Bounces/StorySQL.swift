// SPDX-License-Identifier: Apache-2.0
//
// The statements that gather one person's story; each table is asked by its own key.
// Text only. BouncesReadingTests asserts how SQLite runs them.

/// The statements of a story; each takes the address key, but for the attempts of one delivery.
enum StorySQL {
    /// One look into the key of (campaign, address) for each campaign.
    static let deliveries = """
        SELECT d.id, c.name AS campaign, b.number AS bulletin, t.name AS topic, d.language, d.state, d.reason,
            d.changed_at_ms, c.created_at_ms
        FROM campaign c CROSS JOIN delivery d ON d.campaign_id = c.id AND d.address_key = ?1
        JOIN bulletin b ON b.id = c.bulletin_id LEFT JOIN topic t ON t.id = d.topic_id
        ORDER BY c.id
        """

    static let attempts = "SELECT * FROM attempt WHERE delivery_id = ?1 ORDER BY number"

    private static let mine =
        "SELECT d.id FROM campaign c CROSS JOIN delivery d ON d.campaign_id = c.id "
        + "AND d.address_key = ?1"

    static let returned = """
        SELECT r.*, c.name AS campaign, d.address, b.in_a_row,
            EXISTS (SELECT 1 FROM returned_bytes x WHERE x.returned_id = r.id) AS kept
        FROM returned r JOIN delivery d ON d.id = r.delivery_id JOIN campaign c ON c.id = r.campaign_id
        LEFT JOIN bounce b ON b.delivery_id = r.delivery_id AND b.event = r.event AND b.returned_id = r.id
        WHERE r.delivery_id IN (\(mine)) ORDER BY r.id
        """

    static let bounces = """
        SELECT b.*, c.name AS campaign FROM bounce b JOIN campaign c ON c.id = b.campaign_id
        WHERE b.delivery_id IN (\(mine)) AND (b.returned_id IS NULL OR b.alarm_id IS NOT NULL)
        ORDER BY b.at_ms
        """

    static let probes = """
        SELECT p.*, c.name AS campaign FROM probe p JOIN campaign c ON c.id = p.campaign_id
        WHERE p.address_key = ?1 ORDER BY p.id
        """

    static let spells = """
        SELECT h.*, c.name AS campaign, t.name AS topic FROM suppression_history h
        LEFT JOIN campaign c ON c.id = h.campaign_id LEFT JOIN topic t ON t.id = h.topic_id
        WHERE h.address_key = ?1 ORDER BY h.id
        """

    static let audits = """
        SELECT at_ms, actor, action, object, detail FROM audit WHERE object = ?1
        AND action NOT IN ('suppression.add', 'suppression.remove', 'probe.ask', 'probe.send', 'probe.bounced',
            'probe.passed', 'probe.cancelled')
        ORDER BY id
        """
}
