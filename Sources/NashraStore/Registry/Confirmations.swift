// SPDX-License-Identifier: Apache-2.0
//
// Asking a mailbox whether its owner wants a topic, within limits; the mail waits in the outbox.
// Touches the store. Rules: docs/subscriptions.md; docs/threat-model.md, "List bombing".
import Foundation
import GRDB
public import NashraCore

/// How many confirmation mails may leave.
public struct ConfirmationLimits: Sendable, Hashable {
    /// To one person in 24 hours.
    public var perDay: Int
    /// To one person in 30 days.
    public var perMonth: Int
    /// To all people in an hour.
    public var perHour: Int

    /// 1, 3 and 500 unless said otherwise.
    public init(perDay: Int = 1, perMonth: Int = 3, perHour: Int = 500) {
        self.perDay = perDay
        self.perMonth = perMonth
        self.perHour = perHour
    }
}

/// Somebody who is to be asked.
public struct ConfirmationQuestion: Sendable, Hashable {
    /// Who types the address.
    public enum Asker: Sendable, Hashable {
        /// Somebody who answers for it: any topic but mandatory ones.
        case `operator`
        /// A stranger who may be anybody: public topics only.
        case stranger
    }

    /// The person; the values of somebody who is known already stay as they are.
    public var row: ImportRow
    /// The topic.
    public var topic: String
    /// The language of the mail when the person's is not known.
    public var fallback: Language
    /// The version of the text in the mail, or `nil`.
    public var consentText: String?
    /// How the person asked, in words.
    public var source: String
    /// Who types the address.
    public var asker: Asker
    /// How long the token counts.
    public var lifetime: Duration
    /// How many mails may leave.
    public var limits: ConfirmationLimits
    /// The hashes of the address's key, for people who were erased.
    public var erasureHashes: [[UInt8]]
    /// Whether somebody who was erased may be asked: the person itself asked for it.
    public var again: Bool

    /// Makes a question by an operator, with the standard limits and seven days.
    public init(
        row: ImportRow,
        topic: String,
        fallback: Language = .arabic,
        consentText: String? = nil,
        source: String,
        asker: Asker = .operator,
        lifetime: Duration = .seconds(7 * 86_400),
        limits: ConfirmationLimits = ConfirmationLimits(),
        erasureHashes: [[UInt8]] = [],
        again: Bool = false
    ) {
        self.row = row
        self.topic = topic
        self.fallback = fallback
        self.consentText = consentText
        self.source = source
        self.asker = asker
        self.lifetime = lifetime
        self.limits = limits
        self.erasureHashes = erasureHashes
        self.again = again
    }
}

/// What became of a question.
public enum ConfirmationAsked: Sendable, Hashable {
    /// The mail is in the outbox; the token counts until then.
    case asked(ConfirmationID, expires: Timestamp)
    /// The person is in the topic already; nobody is asked.
    case subscribed
}

extension Store {
    /// Asks a mailbox whether its owner wants a topic.
    ///
    /// A new person is registered as pending, and the subscription too; nothing changes for who is known, or left, until
    /// the answer comes. An earlier question that has not left yet gives way.
    ///
    /// For a form that strangers fill in: whatever this says or throws, tell them the same.
    ///
    /// - Parameters:
    ///   - question: Whom, and about what.
    ///   - actor: Who asks.
    /// - Returns: The question.
    /// - Throws: `tryAgain` beyond a limit, with when; `notPermitted` for a topic that cannot be asked for, for people
    ///   who complained, whose address does not work, or who were erased; `unknownObject` for a topic that is not there.
    public func askConfirmation(
        _ question: ConfirmationQuestion,
        actor: String
    ) throws(UserError) -> ConfirmationAsked {
        try write { db in
            try ConfirmationAsking(db: db, store: self, question: question, actor: actor).ask()
        }
    }
}

/// One question, within one transaction.
private struct ConfirmationAsking {
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

    /// - Parameter times: The newest questions, newest first.
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

    /// Takes questions back whose mail has not left.
    ///
    /// - Parameter topic: Only about this topic, or about all.
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
