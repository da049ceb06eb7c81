// SPDX-License-Identifier: Apache-2.0
//
// Crashes: the process kills itself at each failpoint, and the store is opened again.
import Foundation
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Crashes {
    /// What the ledger says of three deliveries after a crash at the second intent or result, and a restart.
    @Test(arguments: [
        (Failpoint.Place.beforeIntentCommit, 2, [DeliveryState.accepted: 1, .queued: 2], 0),
        (.afterIntentCommit, 2, [.accepted: 1, .queued: 2], 1),
        (.beforeResultCommit, 2, [.accepted: 1, .queued: 2], 1),
        (.afterResultCommit, 2, [.accepted: 2, .queued: 1], 0),
    ])
    func `a kill at a commit leaves what was durable, and at most one delivery unknown`(
        _ place: Failpoint.Place,
        _ count: Int,
        _ states: [DeliveryState: Int],
        _ resent: Int
    ) async throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.freeze()
        world.store.close()
        let path = world.path
        let failpoint = "\(place.rawValue)@\(count)"
        let id = campaign.id
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, failpoint = failpoint as String, id = id as Int64] in
            try Self.sendOneByOne(path, failpoint, id)
        }
        try world.reopen()
        let sender = try TestSender(world, campaign)
        #expect(sender.recovery == Recovery(resent: resent, held: 0))
        #expect(try world.states(campaign) == states)
        #expect(try world.text("PRAGMA integrity_check") == "ok")
    }

    @Test(arguments: [(Failpoint.Place.beforeFreezeCommit, 0), (.afterFreezeCommit, 1)])
    func `a kill at a freeze leaves all of it or nothing`(_ place: Failpoint.Place, _ campaigns: Int)
        async throws
    {
        let world = try StoreWorld(people: 3)
        world.store.close()
        let path = world.path
        let failpoint = place.rawValue
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, failpoint = failpoint as String] in
            let clock = ManualClock()
            let store = try Store.open(at: path, clock: clock, failpoint: try Failpoint.parse(failpoint))
            _ = try store.freeze(StoreWorld.draft(clock))
        }
        try world.reopen()
        let found = try world.store.campaigns()
        #expect(found.count == campaigns)
        for campaign in found { #expect(try world.states(campaign) == [.queued: 3]) }
    }

    /// Each result is durable before the next intent is asked for.
    private static func sendOneByOne(_ path: String, _ failpoint: String, _ campaign: Int64) throws {
        let clock = ManualClock()
        let store = try Store.open(at: path, clock: clock, failpoint: try Failpoint.parse(failpoint))
        let epoch = SenderEpoch.random()
        _ = try store.takeOver(campaign, epoch: epoch, now: clock.now())
        let writer = LedgerWriter(store: store, campaign: campaign, epoch: epoch) {}
        for delivery in try store.due(campaign, after: 0, now: clock.now(), limit: 10) {
            guard writer.intent(delivery.id) == .granted else { return }
            writer.record(
                DeliveryOutcome(
                    delivery: delivery.id,
                    verdict: .accepted(TestReply.accepted),
                    relay: "primary",
                    startedAt: clock.now(),
                    finishedAt: clock.now()
                )
            )
            try writer.drain()
        }
    }
}
