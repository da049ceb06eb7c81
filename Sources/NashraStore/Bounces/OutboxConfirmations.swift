// SPDX-License-Identifier: Apache-2.0
//
// Confirmation mails in the outbox: what one needs to be composed, and which are not needed any more.
// Touches the store, inside a transaction of its caller.
import GRDB
import NashraCore

extension OutboxQueries {
    /// Ends what waits and would ask too late, in vain, or somebody who must not be written to.
    static func withdrawConfirmations(_ db: Database, _ now: Timestamp) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT o.id, c.confirmed_at_ms IS NOT NULL, c.expires_at_ms <= ?1, t.archived_at_ms IS NOT NULL,
                    EXISTS (SELECT 1 FROM suppression x WHERE x.address_key = s.address_key
                        AND x.topic_id IN (0, c.topic_id) AND x.reason <> 'unsubscribe'
                        AND (x.expires_at_ms IS NULL OR x.expires_at_ms > ?1))
                FROM outbox o INDEXED BY outbox_due JOIN confirmation c ON c.id = o.confirmation_id
                JOIN subscriber s ON s.id = c.subscriber_id JOIN topic t ON t.id = c.topic_id
                WHERE o.state = 'queued'
                """,
            arguments: [now.rawValue]
        )
        for row in rows {
            let why: String? =
                row[1]
                ? "it is confirmed"
                : row[2]
                    ? "its time is over"
                    : row[3]
                        ? "the topic is archived"
                        : row[4] ? "the address is suppressed" : nil
            if let why { try end(db, row[0], "failed", why, now) }
        }
    }

    static func confirmation(_ db: Database, _ id: Int64, _ address: EmailAddress) throws -> OutboxEntry.Work?
    {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT c.language, t.name, t.title, c.consent_text, c.asked_at_ms, c.expires_at_ms
                FROM confirmation c JOIN topic t ON t.id = c.topic_id WHERE c.id = ?
                """,
            arguments: [id]
        )
        guard let row, let language = Language(rawValue: row[0]) else { return nil }
        return .confirmation(
            ConfirmationRequest(
                id: ConfirmationID(rawValue: id),
                address: address,
                language: language,
                topic: row[1],
                title: FlatJSON.decode(row[2]),
                consent: try (row[3] as String?).map { try ConsentQueries.texts(db, $0) } ?? [:],
                askedAt: Timestamp(rawValue: row[4]),
                expiresAt: Timestamp(rawValue: row[5])
            )
        )
    }
}
