// SPDX-License-Identifier: Apache-2.0
//
// How long things are kept: each rule takes what is old enough, leaves the rest, and changes no report.
// Writes stores of its own.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraStore

@Suite struct PruningTests {
    private static let year = Duration.seconds(365 * 86_400)

    private func prune(
        _ world: StoreWorld,
        _ spans: [Retention.Rule: Duration],
        isDryRun: Bool = false
    ) throws -> [Retention.Rule: PruneCount] {
        let counts = try world.store.prune(
            Retention(spans),
            isDryRun: isDryRun,
            hash: Fatima.hash,
            actor: "ahmad"
        )
        #expect(counts.map(\.rule) == Retention.Rule.allCases)
        return Dictionary(counts.map { ($0.rule, $0) }) { first, _ in first }
    }

    private static let all = Dictionary(uniqueKeysWithValues: Retention.Rule.allCases.map { ($0, year) })

    @Test func `nothing is pruned before its time, by a dry run, or without a rule`() throws {
        let world = try StoreWorld(people: 4)
        _ = try world.settleFatima()
        let before = try world.dump()
        #expect(try prune(world, Self.all, isDryRun: true).values.allSatisfy { $0.due == 0 })
        world.clock.advance(by: Self.year + .seconds(3_600))
        #expect(try prune(world, Self.all, isDryRun: true).values.contains { $0.due > 0 })
        #expect(try world.dump() == before)
        #expect(try prune(world, [:]).values.allSatisfy { $0.pruned == 0 && $0.before == nil })
        #expect(
            try world.dump(["delivery", "returned", "subscriber"])
                == (try world.dump(["delivery", "returned", "subscriber"]))
        )
    }

    @Test func `what returned mails and replies said goes after its time, and their counts stay`() throws {
        let world = try StoreWorld(people: 4)
        let (finished, _) = try world.settleFatima()
        let report = try world.reportBytes(finished)
        try world.run("UPDATE outbox SET state = 'sent', ended_at_ms = 6 WHERE state = 'queued'")
        world.clock.advance(by: Self.year + .seconds(3_600))
        let counts = try prune(
            world,
            [.returnedBytes: Self.year, .returned: Self.year, .replies: Self.year, .attempts: Self.year]
        )
        #expect(counts[.returnedBytes]?.pruned == 1)
        #expect(counts[.returned]?.pruned == 2)
        #expect(counts[.replies]?.pruned == 1)
        #expect(counts[.attempts]?.pruned == 5)
        #expect(try world.int("SELECT count(*) FROM returned_bytes") == 0)
        #expect(
            try world.int("SELECT count(*) FROM returned WHERE sender IS NOT NULL OR recipients <> '[]'") == 0
        )
        #expect(try world.reportBytes(finished) == report)
        let again = try prune(
            world,
            [.returnedBytes: Self.year, .returned: Self.year, .replies: Self.year, .attempts: Self.year]
        )
        #expect(again.values.allSatisfy { $0.due == 0 && $0.pruned == 0 })
    }

    @Test func `a reply that still waits to be forwarded is kept`() throws {
        let world = try StoreWorld(people: 4)
        _ = try world.settleFatima()
        world.clock.advance(by: Self.year + .seconds(3_600))
        #expect(try prune(world, [.replies: Self.year])[.replies]?.due == 0)
    }

    @Test func `deliveries of ended campaigns forget whom they went to, and every report stays to the byte`()
        throws
    {
        let world = try StoreWorld(people: 30)
        let old = try world.mail { $0.id.rawValue % 3 == 0 ? TestReply.refused : nil }
        world.clock.advance(by: Self.year + .seconds(3_600))
        let young = try world.mail()
        let open = try world.store.freeze(world.draft(hash: "zz"))
        let before = try [old, young, open].map(world.reportBytes)
        #expect(try prune(world, [.deliveries: Self.year])[.deliveries]?.pruned == 30)
        #expect(try [old, young, open].map(world.reportBytes) == before)
        try world.run("DELETE FROM campaign_count")
        #expect(try world.reportBytes(old) == before[0])
        let held =
            "SELECT count(*) FROM delivery WHERE address LIKE 'person%' AND subscriber_id IS NOT NULL AND merge <> '{}'"
        #expect(try world.int("\(held) AND campaign_id = \(old.id)") == 0)
        #expect(try world.int("\(held) AND campaign_id = \(young.id)") == 30)
        #expect(try world.due(open).count == 30)
    }

    @Test func `who never confirmed is forgotten without a hash, who confirmed elsewhere is not`() throws {
        let world = try StoreWorld(people: 3)
        try world.run("UPDATE subscriber SET state = 'pending' WHERE id IN (1, 2)")
        try world.run("UPDATE subscription SET is_pending = 1 WHERE subscriber_id = 1")
        world.clock.advance(by: .seconds(31 * 86_400))
        let counts = try prune(world, [.unconfirmed: .seconds(30 * 86_400)])
        #expect(counts[.unconfirmed]?.pruned == 1)
        #expect(try world.text("SELECT address FROM subscriber WHERE id = 1") == "erased-1")
        #expect(try world.text("SELECT address FROM subscriber WHERE id = 2") == "person1@example.org")
        #expect(try world.store.erasedCount() == 0)
    }

    @Test func `who left everything long ago is erased and stays silent`() throws {
        let world = try StoreWorld(people: 5)
        try world.store.addTopic(name: "traffic", actor: "t")
        let staying = StoreWorld.person(2)
        _ = try world.store.importBatch([staying], topic: "traffic", source: "t")
        for person in 1...2 {
            try world.run(
                "UPDATE subscription SET ended_at_ms = \(world.clock.now().rawValue), ended_reason = 'بطلبها' "
                    + "WHERE subscriber_id = \(person + 1) AND topic_id = 1"
            )
        }
        try world.store.removeSubscriber(StoreWorld.address("person3"), reason: "x", actor: "t")
        world.clock.advance(by: Self.year + .seconds(3_600))
        try world.store.removeSubscriber(StoreWorld.address("person4"), reason: "x", actor: "t")
        #expect(try prune(world, [.unsubscribed: Self.year])[.unsubscribed]?.pruned == 2)
        #expect(
            try world.texts("SELECT address FROM subscriber ORDER BY id") == [
                "person0@example.org", "erased-2", "person2@example.org", "erased-4", "person4@example.org",
            ]
        )
        #expect(try world.store.erasedAt([Fatima.hash("person1@example.org")]) != nil)
        let entry = try #require(try world.store.auditEntries(limit: 1).first)
        #expect(entry.action == "privacy.prune")
        #expect(entry.detail == ["unsubscribed": "2"])
    }

    @Test func `a failure half-way leaves whole batches, and the next run goes on`() throws {
        let world = try StoreWorld(people: 250)
        try world.run("UPDATE subscriber SET state = 'unsubscribed'")
        try world.run("UPDATE subscription SET ended_at_ms = 5, ended_reason = 'x'")
        world.clock.advance(by: Self.year + Self.year)
        let commits = Counter()
        try world.reopen { operation in
            operation == .commit && commits.next() == 3 ? 13 : nil
        }
        #expect(throws: UserError.self) { _ = try prune(world, [.unsubscribed: Self.year]) }
        let done = try world.int("SELECT count(*) FROM subscriber WHERE state = 'erased'") ?? 0
        #expect(done == 200 || done == 100)
        #expect(try world.store.erasedCount() == done)
        try world.reopen()
        #expect(try prune(world, [.unsubscribed: Self.year])[.unsubscribed]?.pruned == 250 - done)
        #expect(try world.store.erasedCount() == 250)
    }

    @Test func `what every table holds is told with its oldest row`() throws {
        let world = try StoreWorld(people: 4)
        let holdings = try world.store.holdings()
        #expect(holdings.first { $0.table == "subscriber" }?.rows == 4)
        #expect(holdings.first { $0.table == "subscriber" }?.oldest == world.clock.now())
        #expect(holdings.first { $0.table == "delivery" }?.rows == 0)
        #expect(holdings.map(\.table) == holdings.map(\.table).sorted())
    }
}

/// Counts calls from any thread.
private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
