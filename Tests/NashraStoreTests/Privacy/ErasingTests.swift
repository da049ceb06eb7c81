// SPDX-License-Identifier: Apache-2.0
//
// Forgetting a person: nothing of her is left in any file, nobody else and no report is touched, and she is not mailed.
// Writes stores of its own.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct ErasingTests {
    private func world() throws -> (world: StoreWorld, finished: Campaign, sending: Campaign) {
        let world = try StoreWorld(people: 12)
        // Somebody else at her domain, so that the domain is no name.
        _ = try world.join("saleh@moi.example")
        let campaigns = try world.settleFatima()
        return (world, campaigns.finished, campaigns.sending)
    }

    @discardableResult
    private func erase(_ world: StoreWorld, isSending: Bool = false) throws -> Erasure? {
        try world.store.erase(try Fatima.address(), hash: Fatima.hash, isSending: isSending, actor: "ahmad")
    }

    @Test func `afterwards no file of the store holds the address, the name or a word about her`() throws {
        let (world, _, _) = try world()
        for trace in Fatima.traces {
            #expect(try !world.filesNaming(trace).isEmpty, "\(trace) was never there")
        }
        let erasure = try #require(try erase(world))
        #expect(try world.store.clearTraces(of: [erasure.search]) == .clean)
        for trace in Fatima.traces { #expect(try world.filesNaming(trace).isEmpty, "\(trace)") }
        #expect(erasure.mentionedIn.isEmpty)
    }

    @Test func `reports stay as they were to the byte, running campaigns count one more as suppressed`()
        throws
    {
        let (world, finished, sending) = try world()
        let before = try world.reportBytes(finished)
        let queued = try world.states(sending)
        let erasure = try #require(try erase(world))
        #expect(try world.reportBytes(finished) == before)
        #expect(erasure.stopped == 1)
        var expected = queued
        expected[.queued, default: 0] -= 1
        expected[.suppressed, default: 0] += 1
        #expect(try world.states(sending).filter { $0.value > 0 } == expected.filter { $0.value > 0 })
        #expect(
            try world.due(sending).allSatisfy {
                $0.address.domain != "moi.example" || $0.address.text.hasPrefix("saleh")
            }
        )
        try world.run("DELETE FROM campaign_count")
        #expect(try world.reportBytes(finished) == before)
    }

    @Test func `everybody else stays as they were`() throws {
        let (world, _, _) = try world()
        func others() throws -> [String] {
            try world.texts(
                "SELECT address || name || attributes || state FROM subscriber WHERE name <> '\(Fatima.name)' ORDER BY id"
            )
                + world.texts(
                    "SELECT id || address || address_key || domain || merge || state FROM delivery WHERE address NOT LIKE 'fatima%' AND address NOT LIKE 'erased%' ORDER BY id"
                )
                + world.texts(
                    "SELECT subscriber_id || source || consent_at_ms FROM subscription WHERE ended_at_ms IS NULL AND source = 'test' ORDER BY 1"
                )
        }
        let before = try others()
        try erase(world)
        #expect(try others() == before)
    }

    @Test func `a domain that only she had is a name too: the report keeps its counts and loses the word`()
        throws
    {
        let world = try StoreWorld(people: 4)
        let (finished, _) = try world.settleFatima()
        let before = try world.store.report(finished.name)
        let erasure = try #require(try erase(world))
        #expect(try world.store.clearTraces(of: [erasure.search]) == .clean)
        // The domain of our own sender is in the settings of campaigns.
        #expect(try world.filesNaming("moi.example").count <= 1)
        var after = try world.store.report(finished.name)
        #expect(after.byDomain.contains { $0.domain == "\(erasure.label).invalid" })
        after.byDomain = after.byDomain.map { group in
            var group = group
            if group.domain == "\(erasure.label).invalid" { group.domain = "moi.example" }
            return group
        }
        #expect(after == before)
        try world.run("DELETE FROM campaign_count")
        #expect(
            try world.store.report(finished.name).byDomain.contains {
                $0.domain == "\(erasure.label).invalid"
            }
        )
    }

    @Test func `the hash is kept, found by any key of the ring, and nothing of it is the address`() throws {
        let (world, _, _) = try world()
        let key = try Fatima.address().key
        #expect(try world.store.erasedAt([Fatima.hash(key)]) == nil)
        try erase(world)
        #expect(
            try world.store.erasedAt([[UInt8](repeating: 0, count: 32), Fatima.hash(key)])
                == world.clock.now()
        )
        #expect(try world.store.erasedCount() == 1)
        #expect(try world.store.liftErasure([Fatima.hash(key)], actor: "ahmad"))
        #expect(try world.store.erasedCount() == 0)
        #expect(try !world.store.liftErasure([Fatima.hash(key)], actor: "ahmad"))
    }

    @Test func `the audit tells who erased, and names a number`() throws {
        let (world, _, _) = try world()
        let erasure = try #require(try erase(world))
        let entry = try #require(try world.store.auditEntries(limit: 1).first)
        #expect(entry.actor == "ahmad")
        #expect(entry.action == "subscriber.erase")
        #expect(entry.object == erasure.label)
        #expect(entry.detail["delivery"] == "2")
        #expect(throws: (any Error).self) { try world.run("UPDATE audit SET object = 'x' WHERE id = 1") }
        #expect(throws: (any Error).self) { try world.run("UPDATE audit SET actor = 'x'") }
        #expect(throws: (any Error).self) { try world.run("DELETE FROM audit") }
    }

    @Test
    func `while a message to her is being handed over, nothing is erased; once the sender is gone, it is`()
        throws
    {
        let (world, _, sending) = try world()
        let sender = try TestSender(world, sending)
        let hers = try #require(try world.due(sending).first { $0.address.text == Fatima.text })
        #expect(sender.writer.intent(hers.id) == .granted)
        let before = try world.dump()
        let error = #expect(throws: UserError.self) { try erase(world, isSending: true) }
        #expect(error?.status == .tryAgain)
        #expect(try world.dump() == before)
        let erasure = try #require(try erase(world, isSending: false))
        #expect(try world.states(sending)[.ambiguous] == 1)
        // What the sender still says of it must not bring her back.
        sender.record(hers, .rejected(TestReply.refused))
        try sender.writer.drain()
        #expect(
            try world.text("SELECT coalesce(reply, '') FROM delivery WHERE id = \(hers.id.rawValue)") == ""
        )
        #expect(try world.states(sending)[.ambiguous] == 1)
        // Settling what is unknown sends her nothing.
        try world.run("UPDATE campaign SET state = 'paused' WHERE id = \(sending.id)")
        _ = erasure
    }

    @Test func `a sender that has her message in hand is refused its intent`() throws {
        let (world, _, sending) = try world()
        let sender = try TestSender(world, sending)
        let hers = try #require(try world.due(sending).first { $0.address.text == Fatima.text })
        try erase(world, isSending: true)
        #expect(sender.writer.intent(hers.id) == .refused)
        #expect(
            try world.text("SELECT state || ' ' || reason FROM delivery WHERE id = \(hers.id.rawValue)")
                == "suppressed erased"
        )
    }

    @Test
    func `somebody who is in no register is erased where he was mailed, and is not mailed again by settling`()
        throws
    {
        let world = try StoreWorld(people: 3)
        let stranger = StoreWorld.address("غريب", domain: "example.org")
        let campaign = try world.store.freeze(
            world.draft(AudienceQuery(topics: ["fraud"], addresses: [stranger]), ambiguous: .hold)
        )
        let sender = try TestSender(world, campaign)
        for due in try world.due(campaign) {
            #expect(sender.writer.intent(due.id) == .granted)
            sender.record(
                due,
                due.address == stranger ? .ambiguous(TestReply.lost) : .accepted(TestReply.accepted)
            )
        }
        try sender.writer.drain()
        let erasure = try #require(
            try world.store.erase(stranger, hash: Fatima.hash, isSending: false, actor: "ahmad")
        )
        #expect(erasure.subscriber == nil)
        #expect(try world.store.clearTraces(of: [erasure.search]) == .clean)
        #expect(try world.filesNaming("غريب").isEmpty)
        #expect(try world.store.campaign(named: campaign.name)?.audienceText.contains(erasure.label) == true)
        #expect(try world.store.settle(campaign.id, resend: true, actor: "ahmad") == 1)
        #expect(try world.due(campaign).isEmpty)
    }

    @Test func `what comes back later for an erased person is counted and names nobody`() throws {
        let (world, finished, _) = try world()
        let delivery = try world.delivery(finished, try Fatima.address())
        try erase(world)
        let before = try world.store.report(finished.name).bounces.hard
        try world.record(
            Back.entry(
                .proven(delivery, by: .envelope),
                Back.verdict(
                    .hard,
                    EnhancedStatusCode(5, 1, 1),
                    .unknownUser,
                    recipients: [
                        BounceVerdict.Recipient(
                            address: Fatima.text,
                            kind: .hard,
                            action: .failed,
                            diagnostic: "550 <\(Fatima.text)> unknown"
                        )
                    ]
                ),
                raw: Array("To: \(Fatima.text)\r\n\r\n".utf8)
            )
        )
        #expect(try world.store.report(finished.name).bounces.hard == before + 1)
        #expect(try !world.dump().lowercased().contains("fatima"))
    }

    @Test func `nobody is erased whom nothing is held about`() throws {
        let (world, _, _) = try world()
        let before = try world.dump()
        let nobody = StoreWorld.address("nobody", domain: "moi.example")
        #expect(try world.store.erase(nobody, hash: Fatima.hash, isSending: false, actor: "ahmad") == nil)
        #expect(try world.dump() == before)
    }

    @Test func `an address that is the end of another's is told apart`() throws {
        let world = try StoreWorld()
        let long = try world.join("ali-hassan@example.org")
        let short = try world.join("hassan@example.org")
        try world.store.recordAudit(
            actor: "x",
            action: "note.add",
            object: "n",
            detail: ["to": "\(long.text)"]
        )
        _ = try #require(try world.store.erase(short, hash: Fatima.hash, isSending: false, actor: "ahmad"))
        #expect(try world.store.subscriber(long)?.subscriber.name == "مريم")
        #expect(
            try world.text("SELECT detail FROM audit WHERE action = 'note.add'")?.contains(long.text) == true
        )
    }
}
