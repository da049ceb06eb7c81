// SPDX-License-Identifier: Apache-2.0
//
// One person's whole story, in the order of time: what `trace` tells.
// Values; StoryReading gathers them.
public import NashraCore

/// Everything that is recorded about one address.
public struct Story: Sendable, Hashable {
    /// The address, as it was given.
    public var address: String
    /// What makes two addresses the same person.
    public var addressKey: String
    /// The person in the register, or `nil`.
    public var subscriber: Subscriber?
    /// Why the address is suppressed now, or `nil`.
    public var suppression: Suppression?
    /// What happened, oldest first.
    public var events: [StoryEvent]
}

/// One thing that happened to a person.
public struct StoryEvent: Sendable, Hashable {
    /// What happened.
    public enum What: Sendable, Hashable {
        /// Came into the register.
        case registered
        /// Joined a topic.
        case subscribed(topic: String, source: String)
        /// Left a topic, or was let go.
        case left(topic: String, reason: String)
        /// A campaign was frozen with the person in it.
        case frozen(StoryDelivery)
        /// One try to hand the message over.
        case attempt(StoryAttempt)
        /// The relay's own refusal was counted like a bounce.
        case refused(BounceEvent, status: String?, reason: RefusalReason?, inARow: Int?)
        /// A message came back; `inARow` campaigns have now ended in a bounce.
        case returned(ReturnedRecord, inARow: Int?)
        /// The person wrote back.
        case reply(ReturnedRecord)
        /// A probe was asked for.
        case probeAsked(ProbeID)
        /// The probe was sent.
        case probeSent(ProbeID)
        /// The probe ended: `bounced`, `passed` or `cancelled`.
        case probeEnded(ProbeID, how: String)
        /// The address was suppressed.
        case suppressed(SuppressionSpell)
        /// The suppression ended: by a person, by an alarm, or for a reason that weighs more.
        case suppressionEnded(SuppressionSpell)
        /// Suppressing was withheld, because of this alarm.
        case withheld(alarm: Int64)
        /// Somebody did something to this person.
        case audit(AuditEntry)
    }

    /// When.
    public var at: Timestamp
    /// In which campaign, or `nil`.
    public var campaign: CampaignName?
    /// Of which delivery, or `nil`.
    public var delivery: DeliveryID?
    /// What happened.
    public var what: What
}

/// A campaign's message to a person, as it stands.
public struct StoryDelivery: Sendable, Hashable {
    /// The bulletin's number.
    public var bulletin: String
    /// The topic through which the person was reached, or `nil`.
    public var topic: String?
    /// The language of the message.
    public var language: String
    /// Where the delivery stands now.
    public var state: DeliveryState
    /// Why it is not accepted, or `nil`.
    public var reason: String?
    /// When it last changed.
    public var changedAt: Timestamp
}

/// One try to hand a message to a relay.
public struct StoryAttempt: Sendable, Hashable {
    /// From 1.
    public var number: Int
    /// `accepted`, `rejected`, `deferred` or `ambiguous`.
    public var outcome: String
    /// The relay's name.
    public var relay: String
    /// How far it came, or `nil`.
    public var stage: String?
    /// The reply's code, or `nil`.
    public var code: Int?
    /// The enhanced status code, or `nil`.
    public var status: String?
    /// Why it failed, or `nil`.
    public var reason: String?
    /// The server's words or ours, or `nil`.
    public var reply: String?
}

/// A time during which an address was suppressed.
public struct SuppressionSpell: Sendable, Hashable {
    /// How it ended.
    public enum End: String, Sendable, Hashable, Codable, CaseIterable {
        /// Somebody lifted it.
        case lifted
        /// An alarm took it back.
        case alarm
        /// A reason that weighs more took its place.
        case replaced
        /// Its time was over.
        case expired
        /// The import that it came with was taken back.
        case undone
    }

    /// How far it reached.
    public var scope: SuppressionScope

    /// Why.
    public var reason: SuppressionReason
    /// Who or what asked for it, in words.
    public var origin: String
    /// More about it: status, reason, campaign, returned message.
    public var note: String
    /// The message that it came from, or `nil`.
    public var returned: ReturnedID?
    /// Since when.
    public var from: Timestamp
    /// Who did it.
    public var by: String
    /// When its time is over, or `nil`: it is for ever.
    public var expires: Timestamp?
    /// Until when; `nil` while it lasts.
    public var until: Timestamp?
    /// How it ended, or `nil`.
    public var end: End?
    /// Who ended it, or `nil`.
    public var endedBy: String?
    /// Why, in words; or `nil`.
    public var endedWhy: String?
}
