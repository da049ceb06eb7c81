// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers`: import, add, list, show, remove.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct SubscribersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribers",
        abstract: "The people who may be mailed.",
        subcommands: [ImportCommand.self, Add.self, List.self, Show.self, Remove.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register one person who asked for it, even one who left before."
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

        func run() throws {
            let outcome = try global.open().addSubscriber(
                address,
                name: name,
                language: language,
                attributes: try PairArgument.parse(attributes, "--set"),
                topic: topic,
                source: source
            )
            if case .refused(let why) = outcome { throw UserError(.notPermitted, "\(address): \(why)") }
            global.console.note("\(address): \(outcome)")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Subscribers in the order in which they came."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "Only those of this topic.") var topic: String?
        @Option(help: "Only those of this language.") var language: String?
        @Option(help: "Only those in this state: pending, active, unsubscribed or erased.") var state: String?
        @Option(help: "At most so many.") var limit = 1_000
        @Option(help: "Begin after the subscriber with this number.") var after: Int64?

        func validate() throws { try LimitArgument.check(limit) }

        func run() throws {
            let store = try global.open().openStoreForReading()
            let filter = try filter()
            let people = try store.subscribers(filter, after: after.map(SubscriberID.init), limit: limit)
            let total = try store.subscriberCount(filter)
            let list = SubscriberList(total: total, subscribers: people.map(SubscriberLine.init))
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.subscribers.isEmpty
                    ? "No subscribers." : Table(SubscriberList.header, Array(list.rows.dropFirst())).text
            }
            if people.count < total, after == nil {
                global.console.note("\(people.count) of \(Quantity.grouped(total)); see --limit and --after.")
            }
        }

        private func filter() throws(UserError) -> SubscriberFilter {
            var filter = SubscriberFilter(
                topic: topic,
                language: try language.map { text throws(UserError) in
                    try Application.language(text, "--language")
                }
            )
            if let state {
                guard let known = Subscriber.State(rawValue: state) else {
                    throw UserError(
                        .usage,
                        "--state \(state) is not a state.",
                        remedy: "Say \(Subscriber.State.allCases.map(\.rawValue).joined(separator: ", "))."
                    )
                }
                filter.state = known
            }
            return filter
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One person: topics, consent, suppression.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The address.") var address: String

        func run() throws {
            let shown = SubscriberShown(try global.open().subscriber(address))
            try global.console.result(shown, format: global.format) { shown.text }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End all subscriptions of a person; nothing more is sent, and the record stays."
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

/// `--limit`.
enum LimitArgument {
    /// Refuses what is no number of lines.
    static func check(_ limit: Int) throws {
        guard (1...10_000_000).contains(limit) else {
            throw ValidationError("--limit is \(limit); it must lie in 1...10000000.")
        }
    }
}

/// `key=value` on the command line.
enum PairArgument {
    /// Splits each at its first `=`.
    static func parse(_ texts: [String], _ option: String) throws(UserError) -> [String: String] {
        var pairs: [String: String] = [:]
        for text in texts {
            guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals != text.startIndex else {
                throw UserError(.usage, "\(option) \(text) is not key=value.")
            }
            pairs[String(text[..<equals])] = String(text[text.utf8.index(after: equals)...])
        }
        return pairs
    }
}
