// SPDX-License-Identifier: Apache-2.0
//
// The outbox: probes, forwarded replies and confirmation mails that wait for a relay. Taken for a while, sent, and told what became of them.
// Touches the store. A crash between sending and telling sends once more: late or twice, never lost.
import Foundation
import GRDB
public import NashraCore

/// A message that we owe somebody and that is no campaign's.
public struct OutboxEntry: Sendable, Hashable {
    /// What is to be sent.
    public enum Work: Sendable, Hashable {
        /// A probe.
        case probe(ProbeRequest)
        /// A reply to a bulletin, for the bulletin's issuer.
        case forward(ForwardRequest)
        /// A question whether somebody wants a topic.
        case confirmation(ConfirmationRequest)
    }

    /// Its row.
    public var id: Int64
    /// What is to be sent.
    public var work: Work
    /// How many times it was taken, this one included.
    public var attempts: Int
}

/// A probe to compose.
public struct ProbeRequest: Sendable, Hashable {
    /// The probe; its envelope sender carries a token for it.
    public var id: ProbeID
    /// The delivery whose bounce asked for it.
    public var delivery: DeliveryID
    /// The campaign of that delivery.
    public var campaign: CampaignName
    /// To whom.
    public var address: EmailAddress
    /// The language of that delivery.
    public var language: Language
    /// When it was asked for: the same at each try.
    public var askedAt: Timestamp
}

/// A reply to forward.
public struct ForwardRequest: Sendable, Hashable {
    /// The reply.
    public var returned: ReturnedID
    /// The campaign that it answers.
    public var campaign: CampaignName
    /// The bulletin's number.
    public var bulletin: String
    /// The issuer.
    public var recipient: EmailAddress
    /// The reply, byte for byte.
    public var message: [UInt8]
}

/// A confirmation mail to compose.
public struct ConfirmationRequest: Sendable, Hashable {
    /// The question; the mail carries a token for it.
    public var id: ConfirmationID
    /// To whom.
    public var address: EmailAddress
    /// The person's language, or the one that was asked in.
    public var language: Language
    /// The topic's name.
    public var topic: String
    /// The topic's titles by language tag.
    public var title: [String: String]
    /// The words that a yes agrees to, by language; empty when there are none.
    public var consent: [Language: String]
    /// When it was asked: the same at each try.
    public var askedAt: Timestamp
    /// From then on the token counts no more.
    public var expiresAt: Timestamp
}

/// What became of a message of the outbox.
public enum OutboxResult: Sendable, Hashable {
    /// The relay took it.
    case sent(SMTPReply)
    /// Put off until a moment.
    case deferred(until: Timestamp, words: String)
    /// Refused for good, or given up.
    case failed(DeliveryFailure)
}

/// How the outbox stands.
public struct OutboxCounts: Sendable, Hashable {
    /// How many wait.
    public var queued: Int
    /// When the first of them is due, or `nil`.
    public var nextAt: Timestamp?
}

extension Store {
    /// Takes what is due, for nobody else to send while the lease lasts.
    ///
    /// Probes to people who may not be mailed any more, and questions that are answered or too late, are withdrawn here.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - lease: After so long they are due again, unless finishOutbox(_:_:policy:actor:) told what became of them.
    /// - Returns: The oldest first.
    /// - Throws: `inputOutput` or `tryAgain` when the store cannot be written.
    public func takeOutbox(limit: Int, lease: Duration = .seconds(900)) throws(UserError) -> [OutboxEntry] {
        try write { db in
            let now = clock.now()
            try withdrawProbes(db)
            try OutboxQueries.withdrawConfirmations(db, now)
            let rows = try Row.fetchAll(db, sql: OutboxQueries.due, arguments: [now.rawValue, limit])
            var entries: [OutboxEntry] = []
            for row in rows {
                try hooks.check(.statement)
                try db.execute(
                    sql: "UPDATE outbox SET attempts = attempts + 1, next_at_ms = ? WHERE id = ?",
                    arguments: [(now + lease).rawValue, row["id"] as Int64]
                )
                if let entry = try OutboxQueries.entry(db, row) {
                    entries.append(entry)
                } else {
                    try OutboxQueries.end(db, row["id"], "failed", "what it was about is gone", now)
                }
            }
            return entries
        }
    }

    /// Tells what became of a message that was taken; harmless for one that has ended.
    ///
    /// A probe whose recipient a server refuses for good has bounced. One that failed for another reason is withdrawn; the
    /// next soft bounce asks again.
    public func finishOutbox(
        _ id: Int64,
        _ result: OutboxResult,
        policy: BouncePolicy,
        actor: String
    ) throws(UserError) {
        try write { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT probe_id FROM outbox WHERE id = ? AND state = 'queued'",
                arguments: [id]
            )
            guard let row else { return }
            let acting = try BounceActing(db, store: self, policy: policy, actor: actor)
            try hooks.check(.statement)
            let probe = try (row[0] as Int64?).flatMap { try acting.probe($0) }
            switch result {
            case .sent(let reply): try OutboxQueries.end(db, id, "sent", reply.text, acting.now)
            case .deferred(let until, let words):
                try db.execute(
                    sql: "UPDATE outbox SET next_at_ms = ?, words = ? WHERE id = ?",
                    arguments: [until.rawValue, words, id]
                )
            case .failed(let failure):
                try OutboxQueries.end(db, id, "failed", failure.description, acting.now)
            }
            if let probe { try acting.tell(probe, result) }
        }
    }

    /// How many messages wait, and when the first is due.
    public func outboxCounts() throws(UserError) -> OutboxCounts {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql:
                    "SELECT count(*), min(next_at_ms) FROM outbox INDEXED BY outbox_due WHERE state = 'queued'"
            )
            return OutboxCounts(queued: row?[0] ?? 0, nextAt: (row?[1] as Int64?).map(Timestamp.init))
        }
    }

    private func withdrawProbes(_ db: Database) throws {
        let ids = try Int64.fetchAll(
            db,
            sql: """
                SELECT o.probe_id FROM outbox o INDEXED BY outbox_due JOIN probe p ON p.id = o.probe_id
                JOIN delivery d ON d.id = p.delivery_id
                WHERE o.state = 'queued' AND o.work = 'probe' AND \(LedgerSQL.mayNotBeMailed("d", now: "?1"))
                """,
            arguments: [clock.now().rawValue]
        )
        guard !ids.isEmpty else { return }
        let acting = try BounceActing(db, store: self, policy: .standard, actor: "bounces")
        for id in ids { if let probe = try acting.probe(id) { try acting.close(probe, .cancelled) } }
    }
}

extension BounceActing {
    /// What the fate of its message means for a probe.
    fileprivate func tell(_ probe: ProbeRow, _ result: OutboxResult) throws {
        switch result {
        case .deferred: return
        case .sent:
            guard probe.state == .queued else { return }
            try db.execute(
                sql: "UPDATE probe SET state = 'sent', sent_at_ms = ? WHERE id = ?",
                arguments: [now.rawValue, probe.id]
            )
            try suppressing.audit("probe.send", probe.key)
        case .failed(let failure):
            guard failure.scope == .recipient, failure.remedy == .giveUp, let reply = failure.reply,
                let person = try delivery(probe.delivery)
            else { return try close(probe, .cancelled) }
            let refusal = Refusal(reply: reply, stage: failure.stage)
            let news = BounceNews(
                event: refusal.event(policy),
                status: reply.status?.description,
                reason: refusal.reason,
                returned: nil,
                origin: Self.probeOrigin
            )
            _ = try endProbe(probe, news, person)
        }
    }
}

/// How the outbox is read and ended.
enum OutboxQueries {
    static let due = """
        SELECT id, work, probe_id, returned_id, confirmation_id, recipient, attempts FROM outbox INDEXED BY outbox_due
        WHERE state = 'queued' AND next_at_ms <= ? ORDER BY next_at_ms, id LIMIT ?
        """

    static func end(_ db: Database, _ id: Int64, _ state: String, _ words: String, _ now: Timestamp) throws {
        try db.execute(
            sql: "UPDATE outbox SET state = ?, ended_at_ms = ?, words = ? WHERE id = ?",
            arguments: [state, now.rawValue, words, id]
        )
    }

    static func entry(_ db: Database, _ row: Row) throws -> OutboxEntry? {
        guard let recipient = try? EmailAddress.parse(row["recipient"] as String) else { return nil }
        let attempts: Int = row["attempts"]
        let work =
            try (row["probe_id"] as Int64?).map { try probe(db, $0, recipient) }
            ?? (row["returned_id"] as Int64?).map { try forward(db, $0, recipient) }
            ?? (row["confirmation_id"] as Int64?).map { try confirmation(db, $0, recipient) }
        guard let work = work ?? nil else { return nil }
        return OutboxEntry(id: row["id"], work: work, attempts: attempts + 1)
    }

    private static func probe(_ db: Database, _ id: Int64, _ address: EmailAddress) throws -> OutboxEntry
        .Work?
    {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT p.delivery_id, c.name, d.language, p.asked_at_ms FROM probe p
                JOIN delivery d ON d.id = p.delivery_id JOIN campaign c ON c.id = p.campaign_id WHERE p.id = ?
                """,
            arguments: [id]
        )
        guard let row, let language = Language(rawValue: row[2]) else { return nil }
        return .probe(
            ProbeRequest(
                id: ProbeID(rawValue: id),
                delivery: DeliveryID(rawValue: row[0]),
                campaign: CampaignName(rawValue: row[1]),
                address: address,
                language: language,
                askedAt: Timestamp(rawValue: row[3])
            )
        )
    }

    private static func forward(_ db: Database, _ id: Int64, _ address: EmailAddress) throws
        -> OutboxEntry.Work?
    {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT c.name, b.number, x.bytes FROM reply r JOIN campaign c ON c.id = r.campaign_id
                JOIN bulletin b ON b.id = c.bulletin_id JOIN returned_bytes x ON x.returned_id = r.returned_id
                WHERE r.returned_id = ?
                """,
            arguments: [id]
        )
        guard let row else { return nil }
        return .forward(
            ForwardRequest(
                returned: ReturnedID(rawValue: id),
                campaign: CampaignName(rawValue: row[0]),
                bulletin: row[1],
                recipient: address,
                message: [UInt8](row[2] as Data)
            )
        )
    }
}
