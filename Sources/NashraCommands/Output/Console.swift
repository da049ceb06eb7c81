// SPDX-License-Identifier: Apache-2.0
//
// Where the program speaks: results on stdout, everything else on stderr.
// The only place of the command line that writes.
import Foundation
import NashraCore

/// The two streams of one run.
struct Console: Sendable {
    /// Say nothing on stderr but errors.
    let quiet: Bool

    /// For what is said before the options are known.
    static let standard = Console(quiet: false)

    /// Whether stdout is a terminal.
    static let outIsTerminal = isatty(STDOUT_FILENO) == 1
    /// Whether stderr is a terminal that can redraw a line.
    static let errorIsTerminal =
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Prints a result: as a table for people, as JSON, or as CSV.
    ///
    /// - Parameters:
    ///   - value: What JSON is made of; carries its own `schema`.
    ///   - table: The text for people.
    ///   - rows: Header and rows for CSV; `nil` where there is no sensible CSV.
    func result(
        _ value: some Encodable, format: OutputFormat, rows: (() -> [[String]])? = nil, table: () -> String
    ) throws {
        switch format {
        case .table: write(table())
        case .json: write(String(decoding: try JSONOutput.encode(value), as: UTF8.self))
        case .csv:
            guard let rows else {
                throw UserError(.usage, "This result has no CSV form.", remedy: "Use --format json.")
            }
            FileHandle.standardOutput.write(Data(CSVWriter.document(rows())))
        }
    }

    /// Writes lines to stdout.
    func write(_ text: String) {
        let safe = Self.outIsTerminal ? TerminalText.escaped(text) : text
        FileHandle.standardOutput.write(Data((safe + "\n").utf8))
    }

    /// Talks on stderr, unless quiet.
    func note(_ text: String) {
        guard !quiet else { return }
        say(text)
    }

    /// Tells an error on stderr, always.
    func fail(_ error: UserError) {
        for diagnostic in error.diagnostics { say(diagnostic.description) }
        say("nashra: \(error.message)")
        if !error.remedy.isEmpty { say("    \(error.remedy)") }
    }

    private func say(_ text: String) {
        FileHandle.standardError.write(Data((TerminalText.escaped(text) + "\n").utf8))
    }
}
