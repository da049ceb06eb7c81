// SPDX-License-Identifier: Apache-2.0
//
// `nashra version`.
import ArgumentParser

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Say which Nashra this is."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.console.result(Version.current, format: global.format) { Version.current.text }
    }
}
