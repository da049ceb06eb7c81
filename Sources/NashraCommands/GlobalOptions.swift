// SPDX-License-Identifier: Apache-2.0
//
// Options that every command takes, and the way from them to an open workspace.
import ArgumentParser
import Foundation
import NashraApp
import NashraCore

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The workspace: a folder with config/nashra.yaml. Default: $NASHRA_WORKSPACE, else the current folder.",
            valueName: "dir"
        )
    )
    var workspace: String?

    @Option(help: "How results are printed: table, json or csv.")
    var format: OutputFormat = .table

    @Flag(name: .shortAndLong, help: "Say nothing on stderr but errors.")
    var quiet = false

    @Flag(help: "Never ask; a missing answer is an error.")
    var noInput = false

    /// Opens the workspace and its checked configuration.
    func open() throws(UserError) -> Application {
        let environment = ProcessInfo.processInfo.environment
        let clock = try ShiftedClock.clock(environment)
        if clock is ShiftedClock {
            console.note("The clock is set ahead by NASHRA_TEST_CLOCK, which is for tests only.")
        }
        let application = try Application.open(
            directory: workspace,
            environment: environment,
            clock: clock
        )
        for warning in application.warnings { console.note(warning.description) }
        return application
    }

    /// Where results and talk go.
    var console: Console { Console(quiet: quiet) }
}
