// SPDX-License-Identifier: Apache-2.0
//
// The names that rows and files carry, one type each, so that no number stands for the wrong thing.
// Pure values.

/// The row number of a subscriber; never reused.
public struct SubscriberID: RawRepresentable, Hashable, Sendable, Codable {
    /// The row number, from 1.
    public let rawValue: Int64
    /// Wraps a row number.
    public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// The row number of a delivery; never reused, unique over all campaigns of a store.
public struct DeliveryID: RawRepresentable, Hashable, Sendable, Codable {
    /// The row number, from 1.
    public let rawValue: Int64
    /// Wraps a row number.
    public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// The name of a campaign: `c-YYYY-NNNN`, numbered within its year.
public struct CampaignName: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The whole name, for example `c-2026-0007`.
    public let rawValue: String
    /// Takes a name as it is.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Builds the name of a year's `number`-th campaign.
    public init(year: Int, number: Int) {
        let digits = String(number)
        rawValue = "c-\(year)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
    /// What it is, for people.
    public var description: String { rawValue }
}

/// The row number of a question to one person about one topic; never reused.
public struct ConfirmationID: RawRepresentable, Hashable, Sendable, Codable {
    /// The row number, from 1.
    public let rawValue: Int64
    /// Wraps a row number.
    public init(rawValue: Int64) { self.rawValue = rawValue }
}
