// SPDX-License-Identifier: Apache-2.0
//
// One sending as its watcher sees it: signals, progress, how it ended, the report, the exit status.
// Used by `send`, `campaigns resume` and `demo`.
import Dispatch
import Foundation
import NashraApp
import NashraCore
import NashraEngine
import NashraStore

/// Runs the sender for one campaign with a person or a script watching.
struct SendSession {
    let global: GlobalOptions
    let application: Application
    let desk: SendDesk

    /// Sends what is due of the campaign, prints the report and throws the exit status when it is not 0.
    func run(_ name: CampaignName, _ options: SendOptions) throws {
        let report = try watch(name, options)
        try ReportText.print(report.report, on: global)
        if report.status != .ok { throw CommandEnd(status: report.status) }
    }

    /// Sends what is due of the campaign.
    func watch(
        _ name: CampaignName,
        _ options: SendOptions
    ) throws -> (report: CampaignReport, status: ExitStatus) {
        let stop = StopSignal()
        let signals = SignalSources(stop, console: global.console, campaign: name)
        defer { signals.cancel() }
        let bar = ProgressBar(console: global.console, total: 0)
        var refusals: RefusalSummary?
        let end = try desk.send(name, options, stop: stop) { progress in
            bar.update(
                ProgressState(
                    accepted: progress.accepted,
                    rejected: progress.rejected,
                    // Somebody may have been put off twice in this run, or have got through since.
                    deferred: max(0, min(progress.deferred, progress.audience - progress.done)),
                    done: progress.done,
                    total: progress.audience,
                    trouble: Self.trouble(progress)
                )
            )
        } onRefusals: {
            refusals = $0
        }
        bar.finish()
        if let refusals { tell(refusals) }
        let report = try desk.report(name)
        return (report, tell(end, name, report))
    }

    /// What followed from refusals, which count like bounces.
    private func tell(_ refusals: RefusalSummary) {
        if refusals.suppressed > 0 {
            global.console.note(
                "\(Quantity.people(refusals.suppressed)) whom the relay refused for good will not be mailed again; "
                    + "nashra trace ADDRESS says why."
            )
        }
        if !refusals.alarms.isEmpty {
            global.console.note("Too many refusals to be theirs; decide with: nashra bounces alarms list")
        }
    }

    private static func trouble(_ progress: SendProgress) -> String? {
        guard let trouble = progress.trouble, let end = progress.givesUpAt else { return progress.trouble }
        return "\(trouble) · giving up at \(end.iso8601.dropFirst(11)) unless it comes back"
    }

    private func tell(_ end: SendEnd, _ name: CampaignName, _ report: CampaignReport) -> ExitStatus {
        let resume = "nashra campaigns resume \(name)"
        switch end {
        case .finished:
            return report.deliveries[DeliveryState.accepted.rawValue] == report.audience ? .ok : .failures
        case .waiting(let count, let next):
            global.console.note(
                "\(Quantity.people(count)) put off, the first until \(next.iso8601). Go on then with: \(resume)"
            )
            return .tryAgain
        case .held(let why, let isConfiguration):
            global.console.fail(
                UserError(
                    isConfiguration ? .configuration : .failures,
                    "Campaign \(name) is held: \(why)",
                    remedy: "Nobody who was not refused is lost. Mend the cause, then: \(resume)"
                )
            )
            return isConfiguration ? .configuration : .failures
        case .withdrawn(let state):
            global.console.note(
                "Campaign \(name) was \(state.rawValue) by somebody else; nothing more was sent."
            )
            return state == .cancelled ? .failures : .interrupted
        case .interrupted:
            global.console.note("Interrupted; everything sent is recorded. Go on with: \(resume)")
            return .interrupted
        case .relayAway(let text):
            global.console.fail(
                UserError(
                    .unavailable,
                    "The relay cannot be reached: \(text)",
                    remedy: "Every recipient stays in the queue. When the relay is back: \(resume)"
                )
            )
            return .unavailable
        }
    }
}

/// SIGINT, SIGTERM and SIGHUP (a lost terminal), for as long as a send runs.
private final class SignalSources {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    private let sources: [any DispatchSourceSignal]

    init(_ stop: StopSignal, console: Console, campaign: CampaignName) {
        sources = Self.numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                stop.raise()
                console.note(
                    stop.count == 1
                        ? "Ending: nothing new is started, outstanding replies are waited for. Again to not wait."
                        : "Ending at once."
                )
            }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
        for number in Self.numbers { signal(number, SIG_DFL) }
    }
}
