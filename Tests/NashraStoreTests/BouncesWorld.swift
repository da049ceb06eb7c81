// SPDX-License-Identifier: Apache-2.0
//
// Short ways to mail people and to let messages come back, for the tests of bounces.
// Touches the store of the test.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

extension StoreWorld {
    /// A campaign whose every delivery the relay has accepted, but those that `refuse` names a failure for.
    func mail(
        _ query: AudienceQuery = AudienceQuery(topics: ["fraud"]),
        finish: Bool = true,
        refuse: (DueDelivery) -> DeliveryFailure? = { _ in nil }
    ) throws -> Campaign {
        let campaign = try store.freeze(draft(query, hash: UUID().uuidString))
        let sender = try TestSender(self, campaign)
        for delivery in try due(campaign) {
            if let failure = refuse(delivery) {
                sender.record(delivery, .rejected(failure))
            } else {
                #expect(sender.accept(delivery) == .granted)
            }
        }
        try sender.writer.drain()
        sender.writer.close()
        if finish { _ = try store.finishIfDone(campaign.id, now: clock.now()) }
        clock.advance(by: .seconds(60))
        return campaign
    }

    /// The delivery of a campaign to `personN@example.org`.
    func delivery(_ campaign: Campaign, _ person: Int = 0) throws -> DeliveryID {
        try delivery(campaign, Self.address("person\(person)"))
    }

    func delivery(_ campaign: Campaign, _ address: EmailAddress) throws -> DeliveryID {
        let id = try store.pool.read { db in
            try Int64.fetchOne(
                db,
                sql: "SELECT id FROM delivery WHERE campaign_id = ? AND address_key = ?",
                arguments: [campaign.id, address.key]
            )
        }
        return DeliveryID(rawValue: try #require(id))
    }

    @discardableResult
    func record(_ entries: ReturnedEntry..., policy: BouncePolicy = .standard) throws -> [RecordedReturn] {
        try store.recordReturned(entries, policy: policy, actor: "bounces")
    }

    /// Adds a person of another domain to the topic.
    func join(_ address: String, topic: String = "fraud") throws -> EmailAddress {
        let parsed = try EmailAddress.parse(address)
        _ = try store.importBatch(
            [ImportRow(address: parsed, name: "مريم", language: .arabic, attributes: [:])],
            topic: topic,
            source: "test"
        )
        return parsed
    }

    func isSuppressed(_ person: Int) throws -> Bool {
        try suppression(Self.address("person\(person)")) != nil
    }

    func suppression(_ address: EmailAddress) throws -> Suppression? {
        try store.pool.read { try SuppressionQueries.suppression($0, key: address.key) }
    }

    /// Everything that bounces may change about people and campaigns, as one text.
    func stateOfPeople() throws -> String {
        let tables = [
            "subscriber", "subscription", "suppression", "suppression_history", "delivery", "campaign",
            "bounce",
            "probe", "outbox", "alarm", "reply", "campaign_return", "domain_return", "audit",
        ]
        return try store.pool.read { db in
            try tables.map { table in
                let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table)")
                return "\(table)\n" + rows.map(\.description).joined(separator: "\n")
            }.joined(separator: "\n\n")
        }
    }
}

/// Messages that come back.
enum Back {
    /// A digest that no other call gives.
    static func digest() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<2 { withUnsafeBytes(of: UUID().uuid) { bytes.append(contentsOf: $0) } }
        return bytes
    }

    static func entry(
        _ tie: ReturnTie,
        _ verdict: BounceVerdict,
        purpose: ReturnedEntry.Purpose = .report,
        raw: [UInt8]? = nil,
        forwardTo: EmailAddress? = nil
    ) -> ReturnedEntry {
        ReturnedEntry(
            digest: digest(),
            source: "maildir /var/mail/bounces",
            receivedAt: Timestamp(rawValue: 1_795_338_000_000),
            verdict: verdict,
            sender: "MAILER-DAEMON@relay.example",
            subject: "تعذر تسليم الرسالة",
            tie: tie,
            purpose: purpose,
            raw: raw,
            forwardTo: forwardTo
        )
    }

    static func hard(_ delivery: DeliveryID, _ reason: RefusalReason = .unknownUser) -> ReturnedEntry {
        entry(.proven(delivery, by: .envelope), verdict(.hard, EnhancedStatusCode(5, 1, 1), reason))
    }

    static func soft(_ delivery: DeliveryID, _ reason: RefusalReason = .mailboxFull) -> ReturnedEntry {
        entry(.proven(delivery, by: .messageID), verdict(.soft, EnhancedStatusCode(4, 2, 2), reason))
    }

    static func delayed(_ delivery: DeliveryID) -> ReturnedEntry {
        var verdict = verdict(.soft, EnhancedStatusCode(4, 4, 1), .hostUnreachable)
        verdict.action = .delayed
        return entry(.proven(delivery, by: .envelope), verdict)
    }

    static func complaint(_ delivery: DeliveryID) -> ReturnedEntry {
        entry(.proven(delivery, by: .envelope), BounceVerdict(kind: .complaint, evidence: .feedbackReport))
    }

    static func unsubscribe(_ delivery: DeliveryID) -> ReturnedEntry {
        entry(
            .proven(delivery, by: .unsubscribeToken),
            BounceVerdict(kind: .none),
            purpose: .unsubscribe
        )
    }

    static func note(_ delivery: DeliveryID, _ kind: BounceVerdict.Kind) -> ReturnedEntry {
        entry(.proven(delivery, by: .envelope), BounceVerdict(kind: kind, evidence: .headers))
    }

    static func reply(_ delivery: DeliveryID, to issuer: EmailAddress? = nil) -> ReturnedEntry {
        entry(
            .proven(delivery, by: .messageID),
            BounceVerdict(kind: .none),
            purpose: .reply,
            raw: Array("Subject: شكرا\r\n\r\nوصلتني رسالة مشابهة أمس\r\n".utf8),
            forwardTo: issuer
        )
    }

    static func verdict(
        _ kind: BounceVerdict.Kind,
        _ status: EnhancedStatusCode?,
        _ reason: RefusalReason?,
        recipients: [BounceVerdict.Recipient] = []
    ) -> BounceVerdict {
        BounceVerdict(
            kind: kind,
            action: .failed,
            status: status,
            reason: reason,
            recipients: recipients,
            evidence: .deliveryStatus
        )
    }
}
