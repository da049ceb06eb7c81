// SPDX-License-Identifier: Apache-2.0
//
// The meeting place of the worker threads and the sender: owns the queue, hands out steps, takes results.
// Blocks its callers; does no other I/O.
import NashraCore

/// What a sender has done so far; all counts are of this run.
public struct SendCounters: Sendable, Hashable {
    /// Accepted by the relay.
    public var accepted = 0
    /// Refused for good.
    public var rejected = 0
    /// Put off.
    public var deferred = 0
    /// Left in an unknown state.
    public var ambiguous = 0
    /// Connections that came up.
    public var connections = 0
}

/// The state that workers share, behind one lock.
final class Dispatcher: Sendable {
    /// Where a worker is with its delivery.
    enum Phase: Sendable { case idle, opening, beforeIntent, afterIntent }

    struct Shared: Sendable {
        var queue: SendQueue
        var counters = SendCounters()
        var phases: [Phase]
        var aborts: [(@Sendable () -> Void)?]
        var running: Int
        /// Set when the campaign's state should be read again, because the ledger refused an intent.
        var campaignMayHaveChanged = false
    }

    private static let work = 0
    private static let attention = 1
    /// Below this many deliveries in memory the sender is asked for more.
    private static let lowWater = 400

    private let monitor: Monitor<Shared>
    private let clock: any WallClock

    init(queue: SendQueue, workers: Int, clock: any WallClock) {
        self.clock = clock
        monitor = Monitor(
            Shared(
                queue: queue,
                phases: Array(repeating: .idle, count: workers),
                aborts: Array(repeating: nil, count: workers),
                running: workers
            ),
            conditions: 2
        )
    }

    // MARK: the worker's side

    /// Waits until there is something for a worker to do; never answers `wait`.
    func next(worker: Int, isOpen: Bool, isWorn: Bool) -> SendQueue.Step {
        monitor.wait(for: Self.work) { shared, access in
            let now = Moment.now(clock)
            let step = shared.queue.next(isOpen: isOpen, isWorn: isWorn, now: now)
            if shared.queue.waitingCount < Self.lowWater { access.signal(Self.attention) }
            switch step {
            case .wait(let until): return .again(within: until.map { $0 - now.steady })
            case .open: shared.phases[worker] = .opening
            case .send: shared.phases[worker] = .beforeIntent
            case .closeIdle, .stop: break
            }
            return .done(step)
        }
    }

    /// Tells how to interrupt a worker.
    func setAbort(worker: Int, _ abort: @escaping @Sendable () -> Void) {
        monitor.withLock { shared, _ in shared.aborts[worker] = abort }
    }

    func opened(worker: Int) {
        monitor.withLock { shared, access in
            shared.phases[worker] = .idle
            shared.queue.opened()
            shared.counters.connections += 1
            access.broadcast(Self.work)
        }
    }

    func openFailed(worker: Int, _ failure: DeliveryFailure) {
        monitor.withLock { shared, access in
            shared.phases[worker] = .idle
            shared.queue.openFailed(failure, now: .now(clock), random: .random(in: 0..<1))
            access.broadcast(Self.work)
            access.signal(Self.attention)
        }
    }

    /// A connection is gone: what it had in hand, or its place, may be somebody else's now.
    func closed() {
        monitor.withLock { shared, access in
            shared.queue.closed()
            access.broadcast(Self.work)
        }
    }

    /// Whether a worker may still go on to the dot.
    func mayIntend(worker: Int) -> Bool {
        monitor.withLock { shared, _ in
            guard shared.queue.stopReason == nil else { return false }
            shared.phases[worker] = .afterIntent
            return true
        }
    }

    /// The ledger refused an intent or failed.
    func intentRefused(_ answer: IntentAnswer) {
        monitor.withLock { shared, access in
            if answer == .broken { shared.queue.stop(.storeBroken) }
            shared.campaignMayHaveChanged = true
            access.broadcast(Self.work)
            access.signal(Self.attention)
        }
    }

    /// A try has ended.
    ///
    /// - Parameters:
    ///   - worker: Whose it was.
    ///   - delivery: What was tried.
    ///   - result: What the connection said.
    ///   - intended: Whether its intent was granted.
    ///   - record: Tells the ledger, at once and without waiting. It is called in here, so that whoever sees in the
    ///     queue that a delivery has ended finds its result in the ledger's order of things.
    func finished(
        worker: Int,
        _ delivery: DueDelivery,
        _ result: TransferResult,
        intended: Bool,
        record: (DeliveryOutcome.Verdict) -> Void
    ) {
        monitor.withLock { shared, access in
            shared.phases[worker] = .idle
            let limitBefore = shared.queue.health.limit
            let wasClosed = shared.queue.health.breaker == .closed
            let verdict = shared.queue.finished(
                delivery,
                result,
                intended: intended,
                now: .now(clock),
                random: .random(in: 0..<1)
            )
            if let verdict { record(verdict) }
            shared.counters.count(verdict)
            // Waking costs: only when something changed that others wait for.
            let isNews = shared.queue.health.limit != limitBefore || !wasClosed
            if isNews || shared.queue.stopReason != nil || shared.queue.isEmpty {
                access.broadcast(Self.work)
                access.signal(Self.attention)
            } else if shared.queue.waitingCount > 0 {
                access.signal(Self.work)
            }
        }
    }

    /// A worker's thread ends.
    func ended() {
        monitor.withLock { shared, access in
            shared.running -= 1
            access.signal(Self.attention)
        }
    }

    // MARK: the sender's side

    /// Reads or changes the shared state, and wakes everybody when `body` says that something changed for them.
    func update<Result>(_ body: (inout Shared) -> (Result, wake: Bool)) -> Result {
        monitor.withLock { shared, access in
            let (result, wake) = body(&shared)
            if wake { access.broadcast(Self.work) }
            return result
        }
    }

    /// Waits until something wants the sender's attention, at most for `timeout`.
    func waitForAttention(timeout: Duration, unless ready: (Shared) -> Bool) {
        var hasWaited = false
        monitor.wait(for: Self.attention) { shared, _ in
            if hasWaited || ready(shared) { return .done(()) }
            hasWaited = true
            return .again(within: timeout)
        }
    }

    /// Interrupts the workers that are in a phase that `chosen` says yes to.
    func abort(where chosen: (Phase) -> Bool) {
        let aborts = monitor.withLock { shared, _ in
            zip(shared.phases, shared.aborts).compactMap { phase, abort in chosen(phase) ? abort : nil }
        }
        for abort in aborts { abort() }
    }
}

extension SendCounters {
    fileprivate mutating func count(_ verdict: DeliveryOutcome.Verdict?) {
        switch verdict {
        case .accepted: accepted += 1
        case .rejected: rejected += 1
        case .deferred: deferred += 1
        case .ambiguous: ambiguous += 1
        case .released, nil: break
        }
    }
}
