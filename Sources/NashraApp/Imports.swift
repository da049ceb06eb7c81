// SPDX-License-Identifier: Apache-2.0
//
// Imports as use cases: files into the register, the records of that, and the way back.
// Reads files; changes the store; writes rejected rows below var/imports.
import Foundation
import NashraConfig
public import NashraCore
public import NashraEngine
import NashraKeys
public import NashraStore
public import NashraTables

/// What is to be imported, and how.
public struct ImportOrder: Sendable {
    /// The files; `-` is standard input.
    public var files: [String]
    /// The topic to subscribe everybody to.
    public var topic: String?
    /// Which column stands for which field.
    public var renamed: [String: String] = [:]
    /// Where the people come from; the file's name when `nil`.
    public var source: String?
    /// Say what would happen, and leave no trace.
    public var isDryRun = false
    /// How tables are read.
    public var options = TableOptions()
    /// Make the topic equal to the file; `nil` only adds and updates.
    public var sync: ImportSync?
    /// Where rejected rows go; `nil` for a file below var/imports.
    public var rejects: String?
    /// The system whose exports the files are; `nil` for tables.
    public var system: MigrationSystem?
    /// Make topics that the exports name and that are not there.
    public var makesTopics = false
    /// For a list's name there, the topic that it becomes here.
    public var topicMap: [String: String] = [:]

    /// Names the files.
    public init(_ files: [String], topic: String? = nil, source: String? = nil) {
        self.files = files
        self.topic = topic
        self.source = source
    }
}

extension Application {
    /// Imports tables one after another, or the exports of another system all together.
    ///
    /// - Parameters:
    ///   - order: What, and how.
    ///   - confirm: Asked when more people would leave the topic than may.
    ///   - onSummary: Called after each import, also when a later one fails.
    /// - Throws: What makes going on senseless; what was imported before stays, and the same command goes on with it. A
    ///   file that is not there is found before the first is read.
    public func importSubscribers(
        _ order: ImportOrder,
        confirm: SubscriberImport.Confirmation = { _ in false },
        onSummary: (ImportSummary) -> Void
    ) throws(UserError) {
        try checkReadable(order.files)
        let store = try openStore()
        if let system = order.system {
            let file = try ImportFile.migration(
                system,
                paths: order.files,
                topics: order.topicMap,
                schema: try attributes,
                now: clock.now()
            )
            onSummary(try run(order, file, store, confirm))
            return
        }
        let settings = TableSettings(
            renamed: order.renamed,
            schema: try attributes,
            ownDomains: ownDomains
        )
        var options = order.options
        options.temporaryFolder = options.temporaryFolder ?? temporaryFolder
        for path in order.files {
            let file = try ImportFile.table(path, options: options, settings: settings)
            onSummary(try run(order, file, store, confirm))
        }
    }

    /// The newest imports, newest first.
    public func imports(limit: Int) throws(UserError) -> [ImportRecord] {
        try openStoreForReading().imports(limit: limit)
    }

    /// One import, or an error that says there is none.
    public func importRecord(_ id: Int64) throws(UserError) -> ImportRecord {
        try openStoreForReading().importRecord(id)
    }

    /// Takes an import back, or says what that would do.
    public func undoImport(_ id: Int64, isDryRun: Bool) throws(UserError) -> ImportUndo {
        try openStore().undoImport(id, actor: actor, isDryRun: isDryRun)
    }

    /// Runs one import.
    private func run(
        _ order: ImportOrder,
        _ file: ImportFile,
        _ store: Store,
        _ confirm: SubscriberImport.Confirmation
    ) throws(UserError) -> ImportSummary {
        var summary = file.summary
        let source = order.source ?? "file \(summary.file)"
        let digest = file.digest([order.topic ?? "", source, order.sync == nil ? "" : "sync"])
        var settings = summary.settings
        for column in summary.mapping.columns {
            if let field = column.field { settings["column \(column.number): \(column.header)"] = field }
        }
        let request = ImportRequest(
            file: summary.file,
            digest: digest,
            format: summary.format,
            topic: order.topic,
            isSync: order.sync != nil,
            settings: settings,
            source: source,
            actor: actor,
            isDryRun: order.isDryRun,
            erasureHashes: try erasureHashes(store)
        )
        var subscriberImport = SubscriberImport(
            request,
            into: store,
            temporaryFolder: temporaryFolder,
            rejects: order.rejects ?? rejectsPath(summary.file, digest)
        )
        subscriberImport.sync = order.sync
        subscriberImport.makesTopics = order.makesTopics
        subscriberImport.topicTitles = file.topicTitles
        try subscriberImport.run(
            file.people,
            &summary,
            check: { () throws(UserError) in try file.checkUnchanged() },
            confirm: confirm
        )
        return summary
    }

    private func checkReadable(_ files: [String]) throws(UserError) {
        for file in files where file != "-" && access(file, R_OK) != 0 {
            throw UserError(
                .noInput,
                "\(file): cannot be read: \(String(cString: strerror(errno))).",
                remedy: files.count > 1 ? "Nothing was imported, from the other files neither." : ""
            )
        }
    }

    /// The keys are needed only where somebody was erased.
    private func erasureHashes(_ store: Store) throws(UserError) -> (@Sendable (String) -> [[UInt8]])? {
        guard try store.erasedCount() > 0 else { return nil }
        let keyring = try keyring()
        return { keyring.erasureHashes(of: $0) }
    }

    /// Beside the store, where there is room for it and only its owner reads.
    private var temporaryFolder: String {
        let folder = (storePath as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }

    /// The same for the same file and settings, so that an import that goes on replaces it.
    private func rejectsPath(_ file: String, _ digest: [UInt8]) -> String {
        let name = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
        let plain = String(String.UnicodeScalarView(name.unicodeScalars.map { $0 == "/" ? "_" : $0 }))
        let mark = digest.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return workspace.path("var/imports/\(plain.isEmpty ? "import" : plain)-\(mark)-rejected.csv")
    }
}
