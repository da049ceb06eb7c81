// SPDX-License-Identifier: Apache-2.0
//
// Why somebody is reached or not: what stands in the way, in order, and what the last campaigns did.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct WhyReached {
    private let noura = StoreWorld.address("نورة", domain: "مثال.example")

    private func world() throws -> StoreWorld {
        let world = try StoreWorld(people: 3)
        try world.store.addTopic(name: "traffic", title: ["ar": "المرور"], actor: "test")
        let row = ImportRow(address: noura, name: "نُورَة العتيبي", language: .arabic)
        _ = try world.store.importBatch([row], topic: "fraud", source: "نموذج")
        return world
    }

    private func obstacles(_ world: StoreWorld, _ topic: String) throws -> [String] {
        try #require(try world.store.why(noura, topics: [topic]).topics.first).obstacles.map(\.label)
    }

    @Test func `somebody in order is reached, and the other topics say what is missing`() throws {
        let world = try world()
        let why = try world.store.why(noura)
        #expect(why.address == "نورة@مثال.example")
        #expect(why.subscriber?.name == "نُورَة العتيبي")
        #expect(why.topics.map(\.name) == ["fraud", "traffic"])
        #expect(why.topics.map(\.isReached) == [true, false])
        #expect(why.topics[1].obstacles == [.notSubscribed])
        #expect(why.direct.isEmpty)
        #expect(why.near.isEmpty)
        #expect(throws: UserError.self) { try world.store.why(noura, topics: ["fruad"]) }
    }

    @Test func `all that stands in the way is told, what decides first`() throws {
        let world = try world()
        try world.run("UPDATE subscription SET paused_from_ms = 1 WHERE subscriber_id = 4")
        #expect(try obstacles(world, "fraud") == ["paused"])
        try world.store.suppress(
            [SuppressionDraft(address: noura, scope: .topic("fraud"), reason: .complaint, origin: "ARF")],
            actor: "bounces"
        )
        #expect(try obstacles(world, "fraud") == ["suppressed", "paused"])
        #expect(
            try world.store.why(noura).direct.isEmpty,
            "a topic's suppression does not stop a named address"
        )
        try world.run("UPDATE subscription SET is_pending = 1 WHERE subscriber_id = 4")
        try world.run(
            """
            INSERT INTO confirmation (subscriber_id, topic_id, language, source, actor, asked_at_ms, expires_at_ms)
            VALUES (4, 1, 'ar', 'form', 'test', 5, 9)
            """
        )
        let topic = try #require(try world.store.why(noura, topics: ["fraud"]).topics.first)
        #expect(
            topic.obstacles.first
                == .unanswered(asked: Timestamp(rawValue: 5), expires: Timestamp(rawValue: 9))
        )
        try world.run("UPDATE subscriber SET state = 'pending' WHERE id = 4")
        #expect(try obstacles(world, "fraud") == ["pending", "pending", "suppressed", "paused"])
        try world.store.removeSubscriber(noura, reason: "غادرت", actor: "test")
        try world.store.archiveTopic("fraud", actor: "test")
        #expect(try obstacles(world, "fraud").prefix(2) == ["archived", "unsubscribed"])
    }

    @Test func `an address that nobody has gets the ones that were perhaps meant`() throws {
        let world = try world()
        let slip = try EmailAddress.parse("person1@exmaple.org")
        #expect(try world.store.why(slip).near == ["person1@example.org"])
        let other = try EmailAddress.parse("persn2@example.org")
        #expect(try world.store.why(other).near.contains("person2@example.org"))
        let arabic = try EmailAddress.parse("نوره@مثال.example")
        #expect(try world.store.why(arabic).near == ["نورة@مثال.example"])
        let why = try world.store.why(try EmailAddress.parse("zzz@nowhere.example"))
        #expect(why.near.isEmpty)
        #expect(why.topics.allSatisfy { $0.obstacles == [.notRegistered] })
        #expect(why.direct.isEmpty)
    }

    @Test func `an erased person is known by the hash alone`() throws {
        let world = try world()
        let hash = [UInt8](repeating: 7, count: 32)
        try world.run("INSERT INTO erased VALUES (x'\(String(repeating: "07", count: 32))', 5)")
        let gone = StoreWorld.address("منسي")
        let why = try world.store.why(gone, erasureHashes: [[UInt8](repeating: 8, count: 32), hash])
        #expect(why.erasedAt == Timestamp(rawValue: 5))
        #expect(why.direct == [.erased(Timestamp(rawValue: 5))])
        #expect(why.topics.allSatisfy { $0.obstacles.first?.label == "erased" })
        #expect(why.near.isEmpty)
        #expect(try world.store.why(gone).erasedAt == nil)
    }

    @Test func `the last campaigns tell what they did, and why the person was not in them`() throws {
        let world = try world()
        let first = try world.freeze()
        let sender = try TestSender(world, first)
        for due in try world.due(first) { _ = sender.accept(due) }
        sender.writer.close()
        world.clock.advance(by: .seconds(60))
        try world.store.suppress([SuppressionDraft(address: noura, origin: "هند")], actor: "test")
        _ = try world.freeze()
        world.clock.advance(by: .seconds(60))
        try world.store.removeSuppression(noura, actor: "test")
        _ = try world.store.freeze(
            world.draft(AudienceQuery(topics: ["fraud"], languages: [.english]))
        )
        let fourth = try world.freeze()
        try world.run("UPDATE subscription SET paused_from_ms = 1 WHERE subscriber_id = 4")
        _ = try world.due(fourth)
        world.clock.advance(by: .seconds(60))
        let why = try world.store.why(noura)
        #expect(why.campaigns.map(\.name.rawValue) == (1...4).reversed().map { "c-2026-000\($0)" })
        #expect(why.campaigns[0].delivery?.state == .suppressed)
        #expect(why.campaigns[0].delivery?.reason == "paused")
        #expect(why.campaigns[1].absence == .otherLanguage)
        #expect(why.campaigns[2].absence?.label == "suppressed")
        #expect(why.campaigns[3].delivery?.state == .accepted)
        #expect(why.campaigns[3].delivery?.topic == "fraud")
        let late = StoreWorld.address("متأخر")
        _ = try world.store.importBatch([ImportRow(address: late)], topic: "fraud", source: "test")
        #expect(
            try world.store.why(late, limit: 2).campaigns.map(\.absence) == [
                .notRegisteredThen, .notRegisteredThen,
            ]
        )
        let only = try world.store.why(noura, campaign: CampaignName(year: 2026, number: 2)).campaigns
        #expect(only.map(\.name.rawValue) == ["c-2026-0002"])
        #expect(throws: UserError.self) {
            try world.store.why(noura, campaign: CampaignName(year: 2026, number: 9))
        }
    }

    @Test func `who left before or joined after a campaign is told so`() throws {
        let world = try world()
        world.clock.advance(by: .seconds(60))
        let frozen = world.clock.now()
        _ = try world.freeze()
        try world.run(
            "UPDATE subscription SET consent_at_ms = \(frozen.rawValue + 5) WHERE subscriber_id = 4"
        )
        try world.run("DELETE FROM delivery WHERE subscriber_id = 4; ")
        func absence() throws -> WhyAbsence? { try world.store.why(noura).campaigns.first?.absence }
        #expect(try absence() == .joinedLater(topic: "fraud", frozen + .milliseconds(5)))
        try world.run(
            "UPDATE subscription SET consent_at_ms = 1, ended_at_ms = 2, ended_reason = 'طلبت' WHERE subscriber_id = 4"
        )
        #expect(
            try absence() == .hadLeft(topic: "fraud", Timestamp(rawValue: 2), reason: "طلبت")
        )
        try world.run("DELETE FROM subscription WHERE subscriber_id = 4")
        #expect(try absence() == .notAskedFor)
    }

    @Test func `nothing is searched for`() throws {
        let plan = try StoreWorld().plan(WhySQL.near)
        #expect(plan.allSatisfy { $0.contains("SEARCH") }, "\(plan)")
        let campaigns = try StoreWorld().plan(WhySQL.campaigns)
        #expect(
            campaigns.contains { $0.contains("SEARCH d USING INDEX sqlite_autoindex_delivery_1") },
            "\(campaigns)"
        )
        #expect(!campaigns.contains { $0.contains("TEMP B-TREE") }, "\(campaigns)")
    }
}
