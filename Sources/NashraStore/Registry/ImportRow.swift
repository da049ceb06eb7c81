// SPDX-License-Identifier: Apache-2.0
//
// One person as a file or another system tells it, checked: what an import takes.
// Pure values.
public import NashraCore

/// One person to register.
public struct ImportRow: Sendable, Hashable {
    /// The address.
    public var address: EmailAddress
    /// The name; `nil` leaves the one that is known.
    public var name: String?
    /// The language; `nil` leaves the one that is known.
    public var language: Language?
    /// Other values by name; those that are not named stay as they are known.
    public var attributes: [String: String]
    /// When the other system registered the person; `nil` is the time of the import.
    public var createdAt: Timestamp?
    /// Where the person stands; `nil` leaves it, and is `active` for a new person.
    ///
    /// Nobody who left is made active.
    public var state: Subscriber.State?
    /// The topics that the row itself tells of, each once.
    public var memberships: [ImportMembership]
    /// Why no campaign may reach the address, or `nil` when the row says nothing of it.
    public var suppression: ImportSuppression?

    /// Makes a row.
    public init(
        address: EmailAddress,
        name: String? = nil,
        language: Language? = nil,
        attributes: [String: String] = [:],
        createdAt: Timestamp? = nil,
        state: Subscriber.State? = nil,
        memberships: [ImportMembership] = [],
        suppression: ImportSuppression? = nil
    ) {
        self.address = address
        self.name = name
        self.language = language
        self.attributes = attributes
        self.createdAt = createdAt
        self.state = state
        self.memberships = memberships
        self.suppression = suppression
    }
}

/// One topic of an imported person.
public struct ImportMembership: Sendable, Hashable {
    /// How the person stands to the topic.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Reads it.
        case active
        /// Asked for it and never confirmed.
        case pending
        /// Has left it.
        case ended
    }

    /// How often the person wants to hear of it.
    public enum Frequency: String, Sendable, Hashable, CaseIterable {
        case immediate, daily, weekly
    }

    /// The topic's name; it must exist.
    public var topic: String
    /// How the person stands to it.
    public var state: State
    /// When the person joined, as the other system knows it; `nil` is the time of the import.
    public var consentAt: Timestamp?
    /// Why it ended, in words; used with the state `ended` only.
    public var endedReason: String?
    /// When it ended, with the state `ended` only; `nil` is the time of the import.
    public var endedAt: Timestamp?
    /// How often.
    public var frequency: Frequency
    /// From when on no campaign reaches it; `nil`: it is not paused.
    public var pausedFrom: Timestamp?
    /// Until when; `nil` with a ``pausedFrom``: until it is resumed.
    public var pausedUntil: Timestamp?

    /// Makes a membership.
    public init(
        topic: String,
        state: State = .active,
        consentAt: Timestamp? = nil,
        endedReason: String? = nil,
        endedAt: Timestamp? = nil,
        frequency: Frequency = .immediate,
        pausedFrom: Timestamp? = nil,
        pausedUntil: Timestamp? = nil
    ) {
        self.topic = topic
        self.state = state
        self.consentAt = consentAt
        self.endedReason = endedReason
        self.endedAt = endedAt
        self.frequency = frequency
        self.pausedFrom = pausedFrom
        self.pausedUntil = pausedUntil
    }
}

/// Why another system no longer mailed a person.
public struct ImportSuppression: Sendable, Hashable {
    /// The reason, in our words.
    public var reason: SuppressionReason
    /// The reason in the other system's words; may be empty.
    public var note: String
    /// Since when, as the other system knows it; `nil` is the time of the import.
    public var since: Timestamp?

    /// Makes a suppression.
    public init(reason: SuppressionReason, note: String = "", since: Timestamp? = nil) {
        self.reason = reason
        self.note = note
        self.since = since
    }
}
