// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers unsubscribe` and `remove`: somebody leaves, or is let go.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct UnsubscribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unsubscribe",
        abstract: "Let a person leave one topic, or all that may be left.",
        discussion: """
            Takes an address, or the token of a message's unsubscribe link: that leaves the topic of the message. Nobody
            leaves a mandatory topic; --force is for an operator who was told to. Whoever leaves the organisation:
            `nashra subscribers remove`.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("An address, or a token.", valueName: "address|token")) var subject: String
    @Option(help: "Only this topic.") var topic: String?
    @Option(help: "How the person said so, for the record.") var source = "asked to leave"
    @Flag(help: "Mandatory topics too.") var force = false

    func run() throws {
        let outcome = try global.open().unsubscribe(subject, topic: topic, source: source, force: force)
        let shown = LeaveShown(outcome)
        try global.console.result(shown, format: global.format) { shown.text }
        if outcome.left.isEmpty, !outcome.mandatory.isEmpty {
            throw UserError(
                .notPermitted,
                "Nobody may leave a mandatory topic: \(outcome.mandatory.joined(separator: ", ")).",
                remedy: "An operator who was told to says --force."
            )
        }
    }
}

struct LeaveShown: Encodable {
    let schema = "nashra.unsubscribed.v1"
    let address: String
    let left: [String]
    let mandatory: [String]
    let suppressed: Bool

    init(_ outcome: LeaveOutcome) {
        address = outcome.address
        left = outcome.left
        mandatory = outcome.mandatory
        suppressed = outcome.isSuppressed
    }

    var text: String {
        var lines: [String] = []
        if suppressed { lines.append("\(address) is suppressed: there was no topic to leave.") }
        if !left.isEmpty { lines.append("\(address) has left \(left.joined(separator: ", ")).") }
        if !mandatory.isEmpty {
            lines.append("Mandatory, and not left: \(mandatory.joined(separator: ", ")).")
        }
        return lines.isEmpty ? "\(address) had left before; nothing changed." : lines.joined(separator: "\n")
    }
}

extension SubscribersCommand {
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a person go: end all subscriptions, mandatory ones too; the record stays."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The address.") var address: String
        @Option(help: "Why, for the record.") var reason = "removed by an operator"

        func run() throws {
            let application = try global.open()
            try application.openStore().removeSubscriber(
                try Application.address(address),
                reason: reason,
                actor: application.actor
            )
            global.console.note("\(address) is unsubscribed from everything.")
        }
    }
}
