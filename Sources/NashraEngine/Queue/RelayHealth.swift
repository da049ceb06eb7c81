// SPDX-License-Identifier: Apache-2.0
//
// How hard one relay may be driven now: a breaker for when it is away, a limit that falls when it pushes back and
// grows again when it accepts, and a rate. Pure; takes the time and a random number.
// Rules: docs/decisions/0002-ledger.md; RFC 5321 section 4.5.4.1 (a client must not hammer a failing server).
import NashraCore

/// The health of one relay, as this sender sees it.
struct RelayHealth: Sendable {
    /// Whether messages may go out.
    enum Breaker: Hashable, Sendable {
        case closed
        /// Nobody connects before this steady time.
        case open(until: Duration)
        /// One connection tries; the others wait for what it finds.
        case probing
    }

    private(set) var breaker = Breaker.closed
    /// How many connections may work at once now, 1...maximum.
    private(set) var limit: Int
    /// How many times in a row the relay was found away.
    private(set) var outages = 0
    /// Whether it was ever reached by this sender.
    private(set) var wasReached = false
    /// Since when (steady) no message has got through although we tried, or `nil`.
    private(set) var awaySince: Duration?
    /// What it, or our connection to it, said last when it was away.
    private(set) var lastFault: String?

    /// How long a relay is left alone when it is first found away, after it was reached.
    static let firstPause = Duration.seconds(5)
    /// The longest that it is left alone.
    private static let longestPause = Duration.seconds(300)

    private let maximum: Int
    private let firstPause: Duration
    private let secondsPerMessage: Double?
    private var nextSlot: Duration = .zero
    private var acceptedSinceChange = 0
    private var faultsInRow = 0
    private var pushbacksInRow = 0
    private var lastHalving: Duration?

    /// - Parameters:
    ///   - connections: The most connections at once, from 1.
    ///   - rate: The most messages a second, or `nil` for no limit.
    ///   - firstPause: The pause when it is first found away.
    init(connections: Int, rate: Double?, firstPause: Duration = RelayHealth.firstPause) {
        self.firstPause = firstPause
        maximum = max(1, connections)
        limit = max(1, connections)
        secondsPerMessage = rate.flatMap { $0 > 0 ? 1 / $0 : nil }
    }

    /// The answer to a thread that wants to begin something.
    enum Gate: Hashable, Sendable {
        case go
        /// Ask again at this steady time.
        case wait(until: Duration)
        /// Ask again when the probe has come back.
        case waitForProbe
    }

    /// Whether somebody may begin something now.
    ///
    /// Turns an open breaker whose time has come into a probe, which the caller then is: it must come back
    /// with one of the results below.
    mutating func gate(now: Duration) -> Gate {
        switch breaker {
        case .closed: return .go
        case .probing: return .waitForProbe
        case .open(let until) where until > now: return .wait(until: until)
        case .open:
            breaker = .probing
            return .go
        }
    }

    /// Takes the next free slot of the rate.
    ///
    /// - Returns: `nil` when a message may go now, else the steady time to ask again at. A tenth of a second's worth
    ///   may go at once, so that waiting threads do not lose what they slept over.
    mutating func takeSlot(now: Duration) -> Duration? {
        guard let secondsPerMessage else { return nil }
        let burst = Duration.milliseconds(100)
        if nextSlot < now - burst { nextSlot = now - burst }
        guard nextSlot <= now else { return nextSlot }
        nextSlot += .seconds(secondsPerMessage)
        return nil
    }

    /// A connection came up.
    ///
    /// That ends a probe, and proves nothing more: a relay may greet and then drop everything, so the outage is not
    /// over, and the next fault makes the pause longer, until a message has got through.
    mutating func opened() {
        wasReached = true
        // Not the pause of an open breaker: this one was on its way before the relay was found away.
        if breaker == .probing { breaker = .closed }
    }

    /// A message was accepted, or refused for its own sake: the relay works.
    mutating func worked() {
        pushbacksInRow = 0
        breaker = .closed
        faultsInRow = 0
        outages = 0
        awaySince = nil
        guard limit < maximum else { return }
        acceptedSinceChange += 1
        if acceptedSinceChange >= 20 {
            acceptedSinceChange = 0
            limit += 1
        }
    }

    /// A connection could not be made, or broke before its message counted.
    ///
    /// - Parameters:
    ///   - text: What happened.
    ///   - others: How many other connections are open now. As long as there are some, the relay is not away; it only
    ///     does not want more.
    ///   - now: The steady time.
    ///   - random: A number in 0..<1.
    mutating func connectionFault(_ text: String, others: Int, now: Duration, random: Double) {
        lastFault = text
        // Connections that break after the breaker has opened are the rest of the same fault.
        if case .open(let until) = breaker, until > now { return }
        faultsInRow += 1
        if breaker == .probing || others == 0 || faultsInRow > 2 * maximum {
            trip(now: now, random: random)
        } else {
            limit = max(1, min(limit, others))
            acceptedSinceChange = 0
        }
    }

    /// A connection was refused while others are open: the relay works, and wants no more than those.
    ///
    /// Ends a probe: whoever has an open connection goes on, and finds out whether it still is one.
    ///
    /// - Parameters:
    ///   - text: What happened.
    ///   - others: How many are open, from 1.
    mutating func refusedMore(_ text: String, others: Int) {
        lastFault = text
        limit = max(1, min(limit, others))
        acceptedSinceChange = 0
        if breaker == .probing { breaker = .closed }
    }

    /// The relay put a message off for its own reasons (4xx at MAIL, DATA or the dot): half the connections, and a pause
    /// when it does so again and again.
    mutating func pushedBack(_ text: String, now: Duration, random: Double) {
        pushbacksInRow += 1
        acceptedSinceChange = 0
        if lastHalving.map({ now - $0 >= .seconds(1) }) ?? true {
            lastHalving = now
            limit = max(1, limit / 2)
        }
        if breaker == .probing || pushbacksInRow >= 10 {
            lastFault = text
            trip(now: now, random: random)
        }
    }

    /// What was begun was given up for a reason of ours: says nothing about the relay, but ends a probe.
    mutating func withdrawn(now: Duration) {
        if breaker == .probing { breaker = .open(until: now) }
    }

    /// The first pause (5 s), then twice as long each time, at most 5 minutes, ± 20 %.
    ///
    /// The first three waits are shorter while the relay was never reached: somebody sits there and waits for
    /// the first message to go.
    private mutating func trip(now: Duration, random: Double) {
        if awaySince == nil { awaySince = now }
        outages += 1
        let base = wasReached ? firstPause : firstPause / 5
        let pause = min(Self.longestPause, base * (1 << min(outages - 1, 8)))
        breaker = .open(until: now + pause * (0.8 + 0.4 * random))
        pushbacksInRow = 0
        faultsInRow = 0
    }
}
