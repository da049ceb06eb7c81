// SPDX-License-Identifier: Apache-2.0
//
// Faults: the n-th operation of the store fails, for n = 1, 2, …, until none is left; and the disk is full.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraStore

/// Fails the n-th operation, once.
private final class Breaker: Sendable {
    private let left: Atomic<Int>
    private let code: Int32

    init(at operation: Int, code: Int32) {
        left = Atomic(operation)
        self.code = code
    }

    var hasFired: Bool { left.load(ordering: .sequentiallyConsistent) <= 0 }

    var plan: FaultPlan {
        { [self] _ in
            left.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 ? code : nil
        }
    }
}

@Suite struct Faults {
    /// SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_CORRUPT.
    @Test(arguments: [13, 1_034, 11] as [Int32])
    func `a send cut off at any operation of the store loses nobody`(_ code: Int32) throws {
        let world = try StoreWorld(people: 4)
        let campaign = try world.freeze()
        var sinkSaw: [DeliveryID: Int] = [:]
        var operation = 0
        var isDone = false
        while !isDone {
            operation += 1
            try #require(operation < 500)
            let breaker = Breaker(at: operation, code: code)
            try world.reopen(fault: breaker.plan)
            try? send(world, campaign, saw: &sinkSaw)
            isDone = !breaker.hasFired
            try world.reopen()
            // The next run starts where this one was cut off; nothing but what was durable counts.
            let accepted = try world.texts("SELECT CAST(id AS TEXT) FROM delivery WHERE state = 'accepted'")
            for id in accepted.compactMap(Int64.init) {
                #expect(sinkSaw[DeliveryID(rawValue: id)] != nil, "cut off at operation \(operation)")
            }
            #expect(try world.states(campaign).values.reduce(0, +) == 4, "cut off at operation \(operation)")
            #expect(try world.text("PRAGMA integrity_check") == "ok")
        }
        #expect(operation > 12)
        // Whoever is not accepted is held as ambiguous after one resend; and nobody was sent to without an intent.
        let states = try world.states(campaign)
        #expect((states[.accepted] ?? 0) + (states[.ambiguous] ?? 0) == 4)
        #expect(sinkSaw.count == 4)
        #expect(sinkSaw.values.allSatisfy { $0 <= 2 })
    }

    /// Takes over and sends all that is due; the sink sees a message when its intent was granted.
    private func send(_ world: StoreWorld, _ campaign: Campaign, saw: inout [DeliveryID: Int]) throws {
        let sender = try TestSender(world, campaign)
        for delivery in try world.due(campaign) {
            guard sender.writer.intent(delivery.id) == .granted else { break }
            saw[delivery.id, default: 0] += 1
            sender.record(delivery, .accepted(TestReply.accepted))
        }
        try sender.writer.drain()
        _ = try world.store.finishIfDone(campaign.id, now: world.clock.now())
    }

    @Test func `a freeze cut off at any operation leaves no half of it`() throws {
        let world = try StoreWorld(people: 5)
        var operation = 0
        while true {
            operation += 1
            let before = try world.store.campaigns().count
            let breaker = Breaker(at: operation, code: 13)
            try world.reopen(fault: breaker.plan)
            let campaign = try? world.freeze()
            try world.reopen()
            let after = try world.store.campaigns()
            for kept in after { #expect(try world.states(kept) == [.queued: 5]) }
            guard breaker.hasFired else { break }
            #expect(campaign == nil)
            // A fault after the commit is a crash that nobody heard of: the campaign is there, and whole.
            #expect(after.count - before <= 1)
        }
        #expect(operation > 5)
    }

    @Test func `a broken writer grants nothing any more and says so once`() throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.freeze()
        let isFull = Atomic<Bool>(false)
        try world.reopen(fault: { _ in isFull.load(ordering: .sequentiallyConsistent) ? 13 : nil })
        let told = DispatchSemaphore(value: 0)
        let sender = try TestSender(world, campaign) { told.signal() }
        let due = try world.due(campaign)
        #expect(sender.accept(due[0]) == .granted)
        try sender.writer.drain()
        isFull.store(true, ordering: .sequentiallyConsistent)
        #expect(sender.accept(due[1]) == .broken)
        isFull.store(false, ordering: .sequentiallyConsistent)
        #expect(sender.accept(due[2]) == .broken)
        let error = #expect(throws: UserError.self) { try sender.writer.drain() }
        #expect(error?.status == .inputOutput)
        #expect(error?.message.contains("no space") == true)
        sender.writer.close()
        #expect(told.wait(timeout: .now() + 10) == .success)
        #expect(told.wait(timeout: .now()) == .timedOut)
        #expect(try world.states(campaign) == [.accepted: 1, .queued: 2])
    }

    @Test func `a full disk stops the send with a clear word, and room lets it go on`() throws {
        let world = try StoreWorld(people: 300)
        let campaign = try world.freeze()
        let pages = try #require(try world.int("PRAGMA page_count"))
        try world.store.pool.writeWithoutTransaction { db in
            // SQLite's own limit stands in for the disk's: attempts need pages that are not there.
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        var sender = try TestSender(world, campaign)
        var answer = IntentAnswer.granted
        for delivery in try world.due(campaign) where answer == .granted { answer = sender.accept(delivery) }
        #expect(answer == .broken)
        #expect(sender.writer.fault?.status == .inputOutput)
        #expect(try world.states(campaign).values.reduce(0, +) == 300)
        try world.store.pool.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA max_page_count = 1000000")
        }
        sender = try TestSender(world, campaign)
        #expect(sender.recovery.resent <= 1)
        for delivery in try world.due(campaign) { #expect(sender.accept(delivery) == .granted) }
        try sender.writer.drain()
        #expect(try world.states(campaign) == [.accepted: 300])
    }

    @Test func `another process that writes for too long is told as such`() throws {
        let world = try StoreWorld(people: 1)
        let other = try Store.open(at: world.path, clock: world.clock, busyTimeout: .milliseconds(50))
        let error = try world.store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            defer { try? db.execute(sql: "ROLLBACK") }
            return #expect(throws: UserError.self) { try other.addTopic(name: "rain", actor: "test") }
        }
        #expect(error?.status == .tryAgain)
        other.close()
    }
}

@Suite struct `The ledger under any order of operations` {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `the states always add up to the audience`(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let world = try StoreWorld(people: 12)
        let campaign = try world.freeze(ambiguous: Bool.random(using: &random) ? .resend : .hold)
        var sender = try TestSender(world, campaign)
        let all = try world.due(campaign)
        var flying: Set<Int> = []
        for step in 0..<150 {
            let index = Int.random(in: 0..<all.count, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0...4: if sender.writer.intent(all[index].id) == .granted { flying.insert(index) }
            case 5...7:
                guard let one = flying.min() else { continue }
                sender.record(all[one], verdict(&random, world.clock))
                flying.remove(one)
            case 8:
                sender.record(all[index], .rejected(TestReply.refused))
                flying.remove(index)
            case 9: world.clock.advance(by: .seconds(30))
            case 10:
                sender = try TestSender(world, campaign)
                flying = []
            default: try change(world, campaign, all[index], &random)
            }
            try sender.writer.drain()
            #expect(try world.states(campaign).values.reduce(0, +) == 12, "seed \(seed), step \(step)")
        }
        #expect(try world.int("SELECT count(*) FROM delivery WHERE ambiguous_count > 1") == 0)
        #expect(try world.store.report(campaign.name).audience == 12)
    }

    private func verdict(_ random: inout SplitMix, _ clock: ManualClock) -> DeliveryOutcome.Verdict {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: .accepted(TestReply.accepted)
        case 1: .rejected(TestReply.refused)
        case 2: .deferred(TestReply.later, until: clock.now() + .seconds(60))
        case 3: .ambiguous(TestReply.lost)
        default: .released
        }
    }

    private func change(
        _ world: StoreWorld,
        _ campaign: Campaign,
        _ delivery: DueDelivery,
        _ random: inout SplitMix
    ) throws {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: try world.store.pause(campaign.id, reason: "test", actor: "test")
        case 1...3: try world.store.resume(campaign.id, actor: "test")
        case 4: try world.store.settle(campaign.id, resend: true, actor: "test")
        default:
            try world.store.addSuppression(delivery.address, reason: .operator, origin: "test", actor: "test")
        }
    }
}

/// SplitMix64: a generator whose sequence depends on its seed only.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
