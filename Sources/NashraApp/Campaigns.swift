// SPDX-License-Identifier: Apache-2.0
//
// Campaigns as use cases: list, show, pause, cancel, report.
// Reads and changes the store.
import NashraConfig
public import NashraCore
import NashraStore

/// A campaign as lists show it.
public struct CampaignLine: Sendable, Encodable {
    /// Its name.
    public let campaign: String
    /// The bulletin's number.
    public let bulletin: String
    /// The bulletin's revision.
    public let revision: Int
    /// Where it stands.
    public let state: CampaignState
    /// Why it is paused.
    public let pauseReason: String?
    /// For how many.
    public let audience: Int
    /// When it was frozen, started and finished, in ISO 8601.
    public let created: String
    /// When its first sender started.
    public let started: String?
    /// When its last delivery became final.
    public let finished: String?

    enum CodingKeys: String, CodingKey {
        case campaign, bulletin, revision, state
        case pauseReason = "pause_reason"
        case audience, created, started, finished
    }

    init(_ campaign: Campaign) {
        self.campaign = campaign.name.rawValue
        bulletin = campaign.bulletin
        revision = campaign.revision
        state = campaign.state
        pauseReason = campaign.pauseReason
        audience = campaign.audience
        created = campaign.createdAt.iso8601
        started = campaign.startedAt?.iso8601
        finished = campaign.finishedAt?.iso8601
    }
}

/// Campaigns, newest first.
public struct CampaignList: Sendable, Encodable {
    let schema = "nashra.campaigns.v1"
    /// The campaigns.
    public let campaigns: [CampaignLine]
}

/// One campaign with its settings and its states.
public struct CampaignDetail: Sendable, Encodable {
    let schema = "nashra.campaign.v1"
    /// As lists show it.
    public let campaign: CampaignLine
    /// For whom, as it was asked.
    public let audienceText: String
    /// How many deliveries are in each state.
    public let deliveries: [String: Int]
    /// When the next waiting delivery is due, in ISO 8601.
    public let nextDue: String?
    /// From whom.
    public let from: String
    /// What happens to unknown fates.
    public let ambiguous: AmbiguousPolicy
    /// Until when it is valid, in ISO 8601.
    public let expires: String?

    enum CodingKeys: String, CodingKey {
        case schema, campaign
        case audienceText = "audience_text"
        case deliveries
        case nextDue = "next_due"
        case from, ambiguous, expires
    }
}

extension Application {
    /// All campaigns, newest first.
    public func campaigns() throws(UserError) -> CampaignList {
        CampaignList(campaigns: try openStoreForReading().campaigns().map(CampaignLine.init))
    }

    /// One campaign.
    public func campaign(_ name: String) throws(UserError) -> CampaignDetail {
        let store = try openStoreForReading()
        let campaign = try store.existingCampaign(name)
        let states = try store.stateCounts(of: campaign.id)
        var counts: [String: Int] = [:]
        for state in DeliveryState.allCases { counts[state.rawValue] = states[state] ?? 0 }
        return CampaignDetail(
            campaign: CampaignLine(campaign),
            audienceText: campaign.audienceText,
            deliveries: counts,
            nextDue: try store.nextDue(campaign.id)?.iso8601,
            from: campaign.settings.fromAddress,
            ambiguous: campaign.settings.ambiguous,
            expires: campaign.settings.expiresAt?.iso8601
        )
    }

    /// Holds a campaign.
    public func pause(_ name: String, reason: String) throws(UserError) {
        let store = try openStore()
        let campaign = try store.existingCampaign(name)
        guard campaign.state == .sending || campaign.state == .paused else {
            throw UserError(
                .usage,
                "Campaign \(name) is \(campaign.state.rawValue); there is nothing to pause.",
                remedy: "Its report: nashra report \(name)"
            )
        }
        try store.pause(campaign.id, reason: reason, actor: actor)
    }

    /// Ends a campaign for good.
    ///
    /// - Returns: How many deliveries are `cancelled` now.
    public func cancel(_ name: String) throws(UserError) -> Int {
        let store = try openStore()
        let campaign = try store.existingCampaign(name)
        try store.cancel(campaign.id, actor: actor)
        let states = try store.stateCounts(of: campaign.id)
        // What a crash left in flight has no sender any more that would tell its fate.
        if states[.inFlight] != nil, let lock = try? SenderLock.acquire(at: workspace.senderLock) {
            defer { lock.release() }
            _ = try store.takeOver(campaign.id, epoch: .random(), now: clock.now())
        }
        return states[.cancelled] ?? 0
    }

    /// The report of a campaign, from the ledger.
    public func report(_ name: String) throws(UserError) -> CampaignReport {
        try openStoreForReading().report(CampaignName(rawValue: name))
    }
}

extension Store {
    /// The campaign of a name, or an error that names the nearest.
    func existingCampaign(_ name: String) throws(UserError) -> Campaign {
        if let campaign = try campaign(named: CampaignName(rawValue: name)) { return campaign }
        let near = Suggestion.nearest(to: name, among: try campaigns().map(\.name.rawValue))
        throw UserError(
            .unknownObject,
            "There is no campaign \(name).",
            remedy: near.map { "Did you mean \($0)?" } ?? "nashra campaigns list names them."
        )
    }
}
