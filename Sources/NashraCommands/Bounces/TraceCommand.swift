// SPDX-License-Identifier: Apache-2.0
//
// `nashra trace`: one person's whole story, or one message's.
import ArgumentParser
import NashraApp
import NashraCore

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Tell one person's whole story: mailed, bounced, suppressed, lifted, and why.",
        discussion: """
            Takes an address, the Message-ID of one of our mails, or the address that its bounces come to; of those two
            the story of that one mail.

            Examples:
              nashra trace sara@example.org
              nashra trace "<m1…@moi.example>" --format json
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("An address, or a Message-ID.", valueName: "address|message-id"))
    var subject: String

    func run() throws {
        let shown = TraceShown(try global.open().story(of: subject))
        try global.console.result(shown, format: global.format, rows: { shown.rows }) { shown.text }
    }
}
