// SPDX-License-Identifier: Apache-2.0
//
// The send queue: which delivery goes next, on which connection, and what a result means for the rest.
// Pure. It reads no clock and does no I/O; Dispatcher owns one, worker threads carry out what it answers.
// Rules: docs/decisions/0002-ledger.md.
import NashraCore

/// What one sender holds in memory of one campaign.
struct SendQueue: Sendable {
    private(set) var stopReason: StopReason?
    private(set) var health: RelayHealth
    private var storm: StormGuard?
    private var suspects = Suspects()
    private var waiting: [DueDelivery] = []
    private var head = 0
    private(set) var inFlight: Set<DeliveryID> = []
    private var known: Set<DeliveryID> = []
    /// What ended since ``beginLook()``; `nil` when nobody looks.
    private var endedSinceLook: Set<DeliveryID>?
    private var opening = 0
    private var openConnections = 0
    private var idleSince: Duration?
    private let retry: RetrySchedule
    private let deadline: Timestamp

    /// - Parameters:
    ///   - settings: The campaign's; its retry schedule and validity count.
    ///   - connections: The most connections at once.
    ///   - rate: The most messages a second, or `nil`.
    ///   - storm: The guard's limits, or `nil` for no guard.
    ///   - firstPause: How long the relay is left alone when it is first found away.
    init(
        settings: CampaignSettings,
        connections: Int,
        rate: Double?,
        storm: StormGuard.Limits?,
        firstPause: Duration = RelayHealth.firstPause
    ) {
        health = RelayHealth(connections: connections, rate: rate, firstPause: firstPause)
        self.storm = storm.map { StormGuard($0) }
        retry = settings.retry
        let lifetime = settings.date + .milliseconds(settings.retry.lifetimeInMilliseconds)
        deadline = settings.expiresAt.map { min($0, lifetime) } ?? lifetime
    }

    /// How many deliveries wait in memory.
    var waitingCount: Int { waiting.count - head }

    /// Whether nothing waits and nothing is on its way.
    var isEmpty: Bool { waitingCount == 0 && inFlight.isEmpty }

    /// The ledger is about to be asked what is due.
    ///
    /// Its answer is older than what ends before ``add(_:)`` brings it: that is passed over, or a recipient who was just
    /// put off would be tried again at once.
    mutating func beginLook() { endedSinceLook = [] }

    /// Takes deliveries that are due; those it holds already are passed over.
    ///
    /// - Returns: How many were new.
    @discardableResult
    mutating func add(_ due: [DueDelivery]) -> Int {
        if head > 0 {
            waiting.removeFirst(head)
            head = 0
        }
        let ended = endedSinceLook ?? []
        endedSinceLook = nil
        let fresh = due.filter { !ended.contains($0.id) && known.insert($0.id).inserted }
        waiting.append(contentsOf: fresh)
        if !fresh.isEmpty { idleSince = nil }
        return fresh.count
    }

    /// Starts nothing more; what is on its way ends as it ends.
    ///
    /// The first reason stays.
    mutating func stop(_ reason: StopReason) {
        if stopReason == nil { stopReason = reason }
    }

    /// What a worker does next.
    ///
    /// - Parameters:
    ///   - isOpen: Whether its connection is open.
    ///   - isWorn: Whether its connection has carried as many messages as it may and should be made anew.
    ///   - now: The current moment.
    /// - Returns: The step; whoever gets `open` or `send` tells how it went.
    mutating func next(isOpen: Bool, isWorn: Bool, now: Moment) -> Step {
        guard stopReason == nil else { return .stop }
        if now.wall >= deadline { forgetWaiting() }
        guard waitingCount > 0 else { return idleStep(isOpen: isOpen, now: now.steady) }
        if isWorn { return .closeIdle }
        guard inFlight.count + opening < health.limit else {
            // A relay that wants fewer connections is not left with idle ones.
            return isOpen && openConnections > health.limit ? .closeIdle : .wait(until: nil)
        }
        // Nor is it asked for more than it wants, or than there is to send: whoever holds an open one goes on.
        guard isOpen || openConnections + opening < health.limit && opening < waitingCount else {
            return .wait(until: nil)
        }
        if isOpen, let slot = health.takeSlot(now: now.steady) { return .wait(until: slot) }
        switch health.gate(now: now.steady) {
        case .go: break
        case .wait(let until): return .wait(until: until)
        case .waitForProbe: return .wait(until: nil)
        }
        guard isOpen else {
            opening += 1
            return .open
        }
        let delivery = waiting[head]
        head += 1
        inFlight.insert(delivery.id)
        return .send(delivery)
    }

    /// The campaign's time is over: the ledger will say so of those that wait here.
    private mutating func forgetWaiting() {
        for delivery in waiting[head...] { leave(delivery.id) }
        waiting.removeAll()
        head = 0
    }

    /// Is the queue's no longer: the ledger hears of it, or has it already.
    private mutating func leave(_ delivery: DeliveryID, gotThrough: Bool = false) {
        known.remove(delivery)
        endedSinceLook?.insert(delivery)
        if gotThrough { suspects.gotThrough(delivery) } else { suspects.forget(delivery) }
    }

    private mutating func idleStep(isOpen: Bool, now: Duration) -> Step {
        guard isOpen, inFlight.isEmpty else { return .wait(until: nil) }
        let since = idleSince ?? now
        idleSince = since
        let closeAt = since + .seconds(5)
        return closeAt <= now ? .closeIdle : .wait(until: closeAt)
    }

    /// A worker's connection is open.
    mutating func opened() {
        opening -= 1
        openConnections += 1
        health.opened()
    }

    /// A worker's connection did not come up.
    mutating func openFailed(_ failure: DeliveryFailure, now: Moment, random: Double) {
        opening -= 1
        // Once we stop we cut connections short ourselves, which says nothing about the relay.
        guard stopReason == nil else { return }
        if failure.remedy == .askOperator {
            stop(.hold(failure.description, failure.scope))
            health.withdrawn(now: now.steady)
        } else if openConnections > 0 {
            health.refusedMore(failure.description, others: openConnections)
        } else {
            health.connectionFault(failure.description, others: 0, now: now.steady, random: random)
        }
    }

    /// A worker closed its connection, or found it closed.
    mutating func closed() { openConnections -= 1 }

    /// A try has ended.
    ///
    /// - Parameters:
    ///   - delivery: What was tried.
    ///   - result: What the connection said.
    ///   - intended: Whether its intent was granted, so that the ledger has it in flight.
    ///   - now: The current moment.
    ///   - random: A number in 0..<1, for jitter.
    /// - Returns: What the ledger is to be told.
    mutating func finished(
        _ delivery: DueDelivery,
        _ result: TransferResult,
        intended: Bool,
        now: Moment,
        random: Double
    ) -> DeliveryOutcome.Verdict? {
        inFlight.remove(delivery.id)
        switch result {
        case .accepted(let reply):
            leave(delivery.id, gotThrough: true)
            health.worked()
            count(refusal: nil)
            return .accepted(reply)
        case .withdrawn:
            leave(delivery.id)
            health.withdrawn(now: now.steady)
            return nil
        case .failed(let failure):
            return failed(delivery, failure, intended: intended, now: now, random: random)
        }
    }

    private mutating func failed(
        _ delivery: DueDelivery,
        _ failure: DeliveryFailure,
        intended: Bool,
        now: Moment,
        random: Double
    ) -> DeliveryOutcome.Verdict? {
        switch failure.scope {
        case .connection:
            connectionFault(failure, now: now.steady, random: random)
            return broken(delivery, failure, intended: intended, now: now.wall, random: random)
        case .ambiguous:
            leave(delivery.id)
            connectionFault(failure, now: now.steady, random: random)
            return .ambiguous(failure)
        case .relay:
            leave(delivery.id)
            health.pushedBack(failure.description, now: now.steady, random: random)
            return deferral(delivery, failure, now: now.wall, random: random)
        case .recipient:
            leave(delivery.id, gotThrough: true)
            health.worked()
            guard failure.remedy == .giveUp else {
                return deferral(delivery, failure, now: now.wall, random: random)
            }
            count(refusal: failure.reply ?? SMTPReply(code: 550, text: failure.detail))
            return .rejected(failure)
        case .campaign, .configuration:
            stop(.hold(failure.description, failure.scope))
            health.withdrawn(now: now.steady)
            putBack(delivery)
            return intended ? .released : nil
        }
    }

    /// A connection broke with a delivery in hand; it is still counted as open.
    private mutating func connectionFault(_ failure: DeliveryFailure, now: Duration, random: Double) {
        guard stopReason == nil else { return }
        health.connectionFault(
            failure.description,
            others: max(0, openConnections - 1),
            now: now,
            random: random
        )
    }

    /// What becomes of the delivery: it goes first again, then last, and is charged when it is itself to blame.
    private mutating func broken(
        _ delivery: DueDelivery,
        _ failure: DeliveryFailure,
        intended: Bool,
        now: Timestamp,
        random: Double
    ) -> DeliveryOutcome.Verdict? {
        // We may have broken it ourselves.
        let faults = stopReason == nil ? suspects.broke(delivery.id) : 1
        let others = [AnySequence(waiting[head...].lazy.map(\.id)), AnySequence(inFlight)].joined()
        if faults > 1, suspects.blames(delivery, others: others) {
            let charged = suspects.failure(delivery.id, last: failure)
            leave(delivery.id)
            return deferral(delivery, charged, now: now, random: random)
        }
        if faults == 1 { putBack(delivery) } else { waiting.append(delivery) }
        return intended ? .released : nil
    }

    private func deferral(
        _ delivery: DueDelivery,
        _ failure: DeliveryFailure,
        now: Timestamp,
        random: Double
    ) -> DeliveryOutcome.Verdict {
        let next = now + retry.wait(afterAttempt: delivery.attempts + 1, random: random)
        return .deferred(failure, until: max(now + .milliseconds(1), min(next, deadline)))
    }

    /// Untouched: it goes first again.
    private mutating func putBack(_ delivery: DueDelivery) {
        if head > 0 {
            head -= 1
            waiting[head] = delivery
        } else {
            waiting.insert(delivery, at: 0)
        }
    }

    private mutating func count(refusal: SMTPReply?) {
        if let why = storm?.add(refusal: refusal) {
            stop(.hold("refusals look like a fault of ours, not of people: \(why)", .campaign))
        }
    }
}
