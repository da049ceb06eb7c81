// SPDX-License-Identifier: Apache-2.0
//
// `nashra config`: check and show.
import ArgumentParser
import NashraApp
import NashraConfig
import NashraCore

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Check and show the workspace's configuration.",
        subcommands: [Check.self, Show.self]
    )

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the whole configuration and name every fault in one run."
        )

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let application = try global.open()
            _ = try application.keyring()
            _ = try application.attributes
            _ = try application.consentText
            try application.checkSegments()
            global.console.note("The configuration of \(application.workspace.root) is in order.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every setting as it is in force; secrets are masked."
        )

        @OptionGroup var global: GlobalOptions

        @Flag(help: "Say where each value comes from.")
        var origin = false

        func run() throws {
            let entries = try global.open().configuration.entries
            let list = SettingList(
                settings: entries.map {
                    SettingList.Setting(key: $0.key, value: $0.value, origin: $0.origin.description)
                }
            )
            try global.console.result(list, format: global.format, rows: { rows(list) }) {
                Table(columns, Array(rows(list).dropFirst())).text
            }
        }

        private var columns: [String] { origin ? ["key", "value", "origin"] : ["key", "value"] }

        private func rows(_ list: SettingList) -> [[String]] {
            [columns] + list.settings.map { origin ? [$0.key, $0.value, $0.origin] : [$0.key, $0.value] }
        }
    }
}

private struct SettingList: Encodable {
    struct Setting: Encodable {
        let key: String
        let value: String
        let origin: String
    }
    let schema = "nashra.config.v1"
    let settings: [Setting]
}
