// SPDX-License-Identifier: Apache-2.0
//
// Trouble of a whole domain or campaign: an alarm or a hold, and not a thousand suppressions.
import Foundation
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct `Bounces in bulk` {
    private var policy: BouncePolicy {
        var policy = BouncePolicy.standard
        policy.domainMinimum = 5
        policy.domainShare = 0.3
        policy.domainUnknownMaximum = 3
        return policy
    }

    /// Lets the first people of a campaign bounce, one batch each.
    private func bounce(
        _ world: StoreWorld,
        _ campaign: Campaign,
        _ people: Range<Int>,
        _ policy: BouncePolicy,
        _ reason: RefusalReason = .unknownUser
    ) throws -> [RecordedReturn.Effect] {
        try people.flatMap { person in
            try world.record(Back.hard(try world.delivery(campaign, person), reason), policy: policy)
                .flatMap(\.effects)
        }
    }

    @Test func `too large a share of a domain is an alarm that frees whom it suppressed`() throws {
        let world = try StoreWorld(people: 16)
        let other = try world.join("هند@مثال.السعودية")
        let campaign = try world.mail()
        try world.record(Back.hard(try world.delivery(campaign, other)), policy: policy)
        let effects = try bounce(world, campaign, 0..<7, policy)
        #expect(effects.contains(.alarmRaised(1, lifted: 5)))
        #expect(effects.suffix(2) == (5..<7).map { .withheld(address: "person\($0)@example.org", alarm: 1) })
        // The other domain keeps its suppression.
        #expect(try world.store.suppressions().map(\.addressKey) == [other.key])
        let alarm = try #require(try world.store.alarms().first)
        #expect(alarm.domain == "example.org")
        #expect(alarm.cause == .share)
        #expect(alarm.state == .open)
        #expect([alarm.condemned, alarm.deliveries, alarm.lifted, alarm.withheld] as [Int] == [5, 16, 5, 7])
        // They are mailed again, and a report still tells what came back.
        #expect(try world.mail().audience == 16)
        #expect(try world.store.report(campaign.name).bounces.hard == 8)
    }

    @Test func `few of many are no alarm, however many they are`() throws {
        let world = try StoreWorld(people: 40)
        let campaign = try world.mail()
        let effects = try bounce(world, campaign, 0..<11, policy)
        #expect(effects.count == 11)
        #expect(try world.store.alarms().isEmpty)
        #expect(try world.store.suppressions().count == 11)
    }

    @Test func `a domain that is said not to exist for more than a few is an alarm`() throws {
        let world = try StoreWorld(people: 100)
        let campaign = try world.mail()
        let effects = try bounce(world, campaign, 0..<4, policy, .domainUnknown)
        #expect(effects.last == .alarmRaised(1, lifted: 4))
        #expect(try world.store.alarms(state: .open).map(\.cause) == [.domainUnknown])
        #expect(try world.store.suppressions().isEmpty)
    }

    @Test func `accepting applies what was withheld, dismissing takes it back, and both may be turned round`()
        throws
    {
        let world = try StoreWorld(people: 10)
        let campaign = try world.mail()
        _ = try bounce(world, campaign, 0..<6, policy)
        #expect(try world.store.suppressions().isEmpty)
        try world.store.settleAlarm(1, accept: true, actor: "cli:هند")
        #expect(try world.store.suppressions().count == 6)
        #expect(
            try world.suppression(StoreWorld.address("person5"))?.note.contains("5.1.1 unknown-user") == true
        )
        // After it was accepted, further ones are suppressed at once.
        let after = try bounce(world, campaign, 6..<7, policy)
        #expect(after == [.suppressed(address: "person6@example.org", .hardBounce)])
        // One of them is freed by hand, one complains: neither is touched by what follows.
        try world.store.removeSuppression(StoreWorld.address("person1"), actor: "test")
        try world.record(Back.complaint(try world.delivery(campaign, 2)))
        let dismissed = try world.store.settleAlarm(1, accept: false, actor: "cli:هند")
        #expect(dismissed.state == .dismissed)
        #expect(dismissed.settledBy == "cli:هند")
        #expect(
            try world.store.suppressions().map(\.addressKey) == [
                "person2@example.org", "person6@example.org",
            ]
        )
        let withheld = try bounce(world, campaign, 7..<8, policy)
        #expect(withheld == [.withheld(address: "person7@example.org", alarm: 1)])
        try world.store.settleAlarm(1, accept: true, actor: "test")
        let keys = try world.store.suppressions().map(\.addressKey)
        #expect(keys == [0, 2, 3, 4, 5, 6, 7].map { "person\($0)@example.org" })
        let actions = try world.store.auditEntries(limit: 100).map(\.action)
        #expect(Set(actions).isSuperset(of: ["alarm.raise", "alarm.accept", "alarm.dismiss"]))
    }

    @Test func `an alarm takes back only what is recent, and only of its own campaign`() throws {
        let world = try StoreWorld(people: 10)
        let first = try world.mail()
        _ = try bounce(world, first, 0..<2, policy)
        let campaign = try world.mail()
        _ = try bounce(world, campaign, 2..<4, policy)
        world.clock.advance(by: .seconds(8 * 86_400))
        let effects = try bounce(world, campaign, 4..<7, policy)
        #expect(effects.last == .alarmRaised(1, lifted: 3))
        #expect(try world.store.suppressions().count == 4)
    }

    @Test func `an alarm that does not exist is told as such`() throws {
        let world = try StoreWorld()
        let error = #expect(throws: UserError.self) {
            try world.store.settleAlarm(9, accept: true, actor: "test")
        }
        #expect(error?.status == .unknownObject)
    }

    @Test func `a campaign that condemns too many of many domains is an alarm about itself`() throws {
        let world = try StoreWorld()
        var people: [EmailAddress] = []
        for number in 0..<60 { people.append(try world.join("reader@domain\(number).example")) }
        var policy = BouncePolicy.standard
        policy.campaignMinimum = 20
        let campaign = try world.mail()
        for person in people.prefix(25) {
            try world.record(Back.hard(try world.delivery(campaign, person)), policy: policy)
        }
        let alarm = try #require(try world.store.alarms().first)
        #expect(alarm.domain == nil)
        #expect(
            [alarm.condemned, alarm.deliveries, alarm.lifted, alarm.withheld] as [Int] == [20, 60, 20, 25]
        )
        #expect(try world.store.suppressions().isEmpty)
    }

    @Test func `soft bounces of a domain that has been away are an alarm too`() throws {
        let world = try StoreWorld(people: 10)
        for _ in 0..<4 {
            let campaign = try world.mail()
            for person in 0..<10 {
                try world.record(
                    Back.soft(try world.delivery(campaign, person), .hostUnreachable),
                    policy: policy
                )
            }
            world.clock.advance(by: .seconds(5 * 86_400))
        }
        #expect(try world.store.suppressions().isEmpty)
        #expect(try world.store.alarms().map(\.withheld) == [10])
        try world.store.settleAlarm(1, accept: true, actor: "test")
        #expect(Set(try world.store.suppressions().map(\.reason)) == [.softBounce])
    }

    // MARK: the hold

    @Test func `a campaign whose bounces pass the threshold is held, and a sender hears it`() throws {
        let world = try StoreWorld(people: 30)
        let campaign = try world.store.freeze(world.draft())
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        for delivery in due.prefix(20) { #expect(sender.accept(delivery) == .granted) }
        try sender.writer.drain()
        var policy = BouncePolicy.standard
        policy.holdMinimum = 2
        policy.holdShare = 0.125
        #expect(try bounce(world, campaign, 0..<2, policy).count == 2)
        let effects = try bounce(world, campaign, 2..<3, policy)
        let reason =
            "3 of 20 messages that the relay accepted came back as undeliverable (15 %, more than 12.5 %)"
        #expect(effects.contains(.held(campaign.name, reason: reason)))
        let held = try #require(try world.store.campaign(named: campaign.name))
        #expect(held.state == .paused)
        #expect(held.pauseReason == reason)
        #expect(sender.writer.intent(due[25].id) == .refused)
        // Whoever lets it go on is not held by the very next one.
        try world.store.resume(campaign.id, actor: "test")
        #expect(try bounce(world, campaign, 3..<4, policy).count == 1)
        #expect(try world.store.campaign(named: campaign.name)?.state == .sending)
        let again = try bounce(world, campaign, 4..<6, policy)
        #expect(again.contains { if case .held = $0 { true } else { false } })
    }

    @Test func `a finished campaign is not held`() throws {
        let world = try StoreWorld(people: 10)
        let campaign = try world.mail()
        var policy = BouncePolicy.standard
        policy.holdMinimum = 1
        let effects = try bounce(world, campaign, 0..<3, policy)
        #expect(effects.count == 3)
        #expect(try world.store.campaign(named: campaign.name)?.state == .finished)
    }
}
