// SPDX-License-Identifier: Apache-2.0
//
// Spans of time on the command line: 250ms, 30s, 5m, 6h, 5d.
// Pure.
import NashraCore

enum DurationArgument {
    /// Reads a whole number and a unit.
    static func parse(_ text: String, option: String) throws(UserError) -> Duration {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = text.dropFirst(digits.count)
        let factors = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let number = Int(digits), let factor = factors[String(unit)], number < 1_000_000_000 else {
            throw UserError(
                .usage,
                "\(option) \(text) is not a span of time.",
                remedy: "Write 250ms, 30s, 5m, 6h or 5d."
            )
        }
        return .milliseconds(number * factor)
    }
}
