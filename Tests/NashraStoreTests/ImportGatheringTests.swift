// SPDX-License-Identifier: Apache-2.0
//
// New people who are written many at a time, between others who are known or bring more than values.
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct ImportGatheringTests {
    /// 300 new people around the known ones; every 70th brings a topic of its own, every 90th has left.
    private func rows() throws -> [ImportRow] {
        try (0..<300).map { number in
            let address = try EmailAddress.parse("p\(1000 + number)@وزارة.قطر")
            var row = ImportRow(
                address: address,
                name: number % 3 == 0 ? nil : "نورة \(number)",
                language: .arabic
            )
            row.attributes = ["city": "الدوحة \(number)", "quote": "a \"b\" \\ \u{1}"]
            if number % 70 == 10 { row.memberships = [ImportMembership(topic: "rain", state: .pending)] }
            if number % 90 == 20 { row.state = .unsubscribed }
            return row
        }
    }

    private func register(_ rows: [ImportRow], into world: StoreWorld, at once: Int) throws -> [RowOutcome?] {
        let request = ImportRequest(
            file: "a.csv",
            digest: [UInt8](repeating: 7, count: 32),
            format: "csv",
            topic: "fraud",
            isSync: false,
            settings: [:],
            source: "file a.csv",
            actor: "cli:هدى",
            isDryRun: false,
            erasureHashes: nil
        )
        let run = try world.store.beginImport(request)
        try run.start()
        let sorted = rows.sorted { $0.address.key.utf8.lexicographicallyPrecedes($1.address.key.utf8) }
        var outcomes: [RowOutcome?] = []
        for start in stride(from: 0, to: sorted.count, by: once) {
            var batch = PackedRows()
            for row in sorted[start..<min(start + once, sorted.count)] { batch.append(row, line: 2) }
            outcomes += try run.apply(batch, at: start)
        }
        try run.finish(counts: [])
        return outcomes
    }

    private func dump(_ world: StoreWorld) throws -> [String] {
        try world.store.read { db in
            let people = try Row.fetchAll(db, sql: "SELECT * FROM subscriber ORDER BY id")
            let topics = try Row.fetchAll(
                db,
                sql: "SELECT * FROM subscription ORDER BY subscriber_id, topic_id"
            )
            return (people + topics).map { "\($0)" }
        }
    }

    @Test func `people who are written together are those who are written one by one`() throws {
        let (together, alone) = (try StoreWorld(people: 5), try StoreWorld(people: 5))
        for world in [together, alone] { try world.store.addTopic(name: "rain", actor: "test") }
        let rows = try rows()
        let many = try register(rows, into: together, at: 300)
        #expect(many == (try register(rows, into: alone, at: 1)))
        #expect(many.count { $0 == .added } == 300)
        #expect(try dump(together) == dump(alone))
        let names = try together.store.read { db in
            try String.fetchAll(
                db,
                sql: "SELECT name FROM subscriber WHERE address LIKE '%قطر' AND name IS NOT NULL"
            )
        }
        #expect(names.count == 200)
    }

    @Test func `a batch that fails leaves nobody of those who were gathered`() throws {
        let world = try StoreWorld(people: 5)
        try world.store.addTopic(name: "rain", actor: "test")
        var rows = try rows()
        let before = try dump(world)
        rows[299].memberships = [ImportMembership(topic: "no-such-topic")]
        let error = #expect(throws: UserError.self) { try register(rows, into: world, at: 300) }
        #expect(error?.status == .unknownObject)
        #expect(try dump(world) == before)
    }
}
