// SPDX-License-Identifier: Apache-2.0
//
// How fast it goes, how long it will take, when to say so and in what words.
// Pure: time is passed in, as the time since the start.
import Foundation
import NashraCore

/// How far something is.
struct ProgressState: Sendable, Hashable {
    /// Accepted by the relay.
    var accepted = 0
    /// Refused for good.
    var rejected = 0
    /// Put off; not counted in `done`.
    var deferred = 0
    /// Everything that is settled one way or another.
    var done = 0
    /// Everything there is.
    var total = 0
    /// What holds things up, or `nil`.
    var trouble: String?
}

/// What is known about the speed so far.
struct ProgressMeter: Sendable {
    /// How quickly an old speed is forgotten.
    private static let memory = 5.0
    /// Speeds over less than this are noise.
    private static let shortestSample = 0.5
    private static let redrawEvery = Duration.milliseconds(100)
    private static let lineEvery = Duration.seconds(10)

    private let verb: String
    private let isRedrawn: Bool
    private(set) var state = ProgressState()
    /// Settled in a second, or `nil` as long as nobody can know.
    private(set) var rate: Double?
    private var sampled: (done: Int, at: Duration)?
    private var first: (done: Int, at: Duration)?
    private var last = Duration.zero
    private var drawn: Duration?
    private var isFinished = false

    /// Starts at nothing.
    init(total: Int, verb: String = "accepted", isRedrawn: Bool) {
        self.verb = verb
        self.isRedrawn = isRedrawn
        state.total = total
        // The first line comes after its time; the first bar at once.
        drawn = isRedrawn ? nil : .zero
    }

    /// Takes note of a state.
    ///
    /// - Returns: Whether it is time to draw.
    mutating func update(_ next: ProgressState, at now: Duration) -> Bool {
        let isTrouble = next.trouble != state.trouble
        state = next
        last = now
        // The first reading is where we start: what an earlier run has done is not this run's speed.
        if first == nil { first = (next.done + next.deferred, now) }
        sample(at: now)
        let pause = isRedrawn ? Self.redrawEvery : Self.lineEvery
        if let drawn, now - drawn < pause, !isTrouble { return false }
        drawn = now
        return true
    }

    /// Takes note of the end.
    ///
    /// - Returns: Whether there is anything to draw.
    mutating func finish(at now: Duration) -> Bool {
        guard let first else { return false }
        let seconds = max((now - first.at).seconds, 0.001)
        rate = Double(state.done + state.deferred - first.done) / seconds
        last = now
        isFinished = true
        return true
    }

    /// Exponentially weighted: what happened five seconds ago counts a third of what happens now.
    private mutating func sample(at now: Duration) {
        let settled = state.done + state.deferred
        guard let before = sampled else {
            sampled = (settled, now)
            return
        }
        let seconds = (now - before.at).seconds
        guard seconds >= Self.shortestSample else { return }
        let speed = Double(max(0, settled - before.done)) / seconds
        if let rate {
            let weight = 1 - exp(-seconds / Self.memory)
            self.rate = rate + weight * (speed - rate)
        } else {
            rate = speed
        }
        sampled = (settled, now)
    }

    /// How many seconds it will take yet, or `nil` when nobody can say.
    var secondsLeft: Double? {
        guard let rate, rate > 0.001 else { return nil }
        return Double(max(0, state.total - state.done - state.deferred)) / rate
    }

    /// In words: `accepted 12,345 of 20,000 · 1,234/s · ETA 0:12 · deferred 3 · rejected 5`.
    var line: String {
        let count = verb == "accepted" ? state.accepted : state.done
        var parts = ["\(verb) \(Self.grouped(count)) of \(Self.grouped(state.total))"]
        if let rate { parts.append("\(Self.grouped(Int(min(rate, 1e9).rounded())))/s") }
        if isFinished {
            parts.append("took \(Self.clock(last.seconds))")
        } else {
            parts.append("ETA \(secondsLeft.map(Self.clock) ?? "?")")
        }
        if state.deferred > 0 { parts.append("deferred \(Self.grouped(state.deferred))") }
        if state.rejected > 0 { parts.append("rejected \(Self.grouped(state.rejected))") }
        if let trouble = state.trouble { parts.append(trouble) }
        return parts.joined(separator: " · ")
    }

    /// A bar, the percentage and the line, in fewer than `columns`.
    func bar(columns: Int) -> String {
        let share = state.total > 0 ? min(1, Double(state.done) / Double(state.total)) : 0
        let percent = " \(Int(share * 100)) % "
        let room = min(30, columns - 1 - percent.utf8.count - TerminalText.width(line) - 2)
        guard room >= 8 else { return TerminalText.truncated(line, to: columns - 1) }
        let full = Int(Double(room) * share)
        let drawing = String(repeating: "#", count: full) + String(repeating: ".", count: room - full)
        return "[\(drawing)]\(percent)\(line)"
    }

    /// `0:12`, `3:20`, `2:05:00`; more than ten days is no forecast.
    static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 864_000 else { return "?" }
        let whole = Int(max(0, seconds).rounded(.up))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let tail = (rest < 10 ? ":0" : ":") + String(rest)
        guard hours > 0 else { return "\(minutes)\(tail)" }
        return "\(hours):\(minutes < 10 ? "0" : "")\(minutes)\(tail)"
    }

    private static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }
}
