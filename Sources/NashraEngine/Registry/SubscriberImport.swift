// SPDX-License-Identifier: Apache-2.0
//
// An import from its first row to its record: read and sorted whole, then compared with the register in the order of
// keys, then applied some thousand rows at a time. A dry run is the same without the writing.
// Reads what it is given; writes to the store, to a temporary file, and rejected rows to a file.
// Rules: docs/importing.md; docs/decisions/0008-registry.md.
public import NashraCore
public import NashraStore

/// One import.
public struct SubscriberImport {
    /// Asked when more people would leave a topic than may without a word; `true` lets them.
    public typealias Confirmation = (ImportSync.Question) throws(UserError) -> Bool

    private let request: ImportRequest
    private let store: Store
    /// Where temporary files lie.
    private let folder: String
    /// Where rejected rows go.
    private let rejects: String

    /// Make the topic equal to the file; `nil` only adds and updates.
    public var sync: ImportSync?
    /// Make topics that rows name and that are not there.
    public var makesTopics = false
    /// Titles of such topics by their names.
    public var topicTitles: [String: String] = [:]

    /// Describes an import.
    ///
    /// - Parameters:
    ///   - request: What it is.
    ///   - store: The register.
    ///   - folder: Where temporary files may lie.
    ///   - rejects: Where rejected rows go, if there are any.
    public init(_ request: ImportRequest, into store: Store, temporaryFolder folder: String, rejects: String)
    {
        self.request = request
        self.store = store
        self.folder = folder
        self.rejects = rejects
    }

    /// Imports.
    ///
    /// - Parameters:
    ///   - people: Gives the people.
    ///   - summary: What is known of the file already; completed.
    ///   - check: Called when all was read and before anything is changed: whether what was read still stands.
    ///   - confirm: Asked when more people would leave the topic than may.
    /// - Throws: ``UserError``. Before the first change: `tryAgain` while another import runs, `unknownObject` for a
    ///   topic that does not exist, `notPermitted` when too many would leave, `badData` for a file that cannot be a
    ///   topic. Later: what the store throws; running it again goes on.
    public func run(
        _ people: any PersonReader,
        _ summary: inout ImportSummary,
        check: () throws(UserError) -> Void = {},
        confirm: Confirmation = { _ in false }
    ) throws(UserError) {
        let run = try store.beginImport(request)
        let rejected = ImportRejects(path: rejects, header: people.header)
        let reading = ImportReading(folder: folder, keepsMentions: sync != nil)
        let read = try reading.read(people, rejects: rejected, &summary)
        try check()
        summary.isResumed = run.isResumed
        store.pass(.importRead)
        try prepareTopics(read, &summary)
        let leavers = try findLeavers(read, &summary, confirm)
        try run.start()
        summary.importID = run.id
        try apply(read, run, people, rejected, &summary)
        var rest = (leavers?.people ?? [])[...]
        while !rest.isEmpty {
            try run.drop(rest.prefix(Self.dropRows))
            rest = rest.dropFirst(Self.dropRows)
        }
        summary.tally = run.tally
        summary.rejects = try rejected.finish()
        try run.finish(counts: summary.counts)
    }

    private static let dropRows = 5_000

    private func prepareTopics(_ read: ImportRead, _ summary: inout ImportSummary) throws(UserError) {
        guard !read.topics.isEmpty else { return }
        if request.isDryRun, makesTopics {
            // What is missing is told and not made; the rows cannot be compared further without it.
            let known = Set(try store.topicNames())
            summary.madeTopics = read.topics.subtracting(known).sorted()
            return
        }
        summary.madeTopics = try store.prepareTopics(
            read.topics,
            makesMissing: makesTopics,
            titles: topicTitles,
            actor: request.actor
        )
    }

    private func findLeavers(
        _ read: ImportRead,
        _ summary: inout ImportSummary,
        _ confirm: Confirmation
    ) throws(UserError) -> ImportLeavers? {
        guard let sync, let topic = request.topic else { return nil }
        guard !summary.isIncomplete else {
            throw UserError(
                .badData,
                "\(request.file): could not be read to its end, so \(topic) cannot be made equal to it",
                remedy: "Nothing was changed. Get the whole file, or import it without --sync.",
                diagnostics: summary.refusals.suffix(1)
            )
        }
        guard read.people > 0 else {
            throw UserError(
                .badData,
                "\(request.file): names nobody who can be taken, so \(topic) cannot be made equal to it",
                remedy: "Nothing was changed. A topic is closed with: nashra topics archive \(topic)",
                diagnostics: Array(summary.refusals.prefix(3))
            )
        }
        let leavers = try ImportLeavers(topic: topic, store: store, rows: read.rows)
        summary.members = leavers.members
        for (index, address) in leavers.first.enumerated() { summary.sample(.left, line: index, address) }
        guard !request.isDryRun, !sync.isConfirmed, let question = leavers.question(sync, topic: topic) else {
            return leavers
        }
        guard try confirm(question) else { throw Self.tooMany(question, file: request.file) }
        return leavers
    }

    /// The refusal to let so many go.
    static func tooMany(_ question: ImportSync.Question, file: String) -> UserError {
        let percent = (question.percent * 10).rounded() / 10
        return UserError(
            .notPermitted,
            "\(file): \(question.leaving) of the \(question.members) people in \(question.topic) are not in it "
                + "(\(percent) %, and \(question.maxDrop) % may leave); nothing was changed",
            remedy: "Look at them with --dry-run. If it is right, allow more with --max-drop, or say --yes."
        )
    }

    /// Compares with the register and applies; one thread prepares the rows, this one has the store.
    private func apply(
        _ read: ImportRead,
        _ run: ImportRun,
        _ people: any PersonReader,
        _ rejected: ImportRejects,
        _ summary: inout ImportSummary
    ) throws(UserError) {
        let queue = ImportHandoff<ImportBatch>(limit: 2)
        let rows = read.rows
        let merges = people.mergesRows
        let wait = ImportHandoff<ImportBatch>.thread("nashra-import-merge") { () throws(UserError) in
            do throws(UserError) {
                let grouping = ImportGrouping(try rows.merge(), mergesRows: merges)
                while let batch = try grouping.next() { try queue.put(batch) }
                queue.end()
            } catch {
                queue.end(error)
                throw error
            }
        }
        do throws(UserError) {
            var place = 0
            while let batch = try queue.take() {
                let outcomes = try run.apply(batch.rows, at: place)
                place += batch.rows.count
                try tell(batch, outcomes, people, rejected, &summary)
            }
        } catch {
            queue.end(error)
            _ = try? wait()
            throw error
        }
        try wait()
    }

    /// Counts what became of a batch, keeps samples, and writes what was not taken.
    private func tell(
        _ batch: ImportBatch,
        _ outcomes: [RowOutcome?],
        _ people: any PersonReader,
        _ rejected: ImportRejects,
        _ summary: inout ImportSummary
    ) throws(UserError) {
        summary.duplicates += batch.duplicates
        for (line, first) in batch.repeated { summary.sample(.duplicates, line: line, "as in line \(first)") }
        summary.conflicting += batch.conflicts.count
        do {
            try batch.rows.forEach { index, row in
                guard index < outcomes.count, let outcome = outcomes[index] else { return }
                if let kind = ImportSummary.Kind(outcome) {
                    summary.sample(kind, line: row.line, row.addressText)
                }
                guard outcome == .erased else { return }
                summary.erased += 1
                let reason = "this person was erased and is not registered again"
                summary.tell(line: row.line, reason)
                try rejected.add(line: row.line, reason, people.fields(of: try row.row()))
            }
            try batch.conflicts.forEach { index, row in
                let reason = "says something else than line \(batch.earlier[index]) of the same person"
                summary.sample(.conflicting, line: row.line, row.addressText)
                summary.tell(line: row.line, reason)
                try rejected.add(line: row.line, reason, people.fields(of: try row.row()))
            }
        } catch {
            throw error as? UserError ?? UserError(.bug, "\(error)")
        }
    }
}
