// SPDX-License-Identifier: Apache-2.0
//
// One checked row of an imported file, what the register did with it, and the sum over a file.
// Pure values.
public import NashraCore

/// One person out of a file, checked.
public struct SubscriberRow: Sendable, Hashable {
    /// The line on which the row begins, from 1.
    public var line: Int
    /// The address.
    public var address: EmailAddress
    /// The name without white space at its ends, or `nil` when there is none.
    public var name: String?
    /// The language, or `nil` when neither row nor workspace says one.
    public var language: Language?
    /// All other columns with a value, by field name.
    public var attributes: [String: String]

    /// Makes a row.
    public init(
        line: Int = 0,
        address: EmailAddress,
        name: String? = nil,
        language: Language? = nil,
        attributes: [String: String] = [:]
    ) {
        self.line = line
        self.address = address
        self.name = name
        self.language = language
        self.attributes = attributes
    }
}

/// What the register did with one row, or would do.
public enum RowOutcome: Sendable, Hashable {
    /// A new subscriber, or a new subscription of a known one.
    case added
    /// A known one, with something new.
    case updated
    /// A known one, with nothing new.
    case unchanged
    /// Somebody who left, and is not joined again by an import.
    case unsubscribed
    /// Somebody whose address no campaign may reach; the data is kept up to date all the same.
    case suppressed
    /// Not taken, for this reason.
    case refused(String)
}

/// What an import did, or would do.
public struct ImportSummary: Sendable, Hashable {
    /// The file as the user named it.
    public var file: String
    /// Rows after the header, good and bad; empty lines do not count.
    public var rows = 0
    /// New subscribers or subscriptions.
    public var added = 0
    /// Known subscribers with something new.
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
