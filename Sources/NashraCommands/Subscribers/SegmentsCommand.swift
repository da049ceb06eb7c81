// SPDX-License-Identifier: Apache-2.0
//
// `nashra segments`: list, show, count, members.
import ArgumentParser
import NashraApp
import NashraCore
import NashraSegments
import NashraStore

struct SegmentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segments",
        abstract: "Questions about people: saved ones in subscribers/segments.yaml, and typed ones.",
        discussion: """
            A question: language = ar and city in (Doha, "Al Khor") and subscribed to fraud and joined after 2026-01-01
            Fields: language, name, address, domain, state, joined, attr.NAME; and: subscribed [to TOPIC],
            received BULLETIN, bounced, suppressed.
            Comparisons: = != < <= > >= in (…), not in (…), contains, starts with, ends with, before, after,
            between … and …, is known, is empty; joined by and, or, not and brackets. All of it: docs/segments.md
            """,
        subcommands: [List.self, Show.self, Count.self, Members.self]
    )

    /// How long a question may take.
    struct TimeLimit: ParsableArguments {
        @Option(help: ArgumentHelp("How long it may take, such as 10s.", valueName: "time"))
        var timeLimit: String?

        func limit() throws(UserError) -> Duration {
            guard let timeLimit else { return Store.segmentTimeLimit }
            return try DurationArgument.parse(timeLimit, option: "--time-limit")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The saved segments.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let application = try global.open()
            let segments = try application.savedSegments(try application.openStoreForReading())
            let list = SegmentList(segments: segments.map { SegmentLine($0) })
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.segments.isEmpty
                    ? "No segments yet; they are written into subscribers/segments.yaml."
                    : Table(SegmentList.header, Array(list.rows.dropFirst())).text
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "One segment: its question in full; with --explain how it is answered, and each term's count."
        )

        @OptionGroup var global: GlobalOptions
        @OptionGroup var time: TimeLimit
        @Argument(help: "A saved segment's name, or a question.") var segment: String
        @Flag(
            help:
                "Show the statement with its values apart, its plan, and how many people each term is true of."
        )
        var explain = false

        func run() throws {
            let application = try global.open()
            let store = try application.openStoreForReading()
            let asked = try application.segment(segment, store)
            let explanation = explain ? try store.explain(asked.question, limit: try time.limit()) : nil
            let shown = SegmentShown(asked, explanation)
            try global.console.result(shown, format: global.format) { shown.text }
        }
    }

    struct Count: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "How many people a segment has.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var time: TimeLimit
        @Argument(help: "A saved segment's name, or a question.") var segment: String

        func run() throws {
            let application = try global.open()
            let store = try application.openStoreForReading()
            let asked = try application.segment(segment, store)
            let count = SegmentCounted(
                segment: asked.saved?.name,
                query: asked.question.expression.text,
                members: try store.segmentCount(asked.question, limit: try time.limit())
            )
            try global.console.result(count, format: global.format, rows: { count.rows }) {
                Quantity.grouped(count.members)
            }
        }
    }

    struct Members: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The people of a segment, in the order in which they came."
        )

        @OptionGroup var global: GlobalOptions
        @OptionGroup var time: TimeLimit
        @Argument(help: "A saved segment's name, or a question.") var segment: String
        @Option(help: "At most so many.") var limit = 1_000
        @Option(help: "Begin after the subscriber with this number.") var after: Int64?

        func validate() throws { try LimitArgument.check(limit) }

        func run() throws {
            let application = try global.open()
            let store = try application.openStoreForReading()
            let asked = try application.segment(segment, store)
            let longest = try time.limit()
            let people = try store.segmentMembers(
                asked.question,
                after: after.map(SubscriberID.init),
                count: limit,
                limit: longest
            )
            let isWhole = after == nil && people.count < limit
            let total = isWhole ? people.count : try store.segmentCount(asked.question, limit: longest)
            let list = SubscriberList(total: total, subscribers: people.map(SubscriberLine.init))
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.subscribers.isEmpty
                    ? "Nobody." : Table(SubscriberList.header, Array(list.rows.dropFirst())).text
            }
            if people.count < total, after == nil {
                global.console.note("\(people.count) of \(Quantity.grouped(total)); see --limit and --after.")
            }
        }
    }
}
