// SPDX-License-Identifier: Apache-2.0
//
// The step from the first schema to the one with bounces, over a store that has been in use.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct `Bounces migration` {
    /// A store of schema version 1 with people, a campaign under way, and suppressions.
    private func makeFirstVersion(at path: String, clock: ManualClock) throws {
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let first = try #require(Migrator.shipped.migrations.first)
        let pool = try DatabasePool(path: path)
        try pool.write { db in
            try db.execute(sql: String(decoding: first.sql, as: UTF8.self))
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS schema_migration (
                        version       INTEGER NOT NULL PRIMARY KEY,
                        name          TEXT    NOT NULL,
                        checksum      TEXT    NOT NULL,
                        applied_at_ms INTEGER NOT NULL
                    ) STRICT;
                    PRAGMA user_version = 1;
                    """
            )
            try db.execute(
                sql: "INSERT INTO schema_migration VALUES (1, ?, ?, ?)",
                arguments: [first.name, first.checksum, clock.now().rawValue]
            )
            try db.execute(sql: Self.rows)
        }
        try pool.close()
    }

    private static let rows = """
        INSERT INTO subscriber VALUES
            (1, 'مريم@مثال.example', 'مريم@xn--mgbh0fb.example', 'xn--mgbh0fb.example', 'مريم', 'ar', '{}', 'active', 5, 5),
            (2, 'b@example.org', 'b@example.org', 'example.org', NULL, NULL, '{}', 'active', 5, 5);
        INSERT INTO topic VALUES (1, 'fraud', '{"ar":"الاحتيال"}', 'public', NULL, 5);
        INSERT INTO subscription VALUES (1, 1, 'form', 5, NULL, NULL), (2, 1, 'file', 5, NULL, NULL);
        INSERT INTO suppression VALUES
            ('gone@example.org', 'all', 'hard_bounce', 'بريد مرتد', '5.1.1', 7),
            ('مريم@xn--mgbh0fb.example', 'all', 'operator', 'cli:هند', '', 8);
        INSERT INTO bulletin VALUES (1, '2026-014', 5);
        INSERT INTO bulletin_revision VALUES (1, 1, 'abc', x'7b7d', 5);
        INSERT INTO campaign VALUES (1, 'c-2026-0001', 2026, 1, 1, 1, '{}', 'topic:fraud', 1, 1, 1, 'sending', NULL,
            NULL, 5, 5, NULL);
        INSERT INTO delivery (id, campaign_id, subscriber_id, topic_id, address, address_key, domain, language, merge,
            state, next_at_ms, changed_at_ms, accepted_at_ms)
            VALUES (1, 1, 2, 1, 'b@example.org', 'b@example.org', 'example.org', 'ar', '{}', 'accepted', 5, 9, 9);
        INSERT INTO audit VALUES (1, 5, 'cli:هند', 'suppression.add', 'gone@example.org', '{}');
        """

    @Test func `a store of the first version keeps everything and learns to bounce`() throws {
        let world = try StoreWorld()
        let path = world.folder.appendingPathComponent("old/nashra.db").path
        try makeFirstVersion(at: path, clock: world.clock)
        let store = try Store.open(at: path, clock: world.clock)
        #expect(try store.schemaVersion() == Store.latestSchemaVersion)
        let suppressions = try store.suppressions()
        #expect(suppressions.map(\.reason) == [.hardBounce, .operator])
        #expect(suppressions.map(\.origin) == ["بريد مرتد", "cli:هند"])
        #expect(suppressions.map(\.createdAt.rawValue) == [7, 8])
        #expect(suppressions.first?.note == "5.1.1")
        #expect(try store.subscriberCount() == 2)
        let gone = try store.suppressionHistory(try EmailAddress.parse("gone@example.org"))
        #expect(gone.map(\.from.rawValue) == [7])
        #expect(gone.first?.until == nil)
        let recorded = try store.recordReturned(
            [Back.hard(DeliveryID(rawValue: 1))],
            policy: .standard,
            actor: "bounces"
        )
        #expect(recorded.first?.effects == [.suppressed(address: "b@example.org", .hardBounce)])
        try store.removeSuppression(try EmailAddress.parse("gone@example.org"), why: "خطأ", actor: "test")
        #expect(
            try store.suppressionHistory(try EmailAddress.parse("gone@example.org")).map(\.end) == [.lifted]
        )
        let checks = try store.pool.read { db in
            (
                try String.fetchOne(db, sql: "PRAGMA integrity_check"),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM pragma_foreign_key_check")
            )
        }
        #expect(checks.0 == "ok")
        #expect(checks.1 == 0)
        store.close()
    }

    @Test func `a migrated store and a new one have the same schema`() throws {
        let world = try StoreWorld()
        let path = world.folder.appendingPathComponent("old/nashra.db").path
        try makeFirstVersion(at: path, clock: world.clock)
        let store = try Store.open(at: path, clock: world.clock)
        let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
        let old = try store.pool.read { try String.fetchAll($0, sql: schema) }
        #expect(old == (try world.texts(schema)))
        store.close()
    }

    @Test func `words that no rule knows are refused by the schema`() throws {
        let world = try StoreWorld(people: 1)
        let campaign = try world.mail()
        try world.record(Back.hard(try world.delivery(campaign)))
        for sql in [
            "UPDATE returned SET kind = 'bounced'", "UPDATE returned SET standing = 'duplicate'",
            "UPDATE returned SET digest = x'00'", "UPDATE bounce SET event = 'opened'",
            "UPDATE suppression SET reason = 'mood'", "UPDATE suppression_history SET ended_at_ms = 5",
            "INSERT INTO outbox (work, recipient, next_at_ms, created_at_ms) VALUES ('probe', 'a@b.c', 1, 1)",
            "INSERT INTO alarm (campaign_id, domain, cause, state, condemned, deliveries, raised_at_ms) "
                + "VALUES (1, '', 'share', 'accepted', 1, 1, 1)",
        ] {
            #expect(throws: DatabaseError.self, "\(sql)") { try world.run(sql) }
        }
    }
}
