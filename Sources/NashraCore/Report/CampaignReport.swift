// SPDX-License-Identifier: Apache-2.0
//
// What became of a campaign, in numbers that add up.
// Pure values; the names are those of the JSON `nashra.report.v1`.

/// The report of one campaign.
public struct CampaignReport: Sendable, Hashable, Codable {
    /// `nashra.report.v1`.
    public var schema = "nashra.report.v1"
    /// The campaign's name.
    public var campaign: String
    /// The bulletin's number.
    public var bulletin: String
    /// The bulletin's revision.
    public var revision: Int
    /// Where the campaign stands.
    public var state: CampaignState
    /// Why it is paused, or `nil`.
    public var pauseReason: String?
    /// How many people it was frozen for.
    public var audience: Int
    /// How many deliveries are in each state; all nine keys, and they add up to ``audience``.
    public var deliveries: [String: Int]
    /// Deliveries that were sent a second time because the first one's fate was unknown.
    public var resent: Int
    /// Deliveries that came back, by the gravest message about each; refusals by the relay are in ``deliveries``.
    public var bounces: Bounces
    /// How many of the soft ones are only delays so far: a server is still trying.
    public var delayed: Int
    /// Abuse reports.
    public var complaints: Int
    /// People who left because of this campaign.
    public var unsubscribed: Int
    /// Messages that people wrote back.
    public var replies: Int
    /// Deliveries that a machine answered on somebody's behalf.
    public var autoReplies: Int
    /// How long it took.
    public var seconds: Seconds
    /// By domain, the largest audience first.
    public var byDomain: [Group]
    /// By language of the variant, the largest audience first.
    public var byLanguage: [Group]
    /// Why deliveries were not accepted, the most frequent first.
    public var reasons: [Reason]

    /// Returned messages by class.
    public struct Bounces: Sendable, Hashable, Codable {
        /// For good.
        public var hard: Int
        /// For now.
        public var soft: Int
        /// Makes counts.
        public init(hard: Int = 0, soft: Int = 0) {
            self.hard = hard
            self.soft = soft
        }
    }

    /// Spans, in seconds.
    public struct Seconds: Sendable, Hashable, Codable {
        /// From the first sender's start to the end, or to the last change so far.
        public var elapsed: Double
        /// From the first sender's start to the relay's acceptance; `nil` when nothing was accepted.
        public var toAccept: Percentiles?

        enum CodingKeys: String, CodingKey {
            case elapsed
            case toAccept = "to_accept"
        }
        /// Makes spans.
        public init(elapsed: Double, toAccept: Percentiles?) {
            self.elapsed = elapsed
            self.toAccept = toAccept
        }
    }

    /// Percentiles by nearest rank, in seconds.
    public struct Percentiles: Sendable, Hashable, Codable {
        /// Half took no longer.
        public var p50: Double
        /// 90 % took no longer.
        public var p90: Double
        /// 99 % took no longer.
        public var p99: Double
        /// The longest.
        public var max: Double
        /// Makes percentiles.
        public init(p50: Double, p90: Double, p99: Double, max: Double) {
            self.p50 = p50
            self.p90 = p90
            self.p99 = p99
            self.max = max
        }
    }

    /// The deliveries that have one thing in common.
    public struct Group: Sendable, Hashable, Codable {
        /// The domain, when grouped by it.
        public var domain: String?
        /// The language, when grouped by it.
        public var language: String?
        /// How many.
        public var audience: Int
        /// How many the relay took.
        public var accepted: Int
        /// How many were refused for good.
        public var rejected: Int
        /// Makes a group.
        public init(
            domain: String? = nil,
            language: String? = nil,
            audience: Int = 0,
            accepted: Int = 0,
            rejected: Int = 0
        ) {
            self.domain = domain
            self.language = language
            self.audience = audience
            self.accepted = accepted
            self.rejected = rejected
        }
    }

    /// Why some deliveries were not accepted.
    public struct Reason: Sendable, Hashable, Codable {
        /// A word of ``RefusalReason``, or `suppressed`, `unsubscribed`.
        public var reason: String
        /// The enhanced status code, or `nil`.
        public var status: String?
        /// The state that these deliveries are in.
        public var state: DeliveryState
        /// How many.
        public var count: Int
        /// Makes a reason.
        public init(reason: String, status: String?, state: DeliveryState, count: Int) {
            self.reason = reason
            self.status = status
            self.state = state
            self.count = count
        }
    }

    enum CodingKeys: String, CodingKey {
        case schema, campaign, bulletin, revision, state, audience, deliveries, resent, bounces, complaints
        case delayed, unsubscribed, replies, seconds, reasons
        case autoReplies = "auto_replies"
        case pauseReason = "pause_reason"
        case byDomain = "by_domain"
        case byLanguage = "by_language"
    }

    /// Starts a report without deliveries.
    public init(_ campaign: Campaign) {
        self.campaign = campaign.name.rawValue
        bulletin = campaign.bulletin
        revision = campaign.revision
        state = campaign.state
        pauseReason = campaign.pauseReason
        audience = campaign.audience
        deliveries = Dictionary(uniqueKeysWithValues: DeliveryState.allCases.map { ($0.rawValue, 0) })
        resent = 0
        bounces = Bounces()
        delayed = 0
        complaints = 0
        unsubscribed = 0
        replies = 0
        autoReplies = 0
        seconds = Seconds(elapsed: 0, toAccept: nil)
        byDomain = []
        byLanguage = []
        reasons = []
    }
}
