// SPDX-License-Identifier: Apache-2.0
//
// A store in a folder of its own, with people in it, and short ways to send.
// Touches a temporary folder, which it removes.
import Foundation
import GRDB
import NashraCore
import NashraTestKit

@testable import NashraStore

/// One store and its people: `person0@example.org`, …, in Arabic, English and French by turns.
final class StoreWorld {
    let folder: URL
    let clock = ManualClock()
    private(set) var store: Store

    var path: String { folder.appendingPathComponent("var/nashra.db").path }

    /// Makes a store with a topic `fraud` and `people` subscribed to it.
    init(people: Int = 0) throws {
        folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(
            "store-\(UUID().uuidString)"
        )
        store = try Store.open(at: folder.appendingPathComponent("var/nashra.db").path, clock: clock)
        try store.addTopic(name: "fraud", title: ["ar": "الاحتيال", "en": "Fraud"], actor: "test")
        if people > 0 {
            _ = try store.importBatch((0..<people).map(Self.person), topic: "fraud", source: "test")
        }
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Closes the store and opens it again, with a fault or none.
    func reopen(fault: FaultPlan? = nil) throws {
        store.close()
        store =
            if let fault { try Store.open(at: path, clock: clock, fault: fault) } else {
                try Store.open(at: path, clock: clock)
            }
    }

    static func person(_ index: Int) -> ImportRow {
        let names = ["نُورَة العتيبي", "Alice \"<>&,;", "Éloïse"]
        let languages: [Language] = [.arabic, .english, .french]
        return ImportRow(
            address: address("person\(index)"),
            name: names[index % 3],
            language: languages[index % 3],
            attributes: ["city": index % 3 == 0 ? "الرياض" : "Lyon"]
        )
    }

    static func address(_ local: String, domain: String = "example.org") -> EmailAddress {
        guard let address = try? EmailAddress.parse("\(local)@\(domain)") else {
            preconditionFailure("\(local) is no local part")
        }
        return address
    }

    static func settings(_ clock: ManualClock) -> CampaignSettings {
        CampaignSettings(
            fromAddress: "bulletin@moi.example",
            fromName: ["ar": "وزارة الداخلية"],
            envelopeDomain: "moi.example",
            messageIDDomain: "moi.example",
            listID: "fraud.lists.moi.example",
            listName: ["ar": "الاحتيال"],
            feedbackSender: "moiaware",
            date: clock.now()
        )
    }

    func draft(
        _ query: AudienceQuery = AudienceQuery(topics: ["fraud"]),
        ambiguous: AmbiguousPolicy = .resend,
        hash: String = "abc1",
        fields: Set<String> = ["name", "city"],
        expiresAt: Timestamp? = nil
    ) -> CampaignDraft {
        var draft = Self.draft(clock)
        draft.query = query
        draft.contentHash = hash
        draft.rendered = Data("{\"متن\":\"\(hash)\"}".utf8)
        draft.fields = fields
        draft.settings.ambiguous = ambiguous
        draft.settings.expiresAt = expiresAt
        return draft
    }

    static func draft(_ clock: ManualClock) -> CampaignDraft {
        CampaignDraft(
            bulletin: "2026-014",
            contentHash: "abc1",
            rendered: Data("{}".utf8),
            settings: settings(clock),
            query: AudienceQuery(topics: ["fraud"]),
            fields: ["name", "city"],
            chain: [.arabic, .english],
            available: [.arabic, .english],
            actor: "test"
        )
    }

    func freeze(ambiguous: AmbiguousPolicy = .resend) throws -> Campaign {
        try store.freeze(draft(ambiguous: ambiguous))
    }

    /// The deliveries of a campaign that are due now.
    func due(_ campaign: Campaign) throws -> [DueDelivery] {
        try store.due(campaign.id, after: 0, now: clock.now(), limit: 10_000)
    }

    func states(_ campaign: Campaign) throws -> [DeliveryState: Int] {
        try store.stateCounts(of: campaign.id)
    }

    func int(_ sql: String) throws -> Int? { try store.pool.read { try Int.fetchOne($0, sql: sql) } }

    func text(_ sql: String) throws -> String? { try store.pool.read { try String.fetchOne($0, sql: sql) } }

    func texts(_ sql: String) throws -> [String] { try store.pool.read { try String.fetchAll($0, sql: sql) } }

    /// How SQLite would run a statement.
    func plan(_ sql: String) throws -> [String] {
        try store.pool.read { db in
            let statement = try FastStatement(db, "EXPLAIN QUERY PLAN \(sql)")
            var lines: [String] = []
            while try statement.step() { lines.append(statement.text(3) ?? "") }
            return lines
        }
    }

    /// Changes the store behind its back.
    func run(_ sql: String) throws { try store.pool.write { try $0.execute(sql: sql) } }
}

/// A sender of one campaign: it has taken over, and has a writer.
final class TestSender {
    let campaign: Campaign
    let epoch: SenderEpoch
    let recovery: Recovery
    let writer: LedgerWriter
    private let clock: ManualClock

    init(_ world: StoreWorld, _ campaign: Campaign, onBroken: @escaping @Sendable () -> Void = {}) throws {
        self.campaign = campaign
        clock = world.clock
        epoch = SenderEpoch.random()
        recovery = try world.store.takeOver(campaign.id, epoch: epoch, now: world.clock.now())
        writer = LedgerWriter(store: world.store, campaign: campaign.id, epoch: epoch, onBroken: onBroken)
    }

    deinit { writer.close() }

    func record(_ delivery: DueDelivery, _ verdict: DeliveryOutcome.Verdict) {
        writer.record(
            DeliveryOutcome(
                delivery: delivery.id,
                verdict: verdict,
                relay: "primary",
                startedAt: clock.now(),
                finishedAt: clock.now()
            )
        )
    }

    /// Intent and acceptance.
    func accept(_ delivery: DueDelivery) -> IntentAnswer {
        let answer = writer.intent(delivery.id)
        if answer == .granted { record(delivery, .accepted(TestReply.accepted)) }
        return answer
    }
}

/// Replies that servers give.
enum TestReply {
    static let accepted = SMTPReply(code: 250, status: EnhancedStatusCode(2, 0, 0), text: "Ok: queued as 4F")
    static let unknown = SMTPReply(code: 550, status: EnhancedStatusCode(5, 1, 1), text: "no such user")
    static let full = SMTPReply(code: 452, status: EnhancedStatusCode(4, 2, 2), text: "الصندوق ممتلئ")

    static let refused = DeliveryFailure(
        stage: .rcpt,
        scope: .recipient,
        remedy: .giveUp,
        reply: unknown,
        detail: "the server refused the recipient"
    )
    static let later = DeliveryFailure(
        stage: .rcpt,
        scope: .recipient,
        remedy: .retry,
        reply: full,
        detail: "the server put the recipient off"
    )
    static let lost = DeliveryFailure(
        stage: .afterDot,
        scope: .ambiguous,
        remedy: .resolve,
        detail: "no reply came after the dot"
    )
}
