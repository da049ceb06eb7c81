// SPDX-License-Identifier: Apache-2.0
//
// One person joins, and one person leaves: by an operator, by a token, in person.
// Touches the store. Every change has a source, an actor, a time, and leaves an event. Rules: docs/subscriptions.md.
import GRDB
public import NashraCore

/// Who wants to leave.
public enum Leaving: Sendable, Hashable {
    /// The person with an address.
    case address(EmailAddress)
    /// The person who got a delivery, by the token in it.
    case delivery(DeliveryID)
}

/// What became of somebody's wish to leave.
public struct LeaveOutcome: Sendable, Hashable {
    /// The address.
    public var address: String
    /// The topics that the person has left now.
    public var left: [String]
    /// Topics that nobody may leave; the person is in them still.
    public var mandatory: [String]
    /// Whether the address itself is suppressed now, because there was no topic to leave.
    public var isSuppressed: Bool
    /// Whether the person is still in the register's care: some subscription goes on.
    public var hasMore: Bool
}

extension Store {
    /// Registers one person who asked for it, even one who left before.
    ///
    /// - Parameters:
    ///   - row: The person; attributes in their canonical form.
    ///   - topic: The topic to join, or `nil` for none.
    ///   - source: How the person asked, in words.
    ///   - actor: Who does it.
    ///   - consentText: The version of the text that the person agreed to, which is kept already; `nil`: none is known.
    ///   - erasureHashes: The hashes of the address's key; somebody who was erased with one of them is refused.
    /// - Returns: `added`, `updated`, `unchanged`, `suppressed` (registered, and not mailed) or `refused`.
    /// - Throws: `unknownObject` for a topic or a version that does not exist.
    public func addSubscriber(
        _ row: ImportRow,
        topic: String?,
        source: String,
        actor: String,
        consentText: String? = nil,
        erasureHashes: [[UInt8]] = []
    ) throws(UserError) -> RowOutcome {
        try write { db in
            let topic = try topic.map { try TopicQueries.openTopic(db, named: $0) }
            if let consentText { try ConsentQueries.require(db, consentText) }
            if try ErasedPeople.erasedAt(db, erasureHashes) != nil {
                return .refused(
                    "this person was erased, and comes back only by an own yes: see --confirm --again"
                )
            }
            let acting = Registering(
                db: db,
                source: source,
                actor: actor,
                consentText: consentText,
                now: clock.now()
            )
            let person = try PersonRow.find(db, key: row.address.key)
            if person?.state == .erased { return .refused("this person was erased") }
            let (id, isNew) =
                try person.map { ($0.id, false) } ?? (acting.register(row, state: .active), true)
            var changed = try person.map { try acting.update($0, row) } ?? false
            if let topic, try acting.join(id, topic) { changed = true }
            try audit(
                db,
                actor: actor,
                action: "subscriber.add",
                object: row.address.text,
                detail: ["source": source, "topic": topic?.name ?? ""]
            )
            let now = clock.now()
            let suppressed = try SuppressionQueries.suppressions(db, key: row.address.key, at: now).contains {
                $0.scope == .everywhere || $0.scope == topic.map { .topic($0.name) }
            }
            if suppressed { return .suppressed }
            return isNew ? .added : changed ? .updated : .unchanged
        }
    }

    /// Lets a person leave one topic, or all that may be left.
    ///
    /// The token of a delivery leaves the topic through which the person was reached; when there was none, the address is
    /// suppressed. Leaving twice is leaving once. Deliveries that wait become `suppressed` when their turn comes.
    ///
    /// - Parameters:
    ///   - who: Who wants to leave.
    ///   - topic: Only this topic; `nil`: all of them, or that of the delivery.
    ///   - source: How the person said so, in words.
    ///   - force: Ends mandatory subscriptions too; for an operator only.
    ///   - actor: Who does it.
    /// - Returns: What the person has left, and what not.
    /// - Throws: `unknownObject` for somebody or a topic that does not exist.
    public func leave(
        _ who: Leaving,
        topic: String? = nil,
        source: String,
        force: Bool = false,
        actor: String
    ) throws(UserError) -> LeaveOutcome {
        try write { db in
            let named = try topic.map { try TopicQueries.knownTopic(db, named: $0).id }
            switch who {
            case .address(let address):
                guard let person = try PersonRow.find(db, key: address.key) else {
                    throw PersonRow.missing(address.text)
                }
                return try end(db, person, topic: named, source: source, force: force, actor: actor)
            case .delivery(let delivery):
                return try leave(db, delivery, topic: named, source: source, force: force, actor: actor)
            }
        }
    }

    /// Lets a person go altogether: ends every subscription, the mandatory ones too.
    ///
    /// For somebody who leaves the organisation. Deliveries that wait become `suppressed` when their turn comes.
    ///
    /// - Throws: `unknownObject` when nobody has the address.
    public func removeSubscriber(_ address: EmailAddress, reason: String, actor: String) throws(UserError) {
        try write { db in
            guard let person = try PersonRow.find(db, key: address.key) else {
                throw PersonRow.missing(address.text)
            }
            try SubscriptionSQL.end(
                db,
                person,
                source: reason,
                actor: actor,
                now: clock.now(),
                mandatory: true
            )
            if person.state != .unsubscribed {
                try SubscriptionSQL.setState(
                    db,
                    person,
                    .unsubscribed,
                    source: reason,
                    actor: actor,
                    now: clock.now()
                )
            }
            try audit(
                db,
                actor: actor,
                action: "subscriber.remove",
                object: address.text,
                detail: ["reason": reason]
            )
        }
    }

    private func end(
        _ db: Database,
        _ person: PersonRow,
        topic: Int64?,
        source: String,
        force: Bool,
        actor: String
    ) throws -> LeaveOutcome {
        let now = clock.now()
        let left = try SubscriptionSQL.end(
            db,
            person,
            topic: topic,
            source: source,
            actor: actor,
            now: now,
            mandatory: force
        )
        let rest = try SubscriptionSQL.current(db, person.id)
        let mandatory = rest.filter { $0.isMandatory && (topic == nil || topic == $0.id) }.map(\.name)
        if topic == nil, rest.isEmpty, person.state == .active || person.state == .pending {
            try SubscriptionSQL.setState(db, person, .unsubscribed, source: source, actor: actor, now: now)
        }
        for name in left {
            try audit(
                db,
                actor: actor,
                action: "subscription.end",
                object: person.key,
                detail: ["topic": name, "why": source, "force": force ? "yes" : "no"]
            )
        }
        return LeaveOutcome(
            address: person.address,
            left: left,
            mandatory: mandatory,
            isSuppressed: false,
            hasMore: !rest.isEmpty
        )
    }

    private func leave(
        _ db: Database,
        _ delivery: DeliveryID,
        topic: Int64?,
        source: String,
        force: Bool,
        actor: String
    ) throws -> LeaveOutcome {
        let acting = try BounceActing(db, store: self, policy: .standard, actor: actor)
        guard let tied = try acting.delivery(delivery.rawValue) else {
            throw UserError(.unknownObject, "the delivery of this token is not in the store any more")
        }
        if let subscriber = tied.subscriber, let topic = topic ?? tied.topic,
            let person = try PersonRow.find(db, id: subscriber)
        {
            let outcome = try end(db, person, topic: topic, source: source, force: force, actor: actor)
            if !outcome.left.isEmpty { try acting.countLeft(tied) }
            return outcome
        }
        var effects: [RecordedReturn.Effect] = []
        let news = BounceNews(event: .unsubscribe, origin: source)
        try acting.leaveTopic(tied, news, &effects)
        return LeaveOutcome(
            address: tied.address,
            left: [],
            mandatory: [],
            isSuppressed: true,
            hasMore: false
        )
    }
}
