// SPDX-License-Identifier: Apache-2.0
//
// What a running send tells about itself, and how it ended.
// Pure values.
public import NashraCore

/// How far a campaign is, for people who watch.
public struct SendProgress: Sendable, Hashable {
    /// How many people the campaign is for.
    public var audience: Int
    /// The whole campaign's counts by state, as the last reading of the ledger and this run's results give them.
    public var accepted: Int
    /// Refused for good.
    public var rejected: Int
    /// Put off in this run.
    public var deferred: Int
    /// Final in some other way: suppressed, expired, cancelled, ambiguous.
    public var otherwiseFinal: Int
    /// What holds things up, in words, or `nil`.
    public var trouble: String?
    /// When the run ends if the relay stays away, or `nil` while it is not away.
    public var givesUpAt: Timestamp?

    /// Everything that is final.
    public var done: Int { accepted + rejected + otherwiseFinal }

    /// Makes a progress.
    public init(
        audience: Int,
        accepted: Int,
        rejected: Int,
        deferred: Int,
        otherwiseFinal: Int,
        trouble: String? = nil
    ) {
        self.audience = audience
        self.accepted = accepted
        self.rejected = rejected
        self.deferred = deferred
        self.otherwiseFinal = otherwiseFinal
        self.trouble = trouble
    }
}

/// How one run of the sender ended.
public enum SendEnd: Sendable, Hashable {
    /// Every delivery is final.
    case finished
    /// Nothing is due now; `count` deliveries wait, the first for `next`.
    case waiting(count: Int, next: Timestamp)
    /// The campaign was held; why, and whether our own settings are at fault.
    case held(String, isConfiguration: Bool)
    /// Another process paused or cancelled it.
    case withdrawn(CampaignState)
    /// Somebody asked it to end; it can be resumed.
    case interrupted
    /// The relay stayed away; it can be resumed.
    case relayAway(String)
}
