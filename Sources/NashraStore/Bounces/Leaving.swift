// SPDX-License-Identifier: Apache-2.0
//
// People who leave because of a message: by mail, or by calling it abuse; and people who are asked by a probe first.
// Touches the store, inside a transaction of its caller.
import GRDB
import NashraCore

extension BounceActing {
    /// Ends the subscription through which the person was reached; without a topic, the address is suppressed.
    func leaveTopic(
        _ person: TiedDelivery,
        _ news: BounceNews,
        _ effects: inout [RecordedReturn.Effect]
    ) throws {
        guard let topic = person.topic, let subscriber = person.subscriber else {
            let before = effects.count
            try suppress(person, .unsubscribe, news, &effects)
            if effects.count > before { try countLeft(person) }
            return
        }
        let row = try Row.fetchOne(
            db,
            sql: "SELECT name, visibility FROM topic WHERE id = ?",
            arguments: [topic]
        )
        guard let row else { return }
        let name: String = row[0]
        guard row[1] as String != Topic.Visibility.mandatory.rawValue else {
            effects.append(.mayNotLeave(address: person.address, topic: name))
            try suppressing.audit("subscription.refuse-end", person.key, ["topic": name, "why": news.origin])
            return
        }
        guard try end(subscriber, topic: topic, why: "unsubscribed by mail", news.origin) else { return }
        effects.append(.left(address: person.address, topic: name))
        try suppressing.audit("subscription.end", person.key, ["topic": name, "why": "unsubscribed by mail"])
        try countLeft(person)
    }

    /// Ends every subscription of the person but those that nobody may leave.
    func leaveAll(_ person: TiedDelivery, _ effects: inout [RecordedReturn.Effect]) throws {
        guard let subscriber = person.subscriber else { return }
        let topics = try Row.fetchAll(
            db,
            sql: """
                SELECT t.id, t.name FROM subscription u JOIN topic t ON t.id = u.topic_id
                WHERE u.subscriber_id = ? AND u.ended_at_ms IS NULL AND t.visibility <> 'mandatory' ORDER BY t.name
                """,
            arguments: [subscriber]
        )
        for topic in topics {
            let name: String = topic[1]
            guard try end(subscriber, topic: topic[0], why: "complaint", "complaint") else { continue }
            effects.append(.left(address: person.address, topic: name))
            try suppressing.audit("subscription.end", person.key, ["topic": name, "why": "complaint"])
        }
    }

    private func end(_ subscriber: Int64, topic: Int64, why: String, _ source: String) throws -> Bool {
        try SubscriptionSQL.end(
            db,
            subscriber: subscriber,
            topic: topic,
            why: why,
            source: source,
            actor: actor,
            now: now
        )
    }

    func countLeft(_ person: TiedDelivery) throws {
        var change = TallyChange()
        change.unsubscribed = 1
        try tally(person.campaign, change)
    }

    /// Queues a probe to the person.
    func askProbe(_ person: TiedDelivery, _ effects: inout [RecordedReturn.Effect]) throws {
        try db.execute(
            sql: """
                INSERT INTO probe (delivery_id, campaign_id, address_key, asked_at_ms) VALUES (?, ?, ?, ?)
                """,
            arguments: [person.id, person.campaign, person.key, now.rawValue]
        )
        let probe = db.lastInsertedRowID
        try db.execute(
            sql: """
                INSERT INTO outbox (work, probe_id, recipient, next_at_ms, created_at_ms)
                VALUES ('probe', ?, ?, ?, ?)
                """,
            arguments: [probe, person.address, now.rawValue, now.rawValue]
        )
        effects.append(.probed(address: person.address, ProbeID(rawValue: probe)))
        try suppressing.audit("probe.ask", person.key, ["campaign": try name(person.campaign).rawValue])
    }
}
