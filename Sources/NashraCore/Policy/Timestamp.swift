// SPDX-License-Identifier: Apache-2.0
//
// Moments and the clock they come from. Nothing below the command line reads a clock of its own.
import Foundation

/// A moment of wall time, in whole milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let rawValue: Int64
    /// Wraps milliseconds since 1970-01-01T00:00:00Z.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// Whether `left` is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.rawValue < right.rawValue }

    /// A later moment; fractions of a millisecond are dropped.
    public static func + (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(rawValue: left.rawValue + right.milliseconds)
    }

    /// The time from `right` to `left`, negative when `right` is later.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.rawValue - right.rawValue)
    }

    /// UTC in ISO 8601 with whole seconds, such as `2026-11-22T09:15:00Z`.
    public var iso8601: String {
        Date(timeIntervalSince1970: Double(rawValue) / 1000).formatted(.iso8601)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    public var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// Seconds, with fraction.
    public var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

/// Where time comes from.
///
/// Tests pass one they move by hand.
public protocol WallClock: Sendable {
    /// The current wall time.
    func now() -> Timestamp
}

/// The machine's own clock.
public struct SystemClock: WallClock {
    /// Makes the machine's clock.
    public init() {}
    /// The current wall time.
    public func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(rawValue: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Both kinds of time at once: `wall` for what is stored, `steady` for waiting, which a set clock must not disturb.
public struct Moment: Sendable, Hashable {
    /// Wall time.
    public var wall: Timestamp
    /// Time since some moment before the process started; never goes back.
    public var steady: Duration

    /// Makes a moment.
    public init(wall: Timestamp, steady: Duration) {
        self.wall = wall
        self.steady = steady
    }

    /// The current moment: `clock`'s wall time and the machine's steady time.
    public static func now(_ clock: any WallClock) -> Moment {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Moment(
            wall: clock.now(),
            steady: .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
        )
    }
}
