// SPDX-License-Identifier: Apache-2.0
//
// `nashra suppressions import` and `export`: files that spreadsheets and other systems read and write.
import ArgumentParser
import Foundation
import NashraApp
import NashraCore
import NashraEngine
import NashraStore

extension SuppressionsCommand {
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Suppress the addresses of files: one per line, a table (CSV or .xlsx), or an export of ours.",
            discussion: """
                A first line with names is a table: address (or email), reason, scope or topic, note, origin, created,
                created_by, expires, in any order; other columns are left out. Without one, each line is an address. What a
                row does not say, the options say. A bad row is reported with its line and skipped. Importing a file twice
                changes nothing the second time.

                Exit status: 0 all rows taken; 1 some rejected; 65 the file cannot be read as a table; 66 no such file;
                67 unknown topic.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: ArgumentHelp("The files; - is standard input.", valueName: "file")) var files:
            [String]
        @Option(help: "For rows without a scope: only campaigns through this topic; default: every campaign.")
        var topic: String?
        @Option(help: "For rows without a reason.") var reason = "operator"
        @Option(help: "For rows without a note.") var note = ""
        @Option(help: "For rows without an origin; default: the file's name.") var source: String?
        @Option(help: "For rows without an end: 90d, 2026-12-31 or a moment; default: never.")
        var expires: String?
        @Option(help: "The encoding of delimited text; default: found out.") var encoding: String?
        @Option(help: "The sheet of a workbook, by name or number.") var sheet: String?
        @Flag(help: "Say what would happen, and change nothing.") var dryRun = false

        func run() throws {
            let reason = try SuppressionArgument.reason(reason)
            let application = try global.open()
            let expires = try expires.map { text throws(UserError) in
                try application.moment(text, option: "--expires", isPast: false)
            }
            var summaries: [SuppressionSummary] = []
            for file in files {
                let defaults = SuppressionImport.Defaults(
                    scope: SuppressionArgument.scope(topic),
                    reason: reason,
                    origin: source ?? "file \(file)",
                    note: note,
                    expires: expires
                )
                let summary = try application.importSuppressions(
                    file,
                    defaults: defaults,
                    encoding: encoding,
                    sheet: sheet,
                    isDryRun: dryRun
                )
                tell(summary)
                summaries.append(summary)
            }
            let result = SuppressionImportShown(summaries, isDryRun: dryRun)
            try global.console.result(result, format: global.format, rows: { result.rows }) {
                let text = Table(result.rows[0], Array(result.rows.dropFirst())).text
                return dryRun ? "\(text)\nDry run: nothing was changed." : text
            }
            if summaries.contains(where: \.isIncomplete) { throw CommandEnd(status: .badData) }
            if summaries.contains(where: { $0.rejected > 0 }) { throw CommandEnd(status: .failures) }
        }

        private func tell(_ summary: SuppressionSummary) {
            let shown = summary.rejections.prefix(20)
            for rejection in shown { global.console.note(rejection.description) }
            if summary.rejected > shown.count {
                global.console.note(
                    "… and \(summary.rejected - shown.count) more rows rejected; --format json has more."
                )
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write suppressions to a file that imports again to the same.",
            discussion: """
                CSV with a byte order mark, every field quoted, and none that a spreadsheet would run as a formula; or JSON
                Lines with --format json. To standard output without --output.
                """
        )

        @OptionGroup var global: GlobalOptions
        @OptionGroup var filter: SuppressionFilterOptions
        @Option(help: ArgumentHelp("The file; it is replaced whole or not at all.", valueName: "file"))
        var output: String?
        @Flag(
            help:
                "CSV for machines: without byte order mark, and no apostrophe before what looks like a formula."
        )
        var plain = false

        func run() throws {
            let application = try global.open()
            let filter = try filter.filter(application)
            let store = try application.openStoreForReading()
            let target = try ExportTarget(path: output)
            var count = 0
            do {
                if global.format != .json { try target.write(header) }
                try store.forEachSuppression(filter) { suppression throws(UserError) in
                    try target.write(bytes(SuppressionLine(suppression)))
                    count += 1
                }
                try target.finish()
            } catch {
                target.discard()
                throw error
            }
            global.console.note("\(Quantity.grouped(count)) suppression\(count == 1 ? "" : "s") written.")
        }

        private var header: [UInt8] {
            (plain ? [] : [0xEF, 0xBB, 0xBF]) + row(SuppressionLine.header)
        }

        private func bytes(_ line: SuppressionLine) throws(UserError) -> [UInt8] {
            guard global.format == .json else { return row(line.cells) }
            do {
                return try JSONOutput.encode(SuppressionRecord(line)) + [UInt8(ascii: "\n")]
            } catch {
                throw UserError(.bug, "a suppression cannot be written as JSON: \(error)")
            }
        }

        private func row(_ cells: [String]) -> [UInt8] {
            var bytes: [UInt8] = []
            for (index, cell) in cells.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                FormulaGuard.append(cell.utf8, isPlain: plain, to: &bytes)
            }
            return bytes + [0x0D, 0x0A]
        }
    }
}

/// Where an export goes: standard output, or a file that appears whole or not at all.
final class ExportTarget {
    private let path: String?
    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private var isDone = false

    private var partial: String { "\(path ?? "").part-\(getpid())" }

    /// Opens the target; a file is made beside its place, readable by its owner alone.
    init(path: String?) throws(UserError) {
        self.path = path
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open("\(path).part-\(getpid())", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UserError(.cannotCreate, "\(path): cannot be written: \(String(cString: strerror(errno))).")
        }
    }

    /// Takes bytes; they are written in pieces.
    func write(_ bytes: [UInt8]) throws(UserError) {
        buffer += bytes
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// Writes the rest, and gives the file its name.
    func finish() throws(UserError) {
        try flush()
        guard let path else { return }
        guard fsync(descriptor) == 0, rename(partial, path) == 0 else { throw fault(errno) }
        close(descriptor)
        isDone = true
    }

    /// Leaves nothing behind.
    func discard() {
        guard path != nil, !isDone else { return }
        close(descriptor)
        unlink(partial)
        isDone = true
    }

    private func flush() throws(UserError) {
        if path == nil {
            try StreamWriter.writeResult(buffer)
        } else {
            let failed = StreamWriter.write(buffer, to: descriptor)
            guard failed == 0 else { throw fault(failed) }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func fault(_ number: CInt) -> UserError {
        UserError(
            .inputOutput,
            "\(path ?? "stdout"): cannot be written: \(String(cString: strerror(number)))."
        )
    }
}
