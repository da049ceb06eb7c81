// SPDX-License-Identifier: Apache-2.0
//
// Who is reached: the freeze, the dispatch and `why` answer the same for every mixture of what can stand in the way.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Reachability {
    private static let hour: Int64 = 3_600_000

    private func suppress(
        _ world: StoreWorld,
        _ local: String,
        _ scope: SuppressionScope = .everywhere,
        until expires: Timestamp? = nil
    ) throws {
        try world.store.suppress(
            [
                SuppressionDraft(
                    address: StoreWorld.address(local),
                    scope: scope,
                    origin: "هند",
                    note: "اتصل بنا",
                    expires: expires
                )
            ],
            actor: "cli:هند"
        )
    }

    private func pause(_ world: StoreWorld, _ local: String, from: Int64, until: Int64?) throws {
        let now = world.clock.now().rawValue
        try world.run(
            """
            UPDATE subscription SET paused_from_ms = \(now + from),
                paused_until_ms = \(until.map { String(now + $0) } ?? "NULL")
            WHERE subscriber_id = (SELECT id FROM subscriber WHERE address = '\(local)@example.org')
            """
        )
    }

    private func plan(_ world: StoreWorld, _ query: AudienceQuery) throws -> AudiencePlan {
        try world.store.plan(query, chain: [.arabic, .english], available: [.arabic, .english])
    }

    @Test func `pauses, unanswered questions and suppressions of the topic leave people out at the freeze`()
        throws
    {
        let world = try StoreWorld(people: 12)
        try world.store.addTopic(name: "traffic", title: ["ar": "المرور"], actor: "test")
        try pause(world, "person0", from: -Self.hour, until: nil)
        try pause(world, "person1", from: -Self.hour, until: Self.hour)
        try pause(world, "person2", from: -2 * Self.hour, until: 0)
        try pause(world, "person3", from: Self.hour, until: nil)
        try world.run("UPDATE subscription SET is_pending = 1 WHERE subscriber_id = 5")
        try suppress(world, "person5", .topic("fraud"))
        try suppress(world, "person6", .topic("traffic"))
        try suppress(world, "person7", until: world.clock.now() + .seconds(60))
        try suppress(world, "person8", until: world.clock.now() + .milliseconds(1))
        world.clock.advance(by: .milliseconds(1))
        let query = AudienceQuery(topics: ["fraud"])
        let plan = try plan(world, query)
        #expect(plan.exclusions == [.paused: 2, .pending: 1, .suppressed: 2])
        #expect(plan.audience == 7)
        let campaign = try world.store.freeze(world.draft(query))
        let mailed = Set(try world.due(campaign).map(\.address.localPart))
        #expect(
            mailed == ["person2", "person3", "person6", "person8", "person9", "person10", "person11"]
        )
        // The freeze wrote down whose time was over, and when it was.
        let over = try world.store.suppressionHistory(StoreWorld.address("person8"))
        #expect(over.map(\.end) == [.expired])
        #expect(over.first?.until == over.first?.expires)
        #expect(try world.int("SELECT count(*) FROM suppression") == 3)
    }

    @Test
    func `a named address is stopped by what holds everywhere, and not by a topic's pause or suppression`()
        throws
    {
        let world = try StoreWorld(people: 3)
        try pause(world, "person0", from: -1, until: nil)
        try suppress(world, "person1", .topic("fraud"))
        try suppress(world, "person2")
        try suppress(world, "غريب")
        let query = AudienceQuery(
            addresses: ["person0", "person1", "person2", "غريب", "ضيف"].map { StoreWorld.address($0) }
        )
        let plan = try plan(world, query)
        #expect(plan.audience == 3)
        #expect(plan.exclusions == [.suppressed: 2])
    }

    @Test func `a person who pauses one topic is reached through another`() throws {
        let world = try StoreWorld(people: 2)
        try world.store.addTopic(name: "traffic", actor: "test")
        _ = try world.store.importBatch((0..<2).map(StoreWorld.person), topic: "traffic", source: "test")
        try world.run("UPDATE subscription SET paused_from_ms = 1 WHERE topic_id = 1 AND subscriber_id = 1")
        try suppress(world, "person1", .topic("traffic"))
        let plan = try plan(world, AudienceQuery(topics: ["fraud", "traffic"]))
        #expect(plan.audience == 2)
        #expect(plan.byTopic == ["fraud": 1, "traffic": 1])
    }

    @Test func `what changes between freeze and dispatch is asked again, and the delivery says why`() throws {
        let world = try StoreWorld(people: 8)
        try world.store.addTopic(name: "traffic", actor: "test")
        let campaign = try world.freeze()
        try pause(world, "person0", from: -1, until: nil)
        try suppress(world, "person1", .topic("fraud"))
        try suppress(world, "person2", .topic("traffic"))
        try suppress(world, "person3", until: world.clock.now() + .seconds(60))
        try suppress(world, "person4", until: world.clock.now() + .seconds(7_200))
        try pause(world, "person5", from: 2 * Self.hour, until: nil)
        try world.store.removeSubscriber(StoreWorld.address("person6"), reason: "اعتذر", actor: "test")
        world.clock.advance(by: .seconds(3_600))
        let due = Set(try world.due(campaign).map(\.address.localPart))
        #expect(due == ["person2", "person3", "person5", "person7"])
        #expect(try world.states(campaign) == [.queued: 4, .suppressed: 4])
        #expect(
            try world.texts("SELECT reason FROM delivery WHERE state = 'suppressed' ORDER BY id") == [
                "paused", "suppressed", "suppressed", "unsubscribed",
            ]
        )
    }

    @Test func `a pause that begins between the page and the intent still holds the message back`() throws {
        let world = try StoreWorld(people: 2)
        let campaign = try world.freeze()
        let sender = try TestSender(world, campaign)
        let due = try world.due(campaign)
        try pause(world, "person0", from: 0, until: Self.hour)
        #expect(sender.accept(due[0]) == .refused)
        #expect(sender.accept(due[1]) == .granted)
        sender.writer.close()
        #expect(try world.states(campaign) == [.suppressed: 1, .accepted: 1])
        #expect(try world.text("SELECT reason FROM delivery WHERE state = 'suppressed'") == "paused")
    }

    @Test func `freeze, dispatch and why agree about everybody in a random register`() throws {
        let world = try StoreWorld(people: 600)
        try world.store.addTopic(name: "traffic", actor: "test")
        var random = Dice(seed: 20_261_122)
        let now = world.clock.now().rawValue
        func pick<T>(_ values: [T]) -> T { values[Int(random.next() % UInt64(values.count))] }
        var sql = ""
        for id in 1...600 {
            let state = pick(["active", "active", "active", "active", "pending", "unsubscribed"])
            sql += "UPDATE subscriber SET state = '\(state)' WHERE id = \(id);"
            let times = ["NULL", "\(now - 5)", "\(now)", "\(now + 5)"]
            let ended = pick(["NULL", "NULL", "NULL", "9"])
            sql += """
                UPDATE subscription SET is_pending = \(pick([0, 0, 0, 1])), paused_from_ms = \(pick(times)),
                    paused_until_ms = \(pick(times)), ended_at_ms = \(ended),
                    ended_reason = \(ended == "NULL" ? "NULL" : "'غادر'")
                WHERE subscriber_id = \(id);
                """
            for topic in 0...2 where pick([0, 0, 0, 1]) == 1 {
                sql += """
                    INSERT INTO suppression (address_key, topic_id, reason, origin, created_at_ms, expires_at_ms)
                    SELECT address_key, \(topic), 'operator', 'test', 1, \(pick(times)) FROM subscriber WHERE id = \(id);
                    """
            }
        }
        try world.run(sql)
        let (planned, dispatched) = try classes(world)
        var reasons: Set<String> = []
        for index in 0..<600 {
            let address = StoreWorld.address("person\(index)")
            let topic = try #require(try world.store.why(address, topics: ["fraud"]).topics.first)
            let exclusion = planned[address.key] ?? "missing"
            #expect(topic.obstacles.first?.label ?? "" == exclusion, "\(address): \(topic.obstacles)")
            #expect(dispatched[address.key] == !exclusion.isEmpty, "\(address): \(exclusion)")
            reasons.insert(exclusion)
        }
        #expect(reasons == ["", "pending", "unsubscribed", "suppressed", "paused"])
    }

    /// What the freeze and the dispatch would say of each person and the topic `fraud`.
    private func classes(_ world: StoreWorld) throws -> ([String: String], [String: Bool]) {
        let now = world.clock.now()
        return try world.store.pool.read { db in
            let audience = try AudienceSQL(
                db,
                query: AudienceQuery(topics: ["fraud"]),
                chain: [.arabic],
                available: [.arabic],
                now: now
            )
            let planned = try Row.fetchAll(
                db,
                sql: "\(audience.with) SELECT address_key, exclusion FROM (\(audience.people))",
                arguments: audience.arguments
            )
            let dispatched = try Row.fetchAll(
                db,
                sql: """
                    SELECT d.address_key, \(LedgerSQL.mayNotBeMailed("d", now: ":now"))
                    FROM (SELECT s.address_key, s.id AS subscriber_id, 1 AS topic_id FROM subscriber s) d
                    """,
                arguments: ["now": now.rawValue]
            )
            return (
                Dictionary(planned.map { ($0[0], $0[1]) }) { first, _ in first },
                Dictionary(dispatched.map { ($0[0], $0[1]) }) { first, _ in first }
            )
        }
    }

    @Test func `the question before every dot looks at keys and builds no table`() throws {
        for sql in [LedgerSQL.intent, LedgerSQL.suppress, DueQueries.sql] {
            let plan = try StoreWorld().plan(sql)
            let looks = plan.filter {
                $0.contains("SEARCH x ") || $0.contains("SEARCH u ") || $0.contains("SEARCH s ")
            }
            #expect(!looks.isEmpty)
            #expect(looks.allSatisfy { $0.contains("PRIMARY KEY") }, "\(plan)")
            #expect(
                !plan.contains {
                    $0.contains("LIST SUBQUERY") && !$0.contains("state") && sql == LedgerSQL.intent
                }
            )
            #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }
}

/// Numbers that are the same in every run.
private struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
