// SPDX-License-Identifier: Apache-2.0
//
// Whose a delivery is: asked before a message about it is recorded.
// Reads the store.
import GRDB
public import NashraCore

/// What a delivery belongs to.
public struct DeliveryPlace: Sendable, Hashable {
    /// Its campaign.
    public var campaign: CampaignName
    /// The bulletin's number.
    public var bulletin: String
    /// To whom it went.
    public var address: String
}

extension Store {
    /// What a delivery belongs to; `nil` when there is none with that row.
    public func place(of delivery: DeliveryID) throws(UserError) -> DeliveryPlace? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT c.name, b.number, d.address FROM delivery d
                    JOIN campaign c ON c.id = d.campaign_id JOIN bulletin b ON b.id = c.bulletin_id
                    WHERE d.id = ?
                    """,
                arguments: [delivery.rawValue]
            ).map {
                DeliveryPlace(campaign: CampaignName(rawValue: $0[0]), bulletin: $0[1], address: $0[2])
            }
        }
    }
}
