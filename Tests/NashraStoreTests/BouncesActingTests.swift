// SPDX-License-Identifier: Apache-2.0
//
// What a returned message does to the person it is about, and to nobody else.
import Foundation
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct `Bounces acting` {
    @Test func `a hard bounce suppresses at once, says why, and the next campaign leaves the person out`()
        throws
    {
        let world = try StoreWorld(people: 3)
        let campaign = try world.mail()
        let recorded = try world.record(Back.hard(try world.delivery(campaign, 1)))
        #expect(recorded.map(\.standing) == [.counted])
        #expect(recorded.first?.effects == [.suppressed(address: "person1@example.org", .hardBounce)])
        let suppression = try #require(try world.suppression(StoreWorld.address("person1")))
        #expect(suppression.reason == .hardBounce)
        #expect(suppression.note == "5.1.1 unknown-user, campaign \(campaign.name), returned message 1")
        let next = try world.mail()
        #expect(next.audience == 2)
        let report = try world.store.report(campaign.name)
        #expect(report.bounces == .init(hard: 1, soft: 0))
        // The delivery stays what it was: the relay did accept it.
        #expect(report.deliveries["accepted"] == 3)
        let audit = try world.store.auditEntries(limit: 50).first { $0.action == "suppression.add" }
        #expect(audit?.actor == "bounces")
        #expect(audit?.detail["reason"] == "hard_bounce")
    }

    @Test func `an Arabic address is suppressed as it was written`() throws {
        let world = try StoreWorld()
        let address = try world.join("مريم@مثال.السعودية")
        let campaign = try world.mail()
        let recorded = try world.record(Back.hard(try world.delivery(campaign, address)))
        #expect(recorded.first?.effects == [.suppressed(address: "مريم@مثال.السعودية", .hardBounce)])
        #expect(try world.suppression(address)?.reason == .hardBounce)
        #expect(try world.store.returned().first?.address == "مريم@مثال.السعودية")
        #expect(try world.store.returned().first?.subject == "تعذر تسليم الرسالة")
    }

    @Test func `a full mailbox, refused content and reputation suppress nobody`() throws {
        let world = try StoreWorld(people: 4)
        let campaign = try world.mail()
        for (index, reason) in [RefusalReason.mailboxFull, .contentRefused, .reputation, .policy].enumerated()
        {
            let recorded = try world.record(Back.soft(try world.delivery(campaign, index), reason))
            #expect(recorded.first?.effects.isEmpty == true)
        }
        #expect(try world.store.suppressions().isEmpty)
        #expect(try world.store.report(campaign.name).bounces == .init(hard: 0, soft: 4))
    }

    @Test func `soft bounces in four campaigns over two weeks suppress`() throws {
        let world = try StoreWorld(people: 2)
        var runs: [Int?] = []
        for week in 0..<4 {
            let campaign = try world.mail()
            #expect(try world.isSuppressed(0) == false, "week \(week)")
            try world.record(Back.soft(try world.delivery(campaign)))
            runs.append(try world.int("SELECT in_a_row FROM bounce ORDER BY at_ms DESC LIMIT 1"))
            world.clock.advance(by: .seconds(5 * 86_400))
        }
        #expect(runs == [1, 2, 3, 4])
        #expect(try world.suppression(StoreWorld.address("person0"))?.reason == .softBounce)
        #expect(try world.isSuppressed(1) == false)
    }

    @Test func `a success in between begins the count anew`() throws {
        let world = try StoreWorld(people: 1)
        for week in 0..<7 {
            let campaign = try world.mail()
            world.clock.advance(by: .seconds(86_400))
            if week != 3 { try world.record(Back.soft(try world.delivery(campaign))) }
            world.clock.advance(by: .seconds(5 * 86_400))
        }
        #expect(try world.isSuppressed(0) == false)
        let campaign = try world.mail()
        try world.record(Back.soft(try world.delivery(campaign)))
        #expect(try world.isSuppressed(0))
    }

    @Test func `refused content neither counts nor forgives`() throws {
        let world = try StoreWorld(people: 1)
        for (reason, suppressed) in [
            (RefusalReason.mailboxFull, false), (.reputation, false), (.mailboxFull, false),
            (.mailboxFull, false),
            (.contentRefused, false), (.mailboxFull, true),
        ] {
            let campaign = try world.mail()
            try world.record(Back.soft(try world.delivery(campaign), reason))
            #expect(try world.isSuppressed(0) == suppressed)
            world.clock.advance(by: .seconds(5 * 86_400))
        }
    }

    @Test func `a delay counts for nothing, and the failure after it counts`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.mail()
        let delivery = try world.delivery(campaign)
        try world.record(Back.delayed(delivery))
        var report = try world.store.report(campaign.name)
        #expect(report.bounces == .init(hard: 0, soft: 1))
        #expect(report.delayed == 1)
        try world.record(Back.soft(delivery))
        report = try world.store.report(campaign.name)
        #expect(report.bounces == .init(hard: 0, soft: 1))
        #expect(report.delayed == 0)
        let late = try world.record(Back.hard(delivery), Back.soft(delivery), Back.delayed(delivery))
        #expect(late.map(\.standing) == [.counted, .repeated, .repeated])
        report = try world.store.report(campaign.name)
        #expect(report.bounces == .init(hard: 1, soft: 0))
    }

    @Test func `a complaint suppresses everywhere, ends what may be ended, and outweighs failures`() throws {
        let world = try StoreWorld(people: 1)
        let address = StoreWorld.address("person0")
        try world.store.addTopic(name: "staff", visibility: .mandatory, actor: "test")
        _ = try world.store.importBatch([StoreWorld.person(0)], topic: "staff", source: "test")
        let campaign = try world.mail()
        let delivery = try world.delivery(campaign)
        try world.record(Back.hard(delivery))
        let recorded = try world.record(Back.complaint(delivery))
        #expect(
            recorded.first?.effects == [
                .suppressed(address: address.text, .complaint), .left(address: address.text, topic: "fraud"),
            ]
        )
        #expect(try world.suppression(address)?.reason == .complaint)
        #expect(try world.store.suppressionHistory(address).map(\.end) == [.replaced, nil])
        let person = try #require(try world.store.subscriber(address))
        #expect(person.subscriptions.map(\.endedReason) == ["complaint", nil])
        #expect(try world.store.report(campaign.name).complaints == 1)
        #expect(throws: UserError.self) { try world.mail(AudienceQuery(topics: ["staff"])) }
    }

    @Test func `leaving by mail ends the topic it came through, once`() throws {
        let world = try StoreWorld(people: 2)
        try world.store.addTopic(name: "rain", actor: "test")
        _ = try world.store.importBatch([StoreWorld.person(0)], topic: "rain", source: "test")
        let campaign = try world.mail()
        let delivery = try world.delivery(campaign)
        let first = try world.record(Back.unsubscribe(delivery), Back.unsubscribe(delivery))
        #expect(first.map(\.standing) == [.counted, .repeated])
        #expect(first.first?.effects == [.left(address: "person0@example.org", topic: "fraud")])
        let person = try #require(try world.store.subscriber(StoreWorld.address("person0")))
        #expect(person.subscriptions.map(\.topic) == ["fraud", "rain"])
        #expect(person.subscriptions.map { $0.endedAt == nil } == [false, true])
        #expect(try world.store.report(campaign.name).unsubscribed == 1)
        #expect(try world.store.suppressions().isEmpty)
        // Joining again is the person's right, and the old mail does not undo it.
        _ = try world.store.addSubscriber(StoreWorld.person(0), topic: "fraud", source: "form", actor: "test")
        try world.record(Back.unsubscribe(delivery))
        #expect(
            try world.store.subscriber(StoreWorld.address("person0"))?.subscriptions.first?.endedAt == nil
        )
    }

    @Test func `nobody leaves a mandatory topic, and a single address is suppressed instead`() throws {
        let world = try StoreWorld(people: 1)
        try world.store.addTopic(name: "staff", visibility: .mandatory, actor: "test")
        _ = try world.store.importBatch([StoreWorld.person(0)], topic: "staff", source: "test")
        let staff = try world.mail(AudienceQuery(topics: ["staff"]))
        let recorded = try world.record(Back.unsubscribe(try world.delivery(staff)))
        #expect(recorded.first?.effects == [.mayNotLeave(address: "person0@example.org", topic: "staff")])
        #expect(try world.store.subscriber(StoreWorld.address("person0"))?.subscriptions.last?.endedAt == nil)
        #expect(try world.store.report(staff.name).unsubscribed == 0)
        let stranger = StoreWorld.address("stranger", domain: "example.net")
        let single = try world.mail(AudienceQuery(addresses: [stranger]))
        try world.record(Back.unsubscribe(try world.delivery(single, stranger)))
        #expect(try world.suppression(stranger)?.reason == .unsubscribe)
        #expect(try world.store.report(single.name).unsubscribed == 1)
    }

    @Test func `an automatic reply and a report of success are noted and change nobody`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.mail()
        let delivery = try world.delivery(campaign)
        let people = try world.text("SELECT group_concat(state || updated_at_ms) FROM subscriber")
        let recorded = try world.record(
            Back.note(delivery, .autoReply),
            Back.note(delivery, .autoReply),
            Back.note(delivery, .delivered),
            Back.note(delivery, .none),
            Back.note(delivery, .unknown)
        )
        #expect(recorded.map(\.standing) == [.counted, .repeated, .counted, .counted, .counted])
        #expect(recorded.map(\.event) == [.autoReply, nil, .delivered, nil, nil])
        #expect(try world.store.suppressions().isEmpty)
        #expect(try world.text("SELECT group_concat(state || updated_at_ms) FROM subscriber") == people)
        let report = try world.store.report(campaign.name)
        #expect(report.autoReplies == 1)
        #expect(report.bounces == .init())
    }

    @Test func `a report that names a hundred others touches only the person it is tied to`() throws {
        let world = try StoreWorld(people: 101)
        let campaign = try world.mail()
        let named = (1...100).map {
            BounceVerdict.Recipient(
                address: "person\($0)@example.org",
                kind: .hard,
                status: EnhancedStatusCode(5, 1, 1)
            )
        }
        let verdict = Back.verdict(.hard, EnhancedStatusCode(5, 1, 1), .unknownUser, recipients: named)
        try world.record(Back.entry(.proven(try world.delivery(campaign), by: .envelope), verdict))
        #expect(try world.store.suppressions().map(\.addressKey) == ["person0@example.org"])
        #expect(try world.store.returned().first?.recipients.count == 100)
    }

    @Test func `what a report says about the person's own address is what counts`() throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.mail()
        let dead = BounceVerdict.Recipient(address: "gone@example.net", kind: .hard, reason: .unknownUser)
        let full = BounceVerdict.Recipient(address: "PERSON0@example.org", kind: .soft, reason: .mailboxFull)
        let alive = BounceVerdict.Recipient(
            address: "other@example.net",
            kind: .delivered,
            action: .delivered
        )
        func verdict(_ recipients: BounceVerdict.Recipient...) -> BounceVerdict {
            Back.verdict(.hard, EnhancedStatusCode(5, 1, 1), .unknownUser, recipients: recipients)
        }
        func tie(_ person: Int) throws -> ReturnTie {
            .proven(try world.delivery(campaign, person), by: .envelope)
        }
        let recorded = try world.record(
            Back.entry(try tie(0), verdict(dead, full)),
            Back.entry(try tie(1), verdict(dead, alive)),
            Back.entry(try tie(2), verdict(dead))
        )
        #expect(recorded.map(\.event) == [.soft, .delivered, .hard])
        #expect(try world.store.suppressions().map(\.addressKey) == ["person2@example.org"])
    }
}
