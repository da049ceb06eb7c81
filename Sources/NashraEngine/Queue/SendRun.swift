// SPDX-License-Identifier: Apache-2.0
//
// One run of the sender, from the first delivery to the last recorded result: refills, watches, ends.
// On the caller's thread; the workers have their own.
import Foundation
import Logging
import NashraCore
import NashraStore

/// The sender's own loop.
struct SendRun {
    let store: Store
    let campaign: Campaign
    let dispatcher: Dispatcher
    let ledger: LedgerWriter
    let clock: any WallClock
    let options: SendService.Options
    let logger: Logger
    let stop: StopSignal
    let onProgress: @Sendable (SendProgress) -> Void

    private static let batch = 2_000
    private var cursor: Int64 = 0
    private var passIsOver = false
    private var passFoundNothing = false
    /// Whether all that is left is put off, and its time is waited for.
    private var waitsForDue = false
    private var nextLookAt: Duration = .zero
    private var nextCampaignLookAt: Duration = .zero
    private var nextProgressAt: Duration = .zero
    private var baseline = SendProgress(audience: 0, accepted: 0, rejected: 0, deferred: 0, otherwiseFinal: 0)
    private var storeFault: UserError?
    private var patienceEnd: (steady: Duration, wall: Timestamp)?

    init(
        store: Store,
        campaign: Campaign,
        dispatcher: Dispatcher,
        ledger: LedgerWriter,
        clock: any WallClock,
        options: SendService.Options,
        logger: Logger,
        stop: StopSignal,
        onProgress: @escaping @Sendable (SendProgress) -> Void
    ) {
        self.store = store
        self.campaign = campaign
        self.dispatcher = dispatcher
        self.ledger = ledger
        self.clock = clock
        self.options = options
        self.logger = logger
        self.stop = stop
        self.onProgress = onProgress
    }

    /// Feeds and watches until a reason to stop appears, then ends.
    mutating func untilEnd() throws(UserError) -> SendEnd {
        do {
            try readBaseline()
            while dispatcher.update({ ($0.queue.stopReason, false) }) == nil {
                try step()
                let wait = passIsOver || stop.count > 0 ? Duration.milliseconds(50) : .milliseconds(200)
                dispatcher.waitForAttention(timeout: wait) { shared in
                    shared.queue.stopReason != nil || shared.campaignMayHaveChanged
                }
            }
        } catch {
            storeFault = error
            dispatcher.update { ($0.queue.stop(.storeBroken), true) }
        }
        return try end()
    }

    private mutating func readBaseline() throws(UserError) {
        let states = try store.stateCounts(of: campaign.id)
        baseline = SendProgress(
            audience: campaign.audience,
            accepted: states[.accepted] ?? 0,
            rejected: states[.rejected] ?? 0,
            deferred: states[.deferred] ?? 0,
            otherwiseFinal: [.suppressed, .expired, .cancelled, .ambiguous].reduce(0) {
                $0 + (states[$1] ?? 0)
            }
        )
    }

    private mutating func step() throws(UserError) {
        let now = Moment.now(clock)
        if stop.count > 0 { return stopNow(.drained) }
        tellProgress(now.steady)
        try checkCampaign(now.steady)
        checkRelay(now.steady)
        try refill(now)
    }

    private func stopNow(_ reason: SendQueue.StopReason) {
        dispatcher.update { ($0.queue.stop(reason), true) }
    }

    /// Hears of a pause at once when an intent is refused, else within a second: while the relay is away, or while what
    /// is put off is waited for, nobody asks for an intent.
    private mutating func checkCampaign(_ now: Duration) throws(UserError) {
        let changed = dispatcher.update { shared in
            defer { shared.campaignMayHaveChanged = false }
            return (shared.campaignMayHaveChanged, false)
        }
        if ledger.isReplaced { return stopNow(.replaced) }
        guard changed || now >= nextCampaignLookAt else { return }
        nextCampaignLookAt = now + .seconds(1)
        guard let current = try store.campaign(named: campaign.name) else { return }
        if current.state != .sending { stopNow(.withdrawn) }
    }

    private func checkRelay(_ now: Duration) {
        let (away, reached, fault) = dispatcher.update { shared in
            let health = shared.queue.health
            // While a message is being tried, its result is waited for.
            let away = health.breaker == .closed ? nil : health.awaySince
            return ((away, health.wasReached, health.lastFault), false)
        }
        guard let away else { return }
        guard now - away >= patience(reached: reached) else { return }
        stopNow(.relayAway(fault ?? "the relay cannot be reached"))
    }

    private func patience(reached: Bool) -> Duration {
        reached ? options.relayPatience : min(options.relayPatience, .seconds(10))
    }

    // MARK: feeding

    /// Reads more of what is due when the queue runs low.
    ///
    /// Goes through the ledger in passes by row number; a pass that finds nothing, with nothing under way,
    /// means that nothing is due.
    private mutating func refill(_ now: Moment) throws(UserError) {
        let (waiting, isEmpty) = dispatcher.update { (($0.queue.waitingCount, $0.queue.isEmpty), false) }
        guard waiting < Self.batch / 2 else { return }
        if passIsOver {
            guard isEmpty && !waitsForDue || now.steady >= nextLookAt else { return }
            if isEmpty, passFoundNothing { return try whenNothingIsDue(now) }
            beginPass()
        }
        // What ended before the look began is in the ledger when it is asked; what ends after it is passed over.
        dispatcher.update { shared in (shared.queue.beginLook(), false) }
        try ledger.drain()
        baseline.otherwiseFinal += try store.expire(campaign.id, now: now.wall)
        let due = try store.due(campaign.id, after: cursor, now: now.wall, limit: Self.batch)
        cursor = due.last?.id.rawValue ?? cursor
        passIsOver = due.count < Self.batch
        nextLookAt = now.steady + .seconds(1)
        let fresh = dispatcher.update { shared in
            let fresh = shared.queue.add(due)
            return (fresh, fresh > 0)
        }
        if fresh > 0 { passFoundNothing = false }
    }

    private mutating func beginPass() {
        passIsOver = false
        passFoundNothing = true
        waitsForDue = false
        cursor = 0
    }

    private mutating func whenNothingIsDue(_ now: Moment) throws(UserError) {
        try ledger.drain()
        guard let next = try store.nextDue(campaign.id) else { return stopNow(.idle) }
        guard next > now.wall else { return beginPass() }
        guard options.waits else { return stopNow(.idle) }
        waitsForDue = true
        nextLookAt = now.steady + .seconds(1)
    }

    // MARK: telling

    private mutating func tellProgress(_ now: Duration, always: Bool = false) {
        guard always || now >= nextProgressAt else { return }
        nextProgressAt = now + .milliseconds(100)
        let (counters, health) = dispatcher.update { (($0.counters, $0.queue.health), false) }
        var progress = baseline
        progress.accepted += counters.accepted
        progress.rejected += counters.rejected
        progress.deferred += counters.deferred
        progress.otherwiseFinal += counters.ambiguous
        if health.breaker != .closed {
            progress.trouble = health.lastFault
            progress.givesUpAt = always ? nil : givesUpAt(health, now)
        }
        onProgress(progress)
    }

    /// Reckoned once for each outage, so that who watches is not told of every millisecond's drift.
    private mutating func givesUpAt(_ health: RelayHealth, _ now: Duration) -> Timestamp? {
        guard let away = health.awaySince else { return nil }
        let end = away + patience(reached: health.wasReached)
        if patienceEnd?.steady != end { patienceEnd = (end, clock.now() + (end - now)) }
        return patienceEnd?.wall
    }

    // MARK: ending

    /// Lets what is under way end, records it, and says how the run ended.
    private mutating func end() throws(UserError) -> SendEnd {
        let reason = dispatcher.update { ($0.queue.stopReason ?? .idle, true) }
        waitForWorkers(reason)
        ledger.close()
        if let fault = ledger.fault ?? storeFault { throw resumable(fault) }
        tellProgress(.zero, always: true)
        switch reason {
        case .drained: return .interrupted
        case .relayAway(let text): return try endOfRelayAway(text)
        case .hold(let why, let scope):
            if let state = try endedElsewhere() { return .withdrawn(state) }
            try store.pause(campaign.id, reason: why, actor: "sender")
            return .held(why, isConfiguration: scope == .configuration)
        case .withdrawn:
            return .withdrawn(try store.campaign(named: campaign.name)?.state ?? .cancelled)
        case .replaced:
            throw UserError(
                .tryAgain,
                "Another nashra has taken over campaign \(campaign.name); this one has stopped.",
                remedy: "The other one goes on, and nobody is lost. Never remove var/sender.lock."
            )
        case .storeBroken:
            throw resumable(UserError(.inputOutput, "The store cannot be written."))
        case .idle:
            return try endOfIdle()
        }
    }

    /// What became too late while the relay was away is not left for a later run to find.
    private func endOfRelayAway(_ text: String) throws(UserError) -> SendEnd {
        _ = try store.expire(campaign.id, now: clock.now())
        return try store.finishIfDone(campaign.id, now: clock.now()) ? .finished : .relayAway(text)
    }

    private func endOfIdle() throws(UserError) -> SendEnd {
        if try store.finishIfDone(campaign.id, now: clock.now()) { return .finished }
        if let state = try endedElsewhere() { return .withdrawn(state) }
        let states = try store.stateCounts(of: campaign.id)
        let open = (states[.queued] ?? 0) + (states[.deferred] ?? 0)
        guard let next = try store.nextDue(campaign.id) else { return .finished }
        return .waiting(count: open, next: next)
    }

    /// The state that another process gave the campaign meanwhile, when it is not to be sent any more.
    private func endedElsewhere() throws(UserError) -> CampaignState? {
        let state = try store.campaign(named: campaign.name)?.state
        return state == .sending ? nil : state
    }

    /// How long workers have to end after they were told to, before we go without them.
    private static let grace = Duration.seconds(10)

    /// Those not yet at the dot are cut short at once; the others have the drain timeout, or until the second request.
    ///
    /// A worker that does not even end then, such as one that waits for a name server, is left alone: it has no intent,
    /// or its row says that its fate is unknown, and a closed ledger gives it no other.
    private func waitForWorkers(_ reason: SendQueue.StopReason) {
        // When nothing is left to send, a connection that is only just coming up is not waited for.
        dispatcher.abort { reason == .idle ? $0 == .opening : $0 != .afterIntent }
        let deadline = Moment.now(clock).steady + options.drainTimeout
        var cutShortAt: Duration?
        while dispatcher.update({ ($0.running, false) }) > 0 {
            let now = Moment.now(clock).steady
            if let cutShortAt {
                guard now < cutShortAt + Self.grace else {
                    return logger.warning("left connections behind that do not end")
                }
            } else if now >= deadline || stop.count > 1 {
                cutShortAt = now
                dispatcher.abort { _ in true }
            }
            dispatcher.waitForAttention(timeout: .milliseconds(50)) { $0.running == 0 }
        }
    }

    private func resumable(_ fault: UserError) -> UserError {
        var fault = fault
        fault.message =
            "Sending stopped because the store failed; nothing was sent that is not recorded. \(fault.message)"
        let resume = "Then go on with: nashra campaigns resume \(campaign.name)"
        fault.remedy = fault.remedy.isEmpty ? resume : "\(fault.remedy) \(resume)"
        return fault
    }
}
