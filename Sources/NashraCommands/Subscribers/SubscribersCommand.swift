// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers`: all its verbs, and list and show.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct SubscribersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribers",
        abstract: "The people who may be mailed.",
        subcommands: [
            ImportCommand.self, Add.self, List.self, Show.self,
            SubscriberEditCommand.self, PauseCommand.self, ResumeSubscriberCommand.self, ConfirmCommand.self,
            ConfirmationsCommand.self, UnsubscribeCommand.self, Remove.self, HistoryCommand.self,
            ExportCommand.self, EraseCommand.self,
        ]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Subscribers in the order in which they came."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "Only those of this topic.") var topic: String?
        @Option(help: "Only those of this language.") var language: String?
        @Option(help: "Only those in this state: pending, active, unsubscribed or erased.") var state: String?
        @Option(help: "Only those with an address in this domain.") var domain: String?
        @Flag(help: "Only those who have something to confirm.") var pending = false
        @Option(
            help: ArgumentHelp(
                "Only those whose name or address holds this, however it is spelled: احمد finds أَحْمَد.",
                valueName: "text"
            )
        )
        var search: String?
        @Option(
            name: .customLong("where"),
            help: ArgumentHelp(
                "Only those of whom this question is true; see nashra segments --help.",
                valueName: "query"
            )
        )
        var question: String?
        @Option(help: "At most so many.") var limit = 1_000
        @Option(help: "Begin after the subscriber with this number.") var after: Int64?

        func validate() throws { try LimitArgument.check(limit) }

        func run() throws {
            let application = try global.open()
            let store = try application.openStoreForReading()
            var filter = try filter()
            if let question { filter.segment = try application.segmentQuery(question, store) }
            let last = after.map(SubscriberID.init)
            let people: [Subscriber]
            let total: Int
            if let search {
                (people, total) = try store.subscribers(matching: search, filter, after: last, limit: limit)
            } else {
                people = try store.subscribers(filter, after: last, limit: limit)
                total = try store.subscriberCount(filter)
            }
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
                },
                isPending: pending
            )
            if let domain {
                do throws(AddressFault) {
                    filter.domain = try DomainName.aLabels(Array(domain.utf8))
                } catch {
                    throw UserError(.usage, "--domain \(domain) is no domain: \(error).")
                }
            }
            if let state { filter.state = try ChoiceArgument.parse(state, "--state", Subscriber.State.self) }
            return filter
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One person: topics, consent, suppression.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The address.") var address: String

        func run() throws {
            let application = try global.open()
            let shown = SubscriberShown(try application.subscriber(address), now: application.clock.now())
            try global.console.result(shown, format: global.format) { shown.text }
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
