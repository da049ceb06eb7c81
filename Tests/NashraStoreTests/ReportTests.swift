// SPDX-License-Identifier: Apache-2.0
//
// The report: numbers that add up, from the ledger alone.
import Foundation
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Reports {
    @Test func `the report adds up, by state, domain, language and reason`() throws {
        let world = try StoreWorld(people: 9)
        let others = (0..<3).map {
            ImportRow(address: StoreWorld.address("x\($0)", domain: "مثال.إختبار"), language: .arabic)
        }
        _ = try world.store.importBatch(others, topic: "fraud", source: "test")
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        for delivery in due[..<4] {
            world.clock.advance(by: .milliseconds(500))
            #expect(sender.accept(delivery) == .granted)
        }
        for delivery in due[4..<7] { sender.record(delivery, .rejected(TestReply.refused)) }
        sender.record(due[7], .deferred(TestReply.later, until: world.clock.now() + .seconds(60)))
        try world.store.addSuppression(due[8].address, reason: .operator, origin: "test", actor: "test")
        #expect(sender.accept(due[8]) == .refused)
        try sender.writer.drain()

        let report = try world.store.report(campaign.name)
        #expect(report.schema == "nashra.report.v1")
        #expect(report.deliveries.count == 9)
        #expect(report.deliveries.values.reduce(0, +) == 12)
        #expect(report.deliveries["accepted"] == 4)
        #expect(report.deliveries["in_flight"] == 0)
        #expect(report.byDomain.map(\.domain) == ["example.org", others[0].address.domain])
        #expect(report.byDomain.map(\.audience) == [9, 3])
        #expect(report.byDomain.map(\.rejected) == [3, 0])
        #expect(report.byLanguage.map(\.audience).reduce(0, +) == 12)
        #expect(report.byLanguage.first?.language == "ar")
        #expect(
            report.reasons == [
                .init(reason: "unknown-user", status: "5.1.1", state: .rejected, count: 3),
                .init(reason: "mailbox-full", status: "4.2.2", state: .deferred, count: 1),
                .init(reason: "suppressed", status: nil, state: .suppressed, count: 1),
            ]
        )
        #expect(report.seconds.toAccept == .init(p50: 1.0, p90: 2.0, p99: 2.0, max: 2.0))
        #expect(report.seconds.elapsed == 2.0)
    }

    @Test func `the report's JSON has the names that others rely on`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        #expect(sender.accept(try world.due(campaign)[0]) == .granted)
        try sender.writer.drain()
        #expect(try world.store.finishIfDone(campaign.id, now: world.clock.now()))
        let json = try JSONEncoder().encode(try world.store.report(campaign.name))
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "schema", "campaign", "bulletin", "revision", "state", "audience", "deliveries", "resent",
                "bounces",
                "delayed", "complaints", "unsubscribed", "replies", "auto_replies", "seconds", "by_domain",
                "by_language", "reasons",
            ]
        )
        #expect(object["state"] as? String == "finished")
        let seconds = try #require(object["seconds"] as? [String: Any])
        #expect(Set(seconds.keys) == ["elapsed", "to_accept"])
    }

    @Test func `a campaign that does not exist is told with the nearest name`() throws {
        let world = try StoreWorld(people: 1)
        _ = try world.freeze()
        let error = #expect(throws: UserError.self) {
            try world.store.report(CampaignName(rawValue: "c-2026-001"))
        }
        #expect(error?.status == .unknownObject)
        #expect(error?.remedy == "Did you mean c-2026-0001?")
    }

    @Test func `a finished campaign is counted once, and again when its deliveries change`() throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.store.freeze(world.draft(ambiguous: .hold))
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        #expect(sender.accept(due[0]) == .granted)
        sender.record(due[1], .rejected(TestReply.refused))
        #expect(sender.writer.intent(due[2].id) == .granted)
        sender.record(due[2], .ambiguous(TestReply.lost))
        try sender.writer.drain()
        let counted = try world.store.report(campaign.name)
        #expect(try world.int("SELECT count(*) FROM campaign_count") == 0)
        #expect(try world.store.finishIfDone(campaign.id, now: world.clock.now()))
        #expect(try world.int("SELECT count(*) FROM campaign_count") == 1)
        var kept = try world.store.report(campaign.name)
        #expect(kept.state == .finished)
        #expect(kept.deliveries["ambiguous"] == 1)
        kept.state = counted.state
        #expect(kept == counted)
        try world.store.settle(campaign.id, resend: false, actor: "test")
        #expect(try world.store.report(campaign.name).deliveries["cancelled"] == 1)
        // What comes back later is in the report all the same.
        try world.record(Back.hard(due[0].id))
        #expect(try world.store.report(campaign.name).bounces.hard == 1)
    }

    @Test func `a kept count is what is read`() throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.mail()
        let before = try world.store.report(campaign.name)
        try world.run(
            """
            UPDATE campaign_count
            SET counts = CAST(replace(CAST(counts AS TEXT), '"accepted":3', '"accepted":2') AS BLOB)
            """
        )
        let changed = try world.int("SELECT CAST(counts AS TEXT) LIKE '%\"accepted\":2%' FROM campaign_count")
        #expect(changed == 1)
        #expect(try world.store.report(campaign.name) != before)
        try world.run("UPDATE campaign_count SET counts = x'00'")
        #expect(try world.store.report(campaign.name) == before)
    }

    @Test func `states that do not add up are our bug, not a report`() throws {
        let world = try StoreWorld(people: 2)
        let campaign = try world.freeze()
        try world.run("DELETE FROM delivery WHERE address LIKE 'person0%'")
        let error = #expect(throws: UserError.self) { try world.store.report(campaign.name) }
        #expect(error?.status == .bug)
    }
}
