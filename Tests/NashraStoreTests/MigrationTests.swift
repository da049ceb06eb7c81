// SPDX-License-Identifier: Apache-2.0
//
// Migrations: shipped ones never change, and each runs once and whole.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Migrations {
    @Test func `shipped migrations have the checksums they were shipped with`() {
        // A new migration adds a line here; a line that is here is never changed once it was released.
        let shipped = [1: "1e2dcf60a10a8191", 2: "d324cfb5d4b4bbcc", 3: "c5e99894a5701d25"]
        let found = Dictionary(
            Migrator.shipped.migrations.map { ($0.version, $0.checksum) },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(found == shipped)
        #expect(Migrator.shipped.migrations.map(\.version) == Array(1...Migrator.shipped.newest))
    }

    @Test func `the sum of all migrations is the schema that was reviewed`() throws {
        let world = try StoreWorld()
        let schema =
            try world.store.pool.read { db in
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'
                        ORDER BY tbl_name, type DESC, name
                        """
                )
            }.joined(separator: ";\n\n") + ";\n"
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "schema.sql"
        )
        if ProcessInfo.processInfo.environment["NASHRA_RECORD"] == "1" {
            try Data(schema.utf8).write(to: golden)
        }
        #expect(schema == (try String(contentsOf: golden, encoding: .utf8)))
    }

    @Test func `a migration that fails leaves the version before it`() throws {
        let world = try StoreWorld(people: 5)
        let broken = Migrator(
            migrations: Migrator.shipped.migrations + [
                Migration(
                    version: Migrator.shipped.newest + 1,
                    name: "v9999_broken",
                    sql: Array(
                        "CREATE TABLE half (id INTEGER) STRICT; CREATE TABLE half (id INTEGER) STRICT;".utf8
                    )
                )
            ]
        )
        #expect(throws: UserError.self) { try broken.migrate(world.store) }
        #expect(try world.store.schemaVersion() == Migrator.shipped.newest)
        #expect(try world.int("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0)
        #expect(try world.store.subscriberCount() == 5)
    }

    @Test func `the next migration keeps what is there, and an older program then refuses`() throws {
        let world = try StoreWorld(people: 5)
        let newer = Migrator(
            migrations: Migrator.shipped.migrations + [
                Migration(
                    version: Migrator.shipped.newest + 1,
                    name: "v9999_more",
                    sql: Array("CREATE TABLE more (id INTEGER) STRICT;".utf8)
                )
            ]
        )
        try newer.migrate(world.store)
        try newer.migrate(world.store)
        #expect(try world.store.schemaVersion() == Migrator.shipped.newest + 1)
        #expect(try world.store.subscriberCount() == 5)
        #expect(throws: UserError.self) { try world.reopen() }
    }

    @Test func `a store made by an edited migration is refused`() throws {
        let world = try StoreWorld()
        try world.run("UPDATE schema_migration SET checksum = 'other'")
        let error = #expect(throws: UserError.self) { try world.reopen() }
        #expect(error?.status == .configuration)
    }

    @Test func `rows break no rule that the schema knows`() throws {
        let world = try StoreWorld(people: 3)
        let campaign = try world.freeze()
        #expect(try world.int("SELECT count(*) FROM pragma_foreign_key_check") == 0)
        for sql in [
            "UPDATE delivery SET state = 'delivered'",
            "UPDATE delivery SET state = 'accepted'",
            "UPDATE delivery SET ambiguous_count = 2",
            "UPDATE campaign SET audience_count = audience_count + 1",
            "UPDATE subscription SET ended_at_ms = 5",
            "INSERT INTO delivery SELECT NULL, campaign_id, subscriber_id, topic_id, address, address_key, domain, "
                + "language, merge, state, attempts, ambiguous_count, next_at_ms, epoch, code, status, reason, reply, "
                + "stage, relay, changed_at_ms, accepted_at_ms FROM delivery",
        ] {
            #expect(throws: DatabaseError.self, "\(sql)") { try world.run(sql) }
        }
        #expect(try world.states(campaign) == [.queued: 3])
    }
}
