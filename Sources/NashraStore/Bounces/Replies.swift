// SPDX-License-Identifier: Apache-2.0
//
// What people write back: kept, counted, and queued for the bulletin's issuer in the same transaction.
// Touches the store.
import GRDB
public import NashraCore

/// What a person wrote back.
public struct Reply: Sendable, Hashable {
    /// How far forwarding has come.
    public enum Forwarding: String, Sendable, Hashable, Codable, CaseIterable {
        /// There is nobody to forward to.
        case none
        case queued, sent, failed
    }

    /// The returned message; ``Store/returnedBytes(_:)`` has its bytes.
    public var id: ReturnedID
    /// The campaign that it answers.
    public var campaign: CampaignName
    /// The bulletin's number.
    public var bulletin: String
    /// The delivery that it answers.
    public var delivery: DeliveryID
    /// To whom that delivery went: not always who answered.
    public var address: String
    /// From whom, as the message says; or `nil`.
    public var sender: String?
    /// Its subject.
    public var subject: String
    /// When it came in.
    public var receivedAt: Timestamp
    /// The issuer, or `nil`.
    public var forwardTo: String?
    /// How far forwarding has come.
    public var forwarding: Forwarding
    /// When it was forwarded or given up, or `nil`.
    public var forwardedAt: Timestamp?
}

extension Store {
    /// Replies, newest first.
    ///
    /// - Parameters:
    ///   - campaign: Only those to this campaign; `nil` for all.
    ///   - last: The last one of the page before; `nil` for the first page.
    ///   - limit: How many at most.
    /// - Returns: The page; fewer than `limit` when it is the last.
    /// - Throws: `unknownObject` for a campaign that does not exist.
    public func replies(
        campaign: CampaignName? = nil,
        before last: ReturnedID? = nil,
        limit: Int = 100
    ) throws(UserError) -> [Reply] {
        try read { db in
            let id = try campaign.map { try ReturnedQueries.campaign(db, $0) }
            return try Row.fetchAll(
                db,
                sql: ReplyQueries.page(byCampaign: id != nil),
                arguments: [id ?? 0, last?.rawValue ?? Int64.max, limit]
            ).map(ReplyQueries.reply)
        }
    }

    /// One reply; `nil` when there is none with that row.
    public func reply(_ id: ReturnedID) throws(UserError) -> Reply? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: "\(ReplyQueries.select) WHERE p.returned_id = ?",
                arguments: [id.rawValue]
            ).map(ReplyQueries.reply)
        }
    }
}

extension BounceActing {
    /// Keeps a reply, counts it, and queues it for the issuer.
    func recordReply(_ entry: ReturnedEntry, returned: Int64, _ person: TiedDelivery) throws
        -> [RecordedReturn.Effect]
    {
        let forward = entry.raw == nil ? nil : entry.forwardTo
        try db.execute(
            sql: "INSERT INTO reply (returned_id, campaign_id, delivery_id, forward_to) VALUES (?, ?, ?, ?)",
            arguments: [returned, person.campaign, person.id, forward?.text]
        )
        if let forward {
            try db.execute(
                sql: """
                    INSERT INTO outbox (work, returned_id, recipient, next_at_ms, created_at_ms)
                    VALUES ('forward', ?, ?, ?, ?)
                    """,
                arguments: [returned, forward.text, now.rawValue, now.rawValue]
            )
        }
        var change = TallyChange()
        change.replies = 1
        try tally(person.campaign, change)
        return [.replied(isForwarded: forward != nil)]
    }
}

/// How replies are read.
enum ReplyQueries {
    static let select = """
        SELECT p.returned_id, c.name, b.number, p.delivery_id, d.address, r.sender, r.subject, r.received_at_ms,
            p.forward_to, o.state, o.ended_at_ms
        FROM reply p JOIN returned r ON r.id = p.returned_id
        JOIN campaign c ON c.id = p.campaign_id JOIN bulletin b ON b.id = c.bulletin_id
        JOIN delivery d ON d.id = p.delivery_id
        LEFT JOIN outbox o ON o.returned_id = p.returned_id
        """

    /// Takes ?1 campaign, ?2 the row to stay below, ?3 limit.
    static func page(byCampaign: Bool) -> String {
        "\(select) WHERE \(byCampaign ? "p.campaign_id = ?1" : "?1 = 0") AND p.returned_id < ?2 "
            + "ORDER BY p.returned_id DESC LIMIT ?3"
    }

    static func reply(_ row: Row) -> Reply {
        Reply(
            id: ReturnedID(rawValue: row[0]),
            campaign: CampaignName(rawValue: row[1]),
            bulletin: row[2],
            delivery: DeliveryID(rawValue: row[3]),
            address: row[4],
            sender: row[5],
            subject: row[6],
            receivedAt: Timestamp(rawValue: row[7]),
            forwardTo: row[8],
            forwarding: (row[9] as String?).flatMap(Reply.Forwarding.init) ?? .none,
            forwardedAt: (row[10] as Int64?).map(Timestamp.init)
        )
    }
}
