// SPDX-License-Identifier: Apache-2.0
//
// A campaign: one sending of one revision of one bulletin to one audience, frozen when it starts.
// Pure values; the store keeps them, the engine acts on them.

/// Where a campaign stands.
public enum CampaignState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Deliveries go out when a sender runs.
    case sending
    /// Held, by an operator or by a guard; ``Campaign/pauseReason`` says why.
    case paused
    /// Every delivery is final.
    case finished
    /// Stopped for good; what was not accepted is `cancelled`.
    case cancelled
}

/// What a campaign's messages carry that does not depend on the recipient; frozen, so that a retry has the same bytes.
public struct CampaignSettings: Sendable, Hashable, Codable {
    /// The From address.
    public var fromAddress: String
    /// The From display name by language tag.
    public var fromName: [String: String]
    /// The Reply-To address, or `nil` for none.
    public var replyTo: String?
    /// The domain of VERP envelope senders, ASCII.
    public var envelopeDomain: String
    /// The domain to the right of the @ in Message-ID, ASCII.
    public var messageIDDomain: String
    /// The List-Id identifier without angle brackets, such as `fraud.lists.moi.example` (RFC 2919).
    public var listID: String
    /// The human-readable name of the list by language tag.
    public var listName: [String: String]
    /// The HTTPS address for unsubscribing, with `{token}` where the token goes; `nil` for mandatory topics.
    public var unsubscribeURL: String?
    /// The mail address for unsubscribing, with `{token}`; `nil` for none.
    public var unsubscribeMailbox: String?
    /// The List-Help address (https or mailto), or `nil`.
    public var helpURL: String?
    /// The List-Owner address, or `nil`.
    public var ownerAddress: String?
    /// The sender id of Feedback-ID, 5...15 ASCII letters or digits.
    public var feedbackSender: String
    /// The Date header of every message, and the start for expiry.
    public var date: Timestamp
    /// No delivery starts at or after this moment; `nil`: the schedule's lifetime counts.
    public var expiresAt: Timestamp?
    /// When put-off deliveries are tried again.
    public var retry: RetrySchedule
    /// What happens to deliveries whose fate is unknown.
    public var ambiguous: AmbiguousPolicy

    /// Makes settings.
    public init(
        fromAddress: String,
        fromName: [String: String],
        replyTo: String? = nil,
        envelopeDomain: String,
        messageIDDomain: String,
        listID: String,
        listName: [String: String],
        unsubscribeURL: String? = nil,
        unsubscribeMailbox: String? = nil,
        helpURL: String? = nil,
        ownerAddress: String? = nil,
        feedbackSender: String,
        date: Timestamp,
        expiresAt: Timestamp? = nil,
        retry: RetrySchedule = .standard,
        ambiguous: AmbiguousPolicy = .resend
    ) {
        self.fromAddress = fromAddress
        self.fromName = fromName
        self.replyTo = replyTo
        self.envelopeDomain = envelopeDomain
        self.messageIDDomain = messageIDDomain
        self.listID = listID
        self.listName = listName
        self.unsubscribeURL = unsubscribeURL
        self.unsubscribeMailbox = unsubscribeMailbox
        self.helpURL = helpURL
        self.ownerAddress = ownerAddress
        self.feedbackSender = feedbackSender
        self.date = date
        self.expiresAt = expiresAt
        self.retry = retry
        self.ambiguous = ambiguous
    }
}

/// A campaign as the store keeps it.
public struct Campaign: Sendable, Hashable {
    /// Its row number.
    public var id: Int64
    /// Its name.
    public var name: CampaignName
    /// The bulletin's number.
    public var bulletin: String
    /// The bulletin's revision, from 1.
    public var revision: Int
    /// Where it stands.
    public var state: CampaignState
    /// Why it is paused, in words for people; `nil` unless paused.
    public var pauseReason: String?
    /// The audience as it was asked for, such as `topic:fraud language:ar`.
    public var audienceText: String
    /// How many people it was frozen for.
    public var audience: Int
    /// What its messages carry.
    public var settings: CampaignSettings
    /// When it was frozen.
    public var createdAt: Timestamp
    /// When the first sender started, or `nil`.
    public var startedAt: Timestamp?
    /// When its last delivery became final, or `nil`.
    public var finishedAt: Timestamp?

    /// Makes a campaign.
    public init(
        id: Int64,
        name: CampaignName,
        bulletin: String,
        revision: Int,
        state: CampaignState,
        pauseReason: String? = nil,
        audienceText: String,
        audience: Int,
        settings: CampaignSettings,
        createdAt: Timestamp,
        startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.bulletin = bulletin
        self.revision = revision
        self.state = state
        self.pauseReason = pauseReason
        self.audienceText = audienceText
        self.audience = audience
        self.settings = settings
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
