// SPDX-License-Identifier: Apache-2.0
//
// A segment as an audience: a query says whom it means, and only a subscription reaches them.
import NashraCore
import NashraSegments
import NashraTestKit
import Testing

@testable import NashraStore

struct SegmentAudienceTests {
    /// Nine people of `fraud`: numbers 1, 4 and 7 read Arabic and live in الرياض.
    static func world() throws -> StoreWorld {
        let world = try StoreWorld(people: 9)
        try world.store.addTopic(name: "traffic", title: [:], actor: "test")
        try world.run(
            "INSERT INTO subscription (subscriber_id, topic_id, source, consent_at_ms) VALUES (1, 2, 's', 1)"
        )
        return world
    }

    static func audience(_ query: String = "language = ar", topics: [String] = []) -> AudienceQuery {
        AudienceQuery(segments: [
            AudienceSegment(
                name: "arabic",
                query: query,
                topics: topics,
                attributes: .none,
                timeZone: "Asia/Riyadh"
            )
        ])
    }

    static func plan(_ world: StoreWorld, _ query: AudienceQuery) throws -> AudiencePlan {
        try world.store.plan(query, chain: [.arabic, .english], available: [.arabic, .english])
    }

    @Test func `a segment reaches each of its people once, through a subscription`() throws {
        let world = try Self.world()
        let plan = try Self.plan(world, Self.audience())
        #expect(plan.audience == 3)
        #expect(plan.byTopic == ["fraud": 3])
        #expect(plan.exclusions == [:])
    }

    @Test func `who is in the segment and has joined none of the topics is told, not mailed`() throws {
        let world = try Self.world()
        let plan = try Self.plan(world, Self.audience("attr.city = الرياض", topics: ["traffic"]))
        #expect(plan.audience == 1)
        #expect(plan.byTopic == ["traffic": 1])
        #expect(plan.exclusions == [.notSubscribed: 2])
    }

    @Test func `who left, pauses, is suppressed or has not confirmed is left out as for a topic`() throws {
        let world = try Self.world()
        let now = world.clock.now().rawValue
        try world.run(
            """
            UPDATE subscription SET ended_at_ms = 5, ended_reason = 'r' WHERE subscriber_id = 1 AND topic_id = 1;
            UPDATE subscription SET paused_from_ms = \(now - 5) WHERE subscriber_id = 4;
            INSERT INTO suppression (address_key, topic_id, reason, origin, created_at_ms)
            VALUES ('person6@example.org', 1, 'complaint', 'o', 1);
            """
        )
        let plan = try Self.plan(world, Self.audience(topics: ["fraud", "traffic"]))
        // The first is still reached: through the other topic.
        #expect(plan.audience == 1)
        #expect(plan.byTopic == ["traffic": 1])
        #expect(plan.exclusions == [.paused: 1, .suppressed: 1])
        try world.run("UPDATE subscription SET is_pending = 1 WHERE subscriber_id = 1 AND topic_id = 2")
        let none = try Self.plan(world, Self.audience(topics: ["traffic"]))
        #expect(none.exclusions == [.pending: 1, .notSubscribed: 2])
    }

    @Test func `topics, segments and addresses add up, and nobody gets two`() throws {
        let world = try Self.world()
        var query = Self.audience("language = ar or language = fr")
        query.topics = ["traffic"]
        query.addresses = [
            StoreWorld.address("person1"), StoreWorld.address("person2"), StoreWorld.address("new"),
        ]
        let plan = try Self.plan(world, query)
        // Six by the segment, number 2 and a stranger by their addresses.
        #expect(plan.audience == 8)
        #expect(plan.byTopic == ["fraud": 6, "": 2])
        #expect(plan.exclusions == [.duplicate: 2])
    }

    @Test func `the freeze takes whom the plan counts, with the topic and the canonical query`() throws {
        let world = try Self.world()
        let query = Self.audience("language = ar and attr.city = الرياض", topics: ["fraud"])
        let campaign = try world.store.freeze(world.draft(query))
        #expect(
            campaign.audienceText == "segment:arabic (language = ar and attr.city = الرياض) through fraud"
        )
        #expect(
            try world.texts("SELECT subscriber_id || ' ' || topic_id FROM delivery ORDER BY id") == [
                "1 1", "4 1", "7 1",
            ]
        )
        // Leaving the topic afterwards counts at dispatch.
        try world.run("UPDATE subscription SET ended_at_ms = 5, ended_reason = 'r' WHERE subscriber_id = 4")
        let sender = try TestSender(world, campaign)
        for delivery in try world.due(campaign) { _ = sender.accept(delivery) }
        sender.writer.close()
        #expect(try world.states(campaign) == [.accepted: 2, .suppressed: 1])
        let rest = try Self.plan(world, Self.audience("language = ar and not received 2026-014"))
        #expect(rest.exclusions == [.unsubscribed: 1] && rest.audience == 0)
    }

    @Test func `a query that cannot be read any more is an error and no empty audience`() throws {
        let world = try Self.world()
        do {
            _ = try Self.plan(world, Self.audience("language = "))
            Issue.record("it was taken")
        } catch let error as UserError {
            #expect(error.status == .badData)
            #expect(error.message.contains("arabic"))
        }
    }
}
