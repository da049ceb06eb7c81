// SPDX-License-Identifier: Apache-2.0
//
// The statements about suppressions: made, weighed against what is there, ended, and read.
// Text only; parameters are numbered. SuppressionTests asserts how SQLite runs them.

/// The statements of suppressions; a topic of 0 means every campaign.
enum SuppressionSQL {
    /// ?1 key, ?2 topic, ?3 reason, ?4 origin, ?5 note, ?6 who, ?7 since, ?8 expires.
    static let suppress = """
        INSERT OR IGNORE INTO suppression (address_key, topic_id, reason, origin, note, created_by, created_at_ms,
            expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """

    /// What is there for the same scope: ?1 key, ?2 topic.
    static let standing =
        "SELECT reason, expires_at_ms FROM suppression WHERE address_key = ?1 AND topic_id = ?2"

    /// The parameters of ``suppress``.
    static let replace = """
        UPDATE suppression SET reason = ?3, origin = ?4, note = ?5, created_by = ?6, created_at_ms = ?7,
            expires_at_ms = ?8
        WHERE address_key = ?1 AND topic_id = ?2
        """

    /// ?1 key, ?2 topic.
    static let remove = "DELETE FROM suppression WHERE address_key = ?1 AND topic_id = ?2"

    /// The parameters of ``suppress``, ?9 delivery, ?10 campaign, ?11 domain, ?12 returned message, ?13 import.
    static let remember = """
        INSERT INTO suppression_history (address_key, topic_id, reason, origin, note, created_by, created_at_ms,
            expires_at_ms, delivery_id, campaign_id, domain, returned_id, import_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """

    /// ?1 key, ?2 topic, ?3 when, ?4 who, ?5 how, ?6 why.
    static let end = """
        UPDATE suppression_history SET ended_at_ms = ?3, ended_by = ?4, ended_how = ?5, ended_why = ?6
        WHERE address_key = ?1 AND topic_id = ?2 AND ended_at_ms IS NULL
        """

    /// Takes ?1 now; those whose time is over end when it was over, not when somebody looked.
    static let endExpired = """
        UPDATE suppression_history SET ended_at_ms = expires_at_ms, ended_by = '', ended_how = 'expired', ended_why = ''
        WHERE expires_at_ms <= ?1 AND ended_at_ms IS NULL
        """

    /// ?1 now.
    static let removeExpired = "DELETE FROM suppression WHERE expires_at_ms <= ?1"

    /// The columns that ``SuppressionQueries`` reads, from a table by the name `x`.
    static let columns = """
        x.address_key, x.topic_id, t.name, x.reason, x.origin, x.note, x.created_by, x.created_at_ms, x.expires_at_ms
        """

    static let select = "SELECT \(columns) FROM suppression x LEFT JOIN topic t ON t.id = x.topic_id"

    /// Of one person, the widest first: ?1 key, ?2 now.
    static let ofPerson = """
        \(select) WHERE x.address_key = ?1 AND (+x.expires_at_ms IS NULL OR +x.expires_at_ms > ?2)
        ORDER BY x.address_key, x.topic_id
        """
}
