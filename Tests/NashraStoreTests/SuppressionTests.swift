// SPDX-License-Identifier: Apache-2.0
//
// Suppressions: what weighs more, what ends when, what is listed, and what history tells.
import Foundation
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Suppressions {
    private let maryam = StoreWorld.address("مريم", domain: "مثال.example")

    private func draft(
        _ reason: SuppressionReason,
        _ scope: SuppressionScope = .everywhere,
        until expires: Timestamp? = nil
    ) -> SuppressionDraft {
        SuppressionDraft(
            address: maryam,
            scope: scope,
            reason: reason,
            origin: "مكتب",
            note: reason.rawValue,
            expires: expires
        )
    }

    private func add(_ world: StoreWorld, _ draft: SuppressionDraft) throws -> SuppressionOutcome {
        let weighed = try world.store.weighSuppressions([draft])
        let outcome = try world.store.suppress([draft], actor: "cli:هند")
        #expect(outcome == weighed, "a dry run says what happens")
        return outcome[0]
    }

    @Test func `each scope is a suppression of its own, and lifting one leaves the others`() throws {
        let world = try StoreWorld()
        try world.store.addTopic(name: "traffic", actor: "test")
        #expect(try add(world, draft(.complaint)) == .added)
        #expect(try add(world, draft(.operator, .topic("traffic"))) == .added)
        #expect(try add(world, draft(.operator, .topic("fraud"))) == .added)
        let found = try world.store.suppressions(of: maryam)
        #expect(found.map(\.scope) == [.everywhere, .topic("fraud"), .topic("traffic")])
        #expect(found.map(\.createdBy) == ["cli:هند", "cli:هند", "cli:هند"])
        #expect(try world.store.removeSuppression(maryam, scope: .topic("fraud"), why: "طلبت", actor: "a"))
        #expect(try !world.store.removeSuppression(maryam, scope: .topic("fraud"), actor: "a"))
        #expect(try world.store.suppressions(of: maryam).map(\.scope) == [.everywhere, .topic("traffic")])
        #expect(try world.store.removeSuppression(maryam, actor: "a"))
        #expect(try world.store.suppressions(of: maryam).map(\.scope) == [.topic("traffic")])
        let history = try world.store.suppressionHistory(maryam)
        #expect(history.map(\.end) == [.lifted, nil, .lifted])
        #expect(history[2].endedWhy == "طلبت")
    }

    @Test func `an unknown topic is refused with the nearest one, and nothing is written`() throws {
        let world = try StoreWorld()
        let good = draft(.operator)
        let error = #expect(throws: UserError.self) {
            try world.store.suppress([good, draft(.operator, .topic("fruad"))], actor: "test")
        }
        #expect(error?.status == .unknownObject)
        #expect(error?.remedy == "Did you mean fraud?")
        #expect(try world.store.suppressions().isEmpty)
    }

    @Test func `what lasts longer counts, and of equals what a person says`() throws {
        let world = try StoreWorld()
        let now = world.clock.now()
        let (week, month) = (now + .seconds(7 * 86_400), now + .seconds(30 * 86_400))
        #expect(try add(world, draft(.operator, until: month)) == .added)
        #expect(try add(world, draft(.complaint, until: week)) == .kept)
        #expect(try add(world, draft(.hardBounce)) == .replaced)
        // A complaint for a month must not end what a bounce says for ever.
        #expect(try add(world, draft(.complaint, until: month)) == .kept)
        #expect(try add(world, draft(.complaint)) == .replaced)
        #expect(try add(world, draft(.operator)) == .kept)
        #expect(try add(world, draft(.softBounce)) == .kept)
        let standing = try #require(try world.store.suppressions(of: maryam).first)
        #expect(standing.reason == .complaint)
        #expect(standing.expiresAt == nil)
        let history = try world.store.suppressionHistory(maryam)
        #expect(history.map(\.reason) == [.operator, .hardBounce, .complaint])
        #expect(history.map(\.end) == [.replaced, .replaced, nil])
        #expect(
            history.map { $0.endedWhy ?? "" } == ["hard_bounce lasts longer", "complaint weighs more", ""]
        )
    }

    @Test func `a suppression ends at its time, whether anybody looks or not`() throws {
        let world = try StoreWorld()
        let end = world.clock.now() + .seconds(60)
        #expect(try add(world, draft(.operator, until: end)) == .added)
        world.clock.advance(by: .milliseconds(59_999))
        #expect(try world.store.suppressions(of: maryam).count == 1)
        world.clock.advance(by: .milliseconds(1))
        #expect(try world.store.suppressions(of: maryam).isEmpty)
        #expect(try world.store.suppressions().isEmpty)
        #expect(try world.store.suppressionCount() == 0)
        #expect(try world.store.suppressions(SuppressionFilter(isExpired: true)).map(\.expiresAt) == [end])
        #expect(try world.store.suppressionHistory(maryam).map(\.end) == [.expired])
        #expect(try world.store.suppressionHistory(maryam).map(\.until) == [end])
        // Nobody has written it down yet; the next one does, and begins anew.
        #expect(try world.int("SELECT count(*) FROM suppression_history WHERE ended_how IS NULL") == 1)
        #expect(try add(world, draft(.softBounce)) == .added)
        #expect(try world.store.suppressionHistory(maryam).map(\.end) == [.expired, nil])
        try world.store.endExpiredSuppressions()
        #expect(try world.store.suppressions().map(\.reason) == [.softBounce])
    }

    @Test func `a suppression that would be over before it begins is refused`() throws {
        let world = try StoreWorld()
        let error = #expect(throws: UserError.self) {
            try world.store.suppress([draft(.operator, until: world.clock.now())], actor: "test")
        }
        #expect(error?.status == .badData)
        #expect(try world.store.suppressions().isEmpty)
    }

    @Test func `a list is narrowed by reason, scope and time, and goes on after an address`() throws {
        let world = try StoreWorld()
        try world.store.addTopic(name: "traffic", actor: "test")
        let start = world.clock.now()
        for (index, reason) in SuppressionReason.allCases.enumerated() {
            try world.store.suppress(
                [
                    SuppressionDraft(address: StoreWorld.address("a\(index)"), reason: reason, origin: "x"),
                    SuppressionDraft(
                        address: StoreWorld.address("a\(index)"),
                        scope: .topic("traffic"),
                        reason: reason,
                        origin: "x"
                    ),
                ],
                actor: "test"
            )
            world.clock.advance(by: .seconds(60))
        }
        let cases: [(SuppressionFilter, Int)] = [
            (SuppressionFilter(), 10), (SuppressionFilter(reason: .complaint), 2),
            (SuppressionFilter(scope: .topic("traffic")), 5), (SuppressionFilter(scope: .everywhere), 5),
            (SuppressionFilter(since: start + .seconds(180)), 4),
            (SuppressionFilter(reason: .operator, scope: .everywhere, since: start), 1),
        ]
        for (filter, count) in cases {
            #expect(try world.store.suppressions(filter, limit: 1_000).count == count, "\(filter)")
            #expect(try world.store.suppressionCount(filter) == count, "\(filter)")
        }
        let page = try world.store.suppressions(after: StoreWorld.address("a2").key, limit: 3)
        #expect(page.map(\.addressKey) == ["a3@example.org", "a3@example.org", "a4@example.org"])
        let unknown = SuppressionFilter(scope: .topic("nothing"))
        #expect(throws: UserError.self) { try world.store.suppressions(unknown) }
    }

    @Test func `what a file says of since when and by whom is kept`() throws {
        let world = try StoreWorld()
        var kept = draft(.hardBounce)
        kept.since = Timestamp(rawValue: 1_700_000_000_000)
        kept.createdBy = "نظام قديم"
        try world.store.suppress([kept], actor: "cli:هند", isAudited: false)
        let found = try #require(try world.store.suppressions(of: maryam).first)
        #expect(found.createdAt == kept.since)
        #expect(found.createdBy == "نظام قديم")
        #expect(try world.int("SELECT count(*) FROM audit WHERE action = 'suppression.add'") == 0)
    }

    @Test func `failures before a suppression expired count no more, those of a topic's suppression do`()
        throws
    {
        let world = try StoreWorld()
        let lifted = "SELECT (\(BounceSQL.lifted.replacingOccurrences(of: "?1", with: "'\(maryam.key)'")))"
        _ = try add(world, draft(.operator, .topic("fraud"), until: world.clock.now() + .seconds(1)))
        world.clock.advance(by: .seconds(2))
        try world.store.endExpiredSuppressions()
        #expect(try world.int(lifted) == nil)
        let end = world.clock.now() + .seconds(1)
        _ = try add(world, draft(.softBounce, until: end))
        world.clock.advance(by: .seconds(2))
        try world.store.endExpiredSuppressions()
        #expect(try world.int(lifted).map(Int64.init) == end.rawValue)
    }

    @Test func `suppressions are looked up by keys and found by their end`() throws {
        let world = try StoreWorld()
        for sql in [
            SuppressionSQL.standing, SuppressionSQL.replace, SuppressionSQL.remove, SuppressionSQL.end,
            SuppressionSQL.ofPerson,
        ] {
            let plan = try world.plan(sql)
            #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        }
        for sql in [SuppressionSQL.endExpired, SuppressionSQL.removeExpired] {
            let plan = try world.plan(sql)
            #expect(plan.allSatisfy { $0.contains("_by_expiry") }, "\(plan)")
        }
    }
}
