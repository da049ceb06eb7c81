// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers edit, pause, resume`: what can be changed of one person.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct SubscriberEditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change one person's values, address, state, or how often a topic reaches the person.",
        discussion: """
            A new address keeps the history. What the person said against the old one counts for the new one too, and
            questions that wait for an answer end.

            Examples:
              nashra subscribers edit sara@example.org --name "سارة" --set grade=٧ --unset unit
              nashra subscribers edit sara@example.org --topic fraud --frequency weekly
              nashra subscribers edit sara@example.org --address sara@new.example --source "letter of 1 March"
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The address.") var subject: String
    @Option(help: "The new name; \"\" takes it away.") var name: String?
    @Option(help: "The new language: ar, en or fr.") var language: String?
    @Option(
        name: .customLong("set"),
        parsing: .singleValue,
        help: ArgumentHelp("An attribute to set; may be repeated.", valueName: "key=value")
    )
    var attributes: [String] = []
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("An attribute to take away; may be repeated.", valueName: "key")
    )
    var unset: [String] = []
    @Option(help: "The new address.") var address: String?
    @Option(help: "active or unsubscribed; the topics stay as they are.") var state: String?
    @Option(help: "The topic that --frequency is about.") var topic: String?
    @Option(help: "How often: immediate, daily or weekly.") var frequency: String?
    @Option(help: "Where this comes from, for the record.") var source = "operator"

    func validate() throws {
        guard (topic == nil) == (frequency == nil) else {
            throw ValidationError("--topic and --frequency go together.")
        }
        let isIdle = [name, language, address, state, topic].allSatisfy { $0 == nil }
        if isIdle, attributes.isEmpty, unset.isEmpty { throw ValidationError("There is nothing to change.") }
    }

    func run() throws {
        let application = try global.open()
        var isChanged = false
        if let topic, let frequency {
            isChanged = try application.openStore().setFrequency(
                try Application.address(subject),
                topic: topic,
                try ChoiceArgument.parse(frequency, "--frequency", Subscription.Frequency.self),
                source: source,
                actor: application.actor
            )
        }
        let changes = SubscriberChanges(
            name: name,
            language: try language.map { text throws(UserError) in
                try Application.language(text, "--language")
            },
            set: try PairArgument.parse(attributes, "--set"),
            unset: unset,
            state: try state.map { text throws(UserError) in
                try ChoiceArgument.parse(text, "--state", Subscriber.State.self)
            }
        )
        isChanged =
            try application.editSubscriber(subject, changes, newAddress: address, source: source) || isChanged
        global.console.note(isChanged ? "\(address ?? subject) is changed." : "Nothing is different.")
    }
}

struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Keep campaigns from a person for a while.",
        discussion: """
            A day means its beginning where the organisation is: --until 2026-12-15 lets the bulletins of 15 December through.

            Examples:
              nashra subscribers pause sara@example.org --until 2026-12-15
              nashra subscribers pause sara@example.org --topic traffic --from 2026-12-01 --until 30d
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The address.") var address: String
    @Option(help: "Only through this topic.") var topic: String?
    @Option(help: ArgumentHelp("From then on; from now on when it is left out.", valueName: "day|time|span"))
    var from: String?
    @Option(
        help: ArgumentHelp("Until then; until it is resumed when it is left out.", valueName: "day|time|span")
    )
    var until: String?
    @Flag(help: "Mandatory topics too.") var force = false
    @Option(help: "Where this comes from, for the record.") var source = "operator"

    func run() throws {
        let application = try global.open()
        let done = try application.openStore().pause(
            try Application.address(address),
            topic: topic,
            from: try from.map { text throws(UserError) in
                try application.moment(text, option: "--from", isPast: false)
            },
            until: try until.map { text throws(UserError) in
                try application.moment(text, option: "--until", isPast: false)
            },
            force: force,
            source: source,
            actor: application.actor
        )
        if !done.mandatory.isEmpty {
            global.console.note(
                "Mandatory, and not paused: \(done.mandatory.joined(separator: ", ")); see --force."
            )
        }
        global.console.note(
            done.paused.isEmpty
                ? "Nothing is paused." : "\(address) is paused: \(done.paused.joined(separator: ", "))."
        )
    }
}

struct ResumeSubscriberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "End a person's pauses.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The address.") var address: String
    @Option(help: "Only of this topic.") var topic: String?
    @Option(help: "Where this comes from, for the record.") var source = "operator"

    func run() throws {
        let application = try global.open()
        let topics = try application.openStore().resume(
            try Application.address(address),
            topic: topic,
            source: source,
            actor: application.actor
        )
        global.console.note(
            topics.isEmpty
                ? "Nothing was paused." : "\(address) goes on with \(topics.joined(separator: ", "))."
        )
    }
}

/// One of the words of an enumeration.
enum ChoiceArgument {
    /// Reads it.
    ///
    /// - Throws: `usage`, with the words there are.
    static func parse<Word: RawRepresentable & CaseIterable>(
        _ text: String,
        _ option: String,
        _ type: Word.Type
    ) throws(UserError) -> Word where Word.RawValue == String {
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        let near = Suggestion.nearest(to: text, among: words).map { "Did you mean \($0)? " } ?? ""
        throw UserError(
            .usage,
            "\(option) \(text) is not known.",
            remedy: "\(near)Say \(words.joined(separator: ", "))."
        )
    }
}
