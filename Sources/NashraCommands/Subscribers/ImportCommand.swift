// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers import`: files into the register.
import ArgumentParser
import NashraApp
import NashraCore
import NashraEngine

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Read people from CSV, TSV and .xlsx files, or from another system's exports.",
        discussion: """
            The first row names the columns, in Arabic, English or French: the address is needed; name and language are
            known; every other column becomes an attribute, typed by config/attributes.yaml. What a file is and what it
            would change is shown before (--dry-run) and after; rejected rows go to a file that opens in Excel. Importing
            a file twice changes nothing the second time, and nobody who left is subscribed again. Cut off, the same
            command goes on.

            Exit status: 0 all rows taken; 1 some not; 65 the file cannot be read; 66 no such file; 67 unknown topic;
            75 another import is running, or the file was changed meanwhile; 77 more would leave than --max-drop allows.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The files; - is standard input.", valueName: "file"))
    var files: [String]

    @OptionGroup var topics: ImportTopicOptions
    @OptionGroup var reading: ImportReadingOptions
    @OptionGroup var system: ImportSystemOptions

    @Option(help: "Where the people come from and why they may be mailed; kept with each subscription.")
    var source: String?

    @Option(help: ArgumentHelp("Where rejected rows go; default: a file in var/imports.", valueName: "file"))
    var rejects: String?

    @Flag(help: "Say what would happen, and change nothing.")
    var dryRun = false

    func run() throws {
        let order = try order()
        let application = try global.open()
        var summaries: [ImportSummary] = []
        try application.importSubscribers(
            order,
            confirm: { (question) throws(UserError) in try confirm(question) }
        ) { summary in
            tell(summary)
            summaries.append(summary)
        }
        let result = ImportResult(isDryRun: dryRun, files: summaries.map(ImportLine.init))
        try global.console.result(result, format: global.format, rows: { result.rows }) {
            (summaries.map { ImportText($0).plan } + (dryRun ? ["Dry run: nothing was changed."] : []))
                .joined(separator: "\n\n")
        }
        if summaries.contains(where: \.isIncomplete) { throw CommandEnd(status: .badData) }
        let hasFailures = summaries.contains { $0.refused + $0.conflicting + $0.erased > 0 }
        if hasFailures { throw CommandEnd(status: .failures) }
    }

    private func order() throws -> ImportOrder {
        var order = ImportOrder(files, topic: topics.topic, source: source)
        order.renamed = try PairArgument.parse(reading.map, "--map")
        order.isDryRun = dryRun
        order.options = try reading.options()
        order.sync = try topics.sync(files)
        order.rejects = rejects
        order.system = try system.system()
        order.makesTopics = system.createTopics
        order.topicMap = try PairArgument.parse(system.topicMap, "--topic-map")
        if order.system != nil, order.sync != nil {
            throw UserError(.usage, "--sync and --from do not go together.")
        }
        if rejects != nil, files.count > 1, order.system == nil {
            throw UserError(.usage, "--rejects names one file, and there are several to import.")
        }
        return order
    }

    private func confirm(_ question: ImportSync.Question) throws(UserError) -> Bool {
        guard !global.noInput, Console.errorIsTerminal else { return false }
        let answer = try Prompt.typed(
            "\(question.leaving) of the \(question.members) people in \(question.topic) are not in the file and would "
                + "leave it.\nType that number to let them leave, or anything else to stop: "
        )
        return answer == String(question.leaving)
    }

    private func tell(_ summary: ImportSummary) {
        let shown = summary.refusals.prefix(Self.shownRefusals)
        for refusal in shown { global.console.note(refusal.description) }
        let more = summary.refused + summary.conflicting + summary.erased - shown.count
        guard more > 0, let place = summary.rejects else { return }
        global.console.note("… and \(more) more rows that were not taken; all are in \(place)")
    }

    private static let shownRefusals = 20
}
