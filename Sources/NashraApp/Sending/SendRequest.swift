// SPDX-License-Identifier: Apache-2.0
//
// What was asked for, what it means, and what a rehearsal found.
// Pure values.
public import NashraBulletins
public import NashraCore
public import NashraTemplates

/// A send as it was typed.
public struct SendRequest: Sendable {
    /// The bulletin: number, folder name or path.
    public var bulletin: String
    /// `topic:NAME` or addresses; empty: the bulletin's own topics.
    public var targets: [String]
    /// Language tags to narrow to.
    public var languages: [String]
    /// Domains to narrow to.
    public var domains: [String]
    /// A time or a span, as typed; `nil`: the bulletin's own, else the schedule's lifetime.
    public var expires: String?
    /// Messages a second, as typed.
    public var rate: String?
    /// Connections at once.
    public var connections: Int?
    /// Send although the same went to the same audience before.
    public var isAgain: Bool

    /// Makes a request.
    public init(
        bulletin: String,
        targets: [String] = [],
        languages: [String] = [],
        domains: [String] = [],
        expires: String? = nil,
        rate: String? = nil,
        connections: Int? = nil,
        isAgain: Bool = false
    ) {
        self.bulletin = bulletin
        self.targets = targets
        self.languages = languages
        self.domains = domains
        self.expires = expires
        self.rate = rate
        self.connections = connections
        self.isAgain = isAgain
    }
}

/// How a campaign is sent, apart from what the configuration says.
public struct SendOptions: Sendable {
    /// Messages a second, as typed; `nil`: the relay's.
    public var rate: String?
    /// Connections at once; `nil`: the relay's.
    public var connections: Int?
    /// Wait for those that are put off.
    public var waits: Bool
    /// Switch the storm guard off.
    public var acceptsRefusals: Bool

    /// Makes options.
    public init(
        rate: String? = nil,
        connections: Int? = nil,
        waits: Bool = false,
        acceptsRefusals: Bool = false
    ) {
        self.rate = rate
        self.connections = connections
        self.waits = waits
        self.acceptsRefusals = acceptsRefusals
    }
}

/// A send that was checked and counted, and not begun.
public struct SendPlan: Sendable {
    /// What is sent.
    public var bulletin: PreparedBulletin
    /// To whom.
    public var query: AudienceQuery
    /// How many, and who is left out.
    public var audience: AudiencePlan
    /// What the messages carry.
    public var settings: CampaignSettings
    /// The size of one message by language, in bytes, for the first recipient of each.
    public var messageSizes: [Language: Int]
    /// How long it takes at least, in seconds, at the configured rate and the relay's last known speed; `nil` when
    /// neither is known.
    public var estimatedSeconds: Double?
    /// The relay's name and address.
    public var relay: String
    /// The campaign that sent the same to the same audience before.
    public var previous: CampaignName?
    /// Warnings about the bulletin.
    public var warnings: [Diagnostic]
}

/// A bulletin, read, checked and rendered.
public struct PreparedBulletin: Sendable {
    /// The bulletin as its folder says.
    public var bulletin: Bulletin
    /// Its variants, ready for merging.
    public var rendered: RenderedBulletin
    /// A hash of its content, as hexadecimal.
    public var contentHash: String
    /// The languages it has.
    public var languages: [Language]
    /// The merge fields it uses.
    public var fields: Set<String>
}

/// What composing every message of a plan found.
public struct Rehearsal: Sendable, Encodable {
    let schema = "nashra.rehearsal.v1"
    /// How many messages were composed and checked.
    public var messages: Int
    /// Their bytes together.
    public var bytes: Int
    /// The largest, in bytes.
    public var largest: Int
    /// How long it took, in seconds.
    public var seconds: Double
}
