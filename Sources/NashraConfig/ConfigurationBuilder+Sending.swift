// SPDX-License-Identifier: Apache-2.0
//
// The rules of sending: lane, ambiguity, retries, storm guard.
// Pure. Rules: docs/config.md.
import NashraCore
import NashraYAML

extension ConfigurationBuilder {
    /// The rules of sending.
    func sending() -> SendingConfiguration? {
        let lane = reader.word("sending.lane", SendingLane.self)
        let ambiguous = reader.word("sending.ambiguous", AmbiguousPolicy.self)
        let retry = retry()
        let window = reader.integer("sending.storm_guard.window", 10...100_000)
        let permanent = reader.percent("sending.storm_guard.permanent_percent", 1...100)
        let same = reader.percent("sending.storm_guard.same_text_percent", 1...100)
        let minimum = reader.integer("sending.storm_guard.minimum", 1...1_000_000)
        let drain = reader.duration("sending.drain_timeout", .seconds(1) ... .seconds(3600))
        let patience = reader.duration("sending.relay_patience", .milliseconds(100) ... .seconds(86_400))
        guard let lane, let ambiguous, let retry, let window, let permanent, let same, let minimum, let drain,
            let patience
        else { return nil }
        return SendingConfiguration(
            lane: lane,
            ambiguous: ambiguous,
            retry: retry,
            stormGuard: SendingConfiguration.StormGuard(
                window: window,
                permanentPercent: permanent,
                sameTextPercent: same,
                minimum: minimum
            ),
            drainTimeout: drain,
            relayPatience: patience
        )
    }

    private func retry() -> RetrySchedule? {
        let texts = reader.list("sending.retry.waits")
        let waits = texts.compactMap { text in
            ScalarText.duration(text).flatMap {
                (.milliseconds(1) ... .seconds(30 * 86_400)).contains($0) ? $0 : nil
            }
        }
        if waits.count != texts.count || waits.isEmpty || waits.count > 100 {
            reader.fault(
                "sending.retry.waits",
                "is no list of 1 to 100 durations from 1ms to 30d",
                "Such as [5m, 15m, 1h]."
            )
        }
        let jitter = reader.percent("sending.retry.jitter", 0...90)
        let lifetime = reader.duration("sending.retry.lifetime", .seconds(1) ... .seconds(30 * 86_400))
        guard waits.count == texts.count, let jitter, let lifetime else { return nil }
        return RetrySchedule(waits: waits, jitter: jitter / 100, lifetime: lifetime)
    }
}
