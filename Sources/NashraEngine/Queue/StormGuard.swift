// SPDX-License-Identifier: Apache-2.0
//
// Notices when refusals are about us and not about people, before a list is ruined.
// Pure. Rules: docs/decisions/0002-ledger.md.
public import NashraCore

/// Watches the last results of a campaign for permanent failures that come too often.
public struct StormGuard: Sendable {
    /// When it trips.
    public struct Limits: Sendable, Hashable {
        /// How many of the last results count.
        public var window: Int
        /// The share of permanent failures, in percent of the window's results, above which it trips.
        public var permanentPercent: Double
        /// The share of one and the same reply, in percent, above which it trips.
        public var sameReplyPercent: Double
        /// It never trips for fewer failures than this.
        public var minimum: Int

        /// Makes limits; the defaults are 500 results, 10 %, 5 % and 20 failures.
        public init(
            window: Int = 500,
            permanentPercent: Double = 10,
            sameReplyPercent: Double = 5,
            minimum: Int = 20
        ) {
            self.window = max(1, window)
            self.permanentPercent = permanentPercent
            self.sameReplyPercent = sameReplyPercent
            self.minimum = max(1, minimum)
        }
    }

    private let limits: Limits
    /// The last results, oldest first from `start`: `nil` for one that was not a permanent failure.
    private var results: [String?] = []
    private var start = 0
    private var failures = 0
    private var replies: [String: Int] = [:]

    /// Starts with no results.
    public init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Takes one result that counts: accepted, or refused for good.
    ///
    /// - Parameter refusal: The reply of a permanent failure, or `nil` for success.
    /// - Returns: Why the campaign should be held, or `nil`.
    public mutating func add(refusal: SMTPReply?) -> String? {
        let text = refusal?.description
        if results.count < limits.window {
            results.append(text)
        } else {
            forget(results[start])
            results[start] = text
            start = (start + 1) % limits.window
        }
        guard let text else { return nil }
        failures += 1
        replies[text, default: 0] += 1
        return verdict(lastReply: text)
    }

    private mutating func forget(_ text: String?) {
        guard let text else { return }
        failures -= 1
        if let left = replies[text], left > 1 { replies[text] = left - 1 } else { replies[text] = nil }
    }

    private func verdict(lastReply: String) -> String? {
        guard failures >= limits.minimum else { return nil }
        let total = Double(results.count)
        let share = 100 * Double(failures) / total
        if share > limits.permanentPercent {
            return
                "\(failures) of the last \(results.count) results were refusals for good, the last: \(lastReply)"
        }
        let same = replies[lastReply] ?? 0
        if same >= limits.minimum, 100 * Double(same) / total > limits.sameReplyPercent {
            return "\(same) of the last \(results.count) results were the same refusal: \(lastReply)"
        }
        return nil
    }
}
