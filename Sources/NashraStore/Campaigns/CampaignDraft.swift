// SPDX-License-Identifier: Apache-2.0
//
// What is frozen when a campaign starts.
// Pure values.
public import Foundation
public import NashraCore

/// All that a freeze needs to know.
public struct CampaignDraft: Sendable {
    /// The bulletin's number.
    public var bulletin: String
    /// A hash of the bulletin's sources, as hexadecimal.
    public var contentHash: String
    /// The rendered bulletin as JSON; with sorted keys, so that the same content is the same revision.
    public var rendered: Data
    /// What the messages carry that does not depend on the recipient.
    public var settings: CampaignSettings
    /// For whom.
    public var query: AudienceQuery
    /// The merge fields to freeze: those that the bulletin uses, and `name` when the To header shall carry it.
    public var fields: Set<String>
    /// The languages that the workspace falls back on, first choice first.
    public var chain: [Language]
    /// The languages that the bulletin has.
    public var available: [Language]
    /// Who starts it, for the audit.
    public var actor: String

    /// Makes a draft.
    public init(
        bulletin: String,
        contentHash: String,
        rendered: Data,
        settings: CampaignSettings,
        query: AudienceQuery,
        fields: Set<String>,
        chain: [Language],
        available: [Language],
        actor: String
    ) {
        self.bulletin = bulletin
        self.contentHash = contentHash
        self.rendered = rendered
        self.settings = settings
        self.query = query
        self.fields = fields
        self.chain = chain
        self.available = available
        self.actor = actor
    }
}
