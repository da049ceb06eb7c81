// SPDX-License-Identifier: Apache-2.0
//
// What an import did, row by row, summed over a file.
// Pure values.
public import NashraCore
import NashraStore

/// What an import did, or would do.
public struct ImportSummary: Sendable, Hashable {
    /// The file as the user named it.
    public var file: String
    /// Rows after the header, good and bad; empty lines do not count.
    public var rows = 0
    /// New subscribers.
    public var added = 0
    /// Known subscribers with something new: a value, or the topic.
    public var updated = 0
    /// Known subscribers with nothing new.
    public var unchanged = 0
    /// Rows whose address stood in an earlier row of the same file; the first one counts.
    public var duplicates = 0
    /// People who left and were not joined again.
    public var unsubscribed = 0
    /// People whose address no campaign may reach.
    public var suppressed = 0
    /// Rows that were not taken.
    public var refused = 0
    /// Where and why the first 1,000 rows were not taken.
    public var refusals: [Diagnostic] = []
    /// Whether reading ended before the file did; the last refusal says why.
    public var isIncomplete = false

    /// How many refusals are kept.
    public static let keptRefusals = 1000

    /// Every count by its name in JSON and the audit, in the order of reports.
    public var counts: [(name: String, count: Int)] {
        [
            ("rows", rows), ("added", added), ("updated", updated), ("unchanged", unchanged),
            ("duplicates", duplicates), ("unsubscribed", unsubscribed), ("suppressed", suppressed),
            ("refused", refused),
        ]
    }

    /// Nothing yet, of `file`.
    public init(file: String) { self.file = file }

    mutating func refuse(line: Int, _ reason: String) {
        refused += 1
        guard refusals.count < Self.keptRefusals else { return }
        refusals.append(Diagnostic(file: file, line: line, reason))
    }

    mutating func count(_ outcome: RowOutcome, line: Int) {
        switch outcome {
        case .added: added += 1
        case .updated: updated += 1
        case .unchanged: unchanged += 1
        case .unsubscribed: unsubscribed += 1
        case .suppressed: suppressed += 1
        case .refused(let reason): refuse(line: line, reason)
        }
    }
}
