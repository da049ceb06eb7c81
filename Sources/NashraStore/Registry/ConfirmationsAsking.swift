// SPDX-License-Identifier: Apache-2.0
//
// One question asked, or refused: the topic, the person, the limits, then the row and the mail in the outbox.
// Touches the store, inside a transaction of its caller. Rules: docs/subscriptions.md, "Limits".
import Foundation
import GRDB
import NashraCore

/// One question, within one transaction.
struct ConfirmationAsking {
    let db: Database
    let store: Store
    let question: ConfirmationQuestion
    let actor: String

    private var now: Timestamp { store.clock.now() }

    func ask() throws -> ConfirmationAsked {
        let topic = try TopicQueries.openTopic(db, named: question.topic)
        try checkTopic(topic)
        if let consent = question.consentText { try ConsentQueries.require(db, consent) }
        let person = try PersonRow.find(db, key: question.row.address.key)
        if let person {
            guard person.state != .erased else { throw erased() }
            if person.state == .active, try isIn(person.id, topic.id) { return .subscribed }
        }
        try checkSuppressions(topic)
        let hash = try erasedHash()
        try checkLimits(person?.id)
        let acting = Registering(
            db: db,
            source: question.source,
            actor: actor,
            consentText: question.consentText,
            now: now
        )
        let subscriber = try person?.id ?? acting.register(question.row, state: .pending)
        try acting.wait(subscriber, topic)
        let language = person?.language ?? question.row.language?.rawValue ?? question.fallback.rawValue
        return try queue(subscriber, topic, language, hash, person?.address ?? question.row.address.text)
    }

    private func queue(
        _ subscriber: Int64,
        _ topic: Topic,
        _ language: String,
        _ hash: [UInt8]?,
        _ address: String
    ) throws -> ConfirmationAsked {
        let now = now
        try ConfirmationQueries.withdraw(db, subscriber: subscriber, topic: topic.id, why: "asked again", now)
        // A whole minute, as the token has it.
        let expires = Timestamp(rawValue: ((now + question.lifetime).rawValue + 59_999) / 60_000 * 60_000)
        try db.execute(
            sql: """
                INSERT INTO confirmation (subscriber_id, topic_id, language, consent_text, source, actor, asked_at_ms,
                    expires_at_ms, erased_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                subscriber, topic.id, language, question.consentText, question.source, actor, now.rawValue,
                expires.rawValue, hash.map { Data($0) },
            ]
        )
        let id = db.lastInsertedRowID
        try db.execute(
            sql: """
                INSERT INTO outbox (work, confirmation_id, recipient, next_at_ms, created_at_ms)
                VALUES ('confirmation', ?, ?, ?, ?)
                """,
            arguments: [id, address, now.rawValue, now.rawValue]
        )
        try SubscriberEvents.record(
            db,
            .asked,
            subscriber: subscriber,
            topic: topic.id,
            source: question.source,
            actor: actor,
            consentText: question.consentText,
            detail: ["expires": expires.iso8601, "language": language],
            at: now
        )
        try store.audit(
            db,
            actor: actor,
            action: "subscriber.ask",
            object: question.row.address.key,
            detail: ["topic": topic.name, "source": question.source]
        )
        return .asked(ConfirmationID(rawValue: id), expires: expires)
    }

    // MARK: what stands in the way

    private func checkTopic(_ topic: Topic) throws {
        switch topic.visibility {
        case .public: return
        case .private:
            guard question.asker == .stranger else { return }
            throw UserError(
                .notPermitted,
                "the topic \(topic.name) is private: only an operator adds people to it"
            )
        case .mandatory:
            throw UserError(
                .notPermitted,
                "nobody is asked about the topic \(topic.name), because it is mandatory",
                remedy: "Add the person without asking: leave --confirm out."
            )
        }
    }

    private func isIn(_ subscriber: Int64, _ topic: Int64) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT ended_at_ms IS NULL AND is_pending = 0 FROM subscription
                WHERE subscriber_id = ? AND topic_id = ?
                """,
            arguments: [subscriber, topic]
        ) ?? false
    }

    /// Who left may come back by an own yes; who complained, or whose mailbox does not work, is not written to.
    private func checkSuppressions(_ topic: Topic) throws {
        let address = question.row.address
        for found in try SuppressionQueries.suppressions(db, key: address.key, at: now)
        where found.reason != .unsubscribe
            && (found.scope == .everywhere || found.scope == .topic(topic.name))
        {
            throw UserError(
                .notPermitted,
                "\(address.text) is suppressed (\(found.reason.rawValue), since \(found.createdAt.iso8601))",
                remedy: "When that is over: nashra suppressions remove \(address.text)"
            )
        }
    }

    private func erased() -> UserError {
        UserError(
            .notPermitted,
            "this person was erased and is not written to",
            remedy: "When the person asks for it, say --again; the yes must come from that mailbox."
        )
    }

    /// The hash to forget when the answer is yes.
    private func erasedHash() throws -> [UInt8]? {
        for hash in question.erasureHashes where try ErasedPeople.erasedAt(db, [hash]) != nil {
            guard question.again else { throw erased() }
            return hash
        }
        return nil
    }

    private func checkLimits(_ subscriber: Int64?) throws {
        let limits = question.limits
        let day: Duration = .seconds(86_400)
        let all = try ConfirmationQueries.newest(db, count: limits.perHour)
        try check(
            all,
            limits.perHour,
            .seconds(3_600),
            "\(limits.perHour) confirmation mails an hour are the limit"
        )
        guard let subscriber else { return }
        let own = try ConfirmationQueries.newest(
            db,
            of: subscriber,
            count: max(limits.perDay, limits.perMonth)
        )
        let who = question.row.address.text
        try check(
            own,
            limits.perDay,
            day,
            "\(who) was asked already; \(limits.perDay) in 24 hours is the limit"
        )
        try check(
            own,
            limits.perMonth,
            day * 30,
            "\(who) was asked already; \(limits.perMonth) in 30 days is the limit"
        )
    }

    /// Refuses when the newest questions, newest first, leave no room for one more.
    private func check(_ times: [Timestamp], _ limit: Int, _ span: Duration, _ words: String) throws {
        guard times.count >= limit, limit > 0 else { return }
        let free = times[limit - 1] + span
        guard free > now else { return }
        throw UserError(.tryAgain, words, remedy: "Ask again after \(free.iso8601).")
    }
}

/// How questions are found.
enum ConfirmationQueries {
    /// When the newest were asked, newest first.
    static func newest(_ db: Database, of subscriber: Int64? = nil, count: Int) throws -> [Timestamp] {
        let sql =
            subscriber == nil
            ? "SELECT asked_at_ms FROM confirmation WHERE ?1 IS NULL ORDER BY id DESC LIMIT ?2"
            : """
            SELECT asked_at_ms FROM confirmation INDEXED BY confirmation_by_subscriber WHERE subscriber_id = ?1
            ORDER BY asked_at_ms DESC LIMIT ?2
            """
        return try Int64.fetchAll(db, sql: sql, arguments: [subscriber, count]).map(Timestamp.init)
    }

    /// Takes questions back whose mail has not left: those about `topic`, or all.
    static func withdraw(
        _ db: Database,
        subscriber: Int64,
        topic: Int64? = nil,
        why: String,
        _ now: Timestamp
    ) throws {
        try db.execute(
            sql: """
                UPDATE outbox SET state = 'failed', ended_at_ms = ?1, words = ?2
                WHERE state = 'queued' AND confirmation_id IN (
                    SELECT id FROM confirmation WHERE subscriber_id = ?3 AND (?4 IS NULL OR topic_id = ?4))
                """,
            arguments: [now.rawValue, why, subscriber, topic]
        )
    }
}
