// SPDX-License-Identifier: Apache-2.0
//
// `nashra suppressions`: add, list, show, remove; files are in SuppressionFilesCommands.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct SuppressionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppressions",
        abstract:
            "Addresses that campaigns may not reach, everywhere or through one topic, for ever or for a time.",
        subcommands: [Add.self, List.self, Show.self, Remove.self, Import.self, Export.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Suppress addresses, at once, also in campaigns under way.",
            discussion: """
                What lasts longer counts: a suppression for ever stays when one for a time is added, and takes the place
                of one for a time. Of two that last as long the first reason stays, unless it was inferred from bounces.

                Examples:
                  nashra suppressions add sara@example.org --note "asked by phone"
                  nashra suppressions add sara@example.org --topic traffic --expires 90d
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: ArgumentHelp("The addresses.", valueName: "address")) var addresses: [String]
        @Option(help: "Only campaigns that reach the person through this topic; default: every campaign.")
        var topic: String?
        @Option(help: "hard_bounce, soft_bounce, complaint, unsubscribe or operator.") var reason = "operator"
        @Option(help: "A note for the record.") var note = ""
        @Option(
            help: ArgumentHelp(
                "From then on it counts no more: 90d, 2026-12-31 or 2026-12-31T08:00:00Z; default: never.",
                valueName: "time"
            )
        )
        var expires: String?

        func run() throws {
            let reason = try SuppressionArgument.reason(reason)
            let application = try global.open()
            let expires = try expires.map { text throws(UserError) in
                try application.moment(text, option: "--expires", isPast: false)
            }
            let drafts = try addresses.map { text throws(UserError) in
                SuppressionDraft(
                    address: try Application.address(text),
                    scope: SuppressionArgument.scope(topic),
                    reason: reason,
                    origin: application.actor,
                    note: note,
                    expires: expires
                )
            }
            let outcomes = try application.openStore().suppress(drafts, actor: application.actor)
            for (draft, outcome) in zip(drafts, outcomes) {
                global.console.note("\(draft.address) \(Self.words(outcome, draft)).")
            }
        }

        private static func words(_ outcome: SuppressionOutcome, _ draft: SuppressionDraft) -> String {
            let scope = draft.scope == .everywhere ? "" : " for \(draft.scope)"
            let until = draft.expires.map { " until \($0.iso8601)" } ?? ""
            return switch outcome {
            case .added: "is suppressed\(scope)\(until)"
            case .replaced: "was suppressed\(scope) already; this takes its place\(until)"
            case .kept: "was suppressed\(scope) before, for at least as long; that stays"
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Suppressions by address.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var filter: SuppressionFilterOptions
        @Option(help: "At most so many.") var limit = 1_000
        @Option(help: "Begin after this address.") var after: String?

        func validate() throws { try LimitArgument.check(limit) }

        func run() throws {
            let after = try after.map { try Application.address($0).key }
            let application = try global.open()
            let store = try application.openStoreForReading()
            let filter = try filter.filter(application)
            let found = try store.suppressions(filter, after: after, limit: limit)
            let list = SuppressionList(
                total: try store.suppressionCount(filter),
                suppressions: found.map(SuppressionLine.init)
            )
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.suppressions.isEmpty ? "Nobody is suppressed." : list.table
            }
            if found.count < list.total, after == nil {
                global.console.note(
                    "\(found.count) of \(Quantity.grouped(list.total)); see --limit and --after."
                )
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One address: what suppresses it now, and what did before."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The address.") var address: String

        func run() throws {
            let checked = try Application.address(address)
            let store = try global.open().openStoreForReading()
            let shown = SuppressionShown(
                address: checked.text,
                suppressions: try store.suppressions(of: checked).map(SuppressionLine.init),
                history: try store.suppressionHistory(checked).map(SuppressionShown.Spell.init)
            )
            guard !shown.history.isEmpty || !shown.suppressions.isEmpty else {
                throw UserError(
                    .unknownObject,
                    "\(address) is not suppressed and never was.",
                    remedy: "nashra why \(address) tells whether it is reached."
                )
            }
            try global.console.result(shown, format: global.format, rows: { shown.rows }) { shown.text }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lift the suppression of addresses: everywhere, or with --topic the one of that topic."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: ArgumentHelp("The addresses.", valueName: "address")) var addresses: [String]
        @Option(help: "The suppression of this topic; the others stay.") var topic: String?
        @Option(help: "Why, for the record.") var note = ""

        func run() throws {
            let application = try global.open()
            let checked = try addresses.map { try Application.address($0) }
            let store = try application.openStore()
            let scope = SuppressionArgument.scope(topic)
            var unknown: [String] = []
            var others: [String] = []
            for address in checked {
                let isLifted = try store.removeSuppression(
                    address,
                    scope: scope,
                    why: note,
                    actor: application.actor
                )
                let left = try store.suppressions(of: address).map(\.scope.description)
                if isLifted {
                    let still =
                        left.isEmpty ? "" : ", but is suppressed for \(left.joined(separator: ", ")) still"
                    global.console.note("\(address) may be mailed again\(still).")
                } else {
                    unknown.append(address.text)
                    others += left
                }
            }
            guard unknown.isEmpty else { throw Self.notSuppressed(unknown, scope, others) }
        }

        private static func notSuppressed(
            _ addresses: [String],
            _ scope: SuppressionScope,
            _ others: [String]
        ) -> UserError {
            UserError(
                .unknownObject,
                "Not suppressed\(scope == .everywhere ? " everywhere" : " for \(scope)"): "
                    + "\(addresses.joined(separator: ", ")).",
                remedy: others.isEmpty
                    ? "nashra suppressions list names those who are."
                    : "There is \(Set(others).sorted().joined(separator: ", ")): "
                        + (others.contains("all") ? "leave out --topic." : "say --topic NAME.")
            )
        }
    }
}

/// Which suppressions; shared by `list` and `export`.
struct SuppressionFilterOptions: ParsableArguments {
    @Option(help: "Only those for this reason.") var reason: String?
    @Option(help: "Only those of this topic; all: only those of every campaign.") var topic: String?
    @Option(
        help: ArgumentHelp("Only those made since then: 30d, 2026-01-31 or a moment.", valueName: "time")
    )
    var since: String?
    @Flag(help: "Those whose time is over, instead of those that count.") var expired = false

    func filter(_ application: Application) throws(UserError) -> SuppressionFilter {
        SuppressionFilter(
            reason: try reason.map { text throws(UserError) in try SuppressionArgument.reason(text) },
            scope: topic.map { SuppressionScope($0) ?? .topic($0) },
            since: try since.map { text throws(UserError) in
                try application.moment(text, option: "--since", isPast: true)
            },
            isExpired: expired
        )
    }
}

/// Words of the command line.
enum SuppressionArgument {
    static func reason(_ text: String) throws(UserError) -> SuppressionReason {
        if let known = SuppressionReason(rawValue: text) { return known }
        throw UserError(
            .usage,
            "--reason \(text) is not known.",
            remedy: "Say \(SuppressionReason.allCases.map(\.rawValue).joined(separator: ", "))."
        )
    }

    static func scope(_ topic: String?) -> SuppressionScope {
        topic.map(SuppressionScope.topic) ?? .everywhere
    }
}
