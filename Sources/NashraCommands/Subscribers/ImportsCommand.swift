// SPDX-License-Identifier: Apache-2.0
//
// `nashra imports`: list, show, undo.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct ImportsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imports",
        abstract: "What was imported, and the way back.",
        subcommands: [List.self, Show.self, Undo.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Imports, newest first.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "At most so many.") var limit = 100

        func run() throws {
            guard limit > 0 else { throw UserError(.usage, "--limit is \(limit); it must be at least 1.") }
            let list = ImportList(
                imports: try global.open().imports(limit: limit).map(ImportRecordShape.init)
            )
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.imports.isEmpty
                    ? "Nothing was imported yet." : Table(list.rows[0], Array(list.rows.dropFirst())).text
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One import: how it was read, and what it did."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its number.") var id: Int64

        func run() throws {
            let shown = ImportShown(record: ImportRecordShape(try global.open().importRecord(id)))
            try global.console.result(shown, format: global.format) { shown.text }
        }
    }

    struct Undo: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take an import back, as far as nothing has happened since.",
            discussion: """
                Whom it added and who was never mailed is removed; whoever was mailed since stays in the register and
                leaves the topic. Values that nobody changed since are as before, and so are those whom --sync had
                dropped. What stays is told, with the reason.

                Exit status: 0 all taken back; 1 something stays; 65 taken back already; 67 no such import.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its number.") var id: Int64
        @Flag(help: "Say what would happen, and change nothing.") var dryRun = false
        @Flag(help: "Do not ask.") var yes = false

        func run() throws {
            let application = try global.open()
            if !dryRun, !yes { try ask(application) }
            let shown = ImportUndoShown(try application.undoImport(id, isDryRun: dryRun), isDryRun: dryRun)
            try global.console.result(shown, format: global.format) { shown.text }
            if !shown.kept.isEmpty { throw CommandEnd(status: .failures) }
        }

        private func ask(_ application: Application) throws {
            let record = try application.importRecord(id)
            guard record.state != .undone else {
                throw UserError(.badData, "Import \(id) was taken back already.")
            }
            guard !global.noInput else {
                throw UserError(.usage, "Nobody may be asked.", remedy: "Say --yes, or look with --dry-run.")
            }
            let added = record.counts["added"] ?? 0
            let answer = try Prompt.typed(
                "Import \(id) of \(record.file) added \(added) people. Type \(id) to take it back: "
            )
            guard answer == String(id) else {
                throw UserError(.interrupted, "That was not the number; nothing was changed.")
            }
        }
    }
}

private struct ImportList: Encodable {
    let schema = "nashra.imports.v1"
    let imports: [ImportRecordShape]

    var rows: [[String]] {
        [["import", "started", "state", "file", "format", "topic", "added", "updated", "left", "actor"]]
            + imports.map { entry in
                [
                    String(entry.id), entry.started, entry.state, entry.file, entry.format, entry.topic ?? "",
                    String(entry.counts["added"] ?? 0), String(entry.counts["updated"] ?? 0),
                    String(entry.counts["left"] ?? 0), entry.actor,
                ]
            }
    }
}

private struct ImportShown: Encodable {
    let schema = "nashra.import-record.v1"
    let record: ImportRecordShape

    var text: String {
        var lines = [
            "Import     \(record.id), \(record.state)", "File       \(record.file) (\(record.format))",
            "Topic      \(record.topic ?? "none")\(record.isSync ? ", made equal to the file" : "")",
            "Source     \(record.source)", "By         \(record.actor)",
            "Began      \(record.started)", "Ended      \(record.finished ?? "not yet")",
        ]
        if let undone = record.undone { lines.append("Taken back \(undone) by \(record.undoneBy ?? "")") }
        lines += record.counts.sorted { $0.key < $1.key }.map { "           \($0.key) \($0.value)" }
        lines += record.settings.sorted { $0.key < $1.key }.map { "           \($0.key): \($0.value)" }
        if record.state == "running" {
            lines.append("It was cut off, or runs now: the same import command goes on with it.")
        }
        return lines.joined(separator: "\n")
    }
}

private struct ImportUndoShown: Encodable {
    struct Kept: Encodable {
        let address: String
        let what: String
        let reason: String
    }
    let schema = "nashra.import-undo.v1"
    let isDryRun: Bool
    let id: Int64
    let counts: [String: Int]
    let reasons: [String: Int]
    let kept: [Kept]
    private let order: [(name: String, count: Int)]

    private enum CodingKeys: String, CodingKey {
        case schema, counts, reasons, kept
        case isDryRun = "dry_run"
        case id = "import"
    }

    init(_ undo: ImportUndo, isDryRun: Bool) {
        self.isDryRun = isDryRun
        id = undo.id
        order = undo.counts
        counts = Dictionary(undo.counts.map { ($0.name, $0.count) }) { first, _ in first }
        reasons = Dictionary(undo.keptCounts.map { ($0.key.rawValue, $0.value) }) { first, _ in first }
        kept = undo.kept.map { Kept(address: $0.address, what: $0.what, reason: $0.reason.rawValue) }
    }

    var text: String {
        var lines = [isDryRun ? "Import \(id) would be taken back" : "Import \(id) is taken back"]
        lines += order.map { "  \(Self.labels[$0.name] ?? $0.name): \($0.count)" }
        lines += kept.map {
            "  stays: \($0.address) \($0.what), because \(Self.words[$0.reason] ?? $0.reason)"
        }
        let more = (counts["kept"] ?? 0) - kept.count
        if more > 0 { lines.append("  … and \(more) more") }
        if isDryRun { lines.append("Dry run: nothing was changed.") }
        return lines.joined(separator: "\n")
    }

    private static let labels = [
        "removed": "people removed", "ended": "subscriptions ended", "restored": "people as before",
        "unjoined": "subscriptions gone", "returned": "people back in the topic",
        "lifted": "suppressions lifted", "kept": "stays as it is",
    ]

    private static let words = [
        "mailed": "the person was mailed since", "has_history": "the person has a history of its own",
        "changed_since": "it was changed since", "erased": "the person was erased",
    ]
}
