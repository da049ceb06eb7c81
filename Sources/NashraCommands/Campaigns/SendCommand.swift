// SPDX-License-Identifier: Apache-2.0
//
// `nashra send`: plan, confirm, go, report.
// Reads and asks; the work is NashraApp's.
import ArgumentParser
import NashraApp
import NashraCore

struct SendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send one bulletin to one audience.",
        discussion: """
            Shows whom it would reach and who is left out and why, asks for the number of recipients, sends, and ends
            with the campaign's report. Interrupted (Ctrl-C once) it drains and can be resumed with
            `nashra campaigns resume`; a second Ctrl-C does not wait for outstanding replies.

            Exit status: 0 all accepted; 1 finished, some refused; 69 the relay is unavailable; 75 some are put off
            and wait for `campaigns resume`; 78 the relay refuses our settings; 130 interrupted.

            Examples:
              nashra send 2026-001 --to topic:public --dry-run
              nashra send 2026-001 --to topic:public --language ar --confirm-count 12345
              nashra send 2026-001 --to officer@moi.example --yes
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The bulletin: its number, its folder's name, or a path.")
    var bulletin: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            """
            Whom to reach: topic:NAME, segment:NAME or an address; may be repeated. Default: the bulletin's own \
            topics.
            """,
            valueName: "target"
        )
    )
    var to: [String] = []

    @Option(parsing: .singleValue, help: "Only subscribers of this language; may be repeated.")
    var language: [String] = []

    @Option(parsing: .singleValue, help: "Only addresses of this domain; may be repeated.")
    var domain: [String] = []

    @Option(help: ArgumentHelp("Messages a second, at most; default from relays.*.rate.", valueName: "n/s"))
    var rate: String?

    @Option(
        help: ArgumentHelp("Connections at once, at most; default from relays.*.connections.", valueName: "n")
    )
    var connections: Int?

    @Option(
        help: ArgumentHelp(
            "Start nothing after this: a time (2026-12-01T08:00:00Z) or a span (24h).",
            valueName: "time"
        )
    )
    var expires: String?

    @Flag(help: "Compose and check every message; connect to nobody and store nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Option(
        help: ArgumentHelp("Do not ask, but go only if it is exactly this many recipients.", valueName: "n")
    )
    var confirmCount: Int?

    @Flag(help: "Wait for recipients that were put off, instead of leaving them to `campaigns resume`.")
    var wait = false

    @Flag(help: "Send although the same revision went to the same audience before.")
    var again = false

    @Flag(help: "Go on however many refusals there are; without it the storm guard holds the campaign.")
    var acceptRefusals = false

    func run() throws {
        let application = try global.open()
        let desk = try SendDesk(application)
        let plan = try desk.plan(
            SendRequest(
                bulletin: bulletin,
                targets: to,
                languages: language,
                domains: domain,
                expires: expires,
                rate: rate,
                connections: connections,
                isAgain: again
            )
        )
        if !global.quiet { global.console.note(PlanText.table(plan)) }
        guard !dryRun else { return try rehearse(desk, plan) }
        try confirm(plan)
        let campaign = try desk.freeze(plan)
        global.console.note("Campaign \(campaign.name) is frozen for \(Quantity.people(campaign.audience)).")
        let options = SendOptions(
            rate: rate,
            connections: connections,
            waits: wait,
            acceptsRefusals: acceptRefusals
        )
        try SendSession(global: global, application: application, desk: desk)
            .run(campaign.name, options)
    }

    private func rehearse(_ desk: SendDesk, _ plan: SendPlan) throws {
        let bar = ProgressBar(console: global.console, total: plan.audience.audience, verb: "composed")
        let rehearsal = try desk.rehearse(plan) { done in
            bar.update(ProgressState(accepted: done, done: done, total: plan.audience.audience))
        }
        bar.finish()
        let rows = [
            ["messages", "bytes", "largest", "seconds"],
            [rehearsal.messages, rehearsal.bytes, rehearsal.largest].map(String.init) + [
                String(rehearsal.seconds)
            ],
        ]
        try global.console.result(rehearsal, format: global.format, rows: { rows }) {
            PlanText.rehearsal(rehearsal)
        }
    }

    private func confirm(_ plan: SendPlan) throws(UserError) {
        let count = plan.audience.audience
        if let confirmCount {
            guard confirmCount == count else {
                throw UserError(
                    .usage,
                    "--confirm-count is \(confirmCount), but the audience is \(count).",
                    remedy: "Look at the plan above; if it is right, say --confirm-count \(count)."
                )
            }
            return
        }
        guard !yes else { return }
        guard !global.noInput else {
            throw UserError(.usage, "Nobody may be asked.", remedy: "Say --yes or --confirm-count \(count).")
        }
        let typed = try Prompt.typed(
            "Type the number of recipients (\(count)) to send, or anything else to stop: "
        )
        guard typed == String(count) else {
            throw UserError(.usage, "Nothing was sent: \"\(typed)\" is not \(count).")
        }
    }
}
