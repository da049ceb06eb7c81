// SPDX-License-Identifier: Apache-2.0
//
// A message that breaks every connection it is on: it must not go on for ever, and nobody else must pay for it.
import NashraCore
import Testing

@testable import NashraEngine

@Suite struct `A message that breaks every connection` {
    private let ok = TransferResult.accepted(SMTPReply(code: 250))
    private let broke = TransferResult.failed(Make.failure(.connection, stage: .body))

    /// Sends until nothing is left or `steps` are over; `poison` breaks its connection each time.
    private func run(_ queue: inout SendQueue, poison: Set<Int64>, steps: Int = 200) -> Result {
        var result = Result()
        var now = 0.0
        for _ in 0..<steps where !queue.isEmpty {
            now += 1_000
            if case .open = queue.next(isOpen: false, isWorn: false, now: Make.moment(now)) { queue.opened() }
            guard let delivery = queue.take(at: now) else { continue }
            let id = delivery.id.rawValue
            result.order.append(id)
            let verdict = queue.end(delivery, poison.contains(id) ? broke : ok, at: now)
            if poison.contains(id) { queue.closed() }
            if case .deferred(let failure, _) = verdict { result.deferred[id] = failure }
        }
        return result
    }

    private struct Result {
        var order: [Int64] = []
        var deferred: [Int64: DeliveryFailure] = [:]

        func tries(_ id: Int64) -> Int { order.count { $0 == id } }
    }

    @Test func `is put off after a few connections, with a clear word, and the others get theirs`() throws {
        var queue = Make.queue(connections: 1)
        queue.add(try (1...6).map { try Make.delivery($0) })
        let result = run(&queue, poison: [2])
        #expect(queue.isEmpty)
        for id in [1, 3, 4, 5, 6] as [Int64] { #expect(result.tries(id) == 1) }
        #expect((Suspects.limitAmongSuspects...Suspects.limit).contains(result.tries(2)))
        let failure = try #require(result.deferred[2])
        #expect(failure.scope == .recipient)
        #expect(failure.remedy == .retry)
        #expect(failure.detail.contains("connections in a row broke with this message in hand"))
    }

    @Test func `goes first again once, then lets the others go first`() throws {
        var queue = Make.queue(connections: 1)
        queue.add(try (1...4).map { try Make.delivery($0) })
        #expect(run(&queue, poison: [1]).order == [1, 1, 2, 3, 4, 1])
    }

    @Test func `is put off while a long queue goes on`() throws {
        var queue = Make.queue(connections: 2)
        queue.add(try (1...3).map { try Make.delivery($0) })
        var others: Int64 = 3
        var tries = 0
        for step in 1...40 {
            let now = Double(step) * 1_000
            if case .open = queue.next(isOpen: false, isWorn: false, now: Make.moment(now)) { queue.opened() }
            guard let delivery = queue.take(at: now) else { continue }
            guard delivery.id.rawValue == 1 else {
                _ = queue.end(delivery, ok, at: now)
                others += 1
                queue.add([try Make.delivery(others)])
                continue
            }
            tries += 1
            if queue.end(delivery, broke, at: now) != nil { break }
            queue.closed()
        }
        #expect(tries == Suspects.limit)
    }

    @Test func `that is one of two leaves the other as it is`() throws {
        var queue = Make.queue(connections: 1)
        queue.add(try (1...5).map { try Make.delivery($0) })
        let result = run(&queue, poison: [4, 5])
        #expect(queue.isEmpty)
        #expect(Set(result.deferred.keys) == [4, 5])
        #expect(result.order.count <= 3 + 2 * Suspects.limit)
    }

    @Test func `is charged again when it was put off before and is all that is left`() throws {
        var queue = Make.queue(connections: 1)
        queue.add([try Make.delivery(1, attempts: 1)])
        let result = run(&queue, poison: [1])
        #expect(result.tries(1) == Suspects.limitAmongSuspects)
        #expect(queue.isEmpty)
    }

    @Test func `charges nobody when the relay has not taken a single message`() throws {
        var queue = Make.queue(connections: 1)
        queue.add(try (1...3).map { try Make.delivery($0) })
        let result = run(&queue, poison: [1, 2, 3])
        #expect(result.deferred.isEmpty)
        #expect(queue.waitingCount == 3)
        #expect(queue.health.awaySince != nil)
    }

    @Test func `gives its intent back to the ledger as an attempt that is charged once`() throws {
        var queue = Make.queue(connections: 1)
        queue.add([try Make.delivery(1, attempts: 2)])
        for fault in 1...Suspects.limitAmongSuspects {
            guard let delivery = queue.openAndTake(at: Double(fault) * 1_000) else { throw NothingToTake() }
            let verdict = queue.end(delivery, broke, intended: true, at: Double(fault) * 1_000)
            queue.closed()
            if fault < Suspects.limitAmongSuspects {
                #expect(verdict == .released)
            } else if case .deferred = verdict {
                #expect(queue.isEmpty)
            } else {
                Issue.record("\(String(describing: verdict))")
            }
        }
    }

    @Test func `is not blamed for connections that we cut ourselves`() throws {
        var queue = Make.queue(connections: 1)
        queue.add([try Make.delivery(1, attempts: 1)])
        let delivery = try queue.mustTake()
        queue.stop(.drained)
        for _ in 0..<Suspects.limit { #expect(queue.end(delivery, broke) == nil) }
    }
}

@Suite struct `The end of validity in the queue` {
    @Test func `nothing that waits in memory begins after it`() throws {
        var queue = Make.queue(connections: 2, expiresAfter: .seconds(60))
        queue.add(try (1...3).map { try Make.delivery($0) })
        let first = try queue.mustTake()
        #expect(queue.next(isOpen: true, isWorn: false, now: Make.moment(60)) == .wait(until: nil))
        #expect(queue.waitingCount == 0)
        #expect(queue.end(first, .accepted(SMTPReply(code: 250)), at: 61) == .accepted(SMTPReply(code: 250)))
        // The ledger says that they are expired; should it offer one again, it is not refused as known.
        #expect(queue.add([try Make.delivery(2)]) == 1)
    }
}
