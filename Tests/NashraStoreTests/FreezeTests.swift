// SPDX-License-Identifier: Apache-2.0
//
// The audience and its freeze: who is in, who is out and why, and what is kept.
import Foundation
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Freezing {
    @Test func `a plan says who is in and who is out, and the freeze agrees`() throws {
        let world = try StoreWorld(people: 12)
        try world.store.removeSubscriber(StoreWorld.address("person0"), reason: "asked", actor: "test")
        try world.store.addSuppression(
            StoreWorld.address("person1"),
            reason: .hardBounce,
            origin: "test",
            actor: "test"
        )
        try world.run("UPDATE subscriber SET state = 'pending' WHERE address LIKE 'person2@%'")
        let query = AudienceQuery(topics: ["fraud"])
        let plan = try world.store.plan(query, chain: [.arabic, .english], available: [.arabic, .english])
        #expect(plan.audience == 9)
        #expect(plan.exclusions == [.unsubscribed: 1, .suppressed: 1, .pending: 1])
        // There is no French variant: the chain's first language takes them.
        #expect(plan.byLanguage == [.arabic: 6, .english: 3])
        #expect(plan.byTopic == ["fraud": 9])
        #expect(plan.topDomains.map(\.domain) == ["example.org"])
        let campaign = try world.store.freeze(world.draft(query))
        #expect(campaign.audience == 9)
        #expect(campaign.name.rawValue == "c-2026-0001")
        #expect(campaign.state == .sending)
        #expect(try world.states(campaign) == [.queued: 9])
    }

    @Test func `a person in two topics and named besides is reached once`() throws {
        let world = try StoreWorld(people: 3)
        try world.store.addTopic(name: "traffic", actor: "test")
        _ = try world.store.importBatch((1..<5).map(StoreWorld.person), topic: "traffic", source: "test")
        let query = AudienceQuery(
            topics: ["traffic", "fraud"],
            addresses: [
                StoreWorld.address("person0"), StoreWorld.address("غريب"), StoreWorld.address("غريب"),
            ]
        )
        let plan = try world.store.plan(query, chain: [.arabic], available: [.arabic])
        #expect(plan.audience == 6)
        #expect(plan.exclusions == [.duplicate: 4])
        #expect(plan.byTopic == ["fraud": 3, "traffic": 2, "": 1])
        let campaign = try world.store.freeze(world.draft(query))
        #expect(campaign.audience == 6)
        #expect(Set(try world.due(campaign).map(\.address.key)).count == 6)
    }

    @Test func `languages and domains narrow the audience`() throws {
        let world = try StoreWorld(people: 6)
        let other = ImportRow(address: StoreWorld.address("z", domain: "مثال.إختبار"), language: .arabic)
        _ = try world.store.importBatch([other], topic: "fraud", source: "test")
        let arabic = AudienceQuery(topics: ["fraud"], languages: [.arabic])
        let plan = try world.store.plan(arabic, chain: [.arabic], available: [.arabic, .english])
        #expect(plan.audience == 3)
        #expect(plan.exclusions == [.otherLanguage: 4])
        let domain = AudienceQuery(topics: ["fraud"], domains: [other.address.domain])
        let narrow = try world.store.plan(domain, chain: [.arabic], available: [.arabic])
        #expect(narrow.audience == 1)
        #expect(narrow.exclusions == [.otherDomain: 6])
    }

    @Test func `an empty audience is refused and leaves no trace`() throws {
        let world = try StoreWorld()
        let error = #expect(throws: UserError.self) { try world.freeze() }
        #expect(error?.status == .badData)
        #expect(try world.store.campaigns().isEmpty)
        #expect(try world.int("SELECT count(*) FROM bulletin") == 0)
        #expect(throws: UserError.self) { try world.store.freeze(world.draft(AudienceQuery())) }
    }

    @Test func `a bulletin in no language of the chain is refused`() throws {
        let world = try StoreWorld(people: 1)
        let error = #expect(throws: UserError.self) {
            try world.store.plan(AudienceQuery(topics: ["fraud"]), chain: [.arabic], available: [.french])
        }
        #expect(error?.status == .badData)
    }

    @Test func `merge values are frozen, and only those that the bulletin uses`() throws {
        let world = try StoreWorld(people: 3)
        var row = StoreWorld.person(1)
        row.attributes = ["a.b \"c\" $": "غريب", "city": "Lyon", "secret": "x"]
        _ = try world.store.importBatch([row], topic: "fraud", source: "test")
        let fields: Set<String> = ["name", "a.b \"c\" $", "email", "language", "unsubscribe_url"]
        let campaign = try world.store.freeze(world.draft(fields: fields))
        let frozen = try world.due(campaign)
        #expect(
            frozen[1].values == [
                "name": "Alice \"<>&,;", "a.b \"c\" $": "غريب", "email": "person1@example.org",
                "language": "en",
            ]
        )
        #expect(
            frozen[0].values == ["name": "نُورَة العتيبي", "email": "person0@example.org", "language": "ar"]
        )
        // What changes afterwards does not reach the campaign.
        _ = try world.store.importBatch(
            [ImportRow(address: row.address, name: "Other")],
            topic: "fraud",
            source: "test"
        )
        #expect(try world.due(campaign)[1].values["name"] == "Alice \"<>&,;")
    }

    @Test func `who joins later is not in a frozen campaign`() throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.freeze()
        _ = try world.store.importBatch((0..<6).map(StoreWorld.person), topic: "fraud", source: "test")
        #expect(try world.due(campaign).count == 3)
    }

    @Test func `the same content is the same revision, other content the next`() throws {
        let world = try StoreWorld(people: 2)
        let first = try world.store.freeze(world.draft(hash: "a"))
        let second = try world.store.freeze(world.draft(hash: "a"))
        let third = try world.store.freeze(world.draft(hash: "b"))
        #expect([first, second, third].map(\.revision) == [1, 1, 2])
        #expect(
            [first, second, third].map(\.name.rawValue) == ["c-2026-0001", "c-2026-0002", "c-2026-0003"]
        )
        #expect(try world.store.rendered(for: third.id) == Data("{\"متن\":\"b\"}".utf8))
        #expect(try world.store.campaigns().map(\.id) == [third.id, second.id, first.id])
        #expect(try world.store.campaign(named: second.name) == second)
        #expect(try world.store.campaign(named: CampaignName(rawValue: "c-2026-0009")) == nil)
    }

    @Test func `the guard finds the same content sent to the same audience`() throws {
        let world = try StoreWorld(people: 2)
        let campaign = try world.store.freeze(world.draft(hash: "a"))
        func previous(_ hash: String, _ audience: String) throws -> CampaignName? {
            try world.store.previousCampaign(bulletin: "2026-014", contentHash: hash, audienceText: audience)
        }
        #expect(try previous("a", "topic:fraud") == campaign.name)
        #expect(try previous("b", "topic:fraud") == nil)
        #expect(try previous("a", "topic:traffic") == nil)
        try world.store.cancel(campaign.id, actor: "test")
        #expect(try previous("a", "topic:fraud") == nil)
    }
}
