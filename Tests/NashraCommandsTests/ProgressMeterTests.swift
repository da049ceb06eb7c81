// SPDX-License-Identifier: Apache-2.0
//
// How progress is measured and worded; time is passed in.
import Testing

@testable import NashraCommands

struct ProgressMeterTests {
    private func state(_ accepted: Int, deferred: Int = 0, rejected: Int = 0) -> ProgressState {
        ProgressState(
            accepted: accepted,
            rejected: rejected,
            deferred: deferred,
            done: accepted + rejected,
            total: 20_000
        )
    }

    @Test func `the line says what was accepted, how fast, how long yet, and what went wrong`() {
        var meter = ProgressMeter(total: 20_000, isRedrawn: true)
        _ = meter.update(state(0), at: .zero)
        #expect(meter.line == "accepted 0 of 20,000 · ETA ?")
        _ = meter.update(state(12_337, deferred: 3, rejected: 5), at: .seconds(10))
        #expect(meter.line == "accepted 12,337 of 20,000 · 1,235/s · ETA 0:07 · deferred 3 · rejected 5")
        var stuck = state(12_337)
        stuck.trouble = "المرحل لا يجيب"
        _ = meter.update(stuck, at: .seconds(10.1))
        #expect(meter.line.hasSuffix(" · المرحل لا يجيب"))
    }

    @Test func `what an earlier run has done is not this run's speed`() {
        var meter = ProgressMeter(total: 20_000, isRedrawn: true)
        _ = meter.update(state(15_000), at: .seconds(1))
        _ = meter.update(state(15_100), at: .seconds(2))
        #expect(meter.rate == 100)
        #expect(meter.secondsLeft == 49)
    }

    @Test func `an old speed is forgotten and a stall shows in the forecast`() throws {
        var meter = ProgressMeter(total: 20_000, isRedrawn: true)
        for second in 0...10 { _ = meter.update(state(second * 1000), at: .seconds(second)) }
        #expect(meter.rate == 1000)
        for second in 11...40 { _ = meter.update(state(10_000), at: .seconds(second)) }
        let rate = try #require(meter.rate)
        #expect(rate > 0 && rate < 5)
        #expect(try #require(meter.secondsLeft) > 2000)
    }

    @Test func `a terminal is redrawn ten times a second and a log gets a line every ten seconds`() {
        var bar = ProgressMeter(total: 20_000, isRedrawn: true)
        var log = ProgressMeter(total: 20_000, isRedrawn: false)
        var drawn = 0
        var logged: [Int] = []
        for step in 0...3500 {
            let now = Duration.milliseconds(step * 10)
            if bar.update(state(step), at: now) { drawn += 1 }
            if log.update(state(step), at: now) { logged.append(step * 10) }
        }
        #expect(drawn == 351)
        #expect(logged == [10_000, 20_000, 30_000])
    }

    @Test func `trouble is shown at once`() {
        var log = ProgressMeter(total: 20_000, isRedrawn: false)
        var drawn = [log.update(state(1), at: .seconds(1))]
        var stuck = state(1)
        stuck.trouble = "relay away"
        drawn.append(log.update(stuck, at: .seconds(2)))
        drawn.append(log.update(stuck, at: .seconds(3)))
        #expect(drawn == [false, true, false])
    }

    @Test func `the end says how long it took, and nothing when nothing was reported`() {
        var silent = ProgressMeter(total: 5, isRedrawn: false)
        let saysSomething = silent.finish(at: .seconds(1))
        #expect(!saysSomething)
        var meter = ProgressMeter(total: 20_000, verb: "composed", isRedrawn: false)
        var done = ProgressState(total: 20_000)
        _ = meter.update(done, at: .zero)
        done.done = 20_000
        _ = meter.update(done, at: .seconds(3))
        _ = meter.finish(at: .seconds(4))
        #expect(meter.line == "composed 20,000 of 20,000 · 5,000/s · took 0:04")
    }

    @Test(arguments: [10, 40, 60, 80, 200])
    func `the bar never reaches the last column`(_ columns: Int) {
        var meter = ProgressMeter(total: 20_000, isRedrawn: true)
        for accepted in [0, 10_000, 20_000, 30_000] {
            _ = meter.update(state(accepted, deferred: 7), at: .seconds(accepted / 1000))
            #expect(TerminalText.width(meter.bar(columns: columns)) < columns)
        }
        #expect(columns < 80 || meter.bar(columns: columns).contains("] 100 %"))
    }

    @Test(arguments: [
        (0.0, "0:00"), (11.2, "0:12"), (60, "1:00"), (3599.5, "1:00:00"), (7500, "2:05:00"), (1e9, "?"),
        (.infinity, "?"),
        (-1, "0:00"),
    ])
    func `a time left reads like a clock`(_ seconds: Double, _ expected: String) {
        #expect(ProgressMeter.clock(seconds) == expected)
    }
}
