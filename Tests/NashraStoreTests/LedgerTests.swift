// SPDX-License-Identifier: Apache-2.0
//
// The ledger: intents, results, pauses, restarts. Nothing is lost, nothing is sent twice unasked.
import Foundation
import NashraCore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraStore

@Suite struct Ledger {
    @Test func `each verdict has its state, its attempt and its reason`() throws {
        let world = try StoreWorld(people: 5)
        let campaign = try world.freeze(ambiguous: .hold)
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        #expect(sender.accept(due[0]) == .granted)
        sender.record(due[1], .rejected(TestReply.refused))
        sender.record(due[2], .deferred(TestReply.later, until: world.clock.now() + .seconds(300)))
        #expect(sender.writer.intent(due[3].id) == .granted)
        sender.record(due[3], .ambiguous(TestReply.lost))
        #expect(sender.writer.intent(due[4].id) == .granted)
        sender.record(due[4], .released)
        try sender.writer.drain()
        #expect(
            try world.states(campaign) == [
                .accepted: 1, .rejected: 1, .deferred: 1, .ambiguous: 1, .queued: 1,
            ]
        )
        let attempts = try world.texts(
            "SELECT outcome || ' ' || number || ' ' || coalesce(reason, '-') FROM attempt ORDER BY delivery_id"
        )
        #expect(
            attempts == [
                "accepted 1 -", "rejected 1 unknown-user", "deferred 1 mailbox-full", "ambiguous 1 undefined",
            ]
        )
        #expect(
            try world.texts("SELECT CAST(attempts AS TEXT) FROM delivery ORDER BY id") == [
                "1", "1", "1", "1", "0",
            ]
        )
        #expect(try world.text("SELECT reply FROM delivery WHERE state = 'deferred'") == "الصندوق ممتلئ")
        #expect(sender.writer.staleResults == 0)
    }

    @Test func `an intent is granted once`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let delivery = try world.due(campaign)[0]
        #expect(sender.writer.intent(delivery.id) == .granted)
        #expect(sender.writer.intent(delivery.id) == .refused)
        #expect(try world.due(campaign).isEmpty)
    }

    @Test func `a deferred delivery is due at its time and not before`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let until = world.clock.now() + .seconds(300)
        sender.record(try world.due(campaign)[0], .deferred(TestReply.later, until: until))
        try sender.writer.drain()
        #expect(try world.due(campaign).isEmpty)
        #expect(try world.store.nextDue(campaign.id) == until)
        world.clock.advance(by: .seconds(300))
        let again = try #require(try world.due(campaign).first)
        #expect(again.attempts == 1)
        // A try that came to nothing after its intent leaves the deferral as it was.
        #expect(sender.writer.intent(again.id) == .granted)
        sender.record(again, .released)
        try sender.writer.drain()
        #expect(try world.states(campaign) == [.deferred: 1])
        #expect(try world.due(campaign).first?.attempts == 1)
        #expect(sender.accept(again) == .granted)
        try sender.writer.drain()
        #expect(try world.texts("SELECT outcome FROM attempt ORDER BY number") == ["deferred", "accepted"])
    }

    @Test func `who is suppressed during the send gets nothing, and the row says why`() throws {
        let world = try StoreWorld(people: 4)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        try world.store.addSuppression(due[0].address, reason: .complaint, origin: "ARF", actor: "test")
        try world.store.removeSubscriber(due[1].address, reason: "one-click", actor: "test")
        #expect(sender.accept(due[0]) == .refused)
        #expect(sender.accept(due[1]) == .refused)
        // The others are found when a page is read, before anything is composed for them.
        try world.store.addSuppression(due[2].address, reason: .complaint, origin: "ARF", actor: "test")
        #expect(try world.due(campaign).map(\.id) == [due[3].id])
        #expect(try world.states(campaign) == [.suppressed: 3, .queued: 1])
        #expect(
            try world.texts("SELECT reason FROM delivery WHERE state = 'suppressed' ORDER BY id")
                == ["suppressed", "unsubscribed", "suppressed"]
        )
    }

    @Test func `a page goes on past those who may not be mailed`() throws {
        let world = try StoreWorld(people: 10)
        let campaign = try world.freeze()
        for index in 0..<6 {
            try world.store.addSuppression(
                StoreWorld.address("person\(index)"),
                reason: .operator,
                origin: "test",
                actor: "test"
            )
        }
        let page = try world.store.due(campaign.id, after: 0, now: world.clock.now(), limit: 3)
        #expect(page.map(\.address.localPart) == ["person6", "person7", "person8"])
        let last = try world.store.due(
            campaign.id,
            after: try #require(page.last).id.rawValue,
            now: world.clock.now(),
            limit: 3
        )
        #expect(last.map(\.address.localPart) == ["person9"])
    }

    @Test func `from the pause's commit on no intent is granted, and a result still counts`() throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        #expect(sender.writer.intent(due[0].id) == .granted)
        let paused = try world.store.pause(campaign.id, reason: "عطل في المُرحِّل", actor: "test")
        #expect(paused.pauseReason == "عطل في المُرحِّل")
        #expect(sender.accept(due[1]) == .refused)
        sender.record(due[0], .accepted(TestReply.accepted))
        try sender.writer.drain()
        #expect(try world.states(campaign) == [.accepted: 1, .queued: 2])
        let resumed = try world.store.resume(campaign.id, actor: "test")
        #expect(resumed.state == .sending)
        #expect(resumed.pauseReason == nil)
        #expect(sender.accept(due[1]) == .granted)
    }

    @Test func `cancelling ends what waits, and what is in flight keeps its result`() throws {
        let world = try StoreWorld(people: 4)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        for delivery in due[..<3] { #expect(sender.writer.intent(delivery.id) == .granted) }
        #expect(try world.store.cancel(campaign.id, actor: "test").state == .cancelled)
        #expect(sender.accept(due[3]) == .refused)
        sender.record(due[0], .accepted(TestReply.accepted))
        sender.record(due[1], .deferred(TestReply.later, until: world.clock.now()))
        sender.record(due[2], .released)
        try sender.writer.drain()
        #expect(try world.states(campaign) == [.accepted: 1, .cancelled: 3])
        #expect(throws: UserError.self) { try world.store.resume(campaign.id, actor: "test") }
        #expect(throws: UserError.self) { try world.store.settle(campaign.id, resend: true, actor: "test") }
    }

    @Test func `what a crash left in flight of a cancelled campaign is held, not sent`() throws {
        let world = try StoreWorld(people: 2)
        let campaign = try world.freeze()
        var sender = try TestSender(world, campaign)
        #expect(sender.writer.intent(try world.due(campaign)[0].id) == .granted)
        try world.store.cancel(campaign.id, actor: "test")
        #expect(try world.states(campaign) == [.inFlight: 1, .cancelled: 1])
        sender = try TestSender(world, campaign)
        #expect(sender.recovery == Recovery(resent: 0, held: 1))
        #expect(try world.states(campaign) == [.ambiguous: 1, .cancelled: 1])
    }

    @Test func `a restart sends once more what was in flight, once`() throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.freeze()
        var sender = try TestSender(world, campaign)
        let delivery = try world.due(campaign)[0]
        #expect(sender.writer.intent(delivery.id) == .granted)
        sender = try TestSender(world, campaign)
        #expect(sender.recovery == Recovery(resent: 1, held: 0))
        #expect(try world.states(campaign) == [.queued: 3])
        #expect(sender.writer.intent(delivery.id) == .granted)
        sender = try TestSender(world, campaign)
        #expect(sender.recovery == Recovery(resent: 0, held: 1))
        #expect(try world.states(campaign) == [.queued: 2, .ambiguous: 1])
        #expect(
            try world.texts("SELECT outcome || number FROM attempt ORDER BY number") == [
                "ambiguous1", "ambiguous2",
            ]
        )
        #expect(try world.store.report(campaign.name).resent == 1)
    }

    @Test func `a lost reply is resent once by the policy, and held after a restart`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.freeze()
        var sender = try TestSender(world, campaign)
        let delivery = try world.due(campaign)[0]
        #expect(sender.writer.intent(delivery.id) == .granted)
        sender.record(delivery, .ambiguous(TestReply.lost))
        try sender.writer.drain()
        #expect(try world.states(campaign) == [.queued: 1])
        #expect(try world.due(campaign).map(\.id) == [delivery.id])
        #expect(sender.writer.intent(delivery.id) == .granted)
        sender = try TestSender(world, campaign)
        #expect(sender.recovery == Recovery(resent: 0, held: 1))
    }

    @Test func `the policy to hold resends nothing, and an operator settles it`() throws {
        let world = try StoreWorld(people: 2)
        let campaign = try world.freeze(ambiguous: .hold)
        var sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        for delivery in due { #expect(sender.writer.intent(delivery.id) == .granted) }
        sender.record(due[0], .ambiguous(TestReply.lost))
        try sender.writer.drain()
        sender = try TestSender(world, campaign)
        #expect(sender.recovery == Recovery(resent: 0, held: 1))
        #expect(try world.states(campaign) == [.ambiguous: 2])
        #expect(try world.store.finishIfDone(campaign.id, now: world.clock.now()))
        #expect(try world.store.settle(campaign.id, resend: true, actor: "test") == 2)
        #expect(try world.store.campaign(named: campaign.name)?.state == .sending)
        #expect(try world.states(campaign) == [.queued: 2])
    }

    @Test func `results of a sender that was replaced change nothing`() throws {
        let world = try StoreWorld(people: 2)
        let campaign = try world.freeze()
        let old = try TestSender(world, campaign)
        let due = try world.due(campaign)
        #expect(old.writer.intent(due[0].id) == .granted)
        let new = try TestSender(world, campaign)
        #expect(new.recovery.resent == 1)
        old.record(due[0], .accepted(TestReply.accepted))
        old.record(due[1], .rejected(TestReply.refused))
        try old.writer.drain()
        #expect(old.writer.staleResults == 2)
        #expect(old.writer.isReplaced)
        #expect(!new.writer.isReplaced)
        #expect(old.writer.intent(due[1].id) == .refused)
        #expect(try world.states(campaign) == [.queued: 2])
    }

    @Test func `what is not accepted in time expires`() throws {
        let world = try StoreWorld(people: 2)
        let end = world.clock.now() + .seconds(60)
        let campaign = try world.store.freeze(world.draft(expiresAt: end))
        let sender = try TestSender(world, campaign)
        #expect(sender.accept(try world.due(campaign)[0]) == .granted)
        try sender.writer.drain()
        #expect(try world.store.expire(campaign.id, now: world.clock.now()) == 0)
        world.clock.advance(by: .seconds(60))
        #expect(try !world.store.finishIfDone(campaign.id, now: world.clock.now()))
        #expect(try world.store.expire(campaign.id, now: world.clock.now()) == 1)
        #expect(try world.states(campaign) == [.accepted: 1, .expired: 1])
        #expect(try world.store.finishIfDone(campaign.id, now: world.clock.now()))
        #expect(try world.store.campaign(named: campaign.name)?.finishedAt == world.clock.now())
    }

    @Test func `many connections share commits, and each message is counted once`() throws {
        let world = try StoreWorld(people: 400)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        let next = Atomic<Int>(0)
        let granted = Atomic<Int>(0)
        let writer = sender.writer
        let now = world.clock.now()
        DispatchQueue.concurrentPerform(iterations: 16) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < due.count * 2 else { return }
                // Every delivery is offered twice; one of the two is refused.
                let id = due[index % due.count].id
                guard writer.intent(id) == .granted else { continue }
                granted.add(1, ordering: .relaxed)
                writer.record(
                    DeliveryOutcome(
                        delivery: id,
                        verdict: .accepted(TestReply.accepted),
                        relay: "primary",
                        startedAt: now,
                        finishedAt: now
                    )
                )
            }
        }
        try writer.drain()
        #expect(granted.load(ordering: .relaxed) == 400)
        #expect(try world.states(campaign) == [.accepted: 400])
        #expect(try world.int("SELECT count(*) FROM attempt") == 400)
    }

    @Test func `a reply longer than a kibibyte is cut between characters`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let long = SMTPReply(code: 550, text: String(repeating: "مرفوض ", count: 500))
        let failure = DeliveryFailure(
            stage: .rcpt,
            scope: .recipient,
            remedy: .giveUp,
            reply: long,
            detail: "refused"
        )
        sender.record(try world.due(campaign)[0], .rejected(failure))
        try sender.writer.drain()
        let kept = try #require(try world.text("SELECT reply FROM attempt"))
        #expect((1_000...1_024).contains(kept.utf8.count))
        #expect(long.text.hasPrefix(kept))
    }

    @Test func `a closed writer grants nothing and can be closed again`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        sender.writer.close()
        sender.writer.close()
        #expect(sender.writer.intent(try world.due(campaign)[0].id) == .broken)
    }
}

@Suite struct `Ledger queries` {
    @Test(arguments: [
        (DueQueries.sql, "delivery_due"), (DueQueries.nextSQL, "delivery_due"),
    ])
    func `what is due is found by its index`(_ sql: String, _ index: String) throws {
        let world = try StoreWorld(people: 10)
        _ = try world.freeze()
        let plan = try world.plan(sql)
        #expect(plan.contains { $0.contains("INDEX \(index)") }, "\(plan)")
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test func `an intent and a result touch their row by its number`() throws {
        let world = try StoreWorld(people: 10)
        for sql in [
            LedgerSQL.intent, LedgerSQL.accept, LedgerSQL.fail, LedgerSQL.release, LedgerSQL.suppress,
        ] {
            let plan = try world.plan(sql)
            #expect(plan.first?.contains("USING INTEGER PRIMARY KEY") == true, "\(plan)")
            #expect(!plan.contains { $0.contains("SCAN") }, "\(plan)")
        }
    }
}
