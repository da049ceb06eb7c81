// SPDX-License-Identifier: Apache-2.0
//
// `nashra campaigns`: list, show, pause, resume, cancel.
import ArgumentParser
import NashraApp
import NashraCore

struct CampaignsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaigns",
        abstract: "What was sent, is being sent, and can be resumed.",
        subcommands: [List.self, Show.self, Pause.self, Resume.self, Cancel.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All campaigns, newest first.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let list = try global.open().campaigns()
            try global.console.result(list, format: global.format, rows: { CampaignText.rows(list) }) {
                CampaignText.table(list)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One campaign: audience, settings, states.")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The campaign, such as c-2026-0007.")
        var campaign: String

        func run() throws {
            let shown = try global.open().campaign(campaign)
            try global.console.result(shown, format: global.format) { CampaignText.one(shown) }
        }
    }

    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Hold a campaign: nothing more is sent, except messages whose end is already on the wire."
        )

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The campaign.")
        var campaign: String

        @Option(help: "Why, for the record.")
        var reason = "paused by an operator"

        func run() throws {
            try global.open().pause(campaign, reason: reason)
            global.console.note(
                "Campaign \(campaign) is paused. Go on with: nashra campaigns resume \(campaign)"
            )
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with a campaign: after a pause, an interruption, a crash, or for those put off."
        )

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The campaign.")
        var campaign: String

        @Option(help: ArgumentHelp("Messages a second, at most.", valueName: "n/s"))
        var rate: String?

        @Option(help: ArgumentHelp("Connections at once, at most.", valueName: "n"))
        var connections: Int?

        @Flag(help: "Wait for recipients that are put off.")
        var wait = false

        @Flag(
            name: .shortAndLong,
            help: "Do not ask; resuming asks nothing, so this is for scripts that always say it."
        )
        var yes = false

        @Flag(help: "Go on however many refusals there are.")
        var acceptRefusals = false

        func run() throws {
            let application = try global.open()
            let desk = try SendDesk(application)
            let name = try desk.resume(campaign)
            try SendSession(global: global, application: application, desk: desk).run(
                name,
                SendOptions(
                    rate: rate,
                    connections: connections,
                    waits: wait,
                    acceptsRefusals: acceptRefusals
                )
            )
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a campaign for good: whoever was not reached will not be."
        )

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The campaign.")
        var campaign: String

        @Flag(name: .shortAndLong, help: "Do not ask.")
        var yes = false

        func run() throws {
            let application = try global.open()
            let state = try application.campaign(campaign).campaign.state
            guard state == .sending || state == .paused else {
                throw UserError(
                    .usage,
                    "Campaign \(campaign) is \(state.rawValue); there is nothing to cancel.",
                    remedy: "Its report: nashra report \(campaign)"
                )
            }
            if !yes {
                guard !global.noInput else {
                    throw UserError(.usage, "Nobody may be asked.", remedy: "Say --yes.")
                }
                let typed = try Prompt.typed("Type \(campaign) to cancel it for good: ")
                guard typed == campaign else { throw UserError(.usage, "Nothing was cancelled.") }
            }
            let count = try application.cancel(campaign)
            global.console.note("Campaign \(campaign) is cancelled; \(Quantity.people(count)) not reached.")
        }
    }
}
