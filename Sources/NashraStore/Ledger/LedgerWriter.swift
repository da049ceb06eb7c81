// SPDX-License-Identifier: Apache-2.0
//
// The one writer of a running campaign: intents and results in the order they came, many to a commit.
// Owns a thread, and writes through the store's one writing connection. Rules: docs/decisions/0002-ledger.md.
import Foundation
public import NashraCore
import Synchronization

/// Writes what connections intend and learn, and answers when it is on the disk.
///
/// It is first in, first out: a result that a connection records before it asks for its next intent is durable when
/// that intent is granted. So at any crash each connection has at most one delivery whose fate is unknown.
///
/// A result that nobody waits for may stay in memory for ``resultDelay``, so that it shares the commit of the next
/// intent. After the first failure of the store the writer is broken for good: nothing more is granted or recorded.
public final class LedgerWriter: Sendable {
    /// How long a result may wait for company.
    public static let resultDelay: Duration = .milliseconds(5)

    /// The longest that a commit waits for more connections.
    static let gatherLimit: Duration = .milliseconds(2)

    /// The most operations in one commit, so that no waiter waits long.
    static let batchLimit = 512

    private let state: WriterState
    private let thread: WriterThread

    /// Starts the writer's thread.
    ///
    /// - Parameters:
    ///   - store: Where to write.
    ///   - campaign: The campaign's row.
    ///   - epoch: This process's start, as given to ``Store/takeOver(_:epoch:now:)``.
    ///   - onBroken: Called once, on the writer's thread, when the store fails.
    public init(
        store: Store,
        campaign: Int64,
        epoch: SenderEpoch,
        onBroken: @escaping @Sendable () -> Void
    ) {
        state = WriterState()
        thread = WriterThread(
            state: state,
            commit: LedgerCommit(store: store, campaign: campaign, epoch: epoch.rawValue),
            onBroken: onBroken
        )
        thread.start()
    }

    /// Asks to write the final dot of a delivery.
    ///
    /// Blocks until the answer is durable.
    public func intent(_ delivery: DeliveryID) -> IntentAnswer {
        guard let ticket = state.enqueue(.intent(delivery)) else { return .broken }
        return ticket.batch.answer(ticket.index)
    }

    /// Records what became of a try.
    ///
    /// Returns at once; nothing is lost that an intent granted later depends on.
    public func record(_ outcome: DeliveryOutcome) {
        _ = state.enqueue(.result(outcome))
    }

    /// Blocks until all that was recorded so far is durable.
    ///
    /// - Throws: The failure of the store, if it broke.
    public func drain() throws(UserError) {
        if let ticket = state.enqueue(.flush) { _ = ticket.batch.answer(ticket.index) }
        if let fault { throw fault }
    }

    /// The failure that broke the writer, or `nil`.
    public var fault: UserError? { state.fault }

    /// Results that changed nothing, because their row was no longer ours.
    public var staleResults: Int { state.staleResults }

    /// Whether another process has become the campaign's sender: it grants and records nothing here any more.
    public var isReplaced: Bool { state.isReplaced }

    /// Writes what is left and ends the thread.
    ///
    /// Safe to call twice.
    public func close() {
        if let ticket = state.enqueue(.end) { _ = ticket.batch.answer(ticket.index) }
    }
}

/// One thing for the writer to do.
enum LedgerOperation: Sendable {
    case intent(DeliveryID)
    case result(DeliveryOutcome)
    /// Nothing but a place in the queue to wait for.
    case flush
    /// The same, and the last.
    case end

    /// Whether somebody waits for it.
    var isAwaited: Bool {
        if case .result = self { false } else { true }
    }
}

/// The operations of one commit, and those who wait for it.
///
/// One condition per commit: a commit wakes exactly the connections that it answers, with one system call.
final class LedgerBatch: @unchecked Sendable {
    // `operations` and `waiters` are guarded by WriterState's lock until the batch is taken, and then never change;
    // `answers` is guarded by `condition`.
    fileprivate(set) var operations: [LedgerOperation] = []
    fileprivate var waiters = 0
    private let condition = NSCondition()
    private var answers: [IntentAnswer]?

    /// Blocks until the commit.
    func answer(_ index: Int) -> IntentAnswer {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let answers { return index < answers.count ? answers[index] : .broken }
            condition.wait()
        }
    }

    /// Wakes all who wait.
    ///
    /// `nil`: the store broke.
    func finish(_ result: [IntentAnswer]?) {
        condition.lock()
        answers = result ?? []
        condition.broadcast()
        condition.unlock()
    }
}

/// The queue between connections and the writer's thread.
///
/// It waits by the steady clock: a system clock that is set back must not hold up a commit.
final class WriterState: Sendable {
    private struct Shared: Sendable {
        var batches: [LedgerBatch] = []
        /// How many waiters wake the writer.
        var wakeAt = 1
        var isClosed = false
        var fault: UserError?
        var stale = 0
        var isReplaced = false

        /// How many wait for the next batch; a full one need not wait for more.
        var waitersInFirst: Int { batches.count > 1 ? .max : (batches.first?.waiters ?? 0) }
    }

    private let monitor = Monitor(Shared())

    struct Ticket {
        let batch: LedgerBatch
        let index: Int
    }

    var fault: UserError? { monitor.withLock { shared, _ in shared.fault } }

    var isReplaced: Bool { monitor.withLock { shared, _ in shared.isReplaced } }

    var staleResults: Int { monitor.withLock { shared, _ in shared.stale } }

    /// Puts an operation last; `nil` when the writer has ended.
    func enqueue(_ operation: LedgerOperation) -> Ticket? {
        monitor.withLock { shared, access in
            guard !shared.isClosed else { return nil }
            if case .end = operation { shared.isClosed = true }
            let wasEmpty = shared.batches.isEmpty
            let batch: LedgerBatch
            if let last = shared.batches.last, last.operations.count < LedgerWriter.batchLimit {
                batch = last
            } else {
                batch = LedgerBatch()
                shared.batches.append(batch)
            }
            batch.operations.append(operation)
            if operation.isAwaited { batch.waiters += 1 }
            if wasEmpty || (operation.isAwaited && batch.waiters >= shared.wakeAt) { access.signal() }
            return Ticket(batch: batch, index: batch.operations.count - 1)
        }
    }

    /// The next batch; blocks until somebody waits for one, or results have waited long enough.
    ///
    /// After a commit the connections that it answered are back within a round trip. To wait for them for half of what
    /// the commit took saves a second commit for the others, and costs little when they do not come.
    func next(lastCommit: Duration, company: Int) -> LedgerBatch {
        let patience = min(lastCommit / 2, LedgerWriter.gatherLimit)
        var resultsLeaveAt: ContinuousClock.Instant?
        var companyIsDueAt: ContinuousClock.Instant?
        return monitor.wait { shared, _ in
            shared.wakeAt = 1
            guard !shared.batches.isEmpty else { return .again(within: nil) }
            let now = ContinuousClock.now
            let waiters = shared.waitersInFirst
            if waiters == 0 {
                let end = resultsLeaveAt ?? now + LedgerWriter.resultDelay
                resultsLeaveAt = end
                if now < end { return .again(within: end - now) }
            } else if company > waiters, patience > .zero {
                let end = companyIsDueAt ?? now + patience
                companyIsDueAt = end
                if now < end {
                    shared.wakeAt = company
                    return .again(within: end - now)
                }
            }
            return .done(shared.batches.removeFirst())
        }
    }

    /// How many wait now; asked right after a commit.
    var waiting: Int { monitor.withLock { shared, _ in shared.batches.reduce(0) { $0 + $1.waiters } } }

    /// Notes what a commit found out besides its answers.
    func note(_ result: LedgerCommit.Result) {
        guard result.stale > 0 || result.isReplaced else { return }
        monitor.withLock { shared, _ in
            shared.stale += result.stale
            shared.isReplaced = shared.isReplaced || result.isReplaced
        }
    }

    /// Ends the queue for good.
    ///
    /// - Returns: What was still waiting.
    func breakDown(_ error: UserError) -> [LedgerBatch] {
        monitor.withLock { shared, _ in
            shared.fault = error
            shared.isClosed = true
            defer { shared.batches = [] }
            return shared.batches
        }
    }
}

/// The writer's thread.
private struct WriterThread: Sendable {
    let state: WriterState
    let commit: LedgerCommit
    let onBroken: @Sendable () -> Void

    func start() {
        let thread = Thread { run() }
        thread.name = "nashra-ledger"
        thread.start()
    }

    private func run() {
        var lastCommit = Duration.zero
        var company = 0
        while true {
            let batch = state.next(lastCommit: lastCommit, company: company)
            do {
                let start = ContinuousClock.now
                let result = try commit.run(batch.operations)
                lastCommit = start.duration(to: .now)
                company = batch.waiters + state.waiting
                state.note(result)
                batch.finish(result.answers)
            } catch {
                let left = state.breakDown(error)
                batch.finish(nil)
                for batch in left { batch.finish(nil) }
                onBroken()
                return
            }
            if case .end = batch.operations.last { return }
        }
    }
}
