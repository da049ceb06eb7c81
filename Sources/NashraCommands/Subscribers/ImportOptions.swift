// SPDX-License-Identifier: Apache-2.0
//
// What can be said about an import at the command line, checked, as one order.
// Pure.
import ArgumentParser
import NashraApp
import NashraCSV
import NashraCore
import NashraEngine
import NashraTables

/// How the files are read.
struct ImportReadingOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Read this column, by name or number, as that field; an empty field leaves it out; may be repeated.",
            valueName: "column=field"
        )
    )
    var map: [String] = []

    @Option(help: "The encoding of delimited text, such as windows-1256; default: found out, and shown.")
    var encoding: String?

    @Flag(help: "Take --encoding although the bytes contradict it.")
    var forceEncoding = false

    @Option(
        help: ArgumentHelp(
            "What separates fields: comma, semicolon, tab or pipe; default: found out.",
            valueName: "delimiter"
        )
    )
    var delimiter: String?

    @Option(help: "The sheet of a workbook, by name or number; default: the first that is not hidden.")
    var sheet: String?

    @Option(help: ArgumentHelp("Refuse files longer than that many MiB.", valueName: "MiB"))
    var maxSize = 512

    func options() throws(UserError) -> TableOptions {
        guard (1...1_048_576).contains(maxSize) else {
            throw UserError(.usage, "--max-size is \(maxSize).", remedy: "Give it in MiB, from 1.")
        }
        guard !forceEncoding || encoding != nil else {
            throw UserError(.usage, "--force-encoding needs --encoding.")
        }
        var limits = CSVLimits.standard
        limits.fileBytes = maxSize << 20
        return TableOptions(
            encoding: encoding,
            forcesEncoding: forceEncoding,
            sheet: sheet,
            delimiter: try delimiter.map(Self.delimiter),
            limits: limits
        )
    }

    private static func delimiter(_ text: String) throws(UserError) -> CSVDelimiter {
        let known = CSVDelimiter.allCases.first { delimiter in
            delimiter.name == text || text.utf8.elementsEqual([delimiter.rawValue])
                || text == "\\t" && delimiter == .tab
        }
        guard let known else {
            throw UserError(
                .usage,
                "--delimiter \(text) is no delimiter.",
                remedy: "Say comma, semicolon, tab or pipe."
            )
        }
        return known
    }
}

/// What the files do to a topic.
struct ImportTopicOptions: ParsableArguments {
    @Option(help: "The topic to subscribe everybody to.")
    var topic: String?

    @Flag(help: "Make the topic equal to the file: whoever is not in it leaves the topic.")
    var sync = false

    @Option(
        help: ArgumentHelp(
            "With --sync: how many percent of the topic may leave without being asked about; default: 5.",
            valueName: "percent"
        )
    )
    var maxDrop: Double?

    @Flag(help: "With --sync: let more leave than --max-drop without being asked.")
    var yes = false

    func sync(_ files: [String]) throws(UserError) -> ImportSync? {
        guard sync else {
            guard maxDrop == nil, !yes else {
                throw UserError(
                    .usage,
                    "\(yes ? "--yes" : "--max-drop") is about --sync, which is not there."
                )
            }
            return nil
        }
        guard topic != nil, files.count == 1 else {
            throw UserError(
                .usage,
                topic == nil
                    ? "--sync needs --topic." : "--sync makes a topic equal to one file, not to several.",
                remedy: "nashra subscribers import FILE --topic T --sync"
            )
        }
        let maxDrop = maxDrop ?? 5
        guard (0...100).contains(maxDrop) else {
            throw UserError(.usage, "--max-drop is \(maxDrop).", remedy: "Give it in percent, from 0 to 100.")
        }
        return ImportSync(maxDrop: maxDrop, isConfirmed: yes)
    }
}

/// What is said about another system's exports.
struct ImportSystemOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The files are exports of listmonk, mailman, phplist or sympa.",
            valueName: "system"
        )
    )
    var from: String?

    @Flag(help: "Make the topics that the exports name and that are not there.")
    var createTopics = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A list of the other system is this topic here; may be repeated.",
            valueName: "list=topic"
        )
    )
    var topicMap: [String] = []

    func system() throws(UserError) -> MigrationSystem? {
        guard let from else {
            guard !createTopics, topicMap.isEmpty else {
                throw UserError(
                    .usage,
                    "--create-topics and --topic-map are about --from, which is not there."
                )
            }
            return nil
        }
        guard let system = MigrationSystem(rawValue: from) else {
            let names = MigrationSystem.allCases.map(\.rawValue).joined(separator: ", ")
            throw UserError(.usage, "--from \(from) is not known.", remedy: "Say one of \(names).")
        }
        return system
    }
}
