// SPDX-License-Identifier: Apache-2.0
//
// Gathers what decides about one address: the person, each topic, the suppressions, the last campaigns.
// Reads the store, every table by a key. The order of obstacles is that of AudienceSQL; WhyTests compares the two.
import Foundation
import GRDB
public import NashraCore

extension Store {
    /// What decides about an address.
    ///
    /// - Parameters:
    ///   - address: Whose.
    ///   - erasureHashes: The hashes under which the person may have been erased.
    ///   - topics: Only these; empty for all that are open, and those that the person joined.
    ///   - campaign: Only this one; `nil` for the newest.
    ///   - bulletin: Only campaigns of the bulletin with this number; `nil` for all.
    ///   - limit: How many campaigns at most.
    /// - Returns: What was found; for an address that nobody has, too.
    /// - Throws: `unknownObject` for a topic or a campaign that does not exist.
    public func why(
        _ address: EmailAddress,
        erasureHashes: [[UInt8]] = [],
        topics: [String] = [],
        campaign: CampaignName? = nil,
        bulletin: String? = nil,
        limit: Int = 5
    ) throws(UserError) -> Why {
        try read { db in
            let reading = try WhyReading(db, address, erasureHashes, now: clock.now())
            return Why(
                address: reading.subscriber?.address ?? address.text,
                subscriber: reading.subscriber,
                erasedAt: reading.erasedAt,
                near: reading.subscriber == nil && reading.erasedAt == nil ? try reading.near() : [],
                suppressions: reading.suppressions,
                direct: reading.obstacles(topic: nil),
                topics: try reading.topics(only: topics),
                campaigns: try reading.campaigns(only: campaign, bulletin: bulletin, limit: limit)
            )
        }
    }
}

/// The look for one address.
private struct WhyReading {
    private let db: Database
    private let address: EmailAddress
    private let now: Timestamp
    let subscriber: Subscriber?
    let erasedAt: Timestamp?
    let suppressions: [Suppression]

    init(_ db: Database, _ address: EmailAddress, _ hashes: [[UInt8]], now: Timestamp) throws {
        self.db = db
        self.address = address
        self.now = now
        subscriber = try Row.fetchOne(
            db,
            sql: "\(SubscriberQueries.select) WHERE s.address_key = ?",
            arguments: [address.key]
        ).map(SubscriberQueries.subscriber)
        erasedAt = try hashes.lazy.compactMap { hash in
            try Int64.fetchOne(
                db,
                sql: "SELECT erased_at_ms FROM erased WHERE hash = ?",
                arguments: [Data(hash)]
            )
        }.first.map(Timestamp.init)
        suppressions = try SuppressionQueries.suppressions(db, key: address.key, at: now)
    }

    // MARK: now

    /// One subscription, as the audience looks at it.
    private struct Joined {
        let endedAt: Timestamp?
        let endedReason: String
        let isPending: Bool
        let pausedFrom: Timestamp?
        let pausedUntil: Timestamp?

        init(_ row: Row) {
            endedAt = (row["ended_at_ms"] as Int64?).map(Timestamp.init)
            endedReason = row["ended_reason"] ?? ""
            isPending = row["is_pending"] ?? false
            pausedFrom = (row["paused_from_ms"] as Int64?).map(Timestamp.init)
            pausedUntil = (row["paused_until_ms"] as Int64?).map(Timestamp.init)
        }

        func pause(at now: Timestamp) -> WhyObstacle? {
            guard let from = pausedFrom, from <= now, pausedUntil.map({ $0 > now }) ?? true else {
                return nil
            }
            return .paused(from: from, until: pausedUntil)
        }
    }

    func topics(only names: [String]) throws -> [WhyTopic] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT t.id, t.name, t.title, t.visibility, t.archived_at_ms, u.consent_at_ms, u.ended_at_ms,
                    u.ended_reason, u.is_pending, u.paused_from_ms, u.paused_until_ms
                FROM topic t LEFT JOIN subscription u ON u.topic_id = t.id AND u.subscriber_id = ?
                ORDER BY t.name
                """,
            arguments: [subscriber?.id.rawValue]
        )
        let known = Set(rows.map { $0["name"] as String })
        for name in names where !known.contains(name) {
            throw UserError(
                .unknownObject,
                "There is no topic \(name).",
                remedy: Suggestion.nearest(to: name, among: known.sorted()).map { "Did you mean \($0)?" }
                    ?? "nashra topics list names them."
            )
        }
        return try rows.compactMap { row in
            let name: String = row["name"]
            let joined: Joined? = (row["consent_at_ms"] as Int64?) == nil ? nil : Joined(row)
            let archived = (row["archived_at_ms"] as Int64?).map(Timestamp.init)
            guard names.isEmpty ? joined != nil || archived == nil : names.contains(name) else { return nil }
            let isUnanswered = joined?.isPending == true && joined?.endedAt == nil
            let question = isUnanswered ? try question(row["id"]) : nil
            return WhyTopic(
                name: name,
                title: FlatJSON.decode(row["title"]),
                visibility: Topic.Visibility(rawValue: row["visibility"]) ?? .private,
                wasJoined: joined != nil,
                obstacles: (archived.map { [.archived($0)] } ?? [])
                    + obstacles(topic: name, joined, question: question)
            )
        }
    }

    /// What stands in the way through a topic, or without one when the address itself is named.
    func obstacles(topic: String?) -> [WhyObstacle] { obstacles(topic: topic, nil, question: nil) }

    private func obstacles(
        topic: String?,
        _ joined: Joined?,
        question: (asked: Timestamp, expires: Timestamp)?
    ) -> [WhyObstacle] {
        var found = personObstacles(isNamed: topic == nil)
        if subscriber != nil, topic != nil {
            if let joined {
                if let ended = joined.endedAt {
                    found.append(.left(ended, reason: joined.endedReason))
                } else if joined.isPending {
                    found.append(.unanswered(asked: question?.asked, expires: question?.expires))
                }
            } else {
                found.append(.notSubscribed)
            }
        }
        found += suppressions.filter {
            $0.scope == .everywhere || $0.scope == topic.map(SuppressionScope.topic)
        }
        .map(WhyObstacle.suppressed)
        if let pause = joined?.pause(at: now), joined?.endedAt == nil { found.append(pause) }
        return found
    }

    private func personObstacles(isNamed: Bool) -> [WhyObstacle] {
        guard let subscriber else {
            if let erasedAt { return [.erased(erasedAt)] }
            // An address that is named need not be in the register.
            return isNamed ? [] : [.notRegistered]
        }
        switch subscriber.state {
        case .active: return []
        case .pending: return [.pending]
        case .unsubscribed: return [.unsubscribed(subscriber.updatedAt)]
        case .erased: return [.erased(erasedAt)]
        }
    }

    private func question(_ topic: Int64) throws -> (asked: Timestamp, expires: Timestamp)? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT asked_at_ms, expires_at_ms FROM confirmation
                WHERE subscriber_id = ? AND topic_id = ? AND confirmed_at_ms IS NULL ORDER BY asked_at_ms DESC LIMIT 1
                """,
            arguments: [subscriber?.id.rawValue, topic]
        ).map { (Timestamp(rawValue: $0[0]), Timestamp(rawValue: $0[1])) }
    }

    // MARK: then

    func campaigns(only name: CampaignName?, bulletin: String?, limit: Int) throws -> [WhyCampaign] {
        let rows = try Row.fetchAll(
            db,
            sql: WhySQL.campaigns,
            arguments: [
                "key": address.key, "name": name?.rawValue, "bulletin": bulletin, "limit": limit,
            ]
        )
        if let name, rows.isEmpty {
            throw UserError(
                .unknownObject,
                "There is no campaign \(name).",
                remedy: "nashra campaigns list names them."
            )
        }
        let then = try WhyThen(db, address: address, subscriber: subscriber, now: now)
        return try rows.map { row in
            let frozen = Timestamp(rawValue: row["created_at_ms"])
            let audience: String = row["audience_text"]
            let delivery = try delivery(row)
            return WhyCampaign(
                name: CampaignName(rawValue: row["campaign"]),
                bulletin: row["bulletin"],
                state: CampaignState(rawValue: row["campaign_state"]) ?? .finished,
                frozenAt: frozen,
                audience: audience,
                delivery: delivery,
                absence: delivery == nil ? then.absence(at: frozen, audience: audience) : nil
            )
        }
    }

    private func delivery(_ row: Row) throws -> WhyDelivery? {
        guard let id = row["id"] as Int64? else { return nil }
        let state = try DeliveryState(stored: row["state"])
        let events = try String.fetchAll(
            db,
            sql: "SELECT event FROM bounce WHERE delivery_id = ? ORDER BY at_ms",
            arguments: [id]
        )
        return WhyDelivery(
            id: DeliveryID(rawValue: id),
            topic: row["topic"],
            language: row["language"],
            state: state,
            reason: row["reason"],
            reply: row["reply"],
            changedAt: Timestamp(rawValue: row["changed_at_ms"]),
            nextAt: state == .queued || state == .deferred ? Timestamp(rawValue: row["next_at_ms"]) : nil,
            events: events.compactMap(BounceEvent.init)
        )
    }

    // MARK: somebody else

    /// Addresses of the register that differ in a few letters of one of their halves, three at most.
    func near() throws -> [String] {
        let parts = address.key.split(separator: "@", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return [] }
        // `A` is the letter after `@`.
        let sameName = try keys(from: parts[0] + "@", below: parts[0] + "A")
        let stem = String(parts[0].prefix(max(1, parts[0].count / 2)))
        let sameStem = try keys(from: stem, below: stem + "\u{10FFFF}").filter { $0.domain == parts[1] }
        var found: [String] = []
        if let domain = Suggestion.nearest(to: parts[1], among: sameName.map(\.domain)) {
            found += sameName.filter { $0.domain == domain }.map(\.address)
        }
        if let local = Suggestion.nearest(to: parts[0], among: sameStem.map(\.local)) {
            found += sameStem.filter { $0.local == local }.map(\.address)
        }
        return Array(found.prefix(3))
    }

    private struct Near {
        let local: String
        let domain: String
        let address: String
    }

    /// A stretch of the register in the order of keys, bounded.
    private func keys(from low: String, below high: String) throws -> [Near] {
        try Row.fetchAll(db, sql: WhySQL.near, arguments: [low, high]).map { row in
            let parts = (row[0] as String).split(separator: "@", maxSplits: 1).map(String.init)
            return Near(local: parts.first ?? "", domain: parts.last ?? "", address: row[1])
        }
    }
}

/// The statements of `why`.
enum WhySQL {
    /// One look into the key of (campaign, address) for each campaign that is shown.
    static let campaigns = """
        SELECT c.name AS campaign, b.number AS bulletin, c.state AS campaign_state, c.created_at_ms, c.audience_text,
            d.id, t.name AS topic, d.language, d.state, d.reason, d.reply, d.changed_at_ms, d.next_at_ms
        FROM campaign c JOIN bulletin b ON b.id = c.bulletin_id
        LEFT JOIN delivery d ON d.campaign_id = c.id AND d.address_key = :key
        LEFT JOIN topic t ON t.id = d.topic_id
        WHERE (:name IS NULL OR c.name = :name) AND (:bulletin IS NULL OR b.number = :bulletin)
        ORDER BY c.id DESC LIMIT :limit
        """

    static let near = """
        SELECT address_key, address FROM subscriber
        WHERE address_key >= ? AND address_key < ? AND state <> 'erased' ORDER BY address_key LIMIT 2000
        """
}
