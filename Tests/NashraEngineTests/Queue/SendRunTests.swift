// SPDX-License-Identifier: Apache-2.0
//
// How a run hears of what others do to its campaign, and how it ends.
import Foundation
import NashraCore
import NashraStore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraEngine

@Suite(.timeLimit(.minutes(1))) struct SendRunTests {
    /// Puts everybody off, by the schedule: for five minutes.
    private let later = ScriptedRelay(transfer: { _, _, _ in
        .failed(Make.failure(.recipient, reply: SMTPReply(code: 452, text: "الصندوق ممتلئ")))
    })

    /// Does `act` once, when all of the campaign was put off and the run waits.
    private func whenAllWait(_ desk: Desk, _ act: @escaping @Sendable () throws -> Void)
        -> @Sendable (SendProgress) -> Void
    {
        let isDone = Atomic<Bool>(false)
        let audience = desk.campaign.audience
        return { progress in
            guard progress.deferred == audience, !isDone.exchange(true, ordering: .relaxed) else { return }
            #expect(throws: Never.self) { try act() }
        }
    }

    @Test func `a pause is heard while the run waits for those put off`() throws {
        let desk = try Desk(people: 3)
        let end = try desk.send(
            later,
            waits: true,
            onProgress: whenAllWait(desk) {
                try desk.store.pause(desk.campaign.id, reason: "اجتماع", actor: "test")
            }
        )
        #expect(end == .withdrawn(.paused))
        #expect(try desk.states == [.deferred: 3])
    }

    @Test func `a campaign cancelled while the run waits did not finish`() throws {
        let desk = try Desk(people: 3)
        let end = try desk.send(
            later,
            waits: true,
            onProgress: whenAllWait(desk) { try desk.store.cancel(desk.campaign.id, actor: "test") }
        )
        #expect(end == .withdrawn(.cancelled))
        #expect(try desk.states == [.cancelled: 3])
    }

    @Test func `who waits is asked for again when its time has come`() throws {
        let desk = try Desk(people: 2)
        let tries = Atomic<Int>(0)
        let relay = ScriptedRelay(transfer: { _, _, intent in
            guard tries.add(1, ordering: .relaxed).oldValue >= 2 else {
                return .failed(Make.failure(.recipient, reply: SMTPReply(code: 450)))
            }
            return intent() ? .accepted(SMTPReply(code: 250)) : .withdrawn
        })
        let end = try desk.send(
            relay,
            waits: true,
            onProgress: whenAllWait(desk) { desk.clock.advance(by: .seconds(400)) }
        )
        #expect(end == .finished)
        #expect(tries.load(ordering: .relaxed) == 4)
        #expect(try desk.states == [.accepted: 2])
    }

    @Test func `a fault that would hold a campaign leaves one cancelled that somebody cancelled`() throws {
        let desk = try Desk(people: 2)
        let relay = ScriptedRelay(transfer: { _, _, _ in
            #expect(throws: Never.self) { try desk.store.cancel(desk.campaign.id, actor: "test") }
            return .failed(Make.failure(.campaign, .askOperator, stage: .mail, reply: SMTPReply(code: 550)))
        })
        #expect(try desk.send(relay, connections: 1) == .withdrawn(.cancelled))
        #expect(try desk.store.campaign(named: desk.campaign.name)?.state == .cancelled)
    }

    @Test func `a sender whose campaign another has taken over stops, and says so`() throws {
        let desk = try Desk(people: 3)
        let relay = ScriptedRelay(transfer: { line, _, intent in
            #expect(throws: Never.self) {
                // As when somebody removed the lock's file and started a second sender.
                try desk.store.takeOver(desk.campaign.id, epoch: .random(), now: desk.clock.now())
            }
            return intent() ? .accepted(SMTPReply(code: 250)) : .withdrawn
        })
        let error = #expect(throws: UserError.self) { try desk.send(relay) }
        #expect(error?.status == .tryAgain)
        #expect(error?.message.contains("taken over") == true)
        #expect(try desk.states == [.queued: 3])
    }

    @Test func `a connection that does not come up does not hold up the end`() throws {
        let desk = try Desk(people: 6)
        let relay = ScriptedRelay(open: { line in
            guard line.index > 0 else { return nil }
            line.stall()
            return ScriptedRelay.lost
        })
        let start = ContinuousClock.now
        #expect(try desk.send(relay, connections: 3) == .finished)
        // The drain timeout is a minute.
        #expect(start.duration(to: .now) < .seconds(20))
        #expect(try desk.states == [.accepted: 6])
    }

    /// Connections that fail to come up, break, wear out and are not wanted: whoever waits must be woken.
    @Test(arguments: [1, 3, 16]) func `no connection sleeps while there is something to send`(
        _ connections: Int
    )
        throws
    {
        let desk = try Desk(people: 1_500)
        let accepted = Atomic<Int>(0)
        let dice = Atomic<Int>(connections)
        // A sequence without patterns, the same in every run.
        let roll: @Sendable () -> Int = {
            let number = UInt64(dice.add(1, ordering: .relaxed).oldValue) &* 0x9E37_79B9_7F4A_7C15
            return Int((number ^ number >> 29) >> 20 % 100)
        }
        let relay = ScriptedRelay(
            open: { _ in roll() < 20 ? ScriptedRelay.lost : nil },
            transfer: { _, _, intent in
                switch roll() {
                case 0..<4: return .failed(Make.failure(.connection, stage: .body))
                case 4..<6: return .failed(Make.failure(.relay, stage: .mail, reply: SMTPReply(code: 451)))
                case 6..<8: return .failed(Make.failure(.recipient, .giveUp, reply: SMTPReply(code: 550)))
                default:
                    guard intent() else { return .withdrawn }
                    accepted.add(1, ordering: .relaxed)
                    return .accepted(SMTPReply(code: 250))
                }
            }
        )
        let end = try desk.send(relay, connections: connections, messagesPerConnection: 9)
        let states = try desk.states
        guard case .waiting(let count, _) = end else {
            Issue.record("ended as \(end)")
            return
        }
        #expect(states[.deferred] == count)
        #expect(states[.accepted] == accepted.load(ordering: .relaxed))
        #expect(states[.queued] == nil)
        #expect(states[.inFlight] == nil)
        #expect((states[.accepted] ?? 0) > 1_200)
        #expect(states.values.reduce(0, +) == 1_500)
    }

    @Test func `asked twice to end, the run leaves a reply that is waited for as ambiguous`() throws {
        let desk = try Desk(people: 1)
        let stop = StopSignal()
        let relay = ScriptedRelay(transfer: { line, _, intent in
            #expect(intent())
            stop.raise()
            stop.raise()
            line.stall()
            return .failed(Make.failure(.ambiguous, .resolve, stage: .afterDot))
        })
        #expect(try desk.send(relay, stop: stop) == .interrupted)
        // The policy sends it once more; what happened is in the attempts.
        #expect(try desk.states == [.queued: 1])
        #expect(try desk.store.report(desk.campaign.name).resent == 1)
    }
}

@Suite struct `What ends while the ledger is asked` {
    @Test func `is not taken up again from an answer that is older than its end`() throws {
        var queue = Make.queue()
        let delivery = try Make.delivery(1)
        queue.add([delivery])
        let taken = try queue.mustTake()
        queue.beginLook()
        #expect(queue.end(taken, .failed(Make.failure(.recipient, reply: SMTPReply(code: 450)))) != nil)
        #expect(queue.add([delivery, try Make.delivery(2)]) == 1)
        #expect(queue.take()?.id.rawValue == 2)
        // The next answer is newer, and may offer it again.
        queue.beginLook()
        #expect(queue.add([delivery]) == 1)
    }
}

@Suite struct `How many connections there are` {
    @Test func `no more than there are messages to send`() throws {
        var queue = Make.queue(connections: 20)
        queue.add([try Make.delivery(1)])
        #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(0)) == .open)
        #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(0)) == .wait(until: nil))
    }

    @Test func `those that the relay does not want any more are closed, and no other is opened`() throws {
        var queue = Make.queue(connections: 4)
        queue.add(try (1...20).map { try Make.delivery($0) })
        var inHand: [DueDelivery] = []
        for _ in 0..<4 { inHand.append(try queue.mustTake()) }
        let failure = Make.failure(.relay, stage: .mail, reply: SMTPReply(code: 451))
        #expect(queue.end(inHand[3], .failed(failure)) != nil)
        #expect(queue.health.limit == 2)
        // Three are under way and one is idle; then two are, and another idles.
        #expect(queue.next(isOpen: true, isWorn: false, now: Make.moment(0)) == .closeIdle)
        queue.closed()
        _ = queue.end(inHand[2], .accepted(SMTPReply(code: 250)))
        #expect(queue.next(isOpen: true, isWorn: false, now: Make.moment(0)) == .closeIdle)
        queue.closed()
        _ = queue.end(inHand[1], .accepted(SMTPReply(code: 250)))
        // One is under way, one idle connection may carry the next: nobody opens a third.
        #expect(queue.next(isOpen: false, isWorn: false, now: Make.moment(0)) == .wait(until: nil))
        #expect(queue.take() != nil)
    }
}
