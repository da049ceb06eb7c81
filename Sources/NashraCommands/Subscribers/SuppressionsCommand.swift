// SPDX-License-Identifier: Apache-2.0
//
// `nashra suppressions`: add, list, remove.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct SuppressionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppressions",
        abstract: "Addresses that no campaign may reach again.",
        subcommands: [Add.self, List.self, Remove.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Suppress addresses, at once, also in campaigns under way."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: ArgumentHelp("The addresses.", valueName: "address")) var addresses: [String]
        @Option(help: "hard_bounce, complaint, unsubscribe or operator.") var reason = "operator"
        @Option(help: "A note for the record.") var note = ""

        func run() throws {
            guard let known = Suppression.Reason(rawValue: reason) else {
                throw UserError(
                    .usage,
                    "--reason \(reason) is not known.",
                    remedy: "Say \(Suppression.Reason.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            let application = try global.open()
            let checked = try addresses.map { try Application.address($0) }
            let store = try application.openStore()
            for address in checked {
                let isNew = try store.addSuppression(
                    address,
                    reason: known,
                    origin: application.actor,
                    note: note,
                    actor: application.actor
                )
                global.console.note(
                    isNew
                        ? "\(address) is suppressed."
                        : "\(address) was suppressed before; the first reason stays."
                )
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All suppressions, by address.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "At most so many.") var limit = 1_000
        @Option(help: "Begin after this address.") var after: String?

        func validate() throws { try LimitArgument.check(limit) }

        func run() throws {
            let after = try after.map { try Application.address($0).key }
            let store = try global.open().openStoreForReading()
            let found = try store.suppressions(after: after, limit: limit)
            let list = SuppressionList(
                total: try store.suppressionCount(),
                suppressions: found.map(SuppressionLine.init)
            )
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.suppressions.isEmpty
                    ? "Nobody is suppressed." : Table(list.rows[0], Array(list.rows.dropFirst())).text
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lift the suppression of addresses.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: ArgumentHelp("The addresses.", valueName: "address")) var addresses: [String]

        func run() throws {
            let application = try global.open()
            let checked = try addresses.map { try Application.address($0) }
            let store = try application.openStore()
            var unknown: [String] = []
            for address in checked {
                if try store.removeSuppression(address, actor: application.actor) {
                    global.console.note("\(address) may be mailed again.")
                } else {
                    unknown.append(address.text)
                }
            }
            guard unknown.isEmpty else {
                throw UserError(
                    .unknownObject,
                    "Not suppressed: \(unknown.joined(separator: ", ")).",
                    remedy: "nashra suppressions list names those who are."
                )
            }
        }
    }
}
