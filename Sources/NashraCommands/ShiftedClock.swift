// SPDX-License-Identifier: Apache-2.0
//
// The system's clock set ahead, so that a scenario can live through weeks in seconds.
// Only for tests: NASHRA_TEST_CLOCK=+15d. The program says so on stderr whenever it is used.
import NashraCore

/// A clock that is ahead of the system's by a fixed span.
struct ShiftedClock: WallClock {
    let shift: Duration

    func now() -> Timestamp { SystemClock().now() + shift }

    /// The clock that an environment asks for.
    ///
    /// - Throws: `usage` when the span cannot be read.
    static func clock(_ environment: [String: String]) throws(UserError) -> any WallClock {
        guard let text = environment["NASHRA_TEST_CLOCK"], !text.isEmpty else { return SystemClock() }
        let span = text.hasPrefix("+") ? String(text.dropFirst()) : text
        return ShiftedClock(shift: try DurationArgument.parse(span, option: "NASHRA_TEST_CLOCK"))
    }
}
