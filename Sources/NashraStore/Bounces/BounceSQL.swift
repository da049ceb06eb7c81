// SPDX-License-Identifier: Apache-2.0
//
// The statements that record what came back, gather one person's history, and carry out what follows.
// Text only; parameters are numbered. BouncesQueryTests asserts how SQLite runs them.

/// The statements of a batch of returned messages.
enum BounceSQL {
    /// Takes ?1 digest.
    static let again =
        "UPDATE returned SET times = times + 1 WHERE digest = ?1 RETURNING id, kind, standing"

    static let record = """
        INSERT INTO returned (digest, source, received_at_ms, recorded_at_ms, kind, action, status, reason, evidence,
            rule, diagnostic, sender, subject, recipients, purpose, standing, proof, event, delivery_id, campaign_id,
            probe_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
        """

    static let keep = "INSERT INTO returned_bytes (returned_id, of_stranger, bytes) VALUES (?1, ?2, ?3)"

    static let count = """
        INSERT INTO returned_count (kind, standing, messages, again) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (kind, standing) DO UPDATE SET messages = messages + ?3, again = again + ?4
        """

    /// A delivery and whether anything can come back for it: ?1 delivery.
    static let delivery = """
        SELECT campaign_id, subscriber_id, topic_id, address, address_key, domain,
            coalesce(accepted_at_ms, changed_at_ms),
            CASE WHEN state IN ('accepted', 'ambiguous', 'in_flight') OR ambiguous_count > 0 THEN 1
                 ELSE EXISTS (SELECT 1 FROM attempt a WHERE a.delivery_id = delivery.id AND a.outcome = 'ambiguous')
            END
        FROM delivery WHERE id = ?1
        """

    static let events = "SELECT event FROM bounce WHERE delivery_id = ?1"

    static let event = """
        INSERT INTO bounce (delivery_id, event, campaign_id, returned_id, status, reason, in_a_row, at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """

    /// Adds to a campaign's counts, and says where they stand.
    static let tally = """
        INSERT INTO campaign_return (campaign_id, hard, soft, delayed, complaints, unsubscribed, replies, auto_replies,
            delivered, condemned)
        VALUES (?1, max(?2, 0), max(?3, 0), max(?4, 0), ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (campaign_id) DO UPDATE SET hard = hard + ?2, soft = soft + ?3, delayed = delayed + ?4,
            complaints = complaints + ?5, unsubscribed = unsubscribed + ?6, replies = replies + ?7,
            auto_replies = auto_replies + ?8, delivered = delivered + ?9, condemned = condemned + ?10
        RETURNING hard, condemned, accepted_seen, held_at_hard, has_domains
        """

    /// Takes ?1 campaign, ?2 domain, ?3 whether the domain is said not to exist.
    static let tallyDomain = """
        INSERT INTO domain_return (campaign_id, domain, condemned, domain_unknown) VALUES (?1, ?2, 1, ?3)
        ON CONFLICT (campaign_id, domain) DO UPDATE SET condemned = condemned + 1,
            domain_unknown = domain_unknown + ?3
        RETURNING condemned, domain_unknown, deliveries
        """

    /// Takes ?1 campaign, ?2 domain, ?3 deliveries.
    static let domainDeliveries = """
        INSERT INTO domain_return (campaign_id, domain, deliveries) VALUES (?1, ?2, ?3)
        ON CONFLICT (campaign_id, domain) DO UPDATE SET deliveries = ?3
        """

    /// Takes ?1 address key.
    ///
    /// One look into the key of (campaign, address) for each of the newest campaigns.
    static let mailings = """
        SELECT d.id, d.campaign_id, d.state, coalesce(d.accepted_at_ms, d.changed_at_ms),
            EXISTS (SELECT 1 FROM bounce b WHERE b.delivery_id = d.id AND b.event = 'hard'),
            EXISTS (SELECT 1 FROM bounce b WHERE b.delivery_id = d.id AND b.event = 'delayed'),
            EXISTS (SELECT 1 FROM bounce b WHERE b.delivery_id = d.id AND b.event = 'soft'),
            (SELECT b.reason FROM bounce b WHERE b.delivery_id = d.id AND b.event = 'soft'),
            (SELECT b.status FROM bounce b WHERE b.delivery_id = d.id AND b.event = 'soft')
        FROM campaign c CROSS JOIN delivery d ON d.campaign_id = c.id AND d.address_key = ?1
        WHERE c.id > (SELECT max(id) FROM campaign) - 400
        ORDER BY c.id DESC
        """

    /// When the person was free again, by somebody's word or because the time was over: what failed before counts no more.
    static let lifted = """
        SELECT max(ended_at_ms) FROM suppression_history
        WHERE address_key = ?1 AND topic_id = 0 AND ended_how IN ('lifted', 'expired')
        """

    /// Takes ?1 address key: whether a probe is under way, and when the last one that passed was sent.
    static let probes = """
        SELECT max(state IN ('queued', 'sent')), max(CASE WHEN state = 'passed' THEN sent_at_ms END)
        FROM probe WHERE address_key = ?1
        """

    /// The alarm of ?1 campaign that stands in the way of suppressing in ?2 domain.
    static let standingAlarm = """
        SELECT id FROM alarm WHERE campaign_id = ?1 AND domain IN (?2, '') AND state <> 'accepted'
        ORDER BY domain DESC LIMIT 1
        """

    static let anyAlarm = "SELECT 1 FROM alarm WHERE campaign_id = ?1 AND domain = ?2"

    static let withhold = "UPDATE bounce SET alarm_id = ?1 WHERE delivery_id = ?2 AND event = ?3"

    static let audit = "INSERT INTO audit (at_ms, actor, action, object, detail) VALUES (?1, ?2, ?3, ?4, ?5)"
}
