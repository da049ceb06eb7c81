// SPDX-License-Identifier: Apache-2.0
//
// `nashra init`: a workspace, its database and keys.
import ArgumentParser
import Foundation
import NashraApp
import NashraConfig
import NashraCore

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a workspace: configuration, templates, sample bulletins, database, keys.",
        discussion: """
            Every question is also an option; with --no-input nothing is asked. A folder that has config/nashra.yaml but
            neither keys nor a database, such as a fresh clone, gets those and nothing else.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The folder.")
    var directory = "."

    @Option(help: "The organisation's name, as readers see it.")
    var name: String?

    @Option(help: "The From address of bulletins.")
    var sender: String?

    @Option(help: ArgumentHelp("The SMTP relay: smtp://host:port or smtps://host:port.", valueName: "url"))
    var relay: String?

    @Option(help: "The languages, first choice first.")
    var languages = "ar,en,fr"

    func run() throws {
        if let workspace = global.workspace {
            throw UserError(
                .usage,
                "init takes its folder as an argument, not from --workspace.",
                remedy: "Say: nashra init \(Shell.quoted(workspace))"
            )
        }
        var environment = ProcessInfo.processInfo.environment
        environment["NASHRA_WORKSPACE"] = nil
        let clock = SystemClock()
        if let application = try Application.complete(at: directory, environment: environment, clock: clock) {
            for warning in application.warnings { global.console.note(warning.description) }
            return global.console.note(
                "The workspace \(directory) had neither keys nor a database; now it has. Back up var/keys apart from them."
            )
        }
        guard access("\(directory)/config/nashra.yaml", F_OK) != 0 else {
            throw UserError(
                .cannotCreate,
                "\(directory) is a workspace already: \(directory)/config/nashra.yaml is there.",
                remedy: "Choose another folder, or edit that file."
            )
        }
        let application = try Application.create(
            at: directory,
            answers: try answers(),
            environment: environment,
            clock: clock
        )
        for warning in application.warnings { global.console.note(warning.description) }
        tellWhatIsNext()
    }

    private func answers() throws -> WorkspaceAnswers {
        let missing = [("--name", name), ("--sender", sender), ("--relay", relay)].filter { $0.1 == nil }
        guard missing.isEmpty || !global.noInput else {
            throw UserError(
                .usage,
                "Nobody may be asked, and there is no \(missing.map(\.0).joined(separator: ", no ")).",
                remedy:
                    "For example: --name \"Awareness\" --sender bulletin@moi.example --relay smtp://127.0.0.1:2525"
            )
        }
        return try WorkspaceAnswers(
            name: try name ?? Prompt.typed("The organisation's name, as readers see it: "),
            sender: try sender ?? Prompt.typed("The From address of bulletins: "),
            relay: try relay ?? Prompt.typed("The SMTP relay (smtp://host:port): "),
            languages: languages.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        )
    }

    private func tellWhatIsNext() {
        let place = directory == "." ? "" : " --workspace \(Shell.quoted(directory))"
        global.console.note(
            """
            The workspace \(directory) is ready. Next:
              nashra topics add public\(place)
              nashra subscribers import people.csv --topic public\(place)
              nashra send 2026-001 --to topic:public --dry-run\(place)
            Its keys are in var/keys: back them up apart from the database, and show them to nobody.
            """
        )
    }
}

/// Words for a shell to read.
enum Shell {
    /// `text` so that a shell takes it as one word.
    static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x7F || scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
                || "/._-+@:,=".unicodeScalars.contains(scalar)
        }
        guard !plain || text.isEmpty else { return text }
        return "'\(text.replacing("'", with: #"'\''"#))'"
    }
}
