// SPDX-License-Identifier: Apache-2.0
//
// Progress on stderr: a bar that is redrawn on a terminal, a line now and then elsewhere.
// One lock; any thread may report. What is drawn and when is decided by ProgressMeter.
import Synchronization

/// A running display.
final class ProgressBar: Sendable {
    private let console: Console
    private let style: TerminalStyle
    private let started = ContinuousClock.now
    private let meter: Mutex<ProgressMeter>

    /// Starts a display; a quiet console shows nothing.
    ///
    /// - Parameters:
    ///   - console: Where it is shown.
    ///   - total: How many there are, until the first update says better.
    ///   - verb: What has happened to those that are counted.
    init(console: Console, total: Int, verb: String = "accepted") {
        self.console = console
        style = Console.error
        meter = Mutex(ProgressMeter(total: total, verb: verb, isRedrawn: style.canRedraw))
    }

    /// Says how far things are; draws when it is time.
    func update(_ state: ProgressState) {
        guard !console.quiet else { return }
        let elapsed = started.duration(to: .now)
        meter.withLock { meter in
            guard meter.update(state, at: elapsed) else { return }
            draw(meter)
        }
    }

    /// Draws the last state and leaves it on the screen.
    func finish() {
        guard !console.quiet else { return }
        let elapsed = started.duration(to: .now)
        meter.withLock { meter in
            guard meter.finish(at: elapsed) else { return }
            draw(meter)
            if style.canRedraw { console.endRedrawing() }
        }
    }

    private func draw(_ meter: ProgressMeter) {
        if style.canRedraw {
            console.redraw(meter.bar(columns: style.columns ?? 80))
        } else {
            console.note(meter.line)
        }
    }
}
