// SPDX-License-Identifier: Apache-2.0
//
// Every table and column of the store, and what it holds of a person: what is handed out, and what erasing leaves.
// Text only. PersonalDataTests compares it with the schema, so that no later table can be forgotten.
// Rules: docs/decisions/0010-privacy.md.

/// The classification of the whole schema.
enum PersonalData {
    /// All tables, in the order in which erasing goes through them.
    static let tables: [PersonalTable] = register + consent + sending + returns + nobody

    private static let mine = "subscriber_id = :id"
    private static let keys = "address_key IN (SELECT value FROM json_each(:keys))"
    private static let texts = "(SELECT value FROM json_each(:texts))"
    private static let deliveries = "delivery_id IN (SELECT value FROM json_each(:deliveries))"
    /// Who acts for himself, by a token, is named as the actor.
    private static let actor = "CASE WHEN actor IN \(texts) THEN :label ELSE actor END"
    /// The domain stays in reports, unless the person is the only one there.
    private static let domain = "CASE WHEN :isAlone THEN :label || '.invalid' ELSE domain END"

    private static let register: [PersonalTable] = [
        PersonalTable(
            "subscriber",
            as: "subscriber",
            rows: "id = :id",
            kept: ["id", "created_at_ms"],
            emptied: [
                "address": ":label", "address_key": ":label", "domain": "''", "name": "NULL",
                "language": "NULL",
                "attributes": "'{}'", "state": "'erased'", "updated_at_ms": ":now", "import_id": "NULL",
            ],
            json: ["attributes"]
        ),
        PersonalTable(
            "subscription",
            as: "subscriptions",
            rows: mine,
            kept: ["subscriber_id", "topic_id", "consent_at_ms", "consent_text", "is_pending"],
            emptied: [
                "source": "'erased'", "ended_at_ms": "coalesce(ended_at_ms, :now)",
                "ended_reason": "'erased'",
                "import_id": "NULL", "frequency": "'immediate'", "paused_from_ms": "NULL",
                "paused_until_ms": "NULL",
            ]
        ),
        PersonalTable(
            "subscriber_event",
            as: "events",
            rows: mine,
            kept: ["id", "subscriber_id", "topic_id", "event", "consent_text", "at_ms"],
            emptied: ["source": "'erased'", "actor": actor, "detail": "'{}'"],
            json: ["detail"]
        ),
        PersonalTable(
            "import",
            as: "imports",
            rows: """
                id IN (SELECT import_id FROM subscriber WHERE id = :id
                       UNION SELECT import_id FROM subscription WHERE subscriber_id = :id
                       UNION SELECT import_id FROM import_change WHERE subscriber_id = :id)
                """,
            kept: [
                "id", "file", "format", "topic_id", "is_sync", "source", "actor", "state", "started_at_ms",
                "finished_at_ms", "undone_at_ms", "undone_by",
            ],
            treated: ["digest", "settings", "position", "counts"]
        ),
        PersonalTable(
            "import_change",
            as: "import_changes",
            rows: mine,
            kept: ["import_id", "subscriber_id", "what", "topic_id"],
            emptied: ["before": "'{}'", "after": "'{}'"],
            json: ["before", "after"]
        ),
    ]

    private static let consent: [PersonalTable] = [
        PersonalTable(
            "confirmation",
            as: "confirmations",
            rows: mine,
            kept: [
                "id", "subscriber_id", "topic_id", "language", "consent_text", "asked_at_ms",
                "confirmed_at_ms",
            ],
            emptied: [
                "source": "'erased'", "actor": actor, "erased_hash": "NULL",
                "expires_at_ms":
                    "CASE WHEN confirmed_at_ms IS NULL THEN asked_at_ms + 1 ELSE expires_at_ms END",
            ]
        ),
        PersonalTable(
            "consent_text",
            as: "consent_texts",
            rows: """
                version IN (SELECT consent_text FROM subscription WHERE subscriber_id = :id
                            UNION SELECT consent_text FROM subscriber_event WHERE subscriber_id = :id
                            UNION SELECT consent_text FROM confirmation WHERE subscriber_id = :id)
                """,
            kept: ["version", "language", "text", "created_at_ms"]
        ),
        PersonalTable(
            "suppression",
            as: "suppressions",
            rows: keys,
            fate: .deleted,
            kept: [
                "address_key", "topic_id", "reason", "origin", "note", "created_by", "created_at_ms",
                "expires_at_ms",
            ]
        ),
        PersonalTable(
            "suppression_history",
            as: "suppression_history",
            rows: keys,
            kept: [
                "id", "topic_id", "reason", "delivery_id", "campaign_id", "returned_id", "import_id",
                "created_at_ms",
                "expires_at_ms", "ended_at_ms", "ended_how",
            ],
            emptied: [
                "address_key": ":label", "origin": "'erased'", "note": "''", "domain": domain,
                "created_by": "CASE WHEN created_by IN \(texts) THEN :label ELSE created_by END",
                "ended_by": "CASE WHEN ended_by IN \(texts) THEN :label ELSE ended_by END",
                "ended_why": "CASE WHEN ended_why IS NULL THEN NULL ELSE '' END",
            ]
        ),
        PersonalTable("erased", treated: ["hash", "erased_at_ms"]),
    ]

    private static let sending: [PersonalTable] = [
        PersonalTable(
            "delivery",
            as: "deliveries",
            rows: "id IN (SELECT value FROM json_each(:deliveries))",
            kept: [
                "id", "campaign_id", "subscriber_id", "topic_id", "language", "attempts", "ambiguous_count",
                "next_at_ms", "epoch", "code", "status", "stage", "relay", "accepted_at_ms",
            ],
            emptied: [
                "address": ":label", "address_key": ":label || '-' || id", "domain": domain, "merge": "'{}'",
                "reply": "NULL",
                "state": """
                CASE WHEN state IN ('queued', 'deferred') THEN 'suppressed' WHEN state = 'in_flight' THEN 'ambiguous'
                    ELSE state END
                """,
                "reason": "CASE WHEN state IN ('queued', 'deferred') THEN 'erased' ELSE reason END",
                "changed_at_ms": """
                CASE WHEN state IN ('queued', 'deferred', 'in_flight') THEN :now ELSE changed_at_ms END
                """,
            ],
            json: ["merge"]
        ),
        PersonalTable(
            "attempt",
            as: "attempts",
            rows: deliveries,
            kept: [
                "delivery_id", "number", "epoch", "outcome", "relay", "stage", "scope", "code", "status",
                "reason",
                "started_at_ms", "finished_at_ms",
            ],
            emptied: ["reply": "NULL"]
        ),
        PersonalTable(
            "outbox",
            as: "outbox",
            rows: """
                recipient IN \(texts) OR probe_id IN (SELECT id FROM probe WHERE \(deliveries))
                OR confirmation_id IN (SELECT id FROM confirmation WHERE subscriber_id = :id)
                OR returned_id IN (SELECT value FROM json_each(:letters))
                """,
            kept: [
                "id", "work", "probe_id", "returned_id", "confirmation_id", "attempts", "next_at_ms",
                "created_at_ms",
            ],
            emptied: [
                "recipient":
                    "CASE WHEN work = 'forward' AND recipient NOT IN \(texts) THEN recipient ELSE :label END",
                "state": "CASE WHEN state = 'queued' THEN 'failed' ELSE state END",
                "ended_at_ms": "coalesce(ended_at_ms, :now)", "words": "'erased'",
            ]
        ),
        PersonalTable(
            "audit",
            as: "audit",
            rows: "object IN \(texts)",
            kept: ["id", "at_ms", "actor", "action"],
            emptied: ["object": ":label", "detail": "'{}'"],
            json: ["detail"]
        ),
    ]

    private static let returns: [PersonalTable] = [
        PersonalTable(
            "returned",
            as: "returned",
            rows: "id IN (SELECT value FROM json_each(:returned))",
            kept: [
                "id", "times", "source", "received_at_ms", "recorded_at_ms", "kind", "action", "status",
                "reason",
                "evidence", "rule", "purpose", "standing", "proof", "event", "delivery_id", "campaign_id",
                "probe_id",
            ],
            emptied: ["diagnostic": "NULL", "sender": "NULL", "subject": "''", "recipients": "'[]'"],
            treated: ["digest"],
            json: ["recipients"]
        ),
        PersonalTable(
            "returned_bytes",
            as: "letters",
            rows: "returned_id IN (SELECT value FROM json_each(:letters))",
            fate: .deleted,
            kept: ["returned_id", "of_stranger", "bytes"]
        ),
        PersonalTable(
            "reply",
            as: "replies",
            rows: deliveries,
            kept: ["returned_id", "campaign_id", "delivery_id", "forward_to"]
        ),
        PersonalTable(
            "bounce",
            as: "bounces",
            rows: deliveries,
            kept: [
                "delivery_id", "event", "campaign_id", "returned_id", "status", "reason", "in_a_row",
                "alarm_id",
                "at_ms",
            ]
        ),
        PersonalTable(
            "probe",
            as: "probes",
            rows: "\(keys) OR \(deliveries)",
            kept: ["id", "delivery_id", "campaign_id", "asked_at_ms", "sent_at_ms", "returned_id"],
            emptied: [
                "address_key": ":label", "ended_at_ms": "coalesce(ended_at_ms, :now)",
                "state": "CASE WHEN state IN ('queued', 'sent') THEN 'cancelled' ELSE state END",
            ]
        ),
    ]

    /// Tables without rows of a person; where a column may name one still, Erasing looks there.
    private static let nobody: [PersonalTable] = [
        PersonalTable(
            "campaign",
            kept: [
                "id", "name", "year", "number", "bulletin_id", "revision", "settings", "audience_count",
                "first_delivery_id", "last_delivery_id", "state", "pause_reason", "epoch", "created_at_ms",
                "started_at_ms", "finished_at_ms",
            ],
            treated: ["audience_text"]
        ),
        PersonalTable("campaign_count", kept: ["campaign_id"], treated: ["counts"]),
        PersonalTable(
            "domain_return",
            kept: ["campaign_id", "deliveries", "condemned", "domain_unknown"],
            treated: ["domain"]
        ),
        PersonalTable(
            "alarm",
            kept: [
                "id", "campaign_id", "cause", "state", "condemned", "deliveries", "lifted", "raised_at_ms",
                "settled_at_ms", "settled_by",
            ],
            treated: ["domain"]
        ),
        PersonalTable(
            "campaign_return",
            kept: [
                "campaign_id", "hard", "soft", "delayed", "complaints", "unsubscribed", "replies",
                "auto_replies",
                "delivered", "condemned", "accepted_seen", "held_at_hard", "has_domains",
            ]
        ),
        PersonalTable("returned_count", kept: ["kind", "standing", "messages", "again"]),
        PersonalTable(
            "topic",
            kept: ["id", "name", "title", "visibility", "archived_at_ms", "created_at_ms"]
        ),
        PersonalTable("bulletin", kept: ["id", "number", "created_at_ms"]),
        PersonalTable(
            "bulletin_revision",
            kept: ["bulletin_id", "revision", "content_hash", "rendered", "created_at_ms"]
        ),
        PersonalTable("schema_migration", kept: ["version", "name", "checksum", "applied_at_ms"]),
    ]
}
