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
        discussion: "Every question is also an option; with --no-input nothing is asked."
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
        let answers = try WorkspaceAnswers(
            name: try answer(name, "The organisation's name, as readers see it", option: "--name"),
            sender: try answer(sender, "The From address of bulletins", option: "--sender"),
            relay: try answer(relay, "The SMTP relay (smtp://host:port)", option: "--relay"),
            languages: languages.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        )
        var environment = ProcessInfo.processInfo.environment
        environment["NASHRA_WORKSPACE"] = nil
        let application = try Application.create(
            at: directory,
            answers: answers,
            environment: environment,
            clock: SystemClock()
        )
        for warning in application.warnings { global.console.note(warning.description) }
        let place = directory == "." ? "" : " --workspace \(directory)"
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

    private func answer(_ given: String?, _ question: String, option: String) throws(UserError) -> String {
        if let given { return given }
        guard !global.noInput else {
            throw UserError(.usage, "\(question) is not given.", remedy: "Say \(option).")
        }
        return try Prompt.typed("\(question): ")
    }
}
