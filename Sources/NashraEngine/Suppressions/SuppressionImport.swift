// SPDX-License-Identifier: Apache-2.0
//
// A file of suppressions into the store, batch by batch, or only looked at; bad rows are reported and skipped.
// Reads the rows it is given and writes the store. Doing it twice changes nothing the second time.
// Rules: docs/suppressions.md, "Files".
public import NashraCSV
public import NashraCore
public import NashraStore

/// Imports files of suppressions.
public struct SuppressionImport: Sendable {
    /// What holds for rows that do not say it.
    public struct Defaults: Sendable, Hashable {
        /// How far.
        public var scope: SuppressionScope
        /// Why.
        public var reason: SuppressionReason
        /// Who or what asked for it.
        public var origin: String
        /// More about it.
        public var note: String
        /// Until when, or `nil`: for ever.
        public var expires: Timestamp?

        /// Names defaults.
        public init(
            scope: SuppressionScope = .everywhere,
            reason: SuppressionReason = .operator,
            origin: String,
            note: String = "",
            expires: Timestamp? = nil
        ) {
            self.scope = scope
            self.reason = reason
            self.origin = origin
            self.note = note
            self.expires = expires
        }
    }

    private let store: Store
    private let defaults: Defaults
    private let actor: String
    private let isDryRun: Bool
    private let batchRows: Int

    /// Makes an import.
    ///
    /// - Parameters:
    ///   - store: Where the suppressions go.
    ///   - defaults: What holds for rows that do not say it.
    ///   - actor: Who imports.
    ///   - isDryRun: Say what would happen, and write nothing.
    ///   - batchRows: How many rows a transaction has at most.
    public init(
        into store: Store,
        defaults: Defaults,
        actor: String,
        isDryRun: Bool = false,
        batchRows: Int = 20_000
    ) {
        self.store = store
        self.defaults = defaults
        self.actor = actor
        self.isDryRun = isDryRun
        self.batchRows = max(1, batchRows)
    }

    /// Imports one file.
    ///
    /// - Parameters:
    ///   - reader: Gives the rows.
    ///   - file: The file as the user named it.
    /// - Returns: What was done, adding up: every row is counted once.
    /// - Throws: `badData` when there is no column of addresses; what the reader and the store throw. Batches before
    ///   that are kept; importing again goes on from there.
    public func run(_ reader: any TableReader, file: String) throws(UserError) -> SuppressionSummary {
        var run = Run(summary: SuppressionSummary(file: file, isDryRun: isDryRun))
        var record = CSVRecord()
        var check: SuppressionRow?
        reading: while true {
            switch try reader.next(into: &record) {
            case .end: break reading
            case .fault(let fault):
                if fault.isFatal { run.summary.isIncomplete = true } else { run.summary.rows += 1 }
                run.summary.reject(line: fault.line, words(fault, reader))
                if fault.isFatal { break reading }
            case .record:
                guard let rows = check else {
                    let first = try start(record, file: file)
                    check = first.check
                    if first.isHeader { continue }
                    try take(record, first.check, &run)
                    continue
                }
                try take(record, rows, &run)
            }
        }
        guard check != nil || run.summary.rejected > 0 else {
            throw UserError(.badData, "\(file): is empty", remedy: "Write one address per line.")
        }
        try hand(&run)
        try keepRecord(of: run.summary)
        return run.summary
    }

    /// Rows that wait for the store, and what is known of the file.
    private struct Run {
        var summary: SuppressionSummary
        var seen = SeenTargets()
        var drafts: [SuppressionDraft] = []
        var isRepeated: [Bool] = []
    }

    private func words(_ fault: CSVFault, _ reader: any TableReader) -> String {
        fault.problem == .textAfterQuote && reader is JSONLinesTable
            ? "this is no JSON object of texts" : fault.description
    }

    private func start(
        _ record: CSVRecord,
        file: String
    ) throws(UserError) -> (check: SuppressionRow, isHeader: Bool) {
        let topics = Set(try store.topicNames())
        let now = store.clock.now()
        if let columns = try SuppressionColumns(header: record, file: file) {
            return (SuppressionRow(columns: columns, defaults: defaults, topics: topics, now: now), true)
        }
        let columns = SuppressionColumns.addressesOnly
        return (SuppressionRow(columns: columns, defaults: defaults, topics: topics, now: now), false)
    }

    private func take(_ record: CSVRecord, _ check: SuppressionRow, _ run: inout Run) throws(UserError) {
        run.summary.rows += 1
        do {
            guard let draft = try check.draft(record) else {
                run.summary.rows -= 1
                return
            }
            run.isRepeated.append(!run.seen.insert(draft.address.key, draft.scope))
            run.drafts.append(draft)
        } catch {
            run.summary.reject(line: record.line, error.reason)
        }
        if run.drafts.count >= batchRows { try hand(&run) }
    }

    private func hand(_ run: inout Run) throws(UserError) {
        guard !run.drafts.isEmpty else { return }
        // In the order of the index: a batch then touches each of its pages once.
        let order = run.drafts.indices.sorted {
            let (left, right) = (run.drafts[$0].address.key, run.drafts[$1].address.key)
            return left == right ? $0 < $1 : left < right
        }
        let drafts = order.map { run.drafts[$0] }
        let outcomes =
            isDryRun
            ? try store.weighSuppressions(drafts)
            : try store.suppress(drafts, actor: actor, isAudited: false)
        for (place, outcome) in zip(order, outcomes) {
            run.summary.count(outcome, isRepeated: run.isRepeated[place])
        }
        run.drafts.removeAll(keepingCapacity: true)
        run.isRepeated.removeAll(keepingCapacity: true)
    }

    private func keepRecord(of summary: SuppressionSummary) throws(UserError) {
        guard !isDryRun else { return }
        var detail = ["origin": defaults.origin]
        for (name, count) in summary.counts { detail[name] = String(count) }
        try store.recordAudit(
            actor: actor,
            action: "suppressions.import",
            object: summary.file,
            detail: detail
        )
    }
}

/// What an import of suppressions did, or would do.
public struct SuppressionSummary: Sendable, Hashable {
    /// The file as the user named it.
    public var file: String
    /// Whether nothing was written.
    public var isDryRun: Bool
    /// Rows after the header, good and bad; empty lines do not count.
    public var rows = 0
    /// New suppressions.
    public var added = 0
    /// Those that took the place of one that weighs less.
    public var replaced = 0
    /// Rows that change nothing.
    public var unchanged = 0
    /// Rows whose address stood in an earlier row with the same scope.
    public var duplicates = 0
    /// Rows that were not taken.
    public var rejected = 0
    /// Where and why the first 1,000 rows were not taken.
    public var rejections: [Diagnostic] = []
    /// Whether reading ended before the file did; the last rejection says why.
    public var isIncomplete = false

    /// How many rejections are kept.
    public static let keptRejections = 1000

    /// Every count by its name in JSON and the audit, in the order of reports.
    public var counts: [(name: String, count: Int)] {
        [
            ("rows", rows), ("added", added), ("replaced", replaced), ("unchanged", unchanged),
            ("duplicates", duplicates), ("rejected", rejected),
        ]
    }

    /// Nothing yet, of `file`.
    public init(file: String, isDryRun: Bool) {
        self.file = file
        self.isDryRun = isDryRun
    }

    mutating func reject(line: Int, _ reason: String) {
        rejected += 1
        guard rejections.count < Self.keptRejections else { return }
        rejections.append(Diagnostic(file: file, line: line, reason))
    }

    mutating func count(_ outcome: SuppressionOutcome, isRepeated: Bool) {
        guard !isRepeated else {
            duplicates += 1
            return
        }
        switch outcome {
        case .added: added += 1
        case .replaced: replaced += 1
        case .kept: unchanged += 1
        }
    }
}

/// The addresses and scopes of a file that were seen, 16 bytes each; a mistake would need 128 equal bits of two hashes
/// with random keys, and costs a count and no suppression.
private struct SeenTargets {
    private struct Mark: Hashable {
        let first: Int
        let second: Int
    }

    private var marks: Set<Mark> = []

    mutating func insert(_ key: String, _ scope: SuppressionScope) -> Bool {
        var (first, second) = (Hasher(), Hasher())
        first.combine(key)
        first.combine(scope)
        second.combine(0x5EED)
        second.combine(scope)
        second.combine(key)
        return marks.insert(Mark(first: first.finalize(), second: second.finalize())).inserted
    }
}
