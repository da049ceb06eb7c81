// SPDX-License-Identifier: Apache-2.0
//
// What the sender does when the relay is away, pushes back, or comes back.
import NashraCore
import Testing

@testable import NashraEngine

@Suite struct RelayHealthTests {
    private func second(_ value: Double) -> Duration { .seconds(value) }

    @Test func `a relay that is away is probed by one connection at a time, less and less often`() {
        var health = RelayHealth(connections: 20, rate: nil)
        health.opened()
        health.connectionFault("refused", others: 0, now: second(0), random: 0.5)
        #expect(health.gate(now: second(4.9)) == .wait(until: second(5)))
        #expect(health.gate(now: second(5)) == .go)
        #expect(health.gate(now: second(5)) == .waitForProbe)
        health.connectionFault("refused", others: 0, now: second(5), random: 0.5)
        #expect(health.gate(now: second(14)) == .wait(until: second(15)))
        for index in 1...10 {
            #expect(health.gate(now: second(Double(index) * 1_000)) == .go)
            health.connectionFault("refused", others: 0, now: second(Double(index) * 1_000), random: 0.5)
        }
        #expect(health.gate(now: second(10_001)) == .wait(until: second(10_300)))
    }

    @Test func `twenty connections that break at once are one outage`() {
        var health = RelayHealth(connections: 20, rate: nil)
        for _ in 0..<20 { health.opened() }
        for left in (0..<20).reversed() {
            health.connectionFault("reset", others: left, now: second(0), random: 0.5)
        }
        for _ in 0..<20 { health.connectionFault("refused", others: 0, now: second(1), random: 0.5) }
        #expect(health.gate(now: second(2)) == .wait(until: second(5)))
        #expect(health.outages == 1)
    }

    @Test func `a probe that gets through opens the way for all`() {
        var health = RelayHealth(connections: 20, rate: nil)
        health.connectionFault("refused", others: 0, now: second(0), random: 0.5)
        #expect(health.gate(now: second(60)) == .go)
        health.opened()
        #expect(health.gate(now: second(60)) == .go)
        #expect(health.gate(now: second(60)) == .go)
        health.worked()
        #expect(health.awaySince == nil)
    }

    @Test func `a relay that greets and drops every message is left alone longer and longer`() {
        var health = RelayHealth(connections: 1, rate: nil)
        var now = 0.0
        for pause in [5.0, 10, 20, 40, 80, 160, 300, 300] {
            #expect(health.gate(now: second(now)) == .go)
            health.opened()
            health.connectionFault("421 at MAIL", others: 0, now: second(now), random: 0.5)
            #expect(health.gate(now: second(now + pause - 0.1)) == .wait(until: second(now + pause)))
            now += pause
        }
        #expect(health.awaySince == second(0))
    }

    @Test func `a probe given up for our own reasons leaves nobody waiting for ever`() {
        var health = RelayHealth(connections: 20, rate: nil)
        health.connectionFault("refused", others: 0, now: second(0), random: 0.5)
        #expect(health.gate(now: second(60)) == .go)
        health.withdrawn(now: second(61))
        #expect(health.gate(now: second(61)) == .go)
    }

    @Test func `a connection that was coming up when the relay was found away does not end the pause`() {
        var health = RelayHealth(connections: 2, rate: nil)
        health.opened()
        health.connectionFault("421 at MAIL", others: 0, now: second(0), random: 0.5)
        health.opened()
        #expect(health.gate(now: second(1)) == .wait(until: second(5)))
        // It is the probe when the pause is over.
        #expect(health.gate(now: second(5)) == .go)
        #expect(health.gate(now: second(5)) == .waitForProbe)
        health.worked()
        #expect(health.gate(now: second(5)) == .go)
    }

    @Test func `one connection too many lowers the limit and does not stop the others`() {
        var health = RelayHealth(connections: 20, rate: nil)
        for _ in 0..<5 { health.opened() }
        health.connectionFault("421 too many connections", others: 5, now: second(1), random: 0.5)
        #expect(health.limit == 5)
        #expect(health.gate(now: second(1)) == .go)
        for _ in 0..<300 { health.worked() }
        #expect(health.limit == 20)
    }

    @Test func `a relay that pushes back is given half the connections, and a rest when it goes on`() {
        var health = RelayHealth(connections: 16, rate: nil)
        health.opened()
        health.pushedBack("451 later", now: second(0), random: 0.5)
        #expect(health.limit == 8)
        health.pushedBack("451 later", now: second(0.1), random: 0.5)
        #expect(health.limit == 8)
        health.pushedBack("451 later", now: second(1.2), random: 0.5)
        #expect(health.limit == 4)
        for _ in 0..<7 { health.pushedBack("451 later", now: second(1.3), random: 0.5) }
        #expect(health.gate(now: second(1.4)) == .wait(until: second(1.3) + .seconds(5)))
    }

    @Test func `the storm guard forgets what has left its window`() {
        var storm = StormGuard(StormGuard.Limits(window: 100, permanentPercent: 10, minimum: 5))
        for index in 0..<10 {
            #expect(storm.add(refusal: SMTPReply(code: 550, text: "user \(index)")) == nil || index >= 4)
        }
        for _ in 0..<100 { #expect(storm.add(refusal: nil) == nil) }
        for index in 0..<4 {
            #expect(storm.add(refusal: SMTPReply(code: 550, text: "later \(index)")) == nil)
        }
    }
}
