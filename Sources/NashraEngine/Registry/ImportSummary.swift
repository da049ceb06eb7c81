// SPDX-License-Identifier: Apache-2.0
//
// The plan of an import, which a dry run and a real one print alike: what a file is, and what it does to the register.
// Pure values.
public import NashraCore
public import NashraStore

/// What an import did, or would do.
public struct ImportSummary: Sendable {
    /// What became of a row, as the samples are sorted.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case added, updated, unchanged, unsubscribed, suppressed, erased, conflicting, duplicates
        /// Not in the file, and out of the topic for it.
        case left
    }

    /// What was found out about the encoding of a file.
    public struct Encoding: Sendable, Hashable {
        /// Its name, such as `windows-1256`.
        public var name: String
        /// `certain`, `likely` or `guess`.
        public var sureness: String
        /// Why, in one sentence without its full stop.
        public var evidence: String
        /// What is wrong although the encoding is right; empty when nothing is.
        public var warning: String
        /// Some words of the file beyond ASCII; empty when there are none.
        public var sample: String
    }

    /// The file as the user named it.
    public var file: String
    /// `csv`, `tsv`, `xlsx`, or the system that it comes from.
    public var format = "csv"
    /// The import's number; `nil` in a dry run.
    public var importID: Int64?
    /// Whether it went on with an import that was cut off.
    public var isResumed = false
    /// How the file was read, in words by name: encoding, delimiter, sheet.
    public var settings: [String: String] = [:]
    /// What was found out about the encoding; `nil` for a workbook or another system's export.
    public var encoding: Encoding?
    /// The header and the first rows as they are read.
    public var head: [[String]] = []
    /// What is worth saying about what the file is.
    public var remarks: [String] = []
    /// Which column became what; empty for another system's export.
    public var mapping = ColumnMapping()
    /// What was noted about the rows that can be taken.
    public var notes = RowNotes()

    /// Rows after the header, good and bad; empty lines do not count.
    public var rows = 0
    /// What it did to the register.
    public var tally = ImportTally()
    /// Rows that say again what an earlier row of the file says.
    public var duplicates = 0
    /// Rows that contradict an earlier row of the same person; the first one counts.
    public var conflicting = 0
    /// Rows of people who were erased.
    public var erased = 0
    /// Rows that cannot be taken.
    public var refused = 0
    /// Where and why the first 1,000 rows were not taken.
    public var refusals: [Diagnostic] = []
    /// The first few rows of each kind.
    public var samples: [Kind: ImportSamples] = [:]
    /// Where all rows that were not taken are; `nil` when there are none.
    public var rejects: String?
    /// Topics that were made for it.
    public var madeTopics: [String] = []
    /// How many people were in the topic before, with --sync.
    public var members: Int?
    /// Whether reading ended before the file did; the last refusal says why.
    public var isIncomplete = false

    /// How many refusals are kept.
    public static let keptRefusals = 1000

    /// New subscribers.
    public var added: Int { tally.added }
    /// Known subscribers with something new: a value, or the topic.
    public var updated: Int { tally.updated }
    /// Known subscribers with nothing new.
    public var unchanged: Int { tally.unchanged }
    /// People who left and were not joined again.
    public var unsubscribed: Int { tally.unsubscribed }
    /// People whose address no campaign may reach.
    public var suppressed: Int { tally.suppressed }
    /// People who left the topic, because the file does not name them.
    public var left: Int { tally.left }

    /// Every count by its name in JSON and the audit, in the order of reports.
    ///
    /// All but the first and the last add up to the first.
    public var counts: [(name: String, count: Int)] {
        [
            ("rows", rows), ("added", added), ("updated", updated), ("unchanged", unchanged),
            ("duplicates", duplicates), ("conflicting", conflicting), ("unsubscribed", unsubscribed),
            ("suppressed", suppressed), ("erased", erased), ("refused", refused), ("left", left),
        ]
    }

    /// Nothing yet, of `file`.
    public init(file: String) { self.file = file }

    mutating func refuse(line: Int, _ reason: String) {
        refused += 1
        tell(line: line, reason)
    }

    mutating func tell(line: Int, _ reason: String) {
        guard refusals.count < Self.keptRefusals else { return }
        refusals.append(Diagnostic(file: file, line: line, reason))
    }

    mutating func sample(_ kind: Kind, line: Int, _ text: @autoclosure () -> String) {
        guard samples[kind, default: ImportSamples()].wants(line) else { return }
        samples[kind, default: ImportSamples()].add(line, text())
    }
}

extension ImportSummary.Kind {
    /// The kind of an outcome; `nil` for a row that was refused.
    init?(_ outcome: RowOutcome) {
        switch outcome {
        case .added: self = .added
        case .updated: self = .updated
        case .unchanged: self = .unchanged
        case .unsubscribed: self = .unsubscribed
        case .suppressed: self = .suppressed
        case .erased: self = .erased
        case .refused: return nil
        }
    }
}
