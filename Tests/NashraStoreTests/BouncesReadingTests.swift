// SPDX-License-Identifier: Apache-2.0
//
// What came back, read again: lists, counts, one person's story, and how SQLite finds them.
import Foundation
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct `Bounces read` {
    @Test func `a story tells what happened to one person in its order`() throws {
        let world = try StoreWorld(people: 2)
        let address = StoreWorld.address("person0")
        var policy = BouncePolicy.standard
        policy.probe = true
        policy.softCampaigns = 2
        policy.softSpan = .seconds(86_400)
        world.clock.advance(by: .seconds(60))
        for _ in 0..<2 {
            try world.record(Back.soft(try world.delivery(try world.mail())), policy: policy)
            world.clock.advance(by: .seconds(2 * 86_400))
        }
        let entry = try #require(try world.store.takeOutbox(limit: 1).first)
        try world.store.finishOutbox(entry.id, .sent(TestReply.accepted), policy: policy, actor: "bounces")
        world.clock.advance(by: .seconds(60))
        let hard = Back.verdict(.hard, EnhancedStatusCode(5, 1, 1), .unknownUser)
        try world.record(Back.entry(.probe(ProbeID(rawValue: 1)), hard), policy: policy)
        world.clock.advance(by: .seconds(86_400))
        try world.store.removeSuppression(address, why: "اتصل وأكد العنوان", actor: "cli:هند")
        world.clock.advance(by: .seconds(60))
        let last = try world.mail()
        try world.record(Back.unsubscribe(try world.delivery(last)))

        let story = try #require(try world.store.story(of: address))
        #expect(story.events.map(\.at) == story.events.map(\.at).sorted())
        #expect(
            story.events.map { Self.word($0.what) } == [
                "registered", "subscribed", "frozen", "attempt", "returned 1", "frozen", "attempt",
                "returned 2",
                "probe asked", "probe sent", "returned -", "probe bounced", "suppressed hard_bounce",
                "ended by cli:هند: اتصل وأكد العنوان", "frozen", "attempt", "returned -", "left fraud",
                "audit subscription.end",
            ]
        )
        #expect(story.subscriber?.name == "نُورَة العتيبي")
        #expect(story.suppression == nil)
        let one = try #require(try world.store.story(of: try world.delivery(last)))
        #expect(
            one.events.map { Self.word($0.what) }
                == ["registered", "subscribed", "frozen", "attempt", "returned -", "left fraud"]
        )
        #expect(try world.store.story(of: StoreWorld.address("nobody")) == nil)
        #expect(try world.store.story(of: DeliveryID(rawValue: 999)) == nil)
    }

    private static func word(_ what: StoryEvent.What) -> String {
        switch what {
        case .registered: "registered"
        case .subscribed: "subscribed"
        case .left(let topic, _): "left \(topic)"
        case .frozen: "frozen"
        case .attempt: "attempt"
        case .refused: "refused"
        case .returned(_, let inARow): "returned \(inARow.map(String.init) ?? "-")"
        case .reply: "reply"
        case .probeAsked: "probe asked"
        case .probeSent: "probe sent"
        case .probeEnded(_, let how): "probe \(how)"
        case .suppressed(let spell): "suppressed \(spell.reason.rawValue)"
        case .suppressionEnded(let spell): "ended by \(spell.endedBy ?? ""): \(spell.endedWhy ?? "")"
        case .withheld: "withheld"
        case .audit(let entry): "audit \(entry.action)"
        }
    }

    @Test func `an address that is in no register has a story too`() throws {
        let world = try StoreWorld()
        let stranger = try EmailAddress.parse("زائر@مثال.السعودية")
        let campaign = try world.mail(AudienceQuery(addresses: [stranger]))
        try world.record(Back.hard(try world.delivery(campaign, stranger)))
        let story = try #require(try world.store.story(of: stranger))
        #expect(story.subscriber == nil)
        #expect(story.address == stranger.text)
        #expect(story.suppression?.reason == .hardBounce)
    }

    @Test func `a refusal and an alarm are in the story`() throws {
        let world = try StoreWorld(people: 20)
        let campaign = try world.mail { _ in TestReply.refused }
        _ = try world.store.applyRefusals(campaign.id, policy: .standard, actor: "sender")
        let story = try #require(try world.store.story(of: StoreWorld.address("person3")))
        let words = story.events.map { Self.word($0.what) }
        #expect(words.contains("refused"))
        #expect(words.contains("withheld"))
        #expect(words.contains("suppressed hard_bounce"))
        #expect(words.contains { $0.hasPrefix("ended by sender: alarm 1") })
    }

    @Test func `lists are filtered, newest first, and paged`() throws {
        let world = try StoreWorld(people: 6)
        let first = try world.mail()
        let second = try world.mail()
        for person in 0..<3 { try world.record(Back.soft(try world.delivery(first, person))) }
        world.clock.advance(by: .seconds(3_600))
        let since = world.clock.now()
        try world.record(
            Back.hard(try world.delivery(second, 4)),
            Back.entry(.forged, BounceVerdict(kind: .hard))
        )
        func ids(_ filter: ReturnedFilter, before: Int64? = nil, limit: Int = 100) throws -> [Int64] {
            try world.store.returned(filter, before: before.map(ReturnedID.init), limit: limit).map(
                \.id.rawValue
            )
        }
        #expect(try ids(.init()) == [5, 4, 3, 2, 1])
        #expect(try ids(.init(), before: 4, limit: 2) == [3, 2])
        #expect(try ids(.init(kind: .hard)) == [5, 4])
        #expect(try ids(.init(kind: .hard, standing: .counted)) == [4])
        #expect(try ids(.init(standing: .forged)) == [5])
        #expect(try ids(.init(campaign: first.name)) == [3, 2, 1])
        #expect(try ids(.init(since: since)) == [5, 4])
        #expect(try ids(.init(kind: .soft, campaign: first.name, since: since)) == [])
        #expect(try ids(.init(since: since + .seconds(1))) == [])
        let error = #expect(throws: UserError.self) {
            try ids(.init(campaign: CampaignName(rawValue: "c-2026-001")))
        }
        #expect(error?.remedy == "Did you mean c-2026-0001?")
    }

    @Test func `one returned message is told with all that is known of it`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.mail()
        let delivery = try world.delivery(campaign)
        let recipient = BounceVerdict.Recipient(
            address: "person0@example.org",
            kind: .hard,
            action: .failed,
            status: EnhancedStatusCode(5, 1, 1),
            reason: .unknownUser,
            diagnostic: "smtp; 550 5.1.1 المستخدم غير معروف"
        )
        var verdict = Back.verdict(.hard, EnhancedStatusCode(5, 1, 1), .unknownUser, recipients: [recipient])
        verdict.rule = "rfc3464"
        let entry = Back.entry(.proven(delivery, by: .envelope), verdict)
        let recorded = try #require(try world.record(entry).first)
        let record = try #require(try world.store.returned(recorded.id))
        #expect(record.digest == entry.digest)
        #expect(record.status == "5.1.1")
        #expect(record.reason == .unknownUser)
        #expect(record.diagnostic == "smtp; 550 5.1.1 المستخدم غير معروف")
        #expect(record.recipients == ["person0@example.org"])
        #expect(record.proof == .envelope)
        #expect(record.event == .hard)
        #expect(record.delivery == delivery)
        #expect(record.campaign == campaign.name)
        #expect(record.rule == "rfc3464")
        #expect(record.recordedAt == world.clock.now())
        #expect(try world.store.returned(ReturnedID(rawValue: 9)) == nil)
    }

    @Test func `another process may read while one records`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.mail()
        try world.record(Back.hard(try world.delivery(campaign)))
        let reader = try Store.openReadOnly(at: world.path, clock: world.clock)
        #expect(try reader.returned().count == 1)
        #expect(try reader.story(of: StoreWorld.address("person0")) != nil)
        #expect(try reader.report(campaign.name).bounces.hard == 1)
        reader.close()
    }

    // MARK: plans

    @Test(arguments: [
        (ReturnedFilter(), "INTEGER PRIMARY KEY (rowid<?)"),
        (ReturnedFilter(kind: .hard), "returned_by_kind"),
        (ReturnedFilter(standing: .forged), "returned_by_standing"),
        (ReturnedFilter(campaign: CampaignName(year: 2026, number: 1)), "returned_by_campaign"),
        (ReturnedFilter(since: Timestamp(rawValue: 1)), "returned_by_time"),
    ])
    func `a page of what came back is found by an index`(_ filter: ReturnedFilter, _ index: String) throws {
        let plan = try StoreWorld().plan(ReturnedQueries.page(filter))
        #expect(plan.contains { $0.contains(index) }, "\(plan)")
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test(arguments: [
        BounceSQL.again, BounceSQL.delivery, BounceSQL.events, BounceSQL.lifted, BounceSQL.probes,
        BounceSQL.standingAlarm, BounceSQL.withhold, StorySQL.attempts,
        StorySQL.probes, StorySQL.spells, StorySQL.audits, OutboxQueries.due,
        ReplyQueries.page(byCampaign: true),
        RefusalQueries.sql, "\(AlarmQueries.select) WHERE a.id = 1",
    ])
    func `what a message needs is looked up and never searched for`(_ sql: String) throws {
        let plan = try StoreWorld().plan(sql)
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test(arguments: [BounceSQL.mailings, StorySQL.deliveries, StorySQL.returned, StorySQL.bounces])
    func `a person's campaigns are found by the key of campaign and address`(_ sql: String) throws {
        let plan = try StoreWorld().plan(sql)
        let isByKey = plan.contains {
            $0.contains("SEARCH d USING") && $0.contains("(campaign_id=? AND address_key=?)")
        }
        #expect(isByKey, "\(plan)")
        // Only the campaigns themselves are gone through.
        #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN c") }, "\(plan)")
    }
}
