// SPDX-License-Identifier: Apache-2.0
//
// `nashra bulletin`: list, lint, render.
import ArgumentParser
import Foundation
import NashraApp
import NashraCore

struct BulletinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulletin",
        abstract: "What is written, and whether it may go out.",
        subcommands: [List.self, Lint.self, Render.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The workspace's bulletins, newest number first."
        )

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let list = try global.open().bulletins()
            let header = ["bulletin", "kind", "date", "languages", "topics", "title", "errors"]
            let rows = list.bulletins.map {
                [
                    $0.bulletin, $0.kind ?? "", $0.date ?? "", $0.languages.joined(separator: " "),
                    $0.topics.joined(separator: " "), $0.title ?? "", String($0.errors),
                ]
            }
            try global.console.result(list, format: global.format, rows: { [header] + rows }) {
                rows.isEmpty ? "No bulletins in bulletins/." : Table(header, rows).text
            }
        }
    }

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check bulletins as a send would; without a name, all of them.",
            discussion: "Exit status: 0 nothing found, or warnings only; 1 errors. The rules: docs/lint.md."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Numbers, folder names or paths.") var bulletins: [String] = []

        func run() throws {
            let result = try global.open().lint(bulletins)
            let rows = result.findings.map {
                [
                    $0.file, $0.line.map(String.init) ?? "", $0.column.map(String.init) ?? "",
                    $0.severity.rawValue,
                    $0.code, $0.message, $0.remedy,
                ]
            }
            let header = ["file", "line", "column", "severity", "code", "message", "remedy"]
            try global.console.result(result, format: global.format, rows: { [header] + rows }) {
                result.bulletins.isEmpty
                    ? "No bulletins in bulletins/."
                    : result.findings.isEmpty
                        ? "\(result.bulletins.joined(separator: ", ")): in order."
                        : result.findings.map(\.description).joined(separator: "\n")
            }
            if result.hasErrors { throw CommandEnd(status: .failures) }
        }
    }

    struct Render: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the exact message that somebody would get.",
            discussion: "Nothing is sent. Merge values come from the register, or from --set."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The bulletin.") var bulletin: String
        @Option(help: ArgumentHelp("For whom.", valueName: "address")) var to: String
        @Option(help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"))
        var output = "-"
        @Option(
            name: .customLong("set"),
            parsing: .singleValue,
            help: ArgumentHelp(
                "A merge value, such as name=سارة or language=ar; may be repeated.",
                valueName: "key=value"
            )
        )
        var values: [String] = []

        func run() throws {
            let bytes = try global.open().render(
                bulletin,
                to: try Application.address(to),
                values: try PairArgument.parse(values, "--set")
            )
            guard output != "-" else { return try StreamWriter.writeResult(bytes) }
            do {
                try Data(bytes).write(to: URL(fileURLWithPath: output))
            } catch {
                throw UserError(
                    .cannotCreate,
                    "\(output) cannot be written: \(error.localizedDescription)",
                    remedy: "Choose a file in a folder that is there and that you may write to."
                )
            }
            global.console.note("\(output): \(Quantity.bytes(bytes.count)).")
        }
    }
}
