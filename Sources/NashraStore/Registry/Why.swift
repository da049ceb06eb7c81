// SPDX-License-Identifier: Apache-2.0
//
// Why somebody gets the next bulletin or does not, and what was decided in the last campaigns: what `why` tells.
// Values; WhyReading gathers them. Rules: docs/suppressions.md, "Who is reached".
public import NashraCore

/// What decides about one address.
public struct Why: Sendable, Hashable {
    /// The address: as the register has it, else as it was asked for.
    public var address: String
    /// The person in the register, or `nil`.
    public var subscriber: Subscriber?
    /// When somebody with this address asked to be forgotten, or `nil`.
    public var erasedAt: Timestamp?
    /// Addresses of the register that were perhaps meant, the nearest first; only when the register does not have this one.
    public var near: [String]
    /// The suppressions that count now, the widest first.
    public var suppressions: [Suppression]
    /// Whether a campaign that names the address itself would reach it.
    public var direct: [WhyObstacle]
    /// The topics, by name.
    public var topics: [WhyTopic]
    /// The newest campaigns, newest first.
    public var campaigns: [WhyCampaign]
}

/// Whether the next bulletin of one topic would reach the person.
public struct WhyTopic: Sendable, Hashable {
    /// The topic's name.
    public var name: String
    /// Its titles by language tag.
    public var title: [String: String]
    /// Who can join it.
    public var visibility: Topic.Visibility
    /// Whether the person is or was subscribed.
    public var wasJoined: Bool
    /// What stands in the way; the first decides, and none means that the person is reached.
    public var obstacles: [WhyObstacle]

    /// Whether the next bulletin of the topic would reach the person.
    public var isReached: Bool { obstacles.isEmpty }
}

/// One thing that stands in the way, in the order in which the audience asks for them.
public enum WhyObstacle: Sendable, Hashable {
    /// The topic is closed to campaigns.
    case archived(Timestamp)
    /// The person asked to be forgotten.
    case erased(Timestamp?)
    /// Nobody has the address.
    case notRegistered
    /// The person has not confirmed that the address is theirs.
    case pending
    /// The person has left altogether.
    case unsubscribed(Timestamp)
    /// The person never joined the topic.
    case notSubscribed
    /// The subscription ended: when, and why.
    case left(Timestamp, reason: String)
    /// Asked for, and not confirmed: when the question was sent, and until when it can be answered.
    case unanswered(asked: Timestamp?, expires: Timestamp?)
    /// Suppressed.
    case suppressed(Suppression)
    /// Taking a pause; without an end until it is resumed.
    case paused(from: Timestamp, until: Timestamp?)

    /// The word that decides, in JSON.
    public var label: String {
        switch self {
        case .archived: "archived"
        case .erased: Exclusion.erased.rawValue
        case .notRegistered: "not-registered"
        case .pending, .unanswered: Exclusion.pending.rawValue
        case .unsubscribed, .left: Exclusion.unsubscribed.rawValue
        case .notSubscribed: "not-subscribed"
        case .suppressed: Exclusion.suppressed.rawValue
        case .paused: Exclusion.paused.rawValue
        }
    }
}

/// What one campaign decided about the person.
public struct WhyCampaign: Sendable, Hashable {
    /// Its name.
    public var name: CampaignName
    /// The bulletin's number.
    public var bulletin: String
    /// Where it stands.
    public var state: CampaignState
    /// When its audience was frozen.
    public var frozenAt: Timestamp
    /// For whom it was, in one line.
    public var audience: String
    /// The person's delivery, or `nil`: the person was not in the audience.
    public var delivery: WhyDelivery?
    /// Why the person was not in the audience, as far as the record tells; `nil` with a delivery.
    public var absence: WhyAbsence?
}

/// One delivery as it stands.
public struct WhyDelivery: Sendable, Hashable {
    /// Its row.
    public var id: DeliveryID
    /// The topic through which the person was reached, or `nil`: the address was named.
    public var topic: String?
    /// The language of the message.
    public var language: String
    /// Where it stands.
    public var state: DeliveryState
    /// Why it is not accepted, or `nil`.
    public var reason: String?
    /// The relay's words or ours, or `nil`.
    public var reply: String?
    /// When it last changed.
    public var changedAt: Timestamp
    /// When the next try is due; only while it waits.
    public var nextAt: Timestamp?
    /// What came back for it.
    public var events: [BounceEvent]
}

/// Why somebody was not in a frozen audience; told from what is recorded of that time.
public enum WhyAbsence: Sendable, Hashable {
    /// The register did not have the address then.
    case notRegisteredThen
    /// The campaign was not for any topic of the person, nor for the address.
    case notAskedFor
    /// The person joined the topic later.
    case joinedLater(topic: String, Timestamp)
    /// The person had left the topic.
    case hadLeft(topic: String, Timestamp, reason: String)
    /// The address was suppressed then.
    case suppressed(SuppressionSpell)
    /// The campaign was for these languages or domains only, and the person has another.
    case otherLanguage
    /// The campaign was for other domains only.
    case otherDomain
    /// The person took a pause from the topic then.
    case paused(topic: String, Timestamp)
    /// Not confirmed or paused then, or left out by a segment: what held then is not recorded.
    case unrecorded

    /// The word in JSON.
    public var label: String {
        switch self {
        case .notRegisteredThen: "not-registered"
        case .notAskedFor: "not-asked-for"
        case .joinedLater: "joined-later"
        case .hadLeft: "unsubscribed"
        case .suppressed: "suppressed"
        case .otherLanguage: "other-language"
        case .otherDomain: "other-domain"
        case .paused: "paused"
        case .unrecorded: "unrecorded"
        }
    }
}
