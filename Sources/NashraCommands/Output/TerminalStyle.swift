// SPDX-License-Identifier: Apache-2.0
//
// What one of our streams may carry: redrawn lines, colour, how many columns.
// Pure but for `of(_:)`, which asks the system once.
// Rules: https://no-color.org, TERM=dumb.
import Foundation

/// What is on the other end of a stream.
struct TerminalStyle: Sendable, Hashable {
    /// Whether it is a terminal at all.
    let isTerminal: Bool
    /// Whether lines may be redrawn.
    let canRedraw: Bool
    /// Whether colours may be used.
    let hasColor: Bool
    /// How many columns there are; `nil` when lines may be as long as they like.
    let columns: Int?

    /// Works out the style from what is known of the stream.
    init(isTerminal: Bool, columns: Int?, environment: [String: String]) {
        self.isTerminal = isTerminal
        canRedraw = isTerminal && environment["TERM"] != "dumb"
        // Set and not empty means no colour, whatever it says.
        hasColor = canRedraw && (environment["NO_COLOR"] ?? "").isEmpty
        let asked = environment["COLUMNS"].flatMap { Int($0) }
        self.columns = isTerminal ? [columns, asked, 80].compactMap { $0 }.first { $0 >= 20 } : nil
    }

    /// The style of one of the process's streams.
    static func of(_ descriptor: CInt) -> TerminalStyle {
        let isTerminal = isatty(descriptor) == 1
        var size = winsize()
        let isKnown = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return TerminalStyle(
            isTerminal: isTerminal,
            columns: isKnown ? Int(size.ws_col) : nil,
            environment: ProcessInfo.processInfo.environment
        )
    }
}
