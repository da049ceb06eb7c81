// SPDX-License-Identifier: Apache-2.0
//
// Suppressions as use cases: times as people type them, and files.
// Reads and changes the store.
import Foundation
import NashraConfig
public import NashraCore
public import NashraEngine
import NashraStore
import NashraYAML

extension Application {
    /// A time as somebody typed it: a span, a day, or a moment.
    ///
    /// - Parameters:
    ///   - text: `90d`, `2026-12-31` (the beginning of that day where the organisation is) or `2026-12-31T08:00:00Z`.
    ///   - option: Where it was typed.
    ///   - isPast: `true`: a span reaches back from now; `false`: forward.
    /// - Returns: The moment.
    /// - Throws: `usage` when it is none of these, or lies on the wrong side of now.
    public func moment(_ text: String, option: String, isPast: Bool) throws(UserError) -> Timestamp {
        let now = clock.now()
        guard let moment = parse(text, now: now, isPast: isPast), moment.rawValue > 0 else {
            throw UserError(
                .usage,
                "\(option) \(text) is no time.",
                remedy: "Write 90d, 2026-12-31 or 2026-12-31T08:00:00Z."
            )
        }
        guard isPast ? moment <= now : moment > now else {
            throw UserError(
                .usage,
                "\(option) \(text) lies in the \(isPast ? "future" : "past").",
                remedy: "It is \(now.iso8601) now."
            )
        }
        return moment
    }

    private func parse(_ text: String, now: Timestamp, isPast: Bool) -> Timestamp? {
        if let span = ScalarText.duration(text) {
            return Timestamp(rawValue: now.rawValue + (isPast ? -1 : 1) * span.milliseconds)
        }
        if let day = CalendarDate(text) {
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = TimeZone(identifier: configuration.display.timeZone) ?? .gmt
            let parts = DateComponents(year: day.year, month: day.month, day: day.day)
            guard let date = calendar.date(from: parts) else { return nil }
            return Timestamp(rawValue: Int64((date.timeIntervalSince1970 * 1_000).rounded()))
        }
        return ScalarText.timestamp(text)
    }

    /// Imports one file of suppressions; `-` is standard input.
    ///
    /// - Parameters:
    ///   - file: Its path.
    ///   - defaults: What holds for rows that do not say it; its topic must exist.
    ///   - encoding: Of delimited text, by name; `nil` to find out.
    ///   - sheet: Of a workbook, by name or number; `nil` for the first.
    ///   - isDryRun: Say what would happen, and write nothing.
    /// - Returns: What was done.
    /// - Throws: `noInput`, `badData`, or `unknownObject` for a topic that does not exist.
    public func importSuppressions(
        _ file: String,
        defaults: SuppressionImport.Defaults,
        encoding: String? = nil,
        sheet: String? = nil,
        isDryRun: Bool
    ) throws(UserError) -> SuppressionSummary {
        let store = try isDryRun ? openStoreForReading() : openStore()
        // A topic that does not exist would make each row bad; say so once.
        _ = try store.suppressionCount(SuppressionFilter(scope: defaults.scope))
        let work = SuppressionImport(into: store, defaults: defaults, actor: actor, isDryRun: isDryRun)
        return try work.run(path: file, encoding: encoding, sheet: sheet)
    }
}
