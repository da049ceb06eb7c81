// SPDX-License-Identifier: Apache-2.0
//
// Gathers one person's story: every table is asked by its own key, and the events are put in order.
// Reads the store.
import GRDB
public import NashraCore

extension Store {
    /// Everything that is recorded about an address; `nil` when nothing is.
    public func story(of address: EmailAddress) throws(UserError) -> Story? {
        try read { db in
            try StoryReading(db, key: address.key, text: address.text, now: clock.now()).story(only: nil)
        }
    }

    /// What is recorded about one delivery and its person; `nil` when there is no such delivery.
    ///
    /// Only what belongs to the delivery, and the person's own coming and going.
    public func story(of delivery: DeliveryID) throws(UserError) -> Story? {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT address_key, address FROM delivery WHERE id = ?",
                arguments: [delivery.rawValue]
            )
            return try row.flatMap {
                try StoryReading(db, key: $0[0], text: $0[1], now: clock.now()).story(only: delivery)
            }
        }
    }

    /// When and why an address was suppressed, oldest first.
    public func suppressionHistory(_ address: EmailAddress) throws(UserError) -> [SuppressionSpell] {
        try read { db in
            try StoryReading(db, key: address.key, text: address.text, now: clock.now()).spells().map(\.spell)
        }
    }
}

/// The look for one person.
private struct StoryReading {
    private let db: Database
    private let key: String
    private let text: String
    private let now: Timestamp

    init(_ db: Database, key: String, text: String, now: Timestamp) {
        self.now = now
        self.db = db
        self.key = key
        self.text = text
    }

    func story(only delivery: DeliveryID?) throws -> Story? {
        let row = try Row.fetchOne(
            db,
            sql: "\(SubscriberQueries.select) WHERE s.address_key = ?",
            arguments: [key]
        )
        let subscriber = try row.map(SubscriberQueries.subscriber)
        var events = try deliveries()
        events += try returned() + probes() + suppressions() + bounces()
        if let delivery { events = events.filter { $0.delivery == delivery } }
        if let subscriber { events += try register(subscriber) }
        if delivery == nil { events += try audits(subscriber) }
        guard !events.isEmpty else { return nil }
        return Story(
            address: subscriber?.address ?? text,
            addressKey: key,
            subscriber: subscriber,
            suppression: try SuppressionQueries.suppression(db, key: key, at: now),
            events: Self.ordered(events)
        )
    }

    /// By time; of one moment, causes before what follows from them.
    private static func ordered(_ events: [StoryEvent]) -> [StoryEvent] {
        events.enumerated().sorted {
            ($0.element.at.rawValue, rank($0.element.what), $0.offset)
                < ($1.element.at.rawValue, rank($1.element.what), $1.offset)
        }.map(\.element)
    }

    private static func rank(_ what: StoryEvent.What) -> Int {
        switch what {
        case .registered: 0
        case .subscribed: 1
        case .frozen: 2
        case .attempt: 3
        case .refused, .returned, .reply: 4
        case .probeAsked: 5
        case .probeSent: 6
        case .probeEnded: 7
        case .suppressionEnded: 8
        case .suppressed: 9
        case .withheld: 10
        case .left: 11
        case .audit: 12
        }
    }

    private func register(_ subscriber: Subscriber) throws -> [StoryEvent] {
        var events = [StoryEvent(at: subscriber.createdAt, what: .registered)]
        for joined in try SubscriberQueries.subscriptions(db, of: subscriber.id) {
            events.append(
                .init(at: joined.consentAt, what: .subscribed(topic: joined.topic, source: joined.source))
            )
            if let end = joined.endedAt {
                events.append(
                    .init(at: end, what: .left(topic: joined.topic, reason: joined.endedReason ?? ""))
                )
            }
        }
        return events
    }

    // MARK: campaigns

    private func deliveries() throws -> [StoryEvent] {
        let rows = try Row.fetchAll(db, sql: StorySQL.deliveries, arguments: [key])
        var events: [StoryEvent] = []
        for row in rows {
            let campaign = CampaignName(rawValue: row["campaign"])
            let id: Int64 = row["id"]
            let frozen = StoryDelivery(
                bulletin: row["bulletin"],
                topic: row["topic"],
                language: row["language"],
                state: try DeliveryState(stored: row["state"]),
                reason: row["reason"],
                changedAt: Timestamp(rawValue: row["changed_at_ms"])
            )
            func add(_ at: Int64, _ what: StoryEvent.What) {
                events.append(
                    .init(
                        at: Timestamp(rawValue: at),
                        campaign: campaign,
                        delivery: DeliveryID(rawValue: id),
                        what: what
                    )
                )
            }
            add(row["created_at_ms"], .frozen(frozen))
            for try_ in try Row.fetchAll(db, sql: StorySQL.attempts, arguments: [id]) {
                add(try_["finished_at_ms"], .attempt(Self.attempt(try_)))
            }
        }
        return events
    }

    private static func attempt(_ row: Row) -> StoryAttempt {
        StoryAttempt(
            number: row["number"],
            outcome: row["outcome"],
            relay: row["relay"],
            stage: row["stage"],
            code: row["code"],
            status: row["status"],
            reason: row["reason"],
            reply: row["reply"]
        )
    }

    // MARK: what came back

    private func returned() throws -> [StoryEvent] {
        try Row.fetchAll(db, sql: StorySQL.returned, arguments: [key]).map { row in
            let record = ReturnedQueries.record(row)
            return StoryEvent(
                at: record.recordedAt,
                campaign: record.campaign,
                delivery: record.delivery,
                what: record.purpose == .reply ? .reply(record) : .returned(record, inARow: row["in_a_row"])
            )
        }
    }

    private func bounces() throws -> [StoryEvent] {
        var events: [StoryEvent] = []
        for row in try Row.fetchAll(db, sql: StorySQL.bounces, arguments: [key]) {
            func add(_ what: StoryEvent.What) {
                events.append(
                    .init(
                        at: Timestamp(rawValue: row["at_ms"]),
                        campaign: CampaignName(rawValue: row["campaign"]),
                        delivery: DeliveryID(rawValue: row["delivery_id"]),
                        what: what
                    )
                )
            }
            if (row["returned_id"] as Int64?) == nil, let event = BounceEvent(rawValue: row["event"]) {
                let reason = (row["reason"] as String?).flatMap(RefusalReason.init)
                add(.refused(event, status: row["status"], reason: reason, inARow: row["in_a_row"]))
            }
            if let alarm = row["alarm_id"] as Int64? { add(.withheld(alarm: alarm)) }
        }
        return events
    }

    private func probes() throws -> [StoryEvent] {
        var events: [StoryEvent] = []
        for row in try Row.fetchAll(db, sql: StorySQL.probes, arguments: [key]) {
            let id = ProbeID(rawValue: row["id"])
            func add(_ at: Int64?, _ what: StoryEvent.What) {
                guard let at else { return }
                events.append(
                    .init(
                        at: Timestamp(rawValue: at),
                        campaign: CampaignName(rawValue: row["campaign"]),
                        delivery: DeliveryID(rawValue: row["delivery_id"]),
                        what: what
                    )
                )
            }
            add(row["asked_at_ms"], .probeAsked(id))
            add(row["sent_at_ms"], .probeSent(id))
            add(row["ended_at_ms"], .probeEnded(id, how: row["state"]))
        }
        return events
    }

    // MARK: suppressions and audit

    func spells() throws -> [(spell: SuppressionSpell, campaign: CampaignName?, delivery: DeliveryID?)] {
        try Row.fetchAll(db, sql: StorySQL.spells, arguments: [key]).map { row in
            let spell = SuppressionQueries.spell(row, now: now)
            return (
                spell, (row["campaign"] as String?).map(CampaignName.init),
                (row["delivery_id"] as Int64?).map(DeliveryID.init)
            )
        }
    }

    private func suppressions() throws -> [StoryEvent] {
        try spells().flatMap { item in
            let from = StoryEvent(
                at: item.spell.from,
                campaign: item.campaign,
                delivery: item.delivery,
                what: .suppressed(item.spell)
            )
            guard let until = item.spell.until else { return [from] }
            var end = from
            end.at = until
            end.what = .suppressionEnded(item.spell)
            return [from, end]
        }
    }

    /// What the audit says about the person, but what the story tells from its own tables.
    private func audits(_ subscriber: Subscriber?) throws -> [StoryEvent] {
        let names = Set([key, text, subscriber?.address ?? key]).sorted()
        return try names.flatMap { name in
            try Row.fetchAll(db, sql: StorySQL.audits, arguments: [name]).map(AuditQueries.entry)
        }.map { StoryEvent(at: $0.at, what: .audit($0)) }
    }
}
