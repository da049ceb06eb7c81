// SPDX-License-Identifier: Apache-2.0
//
// Probes, forwarded replies and the outbox they wait in; refusals by the relay itself.
import Foundation
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct `Probes and the outbox` {
    private var policy: BouncePolicy {
        var policy = BouncePolicy.standard
        policy.probe = true
        policy.softCampaigns = 2
        policy.softSpan = .seconds(86_400)
        return policy
    }

    /// Two soft bounces, two days apart.
    private func soften(_ world: StoreWorld, _ address: EmailAddress) throws -> [RecordedReturn.Effect] {
        var effects: [RecordedReturn.Effect] = []
        for _ in 0..<2 {
            world.clock.advance(by: .seconds(2 * 86_400))
            let delivery = try world.delivery(try world.mail(), address)
            effects += try world.record(Back.soft(delivery), policy: policy).flatMap(\.effects)
        }
        return effects
    }

    private func take(_ world: StoreWorld) throws -> [OutboxEntry] { try world.store.takeOutbox(limit: 10) }

    private func probe(_ entry: OutboxEntry?) throws -> ProbeRequest {
        guard case .probe(let request) = try #require(entry).work else {
            throw UserError(.bug, "not a probe")
        }
        return request
    }

    private func sent(_ world: StoreWorld, _ entry: OutboxEntry) throws {
        try world.store.finishOutbox(entry.id, .sent(TestReply.accepted), policy: policy, actor: "bounces")
    }

    @Test func `a probe comes before the last step, and its bounce suppresses`() throws {
        let world = try StoreWorld(people: 1)
        let address = try world.join("نورة@مثال.السعودية")
        #expect(try soften(world, address) == [.probed(address: address.text, ProbeID(rawValue: 1))])
        #expect(try world.suppression(address) == nil)
        let entry = try #require(try take(world).first)
        let request = try probe(entry)
        #expect(request.address == address)
        #expect(request.language == .arabic)
        try sent(world, entry)
        #expect(try take(world).isEmpty)
        let bounce = Back.entry(
            .probe(request.id),
            Back.verdict(.soft, EnhancedStatusCode(5, 2, 2), .mailboxFull)
        )
        let recorded = try world.record(bounce, policy: policy)
        #expect(recorded.first?.effects == [.suppressed(address: address.text, .softBounce)])
        #expect(try world.suppression(address)?.origin == "probe")
        let again = try world.record(
            Back.entry(.probe(request.id), Back.verdict(.hard, nil, .unknownUser)),
            policy: policy
        )
        #expect(again.map(\.standing) == [.repeated])
    }

    @Test func `a probe that does not come back begins the count anew`() throws {
        let world = try StoreWorld(people: 1)
        let address = StoreWorld.address("person0")
        _ = try soften(world, address)
        try sent(world, try #require(try take(world).first))
        world.clock.advance(by: .seconds(6 * 86_400))
        #expect(try world.store.settleProbes(policy: policy, actor: "bounces") == 0)
        world.clock.advance(by: .seconds(2 * 86_400))
        #expect(try world.store.settleProbes(policy: policy, actor: "bounces") == 1)
        #expect(try soften(world, address) == [.probed(address: address.text, ProbeID(rawValue: 2))])
        #expect(try world.suppression(address) == nil)
    }

    @Test func `while a probe is under way no second one is asked for`() throws {
        let world = try StoreWorld(people: 1)
        let address = StoreWorld.address("person0")
        #expect(try soften(world, address).count == 1)
        #expect(try soften(world, address).isEmpty)
        #expect(try take(world).count == 1)
    }

    @Test func `a probe refused at once has bounced, and one that we could not send is withdrawn`() throws {
        let world = try StoreWorld(people: 2)
        for person in 0..<2 {
            let address = StoreWorld.address("person\(person)")
            _ = try soften(world, address)
            let entry = try #require(try take(world).first)
            let failure =
                person == 0
                ? TestReply.refused
                : DeliveryFailure(stage: .mail, scope: .campaign, remedy: .giveUp, detail: "sender refused")
            try world.store.finishOutbox(entry.id, .failed(failure), policy: policy, actor: "bounces")
        }
        #expect(try world.store.suppressions().map(\.reason) == [.hardBounce])
        #expect(try world.texts("SELECT state FROM probe ORDER BY id") == ["bounced", "cancelled"])
    }

    @Test func `what was taken and not told comes again after the lease`() throws {
        let world = try StoreWorld(people: 1)
        _ = try soften(world, StoreWorld.address("person0"))
        #expect(try take(world).map(\.attempts) == [1])
        #expect(try take(world).isEmpty)
        world.clock.advance(by: .seconds(901))
        let again = try #require(try take(world).first)
        #expect(again.attempts == 2)
        let later = world.clock.now() + .seconds(3_600)
        try world.store.finishOutbox(
            again.id,
            .deferred(until: later, words: "4.7.0 مشغول"),
            policy: policy,
            actor: "bounces"
        )
        #expect(try world.store.outboxCounts() == OutboxCounts(queued: 1, nextAt: later))
        world.clock.advance(by: .seconds(3_600))
        try sent(world, try #require(try take(world).first))
        #expect(try world.store.outboxCounts() == OutboxCounts(queued: 0, nextAt: nil))
    }

    @Test func `nobody is probed who may not be mailed any more`() throws {
        let world = try StoreWorld(people: 2)
        _ = try soften(world, StoreWorld.address("person0"))
        _ = try soften(world, StoreWorld.address("person1"))
        try world.store.removeSubscriber(StoreWorld.address("person0"), reason: "asked", actor: "test")
        try world.store.addSuppression(
            StoreWorld.address("person1"),
            reason: .operator,
            origin: "test",
            actor: "test"
        )
        #expect(try take(world).isEmpty)
        #expect(try world.texts("SELECT state FROM probe") == ["cancelled", "cancelled"])
    }

    @Test func `lifting a suppression withdraws the probe`() throws {
        let world = try StoreWorld(people: 1)
        _ = try soften(world, StoreWorld.address("person0"))
        let entry = try #require(try take(world).first)
        try sent(world, entry)
        try world.store.removeSuppression(StoreWorld.address("person0"), actor: "test")
        let bounce = Back.entry(.probe(try probe(entry).id), Back.verdict(.hard, nil, .unknownUser))
        #expect(try world.record(bounce, policy: policy).first?.effects == [])
        #expect(try world.store.suppressions().isEmpty)
    }

    // MARK: replies

    @Test func `a reply is kept, counted, and forwarded as it is`() throws {
        let world = try StoreWorld(people: 2)
        let issuer = try EmailAddress.parse("awareness@moi.example")
        let campaign = try world.mail()
        let recorded = try world.record(
            Back.reply(try world.delivery(campaign, 0), to: issuer),
            Back.reply(try world.delivery(campaign, 0)),
            Back.entry(.untied, BounceVerdict(kind: .none), purpose: .reply, forwardTo: issuer)
        )
        #expect(
            recorded.map(\.effects) == [[.replied(isForwarded: true)], [.replied(isForwarded: false)], []]
        )
        #expect(try world.store.report(campaign.name).replies == 2)
        let entry = try #require(try take(world).first)
        guard case .forward(let request) = entry.work else {
            Issue.record("not a forward")
            return
        }
        #expect(request.recipient == issuer)
        #expect(request.bulletin == "2026-014")
        #expect(request.message == (try world.store.returnedBytes(request.returned)))
        #expect(String(decoding: request.message, as: UTF8.self).contains("وصلتني رسالة مشابهة أمس"))
        #expect(try world.store.replies().map(\.forwarding) == [.none, .queued])
        try sent(world, entry)
        let replies = try world.store.replies(campaign: campaign.name)
        #expect(replies.map(\.forwarding) == [.none, .sent])
        #expect(replies.last?.address == "person0@example.org")
        #expect(try world.store.reply(request.returned)?.forwardTo == issuer.text)
        #expect(try world.store.replies(before: request.returned).isEmpty)
    }
}

@Suite struct `Refusals by the relay` {
    private func failure(_ code: Int, _ status: EnhancedStatusCode?, _ stage: SMTPStage = .rcpt)
        -> DeliveryFailure
    {
        DeliveryFailure(
            stage: stage,
            scope: .recipient,
            remedy: .giveUp,
            reply: SMTPReply(code: code, status: status, text: "لا يوجد مستخدم"),
            detail: "the server refused the recipient"
        )
    }

    @Test func `an unknown user at RCPT is a hard bounce, and other refusals are not`() throws {
        let world = try StoreWorld(people: 6)
        let failures = [
            failure(550, EnhancedStatusCode(5, 1, 1)), failure(550, nil),
            failure(554, EnhancedStatusCode(5, 7, 1)),
            failure(552, EnhancedStatusCode(5, 2, 2)), failure(550, EnhancedStatusCode(5, 1, 10), .afterDot),
        ]
        let campaign = try world.mail { delivery in
            let index = Int(delivery.address.localPart.dropFirst(6)) ?? 9
            return index < failures.count ? failures[index] : nil
        }
        let summary = try world.store.applyRefusals(campaign.id, policy: .standard, actor: "sender")
        #expect([summary.hard, summary.soft, summary.suppressed] as [Int] == [2, 3, 2])
        #expect(
            try world.store.suppressions().map(\.addressKey) == [
                "person0@example.org", "person4@example.org",
            ]
        )
        #expect(try world.suppression(StoreWorld.address("person0"))?.origin == "refusal")
        // What came back and what was refused are told apart in the report.
        let report = try world.store.report(campaign.name)
        #expect(report.bounces == .init())
        #expect(report.deliveries["rejected"] == 5)
        try world.store.removeSuppression(StoreWorld.address("person0"), actor: "test")
        let again = try world.store.applyRefusals(campaign.id, policy: .standard, actor: "sender")
        #expect(again == RefusalSummary())
        #expect(try world.isSuppressed(0) == false)
    }

    @Test func `refusals and returned messages make one count`() throws {
        let world = try StoreWorld(people: 1)
        for number in 0..<4 {
            let full = failure(552, EnhancedStatusCode(5, 2, 2))
            let campaign = try world.mail { _ in number % 2 == 0 ? full : nil }
            if number % 2 == 0 {
                _ = try world.store.applyRefusals(campaign.id, policy: .standard, actor: "test")
            } else {
                try world.record(Back.soft(try world.delivery(campaign)))
            }
            #expect(try world.isSuppressed(0) == (number == 3))
            world.clock.advance(by: .seconds(5 * 86_400))
        }
    }

    @Test func `what made the storm guard hold a campaign condemns nobody`() throws {
        let world = try StoreWorld(people: 4)
        let campaign = try world.store.freeze(world.draft())
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        for delivery in due.prefix(2) { sender.record(delivery, .rejected(TestReply.refused)) }
        try sender.writer.drain()
        try world.store.pause(campaign.id, reason: "storm", actor: "sender")
        let held = try world.store.applyRefusals(campaign.id, policy: .standard, actor: "sender")
        #expect(held.isHeld)
        #expect(try world.store.suppressions().isEmpty)
        world.clock.advance(by: .seconds(60))
        try world.store.resume(campaign.id, actor: "test")
        sender.record(due[2], .rejected(TestReply.refused))
        #expect(sender.accept(due[3]) == .granted)
        try sender.writer.drain()
        let after = try world.store.applyRefusals(campaign.id, policy: .standard, actor: "sender")
        #expect([after.hard, after.suppressed] as [Int] == [1, 1])
        #expect(try world.store.suppressions().map(\.addressKey) == [due[2].address.key])
    }

    @Test func `a domain whose people are all refused is an alarm`() throws {
        let world = try StoreWorld(people: 30)
        let campaign = try world.mail { _ in TestReply.refused }
        let summary = try world.store.applyRefusals(campaign.id, policy: .standard, actor: "sender")
        #expect([summary.hard, summary.suppressed, summary.withheld] as [Int] == [30, 0, 10])
        #expect(summary.alarms == [1])
        #expect(try world.store.suppressions().isEmpty)
    }

    @Test func `a bounce of a message that was never handed over is odd`() throws {
        let world = try StoreWorld(people: 2)
        let campaign = try world.mail { _ in TestReply.refused }
        let recorded = try world.record(Back.hard(try world.delivery(campaign)))
        #expect(recorded.map(\.standing) == [.odd])
        #expect(try world.store.suppressions().isEmpty)
    }

    @Test func `a message whose fate was unknown may still come back`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.store.freeze(world.draft(ambiguous: .hold))
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        #expect(sender.writer.intent(due[0].id) == .granted)
        sender.record(due[0], .ambiguous(TestReply.lost))
        try sender.writer.drain()
        #expect(try world.record(Back.hard(due[0].id)).map(\.standing) == [.counted])
        #expect(try world.isSuppressed(0))
    }
}
