// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers import`: CSV files into the register.
import ArgumentParser
import NashraApp
import NashraCore
import NashraEngine

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Read people from CSV files (UTF-8; comma, semicolon or tab); - is standard input.",
        discussion: """
            The first row names the columns: email is needed; name and language are known; every other column becomes
            an attribute. A bad row is reported with its line and reason and skipped; good rows are kept. Importing a
            file twice changes nothing the second time, and nobody who left is subscribed again.

            Exit status: 0 all rows taken; 1 some refused; 65 the file cannot be read as CSV; 66 no such file;
            67 unknown topic.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The files.", valueName: "file"))
    var files: [String]

    @Option(help: "The topic to subscribe everybody to.")
    var topic: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Read this column as that field; may be repeated.", valueName: "column=field")
    )
    var map: [String] = []

    @Option(help: "Where the people come from and why they may be mailed; kept with each subscription.")
    var source: String?

    @Flag(help: "Say what would happen, and change nothing.")
    var dryRun = false

    func run() throws {
        var summaries: [ImportSummary] = []
        try global.open().importSubscribers(
            files,
            topic: topic,
            renamed: try PairArgument.parse(map, "--map"),
            source: source,
            isDryRun: dryRun
        ) { summary in
            for refusal in summary.refusals { global.console.note(refusal.description) }
            if summary.refused > summary.refusals.count {
                global.console.note("… and \(summary.refused - summary.refusals.count) more rows refused.")
            }
            if files.count > 1 { global.console.note("\(summary.file): \(summary.added) added.") }
            summaries.append(summary)
        }
        let result = ImportResult(isDryRun: dryRun, files: summaries.map(ImportResult.File.init))
        try global.console.result(result, format: global.format, rows: { result.rows }) {
            let text = Table(result.rows[0], Array(result.rows.dropFirst())).text
            return dryRun ? "\(text)\nDry run: nothing was changed." : text
        }
        if summaries.contains(where: \.isIncomplete) { throw CommandEnd(status: .badData) }
        if summaries.contains(where: { $0.refused > 0 }) { throw CommandEnd(status: .failures) }
    }
}

private struct ImportResult: Encodable {
    struct File: Encodable {
        let file: String
        let counts: [(name: String, count: Int)]

        init(_ summary: ImportSummary) {
            file = summary.file
            counts = summary.counts
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(file, forKey: Key("file"))
            for (name, count) in counts { try container.encode(count, forKey: Key(name)) }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    let schema = "nashra.import.v1"
    let isDryRun: Bool
    let files: [File]

    private enum CodingKeys: String, CodingKey {
        case schema
        case isDryRun = "dry_run"
        case files
    }

    var rows: [[String]] {
        [["file"] + (files.first?.counts.map(\.name) ?? [])]
            + files.map { [$0.file] + $0.counts.map { String($0.count) } }
    }
}
