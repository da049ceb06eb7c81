// SPDX-License-Identifier: Apache-2.0
//
// Opening, making, refusing and repairing: what the store does before anybody uses it.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct `Opening the store` {
    @Test func `a new store is private, durable and of the newest version`() throws {
        let world = try StoreWorld()
        let file = try FileManager.default.attributesOfItem(atPath: world.path)
        #expect(file[.posixPermissions] as? Int == 0o600)
        let folder = try FileManager.default.attributesOfItem(
            atPath: world.folder.appendingPathComponent("var").path
        )
        #expect(folder[.posixPermissions] as? Int == 0o700)
        let synchronous = try world.store.pool.writeWithoutTransaction { db in
            try Int.fetchOne(db, sql: "PRAGMA synchronous")
        }
        #expect(synchronous == 2)
        #expect(try world.text("PRAGMA journal_mode") == "wal")
        #expect(try world.int("PRAGMA foreign_keys") == 1)
        #expect(try world.int("PRAGMA trusted_schema") == 0)
        #expect(try world.store.schemaVersion() == Store.latestSchemaVersion)
    }

    @Test func `a store of a newer version is refused, with both versions`() throws {
        let world = try StoreWorld()
        try world.store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
        let error = #expect(throws: UserError.self) { try world.reopen() }
        #expect(error?.status == .configuration)
        #expect(error?.message.contains("99") == true)
        #expect(error?.message.contains("up to \(Store.latestSchemaVersion)") == true)
        let reading = #expect(throws: UserError.self) {
            try Store.openReadOnly(at: world.path, clock: world.clock)
        }
        #expect(reading?.status == .configuration)
    }

    @Test func `a file that is no store is left as it is`() throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(
            "no-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("nashra.db").path
        let text = Data(String(repeating: "هذا ليس مخزنا. ", count: 100).utf8)
        try text.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: UserError.self) { try Store.open(at: path, clock: ManualClock()) }
        #expect(error?.status == .inputOutput)
        #expect(FileManager.default.contents(atPath: path) == text)
    }

    @Test func `another program's database is refused`() throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(
            "no-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("other.db").path
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE song (title TEXT)") }
        let error = #expect(throws: UserError.self) { try Store.open(at: path, clock: ManualClock()) }
        #expect(error?.status == .configuration)
    }

    @Test func `a damaged store is found after a crash, and the remedy is told`() throws {
        let world = try StoreWorld(people: 2_000)
        // What a crash leaves: a log that was not folded in, and here a file with a page of rubbish.
        let copy = world.folder.appendingPathComponent("crashed.db").path
        try world.store.pool.writeWithoutTransaction { db in
            _ = try db.checkpoint(.truncate)
        }
        try world.store.addTopic(name: "traffic", actor: "test")
        try FileManager.default.copyItem(atPath: world.path, toPath: copy)
        try FileManager.default.copyItem(atPath: world.path + "-wal", toPath: copy + "-wal")
        let file = try #require(FileHandle(forUpdatingAtPath: copy))
        let size = try file.seekToEnd()
        for page in stride(from: UInt64(4_096 * 20), to: size - 4_096, by: 4_096 * 3) {
            try file.seek(toOffset: page)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 512))
        }
        try file.close()
        let error = #expect(throws: UserError.self) { try Store.open(at: copy, clock: world.clock) }
        #expect(error?.status == .inputOutput)
        #expect(error?.remedy.contains("backup") == true)
    }

    @Test func `a crash that damaged nothing is no reason to refuse`() throws {
        let world = try StoreWorld(people: 50)
        let copy = world.folder.appendingPathComponent("crashed.db").path
        try FileManager.default.copyItem(atPath: world.path, toPath: copy)
        try FileManager.default.copyItem(atPath: world.path + "-wal", toPath: copy + "-wal")
        let store = try Store.open(at: copy, clock: world.clock)
        #expect(try store.subscriberCount() == 50)
        store.close()
    }

    @Test func `a reader sees what a writer commits, and cannot write`() throws {
        let world = try StoreWorld(people: 3)
        let reader = try Store.openReadOnly(at: world.path, clock: world.clock)
        #expect(try reader.subscriberCount() == 3)
        let error = #expect(throws: UserError.self) { try reader.addTopic(name: "rain", actor: "test") }
        #expect(error?.status == .cannotCreate)
        reader.close()
    }

    @Test func `a missing store is no input for a reader`() {
        let error = #expect(throws: UserError.self) {
            try Store.openReadOnly(at: "/nonexistent/nashra.db", clock: ManualClock())
        }
        #expect(error?.status == .noInput)
    }

    @Test func `a folder that cannot be made is told`() {
        let error = #expect(throws: UserError.self) {
            try Store.open(at: "/proc/nashra/nashra.db", clock: ManualClock())
        }
        #expect(error?.status == .cannotCreate)
    }

    @Test func `file systems that machines share are refused by their type`() {
        let mounts =
            "/dev/sda1 / ext4 rw 0 0\nhost:/x /srv/mail nfs4 rw 0 0\n/dev/sdb /srv/mail/disk ext4 rw 0 0\n"
        let error = #expect(throws: UserError.self) {
            try FileSystemCheck.refuseShared("/srv/mail/var", store: "nashra.db", mounts: mounts)
        }
        #expect(error?.status == .configuration)
        #expect(throws: Never.self) {
            try FileSystemCheck.refuseShared("/srv/mail/disk/var", store: "nashra.db", mounts: mounts)
            try FileSystemCheck.refuseShared("/srv/mailbox", store: "nashra.db", mounts: mounts)
        }
    }

    @Test func `a second sender is refused at once, with the first one's process`() throws {
        let world = try StoreWorld()
        let path = world.folder.appendingPathComponent("var/sender.lock").path
        let first = try SenderLock.acquire(at: path)
        let error = #expect(throws: UserError.self) { try SenderLock.acquire(at: path) }
        #expect(error?.status == .tryAgain)
        #expect(error?.message.contains("\(getpid())") == true)
        first.release()
        #expect(throws: Never.self) { try SenderLock.acquire(at: path).release() }
    }

    @Test(arguments: [("after-intent-commit@17", 17), ("before-freeze-commit", 1)])
    func `failpoints have a name and a count`(_ text: String, _ count: Int) throws {
        let failpoint = try #require(try Failpoint.parse(text))
        #expect(failpoint.count == count)
        #expect(text.hasPrefix(failpoint.place.rawValue))
    }

    @Test(arguments: [
        "nowhere", "after-intent-commit@", "after-intent-commit@0", "after-intent-commit@x", "@3",
    ])
    func `a failpoint that does not exist is bad usage`(_ text: String) {
        let error = #expect(throws: UserError.self) { try Failpoint.parse(text) }
        #expect(error?.status == .usage)
    }
}
