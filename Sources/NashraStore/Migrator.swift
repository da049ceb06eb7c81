// SPDX-License-Identifier: Apache-2.0
//
// Brings the schema up to date: each migration once, in one transaction, and never one that was edited afterwards.
// Touches the store. The SQL is in Migrations/; shipped files are never changed.
import GRDB
import NashraCore

/// One step of the schema.
struct Migration: Sendable {
    /// From 1, without gaps; the store's `user_version` after it.
    let version: Int
    /// The file's name without its end.
    let name: String
    /// The SQL.
    let sql: [UInt8]

    /// FNV-1a of the SQL, 64 bits in hexadecimal: shows an edit, which is a mistake and not an attack.
    var checksum: String {
        let hash = sql.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Runs migrations.
struct Migrator: Sendable {
    let migrations: [Migration]

    /// The migrations of this program.
    static let shipped = Migrator(migrations: [
        Migration(version: 1, name: "v0001_foundation", sql: PackageResources.v0001_foundation_sql),
        Migration(version: 2, name: "v0002_bounces", sql: PackageResources.v0002_bounces_sql),
        Migration(version: 3, name: "v0003_registry", sql: PackageResources.v0003_registry_sql),
    ])

    /// "Nash" in ASCII, so that other programs can tell the file.
    private static let applicationID = 0x4E61_7368

    /// The version after the last migration.
    var newest: Int { migrations.last?.version ?? 0 }

    /// Runs what is missing; leaves a store of a newer version alone.
    func migrate(_ store: Store) throws(UserError) {
        let version = try store.schemaVersion()
        try refuseNewer(version, path: store.path)
        try store.read { db in try checkApplied(db, version: version, path: store.path) }
        for migration in migrations where migration.version > version {
            try store.write { db in
                // Another process may have been faster.
                guard try Int.fetchOne(db, sql: "PRAGMA user_version") == migration.version - 1 else {
                    return
                }
                try apply(migration, db, at: store.clock.now())
            }
        }
    }

    /// Checks, without writing, that the store has this program's version.
    func checkIsCurrent(_ store: Store) throws(UserError) {
        let version = try store.schemaVersion()
        try refuseNewer(version, path: store.path)
        guard version == newest else {
            throw UserError(
                .configuration,
                "the store \(store.path) has schema version \(version), this nashra needs \(newest)",
                remedy: "Run `nashra migrate`."
            )
        }
    }

    private func refuseNewer(_ version: Int, path: String) throws(UserError) {
        guard version <= newest else {
            throw UserError(
                .configuration,
                "the store \(path) has schema version \(version); this nashra knows versions up to \(newest)",
                remedy: "Use the newer nashra that wrote it, or restore a backup from before the upgrade."
            )
        }
    }

    private func checkApplied(_ db: Database, version: Int, path: String) throws {
        guard version > 0 else {
            guard try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0 else {
                throw UserError(
                    .configuration,
                    "\(path) is the database of another program",
                    remedy: "Set store.path in config/nashra.yaml to another file."
                )
            }
            return
        }
        let rows = try Row.fetchAll(db, sql: "SELECT version, checksum FROM schema_migration")
        let applied = Dictionary(rows.map { ($0[0] as Int, $0[1] as String) }) { first, _ in first }
        for migration in migrations where migration.version <= version {
            guard applied[migration.version] == migration.checksum else {
                throw UserError(
                    .configuration,
                    "the store \(path) was made by another edition of \(migration.name)",
                    remedy: "Use the nashra that made it."
                )
            }
        }
    }

    private func apply(_ migration: Migration, _ db: Database, at now: Timestamp) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS schema_migration (
                    version       INTEGER NOT NULL PRIMARY KEY,
                    name          TEXT    NOT NULL,
                    checksum      TEXT    NOT NULL,
                    applied_at_ms INTEGER NOT NULL
                ) STRICT
                """
        )
        try db.execute(sql: String(decoding: migration.sql, as: UTF8.self))
        try db.execute(
            sql: "INSERT INTO schema_migration VALUES (?, ?, ?, ?)",
            arguments: [migration.version, migration.name, migration.checksum, now.rawValue]
        )
        try db.execute(sql: "PRAGMA user_version = \(migration.version)")
        try db.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
    }
}
