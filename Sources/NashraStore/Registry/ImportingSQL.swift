// SPDX-License-Identifier: Apache-2.0
//
// The statements of an import as texts, and those that write.
// Touches the store, inside a transaction of its caller.
import GRDB
import NashraCore

/// The texts.
enum ImportingSQL {
    /// One person and how it stands to one topic.
    static let find = """
        SELECT s.id, s.name, s.language, s.attributes, s.state, u.topic_id, u.ended_at_ms
        FROM subscriber s LEFT JOIN subscription u ON u.subscriber_id = s.id AND u.topic_id = ?2
        WHERE s.address_key = ?1
        """

    static let subscription = """
        SELECT ended_at_ms, consent_at_ms FROM subscription WHERE subscriber_id = ?1 AND topic_id = ?2
        """

    static let suppression = """
        SELECT 1 FROM suppression WHERE address_key = ?1 AND (topic_id = 0 OR topic_id = ?2)
            AND (expires_at_ms IS NULL OR expires_at_ms > ?3)
        """

    /// Whether the end of a subscription is one that a file which was to equal the topic made.
    static let dropped = """
        SELECT 1 FROM import_change INDEXED BY import_change_by_subscriber
        WHERE subscriber_id = ?1 AND topic_id = ?2 AND what = 'left' AND after = ?3
        """

    static let insert = """
        INSERT INTO subscriber (id, address, address_key, domain, name, language, attributes, state, created_at_ms,
            updated_at_ms, import_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """

    static let update = """
        UPDATE subscriber SET name = ?2, language = ?3, attributes = ?4, state = ?5, updated_at_ms = ?6 WHERE id = ?1
        """

    static let join = """
        INSERT INTO subscription (subscriber_id, topic_id, source, consent_at_ms, import_id)
        VALUES (?1, ?2, ?3, ?4, ?5)
        """

    static let joinWhole = """
        INSERT INTO subscription (subscriber_id, topic_id, source, consent_at_ms, import_id, is_pending, frequency,
            paused_from_ms, paused_until_ms, ended_at_ms, ended_reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """

    static let rejoin = """
        UPDATE subscription SET ended_at_ms = NULL, ended_reason = NULL WHERE subscriber_id = ?1 AND topic_id = ?2
        """

    static let ending =
        "SELECT ended_at_ms, ended_reason FROM subscription WHERE subscriber_id = ?1 AND topic_id = ?2"

    static let end = """
        UPDATE subscription SET ended_at_ms = ?3, ended_reason = ?4
        WHERE subscriber_id = ?1 AND topic_id = ?2 AND ended_at_ms IS NULL
        """

    static let change = """
        INSERT INTO import_change (import_id, subscriber_id, what, topic_id, before, after)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING
        """
}

/// The statements that write.
struct ImportingWriting {
    private let purpose: ImportingPurpose
    private let insertStatement: FastStatement
    private let updateStatement: FastStatement
    private let joinStatement: FastStatement
    private let joinWholeStatement: FastStatement
    private let rejoinStatement: FastStatement
    private let endingStatement: FastStatement
    private let endStatement: FastStatement
    private let changeStatement: FastStatement
    private let suppressing: Suppressing

    init(_ db: Database, _ purpose: ImportingPurpose) throws {
        self.purpose = purpose
        insertStatement = try FastStatement(db, ImportingSQL.insert)
        updateStatement = try FastStatement(db, ImportingSQL.update)
        joinStatement = try FastStatement(db, ImportingSQL.join)
        joinWholeStatement = try FastStatement(db, ImportingSQL.joinWhole)
        rejoinStatement = try FastStatement(db, ImportingSQL.rejoin)
        endingStatement = try FastStatement(db, ImportingSQL.ending)
        endStatement = try FastStatement(db, ImportingSQL.end)
        changeStatement = try FastStatement(db, ImportingSQL.change)
        suppressing = try Suppressing(db, actor: purpose.actor, now: purpose.now, isAudited: false)
        // What is the same for all rows stays bound.
        insertStatement.bind(10, purpose.now.rawValue)
        insertStatement.bind(11, purpose.importID)
        joinStatement.bind(3, purpose.source)
        joinStatement.bind(4, purpose.now.rawValue)
        joinStatement.bind(5, purpose.importID)
        changeStatement.bind(1, purpose.importID)
    }

    func insert(_ row: PackedRow, id: Int64, _ extra: ImportRow?) throws {
        insertStatement.bind(1, id)
        insertStatement.bind(2, borrowed: row.address)
        insertStatement.bind(3, borrowed: row.key)
        insertStatement.bind(4, borrowed: row.domain)
        insertStatement.bind(5, borrowed: row.name)
        insertStatement.bind(6, borrowed: row.language)
        insertStatement.bind(7, borrowed: row.attributes)
        insertStatement.bind(8, (extra?.state ?? .active).rawValue)
        insertStatement.bind(9, extra?.createdAt?.rawValue ?? purpose.now.rawValue)
        try insertStatement.run()
    }

    func update(
        _ id: Int64,
        name: String?,
        language: String?,
        attributes: String,
        state: String
    ) throws {
        updateStatement.bind(1, id)
        updateStatement.bind(2, name)
        updateStatement.bind(3, language)
        updateStatement.bind(4, attributes)
        updateStatement.bind(5, state)
        updateStatement.bind(6, purpose.now.rawValue)
        try updateStatement.run()
    }

    /// Joins the topic now.
    func join(_ id: Int64, _ topic: Int64) throws {
        joinStatement.bind(1, id)
        joinStatement.bind(2, topic)
        try joinStatement.run()
    }

    /// Writes a membership as the other system told it.
    func join(_ id: Int64, _ topic: Int64, _ membership: ImportMembership) throws {
        let statement = joinWholeStatement
        let now = purpose.now.rawValue
        let hasEnded = membership.state == .ended
        statement.bind(1, id)
        statement.bind(2, topic)
        // No date is made up: the source says that it is the import's.
        statement.bind(
            3,
            membership.consentAt == nil ? "\(purpose.source) (no date of consent told)" : purpose.source
        )
        statement.bind(4, membership.consentAt?.rawValue ?? now)
        statement.bind(5, purpose.importID)
        statement.bind(6, Int64(membership.state == .pending ? 1 : 0))
        statement.bind(7, membership.frequency.rawValue)
        statement.bind(8, membership.pausedFrom?.rawValue)
        statement.bind(9, membership.pausedUntil?.rawValue)
        statement.bind(10, hasEnded ? membership.endedAt?.rawValue ?? now : nil)
        statement.bind(11, hasEnded ? membership.endedReason ?? "left before the move" : nil)
        try statement.run()
    }

    /// Lets a person back in, with the consent that was there before.
    func rejoin(_ id: Int64, _ topic: Int64) throws {
        endingStatement.bind(1, id)
        endingStatement.bind(2, topic)
        guard try endingStatement.step() else { return }
        var before = ["ended_at_ms": String(endingStatement.int(0))]
        before["ended_reason"] = endingStatement.text(1)
        endingStatement.reset()
        rejoinStatement.bind(1, id)
        rejoinStatement.bind(2, topic)
        try rejoinStatement.run()
        try change(id, "joined", topic, before: before)
    }

    /// Ends a subscription that is current, and keeps that for the way back.
    @discardableResult
    func end(_ id: Int64, _ topic: Int64, reason: String, isDropped: Bool) throws -> Bool {
        endStatement.bind(1, id)
        endStatement.bind(2, topic)
        endStatement.bind(3, purpose.now.rawValue)
        endStatement.bind(4, reason)
        guard try endStatement.run() > 0 else { return false }
        var after = ["ended_at_ms": String(purpose.now.rawValue)]
        // Whoever a file left out comes back with the next file; whoever left elsewhere does not. See wasDropped.
        if !isDropped { after["told"] = reason }
        try change(id, "left", topic, after: after)
        return true
    }

    /// Keeps what was changed of a known person.
    func change(
        _ id: Int64,
        _ what: String,
        _ topic: Int64 = 0,
        before: [String: String] = [:],
        after: [String: String] = [:]
    ) throws {
        guard purpose.importID != nil else { return }
        changeStatement.bind(2, id)
        changeStatement.bind(3, what)
        changeStatement.bind(4, topic)
        changeStatement.bind(5, FlatJSON.encode(before))
        changeStatement.bind(6, FlatJSON.encode(after))
        try changeStatement.run()
    }

    /// Suppresses an address everywhere; the import's own record stands in the audit for all of them.
    func suppress(_ key: String, _ suppression: ImportSuppression) throws {
        var cause = SuppressionCause(origin: purpose.source, note: suppression.note)
        cause.importID = purpose.importID
        cause.since = suppression.since
        _ = try suppressing.suppress(key, suppression.reason, cause)
    }
}
