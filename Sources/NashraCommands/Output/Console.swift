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

    /// What stdout is.
    static let out = TerminalStyle.of(STDOUT_FILENO)
    /// What stderr is.
    static let error = TerminalStyle.of(STDERR_FILENO)

    /// Whether stdout is a terminal.
    static var outIsTerminal: Bool { out.isTerminal }
    /// Whether stderr is a terminal that can redraw a line.
    static var errorIsTerminal: Bool { error.canRedraw }

    /// Prints a result: as a table for people, as JSON, or as CSV.
    ///
    /// - Parameters:
    ///   - value: What JSON is made of; carries its own `schema`.
    ///   - format: The form that was asked for.
    ///   - rows: Header and rows for CSV; `nil` where there is no sensible CSV.
    ///   - table: The text for people.
    /// - Throws: ``UserError`` when there is no such form, or stdout does not take it.
    func result(
        _ value: some Encodable,
        format: OutputFormat,
        rows: (() -> [[String]])? = nil,
        table: () -> String
    ) throws {
        switch format {
        case .table: try write(table())
        case .json: try StreamWriter.writeResult(try JSONOutput.encode(value) + [UInt8(ascii: "\n")])
        case .csv:
            guard let rows else {
                throw UserError(.usage, "This result has no CSV form.", remedy: "Use --format json.")
            }
            try StreamWriter.writeResult(CSVWriter.document(rows()))
        }
    }

    /// Writes lines to stdout.
    func write(_ text: String) throws(UserError) {
        let safe = Self.outIsTerminal ? TerminalText.escaped(text) : text
        try StreamWriter.writeResult(Array((safe + "\n").utf8))
    }

    /// Talks on stderr, unless quiet.
    func note(_ text: String) {
        guard !quiet else { return }
        say(text)
    }

    /// Tells of one thing that went wrong while the work goes on, always.
    func complain(_ text: String) { say(text, label: "nashra: ") }

    /// Tells an error on stderr, always.
    func fail(_ error: UserError) {
        for diagnostic in error.diagnostics { say(diagnostic.description) }
        say(error.message, label: "nashra: ")
        if !error.remedy.isEmpty { say("    \(error.remedy)") }
    }

    /// Writes `line` over whatever stands on the terminal's last line; the next thing said takes its place.
    func redraw(_ line: String) {
        emit(Self.clearLine + TerminalText.escaped(line))
    }

    /// Leaves a redrawn line where it is.
    func endRedrawing() { emit("\n") }

    private func say(_ text: String, label: String = "") {
        // A progress bar may stand there; it comes back with its next change.
        let clear = Self.errorIsTerminal ? Self.clearLine : ""
        let shown = Self.error.hasColor && !label.isEmpty ? "\u{1B}[1;31m\(label)\u{1B}[0m" : label
        emit(clear + shown + TerminalText.escaped(text) + "\n")
    }

    private func emit(_ text: String) {
        // When even stderr is gone there is nobody left to tell.
        _ = StreamWriter.write(Array(text.utf8), to: STDERR_FILENO)
    }

    private static let clearLine = "\r\u{1B}[K"
}
