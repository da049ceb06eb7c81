// SPDX-License-Identifier: Apache-2.0
//
// `nashra topics`: add, list, show, edit, archive, unarchive.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct TopicsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "The lists that people can join.",
        subcommands: [Add.self, List.self, Show.self, Edit.self, Archive.self, Unarchive.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a topic.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name: lower-case letters, digits and hyphens.") var name: String
        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("Its title in a language; may be repeated.", valueName: "ar=text")
        )
        var title: [String] = []
        @Option(help: "public, private, or mandatory (staff: no unsubscribing).") var visibility = "public"

        func run() throws {
            let known = try ChoiceArgument.parse(visibility, "--visibility", Topic.Visibility.self)
            let application = try global.open()
            let topic = try application.openStore().addTopic(
                name: name,
                title: try TitleArgument.parse(title),
                visibility: known,
                actor: application.actor
            )
            global.console.note("Topic \(topic.name) is made.")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All topics, with how many people each has."
        )

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let list = TopicList(topics: try global.open().openStoreForReading().topics().map(TopicLine.init))
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.topics.isEmpty
                    ? "No topics yet. The first: nashra topics add public"
                    : Table(list.rows[0], Array(list.rows.dropFirst())).text
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One topic.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String

        func run() throws {
            let store = try global.open().openStoreForReading()
            guard let topic = try store.topic(named: name) else {
                let near = Suggestion.nearest(to: name, among: try store.topicNames())
                throw UserError(
                    .unknownObject,
                    "There is no topic \(name).",
                    remedy: near.map { "Did you mean \($0)?" } ?? "nashra topics list names them."
                )
            }
            let line = TopicLine(topic)
            let rows = [TopicList.header, line.cells]
            try global.console.result(TopicShown(topic: line), format: global.format, rows: { rows }) {
                Table(TopicList.header, [line.cells]).text
            }
        }
    }

    struct Edit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a topic's titles, and who can join and leave it; its name stays."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String
        @Option(
            parsing: .singleValue,
            help: ArgumentHelp(
                "A title in a language, \"ar=\" takes it away; may be repeated.",
                valueName: "ar=text"
            )
        )
        var title: [String] = []
        @Option(help: "public, private, or mandatory (staff: no unsubscribing).") var visibility: String?

        func validate() throws {
            if title.isEmpty, visibility == nil { throw ValidationError("There is nothing to change.") }
        }

        func run() throws {
            let application = try global.open()
            let topic = try application.openStore().editTopic(
                name,
                title: try TitleArgument.parse(title, allowsEmpty: true),
                visibility: try visibility.map { text throws(UserError) in
                    try ChoiceArgument.parse(text, "--visibility", Topic.Visibility.self)
                },
                actor: application.actor
            )
            global.console.note("Topic \(topic.name) is \(topic.visibility.rawValue) and changed.")
        }
    }

    struct Unarchive: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open an archived topic again.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String

        func run() throws {
            let application = try global.open()
            let isOpened = try application.openStore().unarchiveTopic(name, actor: application.actor)
            global.console.note(isOpened ? "Topic \(name) is open again." : "Topic \(name) was not archived.")
        }
    }

    struct Archive: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a topic: nothing more is sent to it; its people and its past stay."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String

        func run() throws {
            let application = try global.open()
            try application.openStore().archiveTopic(name, actor: application.actor)
            global.console.note("Topic \(name) is archived.")
        }
    }
}

/// `--title ar=text`.
enum TitleArgument {
    /// Reads titles by language tag.
    static func parse(_ texts: [String], allowsEmpty: Bool = false) throws(UserError) -> [String: String] {
        var titles: [String: String] = [:]
        for (tag, text) in try PairArgument.parse(texts, "--title") {
            let language = try Application.language(tag, "--title")
            guard allowsEmpty || !text.isEmpty, TerminalText.escapedCell(text) == text else {
                throw UserError(
                    .usage,
                    "--title \(tag) is empty or holds a line break or a control character.",
                    remedy: "Give the title in one line, such as --title ar=تنبيهات."
                )
            }
            titles[language.rawValue] = text
        }
        return titles
    }
}

private struct TopicLine: Encodable {
    let topic: String
    let title: [String: String]
    let visibility: Topic.Visibility
    let subscribers: Int
    let archived: String?

    init(_ topic: Topic) {
        self.topic = topic.name
        title = topic.title
        visibility = topic.visibility
        subscribers = topic.subscribers
        archived = topic.archivedAt?.iso8601
    }

    var cells: [String] {
        let titles = title.sorted { $0.key < $1.key }.map(\.value).joined(separator: " / ")
        return [topic, titles, visibility.rawValue, String(subscribers), archived ?? ""]
    }
}

private struct TopicShown: Encodable {
    let schema = "nashra.topic.v1"
    let topic: TopicLine
}

private struct TopicList: Encodable {
    let schema = "nashra.topics.v1"
    let topics: [TopicLine]

    static let header = ["topic", "title", "visibility", "subscribers", "archived"]
    var rows: [[String]] { [Self.header] + topics.map(\.cells) }
}
