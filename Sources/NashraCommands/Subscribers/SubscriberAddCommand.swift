// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers add`: one person who asked for it, at once or after a yes by mail.
import ArgumentParser
import NashraApp
import NashraCore
import NashraEngine
import NashraStore

extension SubscribersCommand {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register one person who asked for it, even one who left before.",
            discussion: """
                With --confirm the person is asked by mail first, and gets nothing until the yes comes: by the address or
                the page that the mail names, or by `nashra subscribers confirm TOKEN`.

                Examples:
                  nashra subscribers add sara@example.org --name "سارة" --language ar --topic fraud --source "paper form"
                  nashra subscribers add sara@example.org --topic fraud --confirm --source "at the exhibition"

                Exit status: 75 when the person was asked too often lately; it says when to ask again.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The address.") var address: String
        @Option(help: "The person's name.") var name: String?
        @Option(help: "The person's language: ar, en or fr.") var language: String?
        @Option(help: "The topic to subscribe to.") var topic: String?
        @Option(help: "How the person asked, for the record.") var source = "operator"
        @Option(
            name: .customLong("set"),
            parsing: .singleValue,
            help: ArgumentHelp("An attribute; may be repeated.", valueName: "key=value")
        )
        var attributes: [String] = []
        @Option(
            help: ArgumentHelp(
                "The version of the text that the person agreed to; with --confirm that of config/consent.yaml.",
                valueName: "version"
            )
        )
        var consent: String?
        @Flag(help: "Ask the person by mail first.") var confirm = false
        @Flag(help: "With --confirm: ask a person who was erased and asks to come back.") var again = false
        @Flag(
            help: "With --confirm: leave the mail in the outbox; `subscribers confirmations send` sends it."
        )
        var noSend = false

        func validate() throws {
            if confirm, topic == nil {
                throw ValidationError("--confirm needs --topic: what is to be confirmed?")
            }
            if again || noSend, !confirm { throw ValidationError("--again and --no-send go with --confirm.") }
        }

        func run() throws {
            let application = try global.open()
            let request = SubscriberRequest(
                address: address,
                name: name,
                language: language,
                attributes: try PairArgument.parse(attributes, "--set"),
                topic: topic,
                source: source,
                consentText: consent
            )
            guard confirm else {
                let outcome = try application.addSubscriber(request)
                if case .refused(let why) = outcome { throw UserError(.notPermitted, "\(address): \(why)") }
                return global.console.note("\(address): \(outcome)")
            }
            switch try application.askConfirmation(request, again: again) {
            case .subscribed:
                global.console.note("\(address) is subscribed to \(topic ?? "") already; nobody is asked.")
            case .asked(_, let expires):
                global.console.note("\(address) is asked, and can say yes until \(expires.iso8601).")
                if !noSend { try ConfirmationsCommand.send(application, global) }
            }
        }
    }
}
