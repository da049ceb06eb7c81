// SPDX-License-Identifier: Apache-2.0
//
// The states of a delivery, the same words in Swift, SQL and JSON.
// Pure. Rules: docs/decisions/0002-ledger.md.

/// Where one delivery stands.
///
/// The counts over a campaign's deliveries always add up to its frozen audience.
public enum DeliveryState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Waits for its first try, or for one that an untold connection fault cut short.
    case queued
    /// Was put off by the server; waits for its next time.
    case deferred
    /// The intent is durable and the final dot may be on the wire.
    case inFlight = "in_flight"
    /// The relay took responsibility with a 2xx after the dot.
    case accepted
    /// Refused for good.
    case rejected
    /// Not sent, because the person may not be mailed any more.
    case suppressed
    /// Not accepted before the campaign's end of validity.
    case expired
    /// Not sent, because the campaign was cancelled.
    case cancelled
    /// The dot may have been written and no complete reply came; an operator settles it.
    case ambiguous

    /// Whether nothing more will happen by itself.
    public var isFinal: Bool {
        switch self {
        case .queued, .deferred, .inFlight: false
        case .accepted, .rejected, .suppressed, .expired, .cancelled, .ambiguous: true
        }
    }
}

/// What the ledger does with a delivery whose fate a crash or a lost connection left unknown.
public enum AmbiguousPolicy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Send once more, with the same bytes; a second time it is held. A lost warning is worse than a double one.
    case resend
    /// Hold, until an operator decides.
    case hold
}
