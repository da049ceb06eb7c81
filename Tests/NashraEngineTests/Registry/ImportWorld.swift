// SPDX-License-Identifier: Apache-2.0
//
// A register on disk and a folder for files, for tests of imports.
import Foundation
import NashraCore
import NashraEngine
import NashraStore
import NashraTables
import NashraTestKit

/// One register, with a topic to import into.
final class ImportWorld {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nashra-import-\(UUID().uuidString)")
    let clock = ManualClock()
    let store: Store

    init(fault: FaultPlan? = nil) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "nashra.db").path
        if let fault {
            store = try Store.open(at: path, clock: clock, fault: fault)
        } else {
            store = try Store.open(at: path, clock: clock)
        }
        try store.addTopic(name: "fraud", actor: "test")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// How an import differs from a plain one.
    struct Ways {
        var topic: String? = "fraud"
        var isDryRun = false
        var sync: ImportSync?
        var source = "a test"
        var settings = TableSettings()
        var erased: Set<String>?
    }

    var rejects: URL { folder.appending(path: "rejected.csv") }

    @discardableResult
    func run(
        _ text: String,
        as name: String = "مشتركون.csv",
        _ ways: Ways = Ways(),
        confirm: SubscriberImport.Confirmation = { _ in false }
    ) throws -> ImportSummary {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return try run(file: file.path, ways, confirm: confirm)
    }

    func run(
        file: String,
        _ ways: Ways,
        check: () throws(UserError) -> Void = {},
        confirm: SubscriberImport.Confirmation = { _ in false }
    ) throws -> ImportSummary {
        let opened = try ImportFile.table(
            file,
            options: TableOptions(temporaryFolder: folder.path),
            settings: ways.settings
        )
        var summary = opened.summary
        let request = ImportRequest(
            file: file,
            digest: opened.digest([ways.topic ?? "", ways.source, ways.sync == nil ? "" : "sync"]),
            format: summary.format,
            topic: ways.topic,
            isSync: ways.sync != nil,
            settings: summary.settings,
            source: ways.source,
            actor: "test",
            isDryRun: ways.isDryRun,
            erasureHashes: Self.hashes(ways.erased)
        )
        var subscriberImport = SubscriberImport(
            request,
            into: store,
            temporaryFolder: folder.path,
            rejects: rejects.path
        )
        subscriberImport.sync = ways.sync
        try subscriberImport.run(
            opened.people,
            &summary,
            check: { () throws(UserError) in
                try check()
                try opened.checkUnchanged()
            },
            confirm: confirm
        )
        return summary
    }

    /// Registers somebody and forgets the person again.
    func erase(_ address: String) throws {
        try run("email\n\(address)\n", as: "erased.csv", Ways(topic: nil))
        _ = try store.erase(
            try EmailAddress.parse(address),
            hash: Self.hash,
            isSending: false,
            actor: "test"
        )
    }

    private static func hashes(_ erased: Set<String>?) -> (@Sendable (String) -> [[UInt8]])? {
        guard let erased else { return nil }
        return { key in erased.contains(key) ? [hash(key)] : [[UInt8](repeating: 1, count: 32)] }
    }

    /// Stands for the keyed hash; 32 bytes.
    static func hash(_ key: String) -> [UInt8] {
        Array((Array(key.utf8) + [UInt8](repeating: 0, count: 32)).prefix(32))
    }

    func person(_ address: String) throws -> SubscriberDetail? {
        try store.subscriber(try EmailAddress.parse(address))
    }

    /// Whether somebody is in the topic now.
    func isIn(_ topic: String = "fraud", _ address: String) throws -> Bool {
        try person(address)?.subscriptions.contains { $0.topic == topic && $0.endedAt == nil } ?? false
    }

    /// The rejected rows, without the byte order mark.
    func rejected() throws -> String {
        let bytes = Array(try Data(contentsOf: rejects))
        guard bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return "no byte order mark" }
        return String(decoding: bytes.dropFirst(3), as: UTF8.self)
    }
}
