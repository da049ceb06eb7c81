// SPDX-License-Identifier: Apache-2.0
//
// `nashra privacy`: what is held, and how long.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct PrivacyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy",
        abstract: "What is held about people, and how long it is kept.",
        subcommands: [Show.self, Prune.self]
    )

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What every table holds, since when, and the rules of how long things are kept."
        )

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let application = try global.open()
            let shown = HoldingsShown(
                try application.openStoreForReading().holdings(),
                retention: application.retention
            )
            try global.console.result(shown, format: global.format, rows: { shown.rows }) { shown.text }
        }
    }

    struct Prune: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete what has been kept for longer than privacy.retention says.",
            discussion: """
                Counts by rule first, and asks, unless --yes. In batches: a send goes on meanwhile. Reports of campaigns
                stay as they are. Exit status: 0 done, also when there was nothing to do.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Flag(help: "Only count.") var dryRun = false
        @Flag(help: "Do not ask.") var yes = false

        func run() throws {
            let application = try global.open()
            var counts = try application.prune(isDryRun: true)
            let due = counts.reduce(0) { $0 + $1.due }
            if !dryRun, due > 0 {
                try confirm(counts)
                counts = try application.prune(isDryRun: false) { rule, done in
                    global.console.note("\(rule.rawValue): \(Quantity.grouped(done))")
                }
            }
            let shown = PruneShown(counts, isDryRun: dryRun)
            try global.console.result(shown, format: global.format, rows: { shown.rows }) { shown.text }
        }

        private func confirm(_ counts: [PruneCount]) throws(UserError) {
            guard !yes else { return }
            guard !global.noInput else {
                throw UserError(
                    .usage,
                    "Pruning cannot be undone, and --no-input forbids to ask.",
                    remedy: "Look at it with --dry-run, then say --yes."
                )
            }
            global.console.note(PruneShown(counts, isDryRun: true).text)
            let answer = try Prompt.typed("This cannot be undone. Type yes to go on: ")
            guard answer == "yes" else { throw UserError(.usage, "Not confirmed; nothing was pruned.") }
        }
    }
}

private struct HoldingsShown: Encodable {
    struct Holding: Encodable {
        let table: String
        let section: String?
        let rows: Int
        let oldest: String?
    }

    struct Rule: Encodable {
        let rule: String
        let days: Int64?
    }

    let schema = "nashra.privacy.v1"
    let tables: [Holding]
    let retention: [Rule]

    init(_ holdings: [TableHolding], retention: Retention) {
        tables = holdings.map {
            Holding(table: $0.table, section: $0.section, rows: $0.rows, oldest: $0.oldest?.iso8601)
        }
        self.retention = Retention.Rule.allCases.map {
            Rule(rule: $0.rawValue, days: retention.spans[$0].map { $0.milliseconds / 86_400_000 })
        }
    }

    var rows: [[String]] {
        [["table", "of people", "rows", "oldest"]]
            + tables.map { [$0.table, $0.section ?? "-", String($0.rows), $0.oldest ?? ""] }
    }

    var text: String {
        let rules = retention.map { [$0.rule, $0.days.map { "\($0) days" } ?? "for ever"] }
        return Table(rows[0], Array(rows.dropFirst())).text + "\n\n"
            + Table(["privacy.retention", "kept"], rules).text
    }
}

private struct PruneShown: Encodable {
    struct Rule: Encodable {
        let rule: String
        let before: String?
        let due: Int
        let pruned: Int
    }

    let schema = "nashra.prune.v1"
    let isDryRun: Bool
    let rules: [Rule]

    private enum CodingKeys: String, CodingKey {
        case schema
        case isDryRun = "dry_run"
        case rules
    }

    init(_ counts: [PruneCount], isDryRun: Bool) {
        self.isDryRun = isDryRun
        rules = counts.map {
            Rule(rule: $0.rule.rawValue, before: $0.before?.iso8601, due: $0.due, pruned: $0.pruned)
        }
    }

    var rows: [[String]] {
        [["rule", "older than", "due", "pruned"]]
            + rules.map { [$0.rule, $0.before ?? "never", String($0.due), String($0.pruned)] }
    }

    var text: String {
        let table = Table(rows[0], Array(rows.dropFirst())).text
        if rules.allSatisfy({ $0.due == 0 }) { return "\(table)\nNothing has been kept for too long." }
        return isDryRun ? "\(table)\nDry run: nothing was changed." : table
    }
}
