// SPDX-License-Identifier: Apache-2.0
//
// The yes of a mailbox: the person is in the topic from now on, and it is kept when and to which words.
// Touches the store. Rules: docs/subscriptions.md.
import Foundation
import GRDB
public import NashraCore

/// What became of a yes.
public struct ConfirmationAnswer: Sendable, Hashable {
    /// The address.
    public var address: String
    /// The topic.
    public var topic: String
    /// When the yes came first.
    public var confirmedAt: Timestamp
    /// Whether it had come before; then nothing changed.
    public var isRepeated: Bool
    /// Why the person is not mailed all the same, or `nil`.
    public var suppressed: SuppressionReason?
}

/// A question as it stands, for lists.
public struct ConfirmationState: Sendable, Hashable {
    /// The question.
    public var id: ConfirmationID
    /// The address.
    public var address: String
    /// The topic.
    public var topic: String
    /// When it was asked.
    public var askedAt: Timestamp
    /// From then on the token counts no more.
    public var expiresAt: Timestamp
    /// When the yes came, or `nil`.
    public var confirmedAt: Timestamp?
    /// Where the mail is: `queued`, `sent` or `failed`; `nil` when that is not kept any more.
    public var mail: String?
    /// The relay's words or ours of the last try, or `nil`.
    public var words: String?
    /// How the person asked.
    public var source: String
}

extension Store {
    /// Takes a yes.
    ///
    /// The same again says so and changes nothing, also when the person has left since.
    ///
    /// - Parameters:
    ///   - id: The question, out of a token whose MAC was right.
    ///   - actor: Who brings it.
    /// - Returns: Who is in which topic.
    /// - Throws: `notPermitted` when its time is over, `unknownObject` when it is gone, `badData` when the topic is
    ///   archived.
    public func confirm(_ id: ConfirmationID, actor: String) throws(UserError) -> ConfirmationAnswer {
        try write { db in
            try ConfirmationAnswering(db: db, store: self, actor: actor, now: clock.now()).confirm(id)
        }
    }

    /// Questions, newest first.
    ///
    /// - Parameters:
    ///   - open: Only those that can still be answered.
    ///   - limit: How many at most.
    /// - Returns: Some of them.
    /// - Throws: `inputOutput` when the store cannot be read.
    public func confirmations(open: Bool, limit: Int) throws(UserError) -> [ConfirmationState] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT c.id, s.address, t.name, c.asked_at_ms, c.expires_at_ms, c.confirmed_at_ms, o.state, o.words,
                        c.source
                    FROM confirmation c JOIN subscriber s ON s.id = c.subscriber_id JOIN topic t ON t.id = c.topic_id
                    LEFT JOIN outbox o ON o.confirmation_id = c.id
                    WHERE ?1 = 0 OR (c.confirmed_at_ms IS NULL AND c.expires_at_ms > ?2)
                    ORDER BY c.id DESC LIMIT ?3
                    """,
                arguments: [open ? 1 : 0, clock.now().rawValue, limit]
            ).map { row in
                ConfirmationState(
                    id: ConfirmationID(rawValue: row[0]),
                    address: row[1],
                    topic: row[2],
                    askedAt: Timestamp(rawValue: row[3]),
                    expiresAt: Timestamp(rawValue: row[4]),
                    confirmedAt: (row[5] as Int64?).map(Timestamp.init),
                    mail: row[6],
                    words: row[7],
                    source: row[8]
                )
            }
        }
    }
}

extension BounceActing {
    /// Whether a yes to a question counts for anything, now or before.
    func isOpen(_ question: ConfirmationID) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT c.confirmed_at_ms IS NOT NULL OR c.expires_at_ms > ? FROM confirmation c
                JOIN topic t ON t.id = c.topic_id JOIN subscriber s ON s.id = c.subscriber_id
                WHERE c.id = ? AND t.archived_at_ms IS NULL AND s.state <> 'erased'
                """,
            arguments: [now.rawValue, question.rawValue]
        ) ?? false
    }

    /// Takes a yes that came by mail.
    func confirm(_ question: ConfirmationID) throws -> [RecordedReturn.Effect] {
        let answering = ConfirmationAnswering(db: db, store: store, actor: actor, now: now)
        let answer = try answering.confirm(question)
        return answer.isRepeated ? [] : [.confirmed(address: answer.address, topic: answer.topic)]
    }
}

/// Takes a yes, within one transaction.
private struct ConfirmationAnswering {
    let db: Database
    let store: Store
    let actor: String
    let now: Timestamp

    private struct Question {
        let subscriber: Int64
        let topic: Int64
        let consentText: String?
        let source: String
        let expires: Timestamp
        let confirmed: Timestamp?
        let hash: [UInt8]?
    }

    func confirm(_ id: ConfirmationID) throws -> ConfirmationAnswer {
        guard let question = try find(id), let person = try PersonRow.find(db, id: question.subscriber),
            let topic = try TopicQueries.topic(db, id: question.topic), person.state != .erased
        else {
            throw UserError(.unknownObject, "the question of this token is not in the store any more")
        }
        let suppressing = try Suppressing(db, actor: actor, now: now)
        if question.confirmed == nil {
            guard question.expires > now else {
                throw UserError(
                    .notPermitted,
                    "this token was for an answer until \(question.expires.iso8601)",
                    remedy:
                        "Ask again: nashra subscribers add \(person.address) --topic \(topic.name) --confirm"
                )
            }
            guard topic.archivedAt == nil else {
                throw UserError(.badData, "the topic \(topic.name) is archived; nobody can join it any more")
            }
            try join(id, question, person, topic, suppressing)
        }
        let standing = try SuppressionQueries.suppressions(db, key: person.key, at: now).first {
            $0.scope == .everywhere || $0.scope == .topic(topic.name)
        }
        return ConfirmationAnswer(
            address: person.address,
            topic: topic.name,
            confirmedAt: question.confirmed ?? now,
            isRepeated: question.confirmed != nil,
            suppressed: standing?.reason
        )
    }

    private func find(_ id: ConfirmationID) throws -> Question? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT subscriber_id, topic_id, consent_text, source, expires_at_ms, confirmed_at_ms, erased_hash
                FROM confirmation WHERE id = ?
                """,
            arguments: [id.rawValue]
        ).map { row in
            Question(
                subscriber: row[0],
                topic: row[1],
                consentText: row[2],
                source: row[3],
                expires: Timestamp(rawValue: row[4]),
                confirmed: (row[5] as Int64?).map(Timestamp.init),
                hash: (row[6] as Data?).map { [UInt8]($0) }
            )
        }
    }

    private func join(
        _ id: ConfirmationID,
        _ question: Question,
        _ person: PersonRow,
        _ topic: Topic,
        _ suppressing: Suppressing
    ) throws {
        try db.execute(
            sql: "UPDATE confirmation SET confirmed_at_ms = ?, erased_hash = NULL WHERE id = ?",
            arguments: [now.rawValue, id.rawValue]
        )
        if let hash = question.hash { _ = try ErasedPeople.lift(db, [hash], store: store, actor: actor) }
        let acting = Registering(
            db: db,
            source: question.source,
            actor: actor,
            consentText: question.consentText,
            now: now
        )
        try acting.record(.confirmed, person.id, topic: topic.id, detail: ["question": String(id.rawValue)])
        _ = try acting.join(person.id, topic)
        if person.state != .active {
            try SubscriptionSQL.setState(db, person, .active, source: question.source, actor: actor, now: now)
        }
        // Who left comes back by the own word.
        for scope in [0, topic.id] where try reason(person.key, scope) == .unsubscribe {
            _ = try suppressing.lift(
                person.key,
                topic: scope,
                how: "lifted",
                why: "the person confirmed \(topic.name)"
            )
        }
        try ConfirmationQueries.withdraw(
            db,
            subscriber: person.id,
            topic: topic.id,
            why: "it is confirmed",
            now
        )
        try store.audit(
            db,
            actor: actor,
            action: "subscription.confirm",
            object: person.key,
            detail: ["topic": topic.name]
        )
    }

    private func reason(_ key: String, _ topic: Int64) throws -> SuppressionReason? {
        try String.fetchOne(
            db,
            sql: "SELECT reason FROM suppression WHERE address_key = ? AND topic_id = ?",
            arguments: [key, topic]
        ).flatMap(SuppressionReason.init)
    }
}
