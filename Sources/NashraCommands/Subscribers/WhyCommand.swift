// SPDX-License-Identifier: Apache-2.0
//
// `nashra why`: one screen that explains why somebody gets a bulletin or does not.
import ArgumentParser
import NashraApp
import NashraCore

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Explain why somebody gets the next bulletin or does not, and what to do about it.",
        discussion: """
            For each topic: would its next bulletin reach this address, and if not, what stands in the way; what decides
            comes first. Then what the last campaigns did. nashra trace tells the whole story.

            Exit status: 0 whatever the answer is; with --format json, `reached` tells it.

            Examples:
              nashra why sara@example.org
              nashra why sara@example.org --topic fraud
              nashra why sara@example.org --campaign c-2026-0007
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The address.")
    var address: String

    @Option(help: "Only this topic.")
    var topic: String?

    @Option(help: "Only this bulletin: its topics, its language for this person, its campaigns.")
    var bulletin: String?

    @Option(help: "Only what this campaign did.")
    var campaign: String?

    func validate() throws {
        guard [topic, bulletin, campaign].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("Say one of --topic, --bulletin and --campaign.")
        }
    }

    func run() throws {
        let answer = try global.open().why(address, topic: topic, bulletin: bulletin, campaign: campaign)
        let shown = WhyShown(answer, isCampaignOnly: campaign != nil)
        try global.console.result(shown, format: global.format, rows: { shown.rows }) {
            WhyText.screen(shown)
        }
    }
}
