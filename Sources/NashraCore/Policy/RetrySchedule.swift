// SPDX-License-Identifier: Apache-2.0
//
// When a delivery that was put off is tried again, and when we give up.
// Pure; the caller passes the random number. Rules: RFC 5321 section 4.5.4.1.

/// The waits between tries of one delivery.
public struct RetrySchedule: Hashable, Sendable, Codable {
    /// The wait after the first, second, … try, in milliseconds; the last repeats.
    ///
    /// Never empty.
    public let waitsInMilliseconds: [Int64]
    /// How far a wait may stray either way, as a share of itself, 0...0.9, so that tries do not come in crowds.
    public let jitter: Double
    /// How long after the campaign's start we go on trying, in milliseconds.
    public let lifetimeInMilliseconds: Int64

    /// Makes a schedule; `nil` when `waits` is empty or holds one below a millisecond, or `jitter` lies outside 0...0.9.
    public init?(waits: [Duration], jitter: Double, lifetime: Duration) {
        guard !waits.isEmpty, waits.allSatisfy({ $0.milliseconds >= 1 }), (0...0.9).contains(jitter),
            lifetime.milliseconds > 0
        else { return nil }
        waitsInMilliseconds = waits.map(\.milliseconds)
        self.jitter = jitter
        lifetimeInMilliseconds = lifetime.milliseconds
    }

    private init() {
        waitsInMilliseconds = [5, 15, 30, 60, 120, 240, 360].map { $0 * 60_000 }
        jitter = 0.2
        lifetimeInMilliseconds = 5 * 86_400_000
    }

    /// 5, 15 and 30 minutes, 1, 2 and 4 hours, then every 6 hours, ± 20 %, for five days.
    public static let standard = RetrySchedule()

    /// The wait after a try.
    ///
    /// - Parameters:
    ///   - attempt: The number of the try that just failed, from 1.
    ///   - random: A number in 0..<1.
    /// - Returns: The wait, at least a millisecond.
    public func wait(afterAttempt attempt: Int, random: Double) -> Duration {
        let base = waitsInMilliseconds[min(max(attempt, 1), waitsInMilliseconds.count) - 1]
        let factor = 1 + jitter * (2 * random - 1)
        return .milliseconds(max(1, Int64((Double(base) * factor).rounded())))
    }
}
