// SPDX-License-Identifier: Apache-2.0
//
// Imports taken back: whoever came with them goes, what they changed returns, and what happened since stays.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraStore

@Suite struct ImportUndoTests {
    /// Runs an import of rows in the order of their keys.
    @discardableResult
    private func run(
        _ world: StoreWorld,
        _ rows: [ImportRow],
        file: String = "a.csv",
        topic: String? = "fraud",
        dropping: [Int64] = [],
        stopsAfter limit: Int? = nil
    ) throws -> Int64 {
        var digest = [UInt8](repeating: 0, count: 32)
        for (index, byte) in file.utf8.enumerated() where index < 32 { digest[index] = byte }
        let request = ImportRequest(
            file: file,
            digest: digest,
            format: "csv",
            topic: topic,
            isSync: !dropping.isEmpty,
            settings: ["encoding": "utf-8"],
            source: "file \(file)",
            actor: "cli:هدى",
            isDryRun: false,
            erasureHashes: nil
        )
        let run = try world.store.beginImport(request)
        try run.start()
        let sorted = rows.sorted { $0.address.key.utf8.lexicographicallyPrecedes($1.address.key.utf8) }
        for start in stride(from: 0, to: sorted.count, by: 7) {
            if let limit, start >= limit { return run.id ?? 0 }
            var batch = PackedRows()
            for row in sorted[start..<min(start + 7, sorted.count)] { batch.append(row, line: 2) }
            _ = try run.apply(batch, at: start)
        }
        if !dropping.isEmpty { try run.drop(dropping[...]) }
        try run.finish(counts: [("rows", rows.count), ("added", run.tally.added)])
        return try #require(run.id)
    }

    private func dump(_ world: StoreWorld) throws -> [String] {
        try world.store.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT s.address_key || ' ' || coalesce(s.name, '-') || ' ' || s.attributes || ' ' || s.state || ' '
                        || coalesce((SELECT group_concat(u.topic_id || ':' || coalesce(u.ended_reason, 'in'))
                            FROM subscription u WHERE u.subscriber_id = s.id), '')
                    FROM subscriber s ORDER BY s.address_key
                    """
            )
        }
    }

    private func row(_ local: String, name: String? = nil, city: String? = nil) -> ImportRow {
        ImportRow(
            address: StoreWorld.address(local),
            name: name,
            attributes: city.map { ["city": $0] } ?? [:]
        )
    }

    @Test func `an import taken back leaves the register as it was`() throws {
        let world = try StoreWorld(people: 30)
        try world.store.addTopic(name: "rain", actor: "test")
        let before = try dump(world)
        var rows = (20..<60).map(StoreWorld.person)
        rows += [row("person1", name: "اسم جديد", city: "جدة"), row("person2", city: "Lyon"), row("person3")]
        let id = try run(world, rows, topic: "rain")
        let dry = try world.store.undoImport(id, actor: "test", isDryRun: true)
        #expect(try dump(world) != before)
        let undo = try world.store.undoImport(id, actor: "test", isDryRun: false)
        #expect(dry == undo)
        #expect(try dump(world) == before)
        #expect(undo.removed == 30)
        #expect(undo.unjoined == 13)
        #expect(undo.restored == 1)
        #expect(undo.kept.isEmpty)
        #expect(try world.store.importRecord(id).state == .undone)
        #expect(try world.store.auditEntries().first?.action == "import.undo")
        let again = #expect(throws: UserError.self) {
            try world.store.undoImport(id, actor: "test", isDryRun: false)
        }
        #expect(again?.status == .badData)
    }

    @Test func `who was mailed since stays in the register and leaves the topic`() throws {
        let world = try StoreWorld()
        let id = try run(world, (0..<10).map(StoreWorld.person))
        _ = try world.freeze()
        try run(world, [StoreWorld.person(10)], file: "b.csv")
        let undo = try world.store.undoImport(id, actor: "test", isDryRun: false)
        #expect(undo.removed == 0)
        #expect(undo.ended == 10)
        #expect(undo.keptCounts == [.mailed: 10])
        #expect(try world.store.topic(named: "fraud")?.subscribers == 1)
        #expect(try world.store.subscriberCount() == 11)
    }

    @Test func `what was changed since stays, and is told`() throws {
        let world = try StoreWorld(people: 3)
        let id = try run(world, [row("person0", name: "أول", city: "جدة"), row("person1", name: "ثان")])
        try run(world, [row("person0", name: "ثالث")], file: "b.csv")
        let undo = try world.store.undoImport(id, actor: "test", isDryRun: false)
        #expect(undo.restored == 2)
        #expect(undo.kept.map(\.what) == ["name"])
        #expect(undo.kept.first?.reason == .changedSince)
        let person = try world.store.subscriber(StoreWorld.address("person0"))?.subscriber
        #expect(person?.name == "ثالث")
        #expect(person?.attributes == ["city": "الرياض"])
        #expect(try world.store.subscriber(StoreWorld.address("person1"))?.subscriber.name == "Alice \"<>&,;")
    }

    @Test func `whom a file left out is back, unless the person left for good since`() throws {
        let world = try StoreWorld(people: 6)
        let ids = try world.store.subscribers().map(\.id.rawValue)
        let id = try run(world, [StoreWorld.person(0)], dropping: Array(ids.dropFirst()))
        #expect(try world.store.topic(named: "fraud")?.subscribers == 1)
        try world.store.removeSubscriber(StoreWorld.address("person3"), reason: "طلب", actor: "test")
        let undo = try world.store.undoImport(id, actor: "test", isDryRun: false)
        #expect(undo.returned == 4)
        #expect(undo.kept.map(\.reason) == [.changedSince])
        #expect(try world.store.subscriber(StoreWorld.address("person3"))?.subscriber.state == .unsubscribed)
    }

    @Test func `suppressions that came with another system's export are lifted again`() throws {
        let world = try StoreWorld()
        var person = row("blocked", name: "محظور")
        person.suppression = ImportSuppression(
            reason: .complaint,
            note: "شكوى",
            since: Timestamp(rawValue: 5_000)
        )
        person.memberships = [ImportMembership(topic: "fraud", state: .ended, endedReason: "asked there")]
        person.createdAt = Timestamp(rawValue: 4_000)
        let id = try run(world, [person], topic: nil)
        let detail = try #require(try world.store.subscriber(person.address))
        #expect(detail.suppression?.reason == .complaint)
        #expect(detail.subscriber.createdAt == Timestamp(rawValue: 4_000))
        #expect(detail.subscriptions.first?.endedReason == "asked there")
        let undo = try world.store.undoImport(id, actor: "test", isDryRun: false)
        #expect(undo.lifted == 1)
        #expect(undo.removed == 1)
        #expect(try world.store.subscriber(person.address) == nil)
        #expect(
            try world.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM suppression") } == 0
        )
    }

    @Test func `an import that was cut off goes on with its counts, and has one record`() throws {
        let whole = try StoreWorld(people: 10)
        let rows = (5..<60).map(StoreWorld.person)
        try run(whole, rows)
        let cut = try StoreWorld(people: 10)
        try run(cut, rows, stopsAfter: 21)
        #expect(try cut.store.imports().first?.position == 21)
        #expect(try cut.store.imports().first?.state == .running)
        try run(cut, rows, stopsAfter: 42)
        try run(cut, rows)
        let (found, wanted) = (try dump(cut), try dump(whole))
        #expect(found == wanted)
        #expect(try cut.store.imports().count == 1)
        let counts = try whole.store.imports().first?.counts
        #expect(try cut.store.imports().first?.counts == counts)
        #expect(try cut.store.importRecord(1).counts["added"] == 50)
    }

    @Test func `a fault at any operation leaves a register that the same import completes`() throws {
        let whole = try StoreWorld(people: 10)
        let rows = (5..<30).map(StoreWorld.person)
        try run(whole, rows)
        for n in 1... {
            let world = try StoreWorld(people: 10)
            let left = Atomic(n)
            try world.reopen { _ in
                left.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 ? 13 : nil
            }
            _ = try? run(world, rows)
            guard left.load(ordering: .sequentiallyConsistent) <= 0 else { break }
            try world.reopen()
            try run(world, rows)
            let (found, wanted) = (try dump(world), try dump(whole))
            #expect(found == wanted, "cut off at operation \(n)")
            #expect(try world.store.importRecord(1).state == .finished, "cut off at operation \(n)")
        }
    }

    @Test func `references hold after imports and their undoing`() throws {
        let world = try StoreWorld(people: 5)
        let id = try run(world, (3..<20).map(StoreWorld.person))
        _ = try world.store.undoImport(id, actor: "test", isDryRun: false)
        let broken = try world.store.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }
        #expect(broken.isEmpty)
        let isOn = try world.store.write { try Int.fetchOne($0, sql: "PRAGMA foreign_keys") }
        #expect(isOn == 1)
    }
}
