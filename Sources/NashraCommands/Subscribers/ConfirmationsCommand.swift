// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers confirm TOKEN` and `nashra subscribers confirmations`: who was asked, and who said yes.
import ArgumentParser
import NashraApp
import NashraCore
import NashraEngine
import NashraStore

struct ConfirmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Take a person's yes, by the token of the confirmation mail.",
        discussion: """
            The same token again says that it was taken before, and changes nothing. Exit status: 65 for a token that is
            none of ours, 77 for one whose time is over.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The token, from v1.c. to its end.") var token: String

    func run() throws {
        let answer = try global.open().confirm(token)
        let shown = ConfirmationAnswerShown(answer)
        try global.console.result(shown, format: global.format) { shown.text }
    }
}

struct ConfirmationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirmations",
        abstract: "Who was asked whether they want a topic.",
        subcommands: [List.self, Send.self],
        defaultSubcommand: List.self
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Questions that can still be answered, newest first."
        )

        @OptionGroup var global: GlobalOptions
        @Flag(help: "Those too that are answered or too old.") var all = false
        @Option(help: "At most so many.") var limit = 1_000

        func validate() throws { try LimitArgument.check(limit) }

        func run() throws {
            let found = try global.open().openStoreForReading().confirmations(open: !all, limit: limit)
            let list = ConfirmationList(confirmations: found.map(ConfirmationLine.init))
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.confirmations.isEmpty
                    ? "Nobody is asked." : Table(ConfirmationList.header, Array(list.rows.dropFirst())).text
            }
        }
    }

    struct Send: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send the confirmation mails that wait; `bounces ingest` does so too.",
            discussion:
                "Sends the probes and forwarded replies that are due as well. Exit status: 69 when the relay is away."
        )

        @OptionGroup var global: GlobalOptions

        func run() throws { try ConfirmationsCommand.send(try global.open(), global) }
    }

    /// Works off the outbox, and says how that went.
    static func send(_ application: Application, _ global: GlobalOptions) throws {
        let stop = StopSignal()
        let signals = StopOnSignals(stop)
        defer { signals.cancel() }
        let sent = try application.sendOutbox(stop: stop)
        if sent.sent > 0 { global.console.note("\(sent.sent) sent.") }
        if sent.failed > 0 {
            global.console.note("\(sent.failed) given up; see `nashra subscribers confirmations --all`.")
        }
        guard sent.deferred > 0 else { return }
        throw UserError(
            .unavailable,
            "\(sent.deferred) wait in the outbox: the relay does not take them now.",
            remedy: "nashra subscribers confirmations send, or the next bounces ingest, tries again."
        )
    }
}

struct ConfirmationAnswerShown: Encodable {
    let schema = "nashra.confirmation.v1"
    let address: String
    let topic: String
    let confirmed: String
    let repeated: Bool
    let suppressed: String?

    init(_ answer: ConfirmationAnswer) {
        address = answer.address
        topic = answer.topic
        confirmed = answer.confirmedAt.iso8601
        repeated = answer.isRepeated
        suppressed = answer.suppressed?.rawValue
    }

    var text: String {
        let said =
            repeated
            ? "\(address) said yes to \(topic) before, at \(confirmed); nothing changed."
            : "\(address) is subscribed to \(topic)."
        return said
            + (suppressed.map { "\nBut no campaign reaches the address: it is suppressed (\($0))." } ?? "")
    }
}

private struct ConfirmationLine: Encodable {
    let address: String
    let topic: String
    let asked: String
    let expires: String
    let confirmed: String?
    let mail: String?
    let words: String?
    let source: String

    init(_ state: ConfirmationState) {
        address = state.address
        topic = state.topic
        asked = state.askedAt.iso8601
        expires = state.expiresAt.iso8601
        confirmed = state.confirmedAt?.iso8601
        mail = state.mail
        words = state.words
        source = state.source
    }

    var cells: [String] {
        [address, topic, asked, expires, confirmed ?? "", mail ?? "", words ?? "", source]
    }
}

private struct ConfirmationList: Encodable {
    let schema = "nashra.confirmations.v1"
    let confirmations: [ConfirmationLine]

    static let header = ["address", "topic", "asked", "until", "confirmed", "mail", "words", "source"]
    var rows: [[String]] { [Self.header] + confirmations.map(\.cells) }
}
