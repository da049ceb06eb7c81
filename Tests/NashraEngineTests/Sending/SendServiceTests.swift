// SPDX-License-Identifier: Apache-2.0
//
// What people do while a campaign is sent: pause, cancel, unsubscribe, interrupt, let it grow old.
// The promise: docs/decisions/0002-ledger.md.
import Foundation
import NashraCore
import NashraSink
import NashraStore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraEngine

@Suite struct `A campaign that is sent` {
    private func locals(_ count: Int) -> [String] { (1...count).map { "reader\($0)" } }

    @Test func `reaches everybody once, whoever writes which script`() throws {
        let world = try SendWorld(["sara", "نورة", "alice", "bilal"])
        let campaign = try world.freeze()
        #expect(try world.send(campaign) == .finished)
        #expect(try world.states(campaign) == [.accepted: 4])
        let recipients = try world.received().flatMap(\.recipients)
        #expect(
            recipients.sorted() == ["sara", "نورة", "alice", "bilal"].map { "\($0)@example.org" }.sorted()
        )
        #expect(try world.store.campaign(named: campaign.name)?.state == .finished)
        // Once more does nothing.
        #expect(try world.send(campaign) == .finished)
        #expect(try world.received().count == 4)
    }

    @Test func `paused in the middle leaves the rest queued, and goes on where it was`() throws {
        let world = try SendWorld(locals(20))
        let campaign = try world.freeze()
        let end = try world.send(campaign, connections: 2) { count in
            if count == 8 { _ = try? world.store.pause(campaign.id, reason: "خطأ في النص", actor: "test") }
        }
        #expect(end == .withdrawn(.paused))
        var states = try world.states(campaign)
        #expect(states[.inFlight] == nil)
        #expect((6..<20).contains(states[.accepted] ?? 0))
        #expect((states[.queued] ?? 0) + (states[.accepted] ?? 0) == 20)
        #expect(try world.received().count == states[.accepted])
        #expect(try world.send(campaign) == .held("خطأ في النص", isConfiguration: false))
        try world.store.resume(campaign.id, actor: "test")
        #expect(try world.send(campaign) == .finished)
        states = try world.states(campaign)
        #expect(states == [.accepted: 20])
        #expect(try world.received().count == 20)
    }

    @Test func `cancelled in the middle sends nothing more and accounts for everybody`() throws {
        let world = try SendWorld(locals(20))
        let campaign = try world.freeze()
        let end = try world.send(campaign, connections: 2) { count in
            if count == 5 { _ = try? world.store.cancel(campaign.id, actor: "test") }
        }
        #expect(end == .withdrawn(.cancelled))
        let states = try world.states(campaign)
        #expect((3..<20).contains(states[.accepted] ?? 0))
        #expect((states[.accepted] ?? 0) + (states[.cancelled] ?? 0) == 20)
        #expect(try world.received().count == states[.accepted])
    }

    @Test func `passes over whoever is suppressed while it runs`() throws {
        let world = try SendWorld(locals(12))
        let campaign = try world.freeze()
        let late = try EmailAddress.parse("reader12@example.org")
        let end = try world.send(campaign, connections: 1) { count in
            guard count == 3 else { return }
            _ = try? world.store.addSuppression(late, reason: .operator, origin: "test", actor: "test")
        }
        #expect(end == .finished)
        #expect(try world.states(campaign) == [.accepted: 11, .suppressed: 1])
        #expect(try !world.received().flatMap(\.recipients).contains("reader12@example.org"))
    }

    @Test func `that is over expires for those who wait, and not for those who have it`() throws {
        let world = try SendWorld(locals(10))
        let campaign = try world.freeze { $0.expiresAt = $0.date + .seconds(3_600) }
        let end = try world.send(campaign, connections: 1) { count in
            if count == 4 { world.clock.advance(by: .seconds(3_600)) }
        }
        #expect(end == .finished)
        #expect(try world.states(campaign) == [.accepted: 4, .expired: 6])
        #expect(try world.received().count == 4)
        // Nobody was begun only to be withdrawn: that would cost a connection each.
        #expect(world.sinkStatistics.connections == 1)
    }

    @Test func `that was over before it began sends nothing`() throws {
        let world = try SendWorld(locals(3))
        let campaign = try world.freeze { $0.expiresAt = $0.date + .seconds(60) }
        world.clock.advance(by: .seconds(61))
        #expect(try world.send(campaign) == .finished)
        #expect(try world.states(campaign) == [.expired: 3])
        #expect(world.sinkStatistics.connections == 0)
    }

    @Test func `interrupted drains what is under way and can be resumed`() throws {
        let world = try SendWorld(locals(30))
        let campaign = try world.freeze()
        let stop = StopSignal()
        let end = try world.send(campaign, connections: 2, stop: stop) { count in
            if count == 10 { stop.raise() }
        }
        #expect(end == .interrupted)
        let states = try world.states(campaign)
        let accepted = states[.accepted] ?? 0
        #expect(accepted >= 8)
        #expect(accepted + (states[.queued] ?? 0) == 30)
        #expect(try world.received().count == accepted)
        #expect(try world.send(campaign) == .finished)
        #expect(try world.received().count == 30)
    }

    @Test func `tells when those who were put off are due, and reaches them then`() throws {
        let world = try SendWorld(["sara", "tempfail-2", "full"])
        let retry = try #require(
            RetrySchedule(waits: [.seconds(60)], jitter: 0, lifetime: .seconds(600))
        )
        let campaign = try world.freeze { $0.retry = retry }
        let next = world.clock.now() + .seconds(60)
        #expect(try world.send(campaign) == .waiting(count: 2, next: next))
        // Not a moment earlier.
        #expect(try world.send(campaign) == .waiting(count: 2, next: next))
        let refused = world.sinkStatistics.refused
        #expect(refused[451] == 1)
        #expect(refused[452] == 1)
        for _ in 1...2 {
            world.clock.advance(by: .seconds(60))
            _ = try world.send(campaign)
        }
        #expect(try world.states(campaign) == [.accepted: 2, .deferred: 1])
        world.clock.advance(by: .seconds(600))
        #expect(try world.send(campaign) == .finished)
        #expect(try world.states(campaign) == [.accepted: 2, .expired: 1])
    }

    @Test func `waits for those who were put off when it is asked to`() throws {
        let world = try SendWorld(["sara", "tempfail"])
        let campaign = try world.freeze()
        var options = SendWorld.options(connections: 2)
        options.waits = true
        let end = try world.send(
            campaign,
            options: options,
            onProgress: { if $0.deferred > 0 { world.clock.advance(by: .seconds(60)) } }
        )
        #expect(end == .finished)
        #expect(try world.states(campaign) == [.accepted: 2])
    }

    @Test
    func `whose connection is lost after the dot is sent once more, with the same bytes, and then held`()
        throws
    {
        let world = try SendWorld(["sara", "drop", "dina"])
        let campaign = try world.freeze()
        #expect(try world.send(campaign, connections: 2) == .finished)
        #expect(try world.states(campaign) == [.accepted: 2, .ambiguous: 1])
        let doubled = try world.received().filter { $0.recipients == ["drop@example.org"] }
        #expect(doubled.count == 2)
        #expect(Set(doubled.map(\.sha256)).count == 1)
        #expect(Set(doubled.map(\.message_id)).count == 1)
    }
}
