// SPDX-License-Identifier: Apache-2.0
//
// One ingest as its watcher sees it: signals, what came, what was sent on, the exit status.
import Dispatch
import Foundation
import NashraApp
import NashraCore
import NashraEngine

/// Runs an ingest with a person or a script watching.
struct IngestSession {
    let global: GlobalOptions
    let desk: BounceDesk
    let sends: Bool

    /// Takes in what waits, prints the summary and throws the exit status when it is not 0.
    func run(_ ways: [BounceWay], watches: Bool) throws {
        let stop = StopSignal()
        let signals = StopOnSignals(stop)
        defer { signals.cancel() }
        var summary = IngestSummary()
        var fault: UserError?
        for way in ways where stop.count == 0 {
            do throws(UserError) {
                let source = try desk.source(way)
                defer { source.close() }
                if watches {
                    try desk.watch(source, stop: stop, into: &summary, onTrouble: complain) { _ in }
                } else {
                    try desk.ingest(source, stop: stop, into: &summary)
                }
            } catch {
                // The other ways are not to wait for this one.
                if ways.count > 1 { global.console.fail(error) }
                fault = fault ?? error
            }
        }
        if sends, stop.count == 0 { tell(try desk.sendOutbox(stop: stop)) }
        try end(summary, fault, isOnlyWay: ways.count == 1)
    }

    /// Takes in a provider's notifications, prints the summary and throws the exit status when it is not 0.
    func run(provider: String, _ files: [String], _ signature: NotificationSignature?) throws {
        var summary = IngestSummary()
        try desk.ingest(provider: provider, files: files, signature: signature, into: &summary)
        if sends { tell(try desk.sendOutbox(stop: StopSignal())) }
        try end(summary, nil, isOnlyWay: true)
    }

    /// Takes messages by LMTP until interrupted.
    func listen(lmtp place: String) throws {
        let stop = StopSignal()
        let signals = StopOnSignals(stop)
        defer { signals.cancel() }
        var summary = IngestSummary()
        try desk.listen(lmtp: place, stop: stop, into: &summary) { place throws(UserError) in
            let line = "{\"schema\":\"nashra.listen.v1\",\"lmtp\":\"\(place)\"}\n"
            try StreamWriter.writeResult(Array(line.utf8))
        } onTrouble: {
            complain($0)
        }
        try end(summary, nil, isOnlyWay: true)
    }

    private func complain(_ error: UserError) {
        global.console.complain("\(error.message) It is tried again.")
    }

    private func tell(_ outbox: OutboxService.Summary) {
        guard outbox != OutboxService.Summary() else { return }
        global.console.note(
            "Sent on: \(outbox.sent)"
                + (outbox.deferred > 0 ? "; put off: \(outbox.deferred)" : "")
                + (outbox.failed > 0 ? "; given up: \(outbox.failed)" : "")
        )
    }

    private func end(_ summary: IngestSummary, _ fault: UserError?, isOnlyWay: Bool) throws {
        for finding in summary.passedOver { global.console.complain(finding.description) }
        try global.console.result(
            summary,
            format: global.format,
            rows: { [["what", "count"]] + IngestText.rows(summary) }
        ) { IngestText.table(summary) }
        if let fault {
            guard !isOnlyWay else { throw fault }
            throw CommandEnd(status: fault.status)
        }
        if summary.passedOver.contains(where: { $0.severity == .error }) {
            throw CommandEnd(status: .failures)
        }
    }
}

/// A summary as people read it.
enum IngestText {
    /// One row for each figure.
    static func rows(_ summary: IngestSummary) -> [[String]] {
        [
            ("read", summary.read), ("hard", summary.hard), ("soft", summary.soft),
            ("complaint", summary.complaint), ("auto-reply", summary.autoReply),
            ("delivered", summary.delivered), ("none", summary.none), ("unknown", summary.unknown),
            ("replies", summary.replies), ("unsubscribes", summary.unsubscribes),
            ("confirmed", summary.confirmed),
            ("duplicates", summary.duplicates), ("repeated", summary.repeated), ("forged", summary.forged),
            ("odd", summary.odd), ("untied", summary.untied), ("suppressed", summary.suppressed),
            ("withheld", summary.withheld), ("probes", summary.probes), ("alarms", summary.alarms),
            ("held", summary.held.count), ("passed over", summary.passedOver.count),
        ].map { [$0.0, String($0.1)] }
    }

    /// What came, without what did not.
    static func table(_ summary: IngestSummary) -> String {
        guard summary.read > 0 else { return "Nothing came back." }
        let shown = rows(summary).filter { $0[1] != "0" }
        var text = Table(["returned mail", "count"], shown).text
        for held in summary.held { text += "\n\nHeld: \(held)" }
        if summary.alarms > 0 { text += "\n\nDecide about the alarms: nashra bounces alarms list" }
        return text
    }
}

/// SIGINT, SIGTERM and SIGHUP become a request to end.
final class StopOnSignals {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    private let sources: [any DispatchSourceSignal]

    init(_ stop: StopSignal) {
        sources = Self.numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { stop.raise() }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
        for number in Self.numbers { signal(number, SIG_DFL) }
    }
}
