// SPDX-License-Identifier: Apache-2.0
//
// From where returned messages wait to what follows from them: read, tie, record and act, and only then let them go.
// Runs on the caller's thread. Touches the store and the source. Rules: docs/decisions/0007-bounces.md.
public import Logging
public import NashraCore
public import NashraStore

/// Takes returned messages in.
///
/// Every batch is one transaction. A crash before it leaves the messages where they were; a crash after it makes them
/// come again, and the store knows them by their bytes.
public struct BouncePipeline {
    /// Whom a reply to a delivery is forwarded to; `nil` for nobody.
    public typealias Issuer = (DeliveryID) throws(UserError) -> EmailAddress?

    /// How many messages are one transaction.
    static let batch = 500

    private let store: Store
    private let reader: ReturnReader
    private let policy: BouncePolicy
    private let actor: String
    private let logger: Logger
    private let issuer: Issuer

    /// Makes a pipeline.
    ///
    /// - Parameters:
    ///   - store: Where messages are recorded.
    ///   - reader: Says what they mean and whose they are.
    ///   - policy: When they change somebody's state.
    ///   - actor: Who ingests, for the audit.
    ///   - logger: For what is passed over.
    ///   - issuer: Whom replies go on to.
    public init(
        store: Store,
        reader: ReturnReader,
        policy: BouncePolicy,
        actor: String,
        logger: Logger,
        issuer: @escaping Issuer
    ) {
        self.store = store
        self.reader = reader
        self.policy = policy
        self.actor = actor
        self.logger = logger
        self.issuer = issuer
    }

    /// Takes in what waits now.
    ///
    /// - Parameters:
    ///   - source: Where it waits; it stays open.
    ///   - stop: Ends the run after the batch under way.
    ///   - summary: What came; grows with every batch, so that it is right also when this throws.
    ///   - onBatch: Called after every batch.
    /// - Throws: What the source or the store says; nothing is lost, a later run goes on.
    public func run(
        _ source: any BounceSource,
        stop: StopSignal,
        into summary: inout IngestSummary,
        onBatch: (IngestSummary) -> Void = { _ in }
    ) throws(UserError) {
        defer { note(source.takeFindings(), &summary) }
        while stop.count == 0 {
            let mails = try source.next(limit: Self.batch)
            note(source.takeFindings(), &summary)
            guard !mails.isEmpty else { return }
            var entries: [ReturnedEntry] = []
            entries.reserveCapacity(mails.count)
            var (done, aside): ([String], [String]) = ([], [])
            let now = store.clock.now()
            for mail in mails {
                let read = reader.read(mail, source: source.name, receivedAt: now)
                if read.isForPeople { aside.append(mail.id) } else { done.append(mail.id) }
                var entry = read.entry
                if entry.purpose == .reply, case .proven(let delivery, _) = entry.tie {
                    entry.forwardTo = try issuer(delivery)
                }
                entries.append(entry)
            }
            store.pass(.bouncesClassified, occurrences: entries.count)
            try record(entries, into: &summary)
            store.pass(.bouncesRecorded, occurrences: entries.count)
            // What only people can judge goes where they find it.
            if !aside.isEmpty { try source.setAside(aside) }
            if !done.isEmpty { try source.acknowledge(done) }
            store.pass(.bouncesAcknowledged, occurrences: entries.count)
            onBatch(summary)
        }
    }

    private func note(_ findings: [Diagnostic], _ summary: inout IngestSummary) {
        for finding in findings {
            summary.passedOver.append(finding)
            logger.warning("a returned message was passed over", metadata: ["why": "\(finding)"])
        }
    }

    /// Records entries that come from no message, such as a provider's notifications.
    public func record(_ entries: [ReturnedEntry], into summary: inout IngestSummary) throws(UserError) {
        let recorded = try store.recordReturned(entries, policy: policy, actor: actor)
        for (entry, result) in zip(entries, recorded) { summary.add(entry, result) }
    }
}
