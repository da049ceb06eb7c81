// SPDX-License-Identifier: Apache-2.0
//
// What the queue promises about order, limits and the reach of failures.
import NashraCore
import Testing

@testable import NashraEngine

@Suite struct SendQueueTests {
    private let ok = TransferResult.accepted(SMTPReply(code: 250))

    @Test func `no delivery is handed out twice at once, though the ledger offers it again`() throws {
        var queue = Make.queue()
        queue.add([try Make.delivery(1)])
        #expect(queue.openAndTake()?.id.rawValue == 1)
        #expect(queue.add([try Make.delivery(1)]) == 0)
        #expect(queue.take() == nil)
    }

    @Test func `a broken connection costs the recipient nothing and the delivery goes first again`() throws {
        var queue = Make.queue()
        queue.add([try Make.delivery(1), try Make.delivery(2)])
        let first = try queue.mustTake()
        #expect(queue.end(first, .failed(Make.failure(.connection))) == nil)
        queue.closed()
        #expect(queue.openAndTake(at: 10)?.id == first.id)
    }

    @Test func `a connection that broke between intent and dot gives the row back to the ledger`() throws {
        var queue = Make.queue()
        queue.add([try Make.delivery(1)])
        let first = try queue.mustTake()
        #expect(queue.end(first, .failed(Make.failure(.connection)), intended: true) == .released)
        #expect(queue.waitingCount == 1)
    }

    @Test func `no more deliveries are under way than the relay has connections`() throws {
        var queue = Make.queue(connections: 2)
        queue.add(try (1...5).map { try Make.delivery($0) })
        #expect(queue.openAndTake() != nil)
        #expect(queue.openAndTake() != nil)
        #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(0)) == .wait(until: nil))
        #expect(queue.inFlight.count == 2)
    }

    @Test func `a recipient put off is tried again by the schedule, not by the queue`() throws {
        var queue = Make.queue()
        queue.add([try Make.delivery(1)])
        let first = try queue.mustTake()
        let failure = Make.failure(.recipient, reply: SMTPReply(code: 450))
        let verdict = queue.end(first, .failed(failure))
        #expect(verdict == .deferred(failure, until: Make.start + .seconds(300)))
        #expect(queue.isEmpty)
    }

    @Test func `nothing is put off beyond the end of validity`() throws {
        var queue = Make.queue(expiresAfter: .seconds(60))
        queue.add([try Make.delivery(1)])
        let first = try queue.mustTake()
        let failure = Make.failure(.recipient)
        #expect(queue.end(first, .failed(failure)) == .deferred(failure, until: Make.start + .seconds(60)))
    }

    @Test func `a fault of our own settings holds the campaign and condemns nobody`() throws {
        var queue = Make.queue()
        queue.add([try Make.delivery(1)])
        _ = queue.next(isOpen: false, isWorn: false, now: Make.moment(0))
        queue.openFailed(
            Make.failure(.configuration, .askOperator, stage: .auth),
            now: Make.moment(0),
            random: 0.5
        )
        guard case .hold(_, .configuration) = queue.stopReason else {
            Issue.record("stopped for \(String(describing: queue.stopReason))")
            return
        }
        #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(1)) == .stop)
        #expect(queue.waitingCount == 1)
    }

    @Test func `a sender refused at MAIL holds the campaign with the row untouched`() throws {
        var queue = Make.queue()
        queue.add([try Make.delivery(1)])
        let first = try queue.mustTake()
        let failure = Make.failure(.campaign, .askOperator, stage: .mail, reply: SMTPReply(code: 550))
        #expect(queue.end(first, .failed(failure)) == nil)
        #expect(queue.stopReason != nil)
        #expect(queue.waitingCount == 1)
    }

    @Test func `twenty equal refusals in a row hold the campaign`() throws {
        var queue = Make.queue(storm: StormGuard.Limits())
        queue.add(try (1...40).map { try Make.delivery($0) })
        let reply = SMTPReply(code: 554, status: EnhancedStatusCode(5, 7, 1), text: "Relay access denied")
        var delivery = queue.openAndTake()
        var refused = 0
        while let current = delivery {
            _ = queue.end(current, .failed(Make.failure(.recipient, .giveUp, reply: reply)))
            refused += 1
            delivery = queue.take()
        }
        #expect(refused == 20)
        guard case .hold(let why, .campaign) = queue.stopReason else {
            Issue.record("not held")
            return
        }
        #expect(why.contains("Relay access denied"))
    }

    @Test func `one refusal in fifty does not hold the campaign`() throws {
        var queue = Make.queue(storm: StormGuard.Limits())
        queue.add(try (1...2_000).map { try Make.delivery($0) })
        let reply = SMTPReply(code: 550, status: EnhancedStatusCode(5, 1, 1), text: "no such user")
        var delivery = queue.openAndTake()
        while let current = delivery {
            let isBad = current.id.rawValue % 50 == 0
            _ = queue.end(
                current,
                isBad ? .failed(Make.failure(.recipient, .giveUp, reply: reply)) : ok
            )
            delivery = queue.take()
        }
        #expect(queue.stopReason == nil)
        #expect(queue.isEmpty)
    }

    @Test func `a rate is kept to within a tenth of a second's worth`() throws {
        var queue = Make.queue(rate: 100)
        queue.add(try (1...500).map { try Make.delivery($0) })
        if case .open = queue.next(isOpen: false, isWorn: false, now: Make.moment(0)) { queue.opened() }
        var sent = 0
        for tick in 0..<2_000 {
            while let delivery = queue.take(at: Double(tick) / 1000) {
                _ = queue.end(delivery, ok, at: Double(tick) / 1000)
                sent += 1
            }
        }
        #expect((195...215).contains(sent))
    }

    @Test func `an idle connection is closed after five seconds`() {
        var queue = Make.queue()
        #expect(
            queue.next(isOpen: true, isWorn: false, now: Make.moment(0))
                == .wait(until: Make.moment(5).steady)
        )
        #expect(queue.next(isOpen: true, isWorn: false, now: Make.moment(5)) == .closeIdle)
    }

    @Test func `a worn connection is made anew before it carries another message`() throws {
        var queue = Make.queue()
        queue.add([try Make.delivery(1)])
        #expect(queue.next(isOpen: true, isWorn: true, now: Make.moment(0)) == .closeIdle)
        #expect(queue.openAndTake() != nil)
    }

    @Test func `a relay that takes one connection only is not paused for by that one`() throws {
        var queue = Make.queue(connections: 3)
        queue.add(try (1...4).map { try Make.delivery($0) })
        let refused = Make.failure(.connection, stage: .greeting, reply: SMTPReply(code: 421))
        // Three connections are on their way; two are refused before the first is known to be up.
        for _ in 1...3 { #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(0)) == .open) }
        queue.openFailed(refused, now: Make.moment(0), random: 0.5)
        queue.openFailed(refused, now: Make.moment(0), random: 0.5)
        queue.opened()
        // The pause is over, and one without a connection is the first to try.
        #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(10)) == .open)
        queue.openFailed(refused, now: Make.moment(10), random: 0.5)
        #expect(queue.take(at: 10) != nil)
        #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(10)) == .wait(until: nil))
    }

    @Test func `after a stop nothing begins, and what was under way still counts`() throws {
        var queue = Make.queue()
        queue.add(try (1...3).map { try Make.delivery($0) })
        let first = try queue.mustTake()
        queue.stop(.drained)
        #expect(queue.next(isOpen: true, isWorn: false, now: Make.moment(0)) == .stop)
        #expect(queue.end(first, ok, intended: true) == .accepted(SMTPReply(code: 250)))
        #expect(queue.waitingCount == 2)
    }

    @Test func `connections that we cut ourselves when we stop are no fault of the relay`() throws {
        var queue = Make.queue()
        queue.add(try (1...3).map { try Make.delivery($0) })
        let first = try queue.mustTake()
        #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(0)) == .open)
        queue.stop(.drained)
        queue.openFailed(Make.failure(.connection, stage: .connect), now: Make.moment(0), random: 0.5)
        #expect(queue.end(first, .failed(Make.failure(.connection, stage: .mail))) == nil)
        #expect(queue.health.breaker == .closed)
        #expect(queue.health.lastFault == nil)
    }

    @Test func `a lost reply after the dot is ambiguous and is not sent again by the queue`() throws {
        var queue = Make.queue()
        queue.add([try Make.delivery(1)])
        let first = try queue.mustTake()
        let failure = Make.failure(.ambiguous, .resolve, stage: .afterDot)
        #expect(queue.end(first, .failed(failure), intended: true) == .ambiguous(failure))
        #expect(queue.isEmpty)
    }
}
