// SPDX-License-Identifier: Apache-2.0
//
// What is forged, replayed or tied to nothing changes nobody, and a batch is recorded whole or not at all.
import Foundation
import NashraCore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraStore

@Suite struct `Bounces and forgery` {
    @Test func `ten thousand forged, replayed and stripped messages change nobody`() throws {
        let world = try StoreWorld(people: 30)
        let campaign = try world.mail()
        let queued = try world.store.freeze(world.draft(hash: "not-sent"))
        let unsent = try world.delivery(queued, 7)
        let known = [
            Back.hard(try world.delivery(campaign, 0)), Back.soft(try world.delivery(campaign, 1)),
            Back.complaint(try world.delivery(campaign, 2)),
            Back.unsubscribe(try world.delivery(campaign, 3)),
        ]
        _ = try world.store.recordReturned(known, policy: .standard, actor: "bounces")
        try world.store.removeSuppression(StoreWorld.address("person0"), actor: "cli:هند")
        let before = try world.stateOfPeople()
        var wave: [ReturnedEntry] = []
        for number in 0..<10_000 {
            let old = known[number % known.count]
            var copy = old
            copy.digest = Back.digest()
            switch number % 6 {
            case 0: copy.tie = .forged
            case 1: copy.tie = .untied
            case 2: break  // The same token with other bytes.
            case 3: copy.digest = old.digest
            case 4: copy.tie = .proven(DeliveryID(rawValue: 1_000_000 + Int64(number)), by: .envelope)
            default:
                copy.tie = number % 4 == 1 ? .probe(ProbeID(rawValue: 99)) : .proven(unsent, by: .messageID)
            }
            wave.append(copy)
        }
        for start in stride(from: 0, to: wave.count, by: 500) {
            _ = try world.store.recordReturned(
                Array(wave[start..<start + 500]),
                policy: .standard,
                actor: "bounces"
            )
        }
        #expect(try world.stateOfPeople() == before)
        let summary = try world.store.returnedSummary()
        #expect(summary.count(RecordedReturn.Standing.forged) == 1_667)
        #expect(summary.count(RecordedReturn.Standing.untied) == 1_667)
        #expect(summary.count(RecordedReturn.Standing.repeated) == 1_667)
        #expect(summary.count(RecordedReturn.Standing.duplicate) == 1_667)
        #expect(summary.count(RecordedReturn.Standing.odd) == 3_332)
        #expect(summary.count(RecordedReturn.Standing.counted) == 4)
    }

    @Test func `the same bytes twice are one record, also within one batch`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.mail()
        let entry = Back.soft(try world.delivery(campaign))
        let first = try world.record(entry, entry)
        #expect(first.map(\.standing) == [.counted, .duplicate])
        #expect(first[0].id == first[1].id)
        try world.record(entry)
        #expect(try world.store.returned().map(\.times) == [3])
        #expect(try world.store.report(campaign.name).bounces == .init(hard: 0, soft: 1))
    }

    @Test func `what an operator lifted stays lifted, whatever is sent again`() throws {
        let world = try StoreWorld(people: 1)
        let address = StoreWorld.address("person0")
        let earlier = try world.mail()
        let campaign = try world.mail()
        let entry = Back.hard(try world.delivery(campaign))
        try world.record(entry)
        #expect(try world.isSuppressed(0))
        world.clock.advance(by: .seconds(3_600))
        try world.store.removeSuppression(address, why: "اتصل وأكد العنوان", actor: "cli:هند")
        var changed = Back.hard(try world.delivery(campaign))
        changed.source = "again"
        // A bounce of an older message that was under way is no news either.
        try world.record(entry, changed, Back.hard(try world.delivery(earlier)))
        #expect(try world.isSuppressed(0) == false)
        let spells = try world.store.suppressionHistory(address)
        #expect(spells.map(\.end) == [.lifted])
        #expect(spells.first?.endedBy == "cli:هند")
        #expect(spells.first?.endedWhy == "اتصل وأكد العنوان")
        let next = try world.mail()
        try world.record(Back.hard(try world.delivery(next)))
        #expect(try world.isSuppressed(0))
    }

    @Test func `soft bounces from before a lift count no more`() throws {
        let world = try StoreWorld(people: 1)
        for _ in 0..<4 {
            try world.record(Back.soft(try world.delivery(try world.mail())))
            world.clock.advance(by: .seconds(5 * 86_400))
        }
        #expect(try world.isSuppressed(0))
        try world.store.removeSuppression(StoreWorld.address("person0"), actor: "test")
        world.clock.advance(by: .seconds(60))
        for _ in 0..<3 {
            try world.record(Back.soft(try world.delivery(try world.mail())))
            world.clock.advance(by: .seconds(7 * 86_400))
        }
        #expect(try world.isSuppressed(0) == false)
        #expect(try world.int("SELECT max(in_a_row) FROM bounce WHERE at_ms > 0") == 4)
    }

    @Test func `only a thousand messages of strangers are kept, and all that can be told is`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.mail()
        var policy = BouncePolicy.standard
        policy.keptOfStrangers = 5
        let raw = Array("مزور\r\n".utf8)
        let forged = (0..<20).map { _ in Back.entry(.forged, Back.verdict(.hard, nil, nil), raw: raw) }
        _ = try world.store.recordReturned(forged, policy: policy, actor: "bounces")
        let odd = Back.entry(.untied, BounceVerdict(kind: .unknown), raw: raw)
        let mine = Back.entry(
            .proven(try world.delivery(campaign), by: .envelope),
            BounceVerdict(kind: .unknown),
            raw: raw
        )
        let recorded = try world.record(odd, mine, policy: policy)
        #expect(try world.int("SELECT count(*) FROM returned_bytes") == 6)
        #expect(try world.store.returnedBytes(recorded[0].id) == nil)
        #expect(try world.store.returnedBytes(recorded[1].id) == raw)
        #expect(try world.store.returned(recorded[1].id)?.isKept == true)
    }

    @Test func `a digest of another length is our bug`() throws {
        let world = try StoreWorld(people: 1)
        var entry = Back.entry(.untied, BounceVerdict(kind: .none))
        entry.digest = [1, 2, 3]
        let error = #expect(throws: UserError.self) { try world.record(entry) }
        #expect(error?.status == .bug)
    }

    // MARK: crashes

    /// Fails the n-th operation, once.
    private final class Breaker: Sendable {
        private let left: Atomic<Int>
        init(at operation: Int) { left = Atomic(operation) }
        var hasFired: Bool { left.load(ordering: .sequentiallyConsistent) <= 0 }
        var plan: FaultPlan {
            { [self] _ in left.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 ? 1_034 : nil }
        }
    }

    @Test func `a batch cut off at any operation is recorded whole or not at all`() throws {
        let world = try StoreWorld(people: 6)
        let campaign = try world.mail()
        let issuer = try EmailAddress.parse("التوعية@moi.example")
        let batch = [
            Back.hard(try world.delivery(campaign, 0)), Back.soft(try world.delivery(campaign, 1)),
            Back.complaint(try world.delivery(campaign, 2)),
            Back.unsubscribe(try world.delivery(campaign, 3)),
            Back.reply(try world.delivery(campaign, 4), to: issuer),
            Back.note(try world.delivery(campaign, 5), .autoReply),
        ]
        let before = try world.stateOfPeople()
        var operation = 0
        var isOver = false
        while !isOver {
            operation += 1
            try #require(operation < 100)
            let breaker = Breaker(at: operation)
            try world.reopen(fault: breaker.plan)
            let recorded = try? world.store.recordReturned(batch, policy: .standard, actor: "bounces")
            try world.reopen()
            let count = try world.int("SELECT count(*) FROM returned")
            isOver = !breaker.hasFired
            if recorded == nil, count == 0 {
                #expect(try world.stateOfPeople() == before, "cut off at operation \(operation)")
            } else {
                // A fault after the commit is a crash that nobody heard of.
                #expect(count == 6)
                #expect(try world.store.suppressions().count == 2)
                #expect(try world.store.replies().count == 1)
                #expect(try world.int("SELECT count(*) FROM outbox") == 1)
            }
        }
        #expect(operation > 8)
        let again = try world.store.recordReturned(batch, policy: .standard, actor: "bounces")
        #expect(again.allSatisfy { $0.standing == .duplicate })
        #expect(try world.text("PRAGMA integrity_check") == "ok")
        #expect(try world.int("SELECT count(*) FROM pragma_foreign_key_check") == 0)
    }

    @Test(arguments: [(Failpoint.Place.beforeBounceCommit, 0), (.afterBounceCommit, 2)])
    func `a kill at the commit of a batch leaves all of it or nothing`(_ place: Failpoint.Place, _ count: Int)
        async throws
    {
        let world = try StoreWorld(people: 2)
        let campaign = try world.mail()
        let first = try world.delivery(campaign, 0).rawValue
        let second = try world.delivery(campaign, 1).rawValue
        world.store.close()
        let path = world.path
        let failpoint = place.rawValue
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                path = path as String, failpoint = failpoint as String, first = first as Int64,
                second = second as Int64
            ] in
            let store = try Store.open(
                at: path,
                clock: ManualClock(),
                failpoint: try Failpoint.parse(failpoint)
            )
            let batch = [
                Back.hard(DeliveryID(rawValue: first)), Back.hard(DeliveryID(rawValue: second)),
            ]
            _ = try store.recordReturned(batch, policy: .standard, actor: "bounces")
        }
        try world.reopen()
        #expect(try world.int("SELECT count(*) FROM returned") == count)
        #expect(try world.store.suppressions().count == count)
    }
}
