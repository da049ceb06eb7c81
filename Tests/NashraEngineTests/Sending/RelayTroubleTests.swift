// SPDX-License-Identifier: Apache-2.0
//
// A relay that goes away, comes back, wants fewer connections, greets and drops, or cannot bear one message.
// The promise: docs/decisions/0002-ledger.md; RFC 5321 section 4.5.4.1.
import Foundation
import NashraCore
import NashraSink
import NashraStore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraEngine

@Suite struct `A relay in trouble` {
    private func locals(_ count: Int) -> [String] { (1...count).map { "reader\($0)" } }

    @Test func `dies in the middle, comes back, and everybody is reached`() throws {
        let world = try SendWorld(locals(30))
        let campaign = try world.freeze()
        let port = world.port
        let isBack = Mutex(false)
        let end = try world.send(
            campaign,
            hook: { if $0 == 10 { world.stopSink() } },
            onProgress: { progress in
                guard progress.trouble != nil else { return }
                isBack.withLock { isBack in
                    guard !isBack else { return }
                    isBack = (try? world.startSink(port: port)) != nil
                }
            }
        )
        #expect(isBack.withLock { $0 })
        #expect(end == .finished)
        #expect(try world.states(campaign) == [.accepted: 30])
        let received = try world.received()
        #expect(Set(received.flatMap(\.recipients)).count == 30)
        #expect(received.count <= 33)
    }

    @Test func `stays away: the run ends in time, says why, and loses nobody`() throws {
        let world = try SendWorld(locals(5))
        let campaign = try world.freeze()
        world.stopSink()
        var options = SendWorld.options(connections: 3)
        options.relayPatience = .milliseconds(300)
        guard case .relayAway(let why) = try world.send(campaign, options: options) else {
            Issue.record("it did not notice")
            return
        }
        #expect(why.contains("no connection to the relay"))
        #expect(try world.states(campaign) == [.queued: 5])
        try world.startSink()
        #expect(try world.send(campaign) == .finished)
        #expect(try world.received().count == 5)
    }

    @Test func `greets and drops everything: it is not hammered, and nobody is charged`() throws {
        let world = try SendWorld(locals(5)) { $0.rules = [SinkRule(.mail, SinkAction.closing)] }
        let campaign = try world.freeze()
        var options = SendWorld.options(connections: 2)
        options.relayPatience = .milliseconds(500)
        guard case .relayAway(let why) = try world.send(campaign, options: options) else {
            Issue.record("it did not notice")
            return
        }
        #expect(why.contains("421"))
        #expect(world.sinkStatistics.connections < 30)
        #expect(try world.states(campaign) == [.queued: 5])
        #expect(try world.due(campaign).allSatisfy { $0.attempts == 0 })
    }

    @Test func `says 421 to every sender once: each costs a connection, and nobody an attempt`() throws {
        let world = try SendWorld(locals(12)) {
            $0.rules = [SinkRule(.mail, SinkAction.closing, times: 1)]
        }
        let campaign = try world.freeze()
        #expect(try world.send(campaign) == .finished)
        #expect(try world.states(campaign) == [.accepted: 12])
        #expect(world.sinkStatistics.refused == [421: 12])
        #expect(try world.received().count == 12)
    }

    @Test func `takes one connection only and says 421 to the others`() throws {
        let world = try SendWorld(locals(30)) { $0.maximumConnections = 1 }
        let campaign = try world.freeze()
        #expect(try world.send(campaign, connections: 6) == .finished)
        #expect(try world.states(campaign) == [.accepted: 30])
        #expect(try world.received().count == 30)
    }

    @Test func `refuses our sender: the campaign is held and its rows are untouched`() throws {
        let refusal = try #require(SinkReply(550, "5.7.1 Not allowed"))
        let world = try SendWorld(locals(4)) { $0.rules = [SinkRule(.mail, .reply(refusal))] }
        let campaign = try world.freeze()
        guard case .held(let why, isConfiguration: false) = try world.send(campaign) else {
            Issue.record("it was not held")
            return
        }
        #expect(why.contains("550 5.7.1"))
        #expect(try world.states(campaign) == [.queued: 4])
        let held = try #require(try world.store.campaign(named: campaign.name))
        #expect(held.state == .paused)
        #expect(held.pauseReason == why)
    }

    @Test func `cannot bear one message: the others arrive, and that one is put off with a clear word`()
        throws
    {
        let world = try SendWorld(["سمّ"] + locals(40)) {
            $0.rules = [SinkRule(.data, match: "سمّ@*", .drop)]
        }
        let campaign = try world.freeze()
        guard case .waiting(count: 1, let next) = try world.send(campaign) else {
            Issue.record("\(try world.states(campaign))")
            return
        }
        #expect(next > world.clock.now())
        #expect(try world.states(campaign) == [.accepted: 40, .deferred: 1])
        #expect(world.sinkStatistics.connections < 30)
        #expect(try world.received().count == 40)
        // It is tried again by the schedule, and put off again although nothing else is left to compare with.
        world.clock.advance(by: .seconds(3_600))
        let tried = world.sinkStatistics.connections
        guard case .waiting(count: 1, _) = try world.send(campaign) else {
            Issue.record("\(try world.states(campaign))")
            return
        }
        #expect((1...Suspects.limit).contains(world.sinkStatistics.connections - tried))
        world.clock.advance(by: .seconds(3_600))
        let due = try world.due(campaign)
        #expect(due.map(\.attempts) == [2])
    }
}
