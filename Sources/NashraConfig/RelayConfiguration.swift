// SPDX-License-Identifier: Apache-2.0
//
// A relay and the rules of sending, as checked values.
// Pure values. What each key means: config/nashra.yaml and docs/config.md.
public import NashraCore

/// One relay.
public struct RelayConfiguration: Sendable, Hashable {
    /// How the connection is protected.
    public enum Security: String, Sendable, CaseIterable {
        /// STARTTLS, and no mail without it.
        case startTLS = "starttls"
        /// TLS from the first byte.
        case implicit
        /// Plain text.
        case none
    }

    /// Which AUTH mechanism may be used.
    public enum Mechanism: String, Sendable, CaseIterable { case plain, login, either }

    /// How to log in.
    public struct Credentials: Sendable, Hashable {
        /// The user's name.
        public var user: String
        /// The password.
        public var password: Secret
    }

    /// How long each step may take.
    public struct Timeouts: Sendable, Hashable {
        /// Name resolution and TCP.
        public var connect: Duration
        /// The greeting.
        public var greeting: Duration
        /// The reply to EHLO.
        public var ehlo: Duration
        /// STARTTLS and the handshake after it.
        public var startTLS: Duration
        /// Each reply to AUTH.
        public var auth: Duration
        /// The reply to MAIL.
        public var mail: Duration
        /// The reply to RCPT.
        public var rcpt: Duration
        /// The reply to DATA.
        public var data: Duration
        /// Until the next part of a body is taken.
        public var body: Duration
        /// The reply to the final dot.
        public var afterDot: Duration
        /// The reply to RSET.
        public var rset: Duration
        /// The reply to QUIT.
        public var quit: Duration
    }

    /// Its name in the configuration.
    public var name: String
    /// Host name as A-labels, or an IP address without brackets.
    public var host: String
    /// Port, 1...65,535.
    public var port: Int
    /// How the connection is protected.
    public var security: Security
    /// A PEM file with the only authorities to trust, as an absolute path; `nil`: the system's.
    public var caFile: String?
    /// How to log in; `nil`: no AUTH.
    public var credentials: Credentials?
    /// Which AUTH mechanism may be used.
    public var mechanism: Mechanism
    /// The name we give in EHLO.
    public var ehloName: String
    /// The most connections at once, 1...200.
    public var connections: Int
    /// After how many messages a connection is made anew.
    public var messagesPerConnection: Int
    /// The most messages a second; `nil`: no limit.
    public var messagesPerSecond: Double?
    /// How long each step may take.
    public var timeouts: Timeouts
}

/// Who goes first.
public enum SendingLane: String, Sendable, Hashable, CaseIterable { case urgent, normal, digest }

/// How campaigns are sent.
public struct SendingConfiguration: Sendable, Hashable {
    /// When a campaign is held.
    public struct StormGuard: Sendable, Hashable {
        /// How many of the last results count.
        public var window: Int
        /// Above which share of permanent refusals it trips, in percent.
        public var permanentPercent: Double
        /// Above which share of refusals with the same reply it trips, in percent.
        public var sameTextPercent: Double
        /// It never trips for fewer refusals than this.
        public var minimum: Int
    }

    /// Who goes first when a bulletin does not say.
    public var lane: SendingLane
    /// What happens to deliveries whose fate is unknown.
    public var ambiguous: AmbiguousPolicy
    /// When a delivery that was put off is tried again.
    public var retry: RetrySchedule
    /// When a campaign is held.
    public var stormGuard: StormGuard
    /// How long replies are waited for after an interrupt.
    public var drainTimeout: Duration
    /// How long the relay may stay away before a run ends.
    public var relayPatience: Duration
}
