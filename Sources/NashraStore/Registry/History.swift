// SPDX-License-Identifier: Apache-2.0
//
// All that happened to one person in the register and by mail, in the order of time: what `history` tells.
// Values; HistoryReading gathers them.
public import NashraCore

/// One person's history.
public struct PersonHistory: Sendable, Hashable {
    /// The person, with topics and suppression as they are now; `nil` when nobody in the register has the address.
    public var detail: SubscriberDetail?
    /// The address, as it was given or as it is now.
    public var address: String
    /// Addresses that the person had before, the oldest first.
    public var earlier: [String]
    /// What happened, oldest first.
    public var entries: [HistoryEntry]
}

/// One thing in somebody's history.
public struct HistoryEntry: Sendable, Hashable {
    /// What happened.
    public enum What: Sendable, Hashable {
        /// One change of the person.
        case event(SubscriberEvent)
        /// A person or a subscription that is older than the record of events.
        case began(topic: String?, source: String)
        /// A subscription ended before there was a record of events.
        case ended(topic: String, reason: String)
        /// An import did something.
        case imported(HistoryImport)
        /// A question whose time was over before a yes came.
        case unanswered(topic: String)
        /// Mail, bounces, suppressions, and what somebody did.
        case story(StoryEvent)
    }

    /// When.
    public var at: Timestamp
    /// What happened.
    public var what: What
}

/// What an import did to one person.
public struct HistoryImport: Sendable, Hashable {
    /// The import.
    public var id: Int64
    /// Its file, as the user named it.
    public var file: String
    /// Where the people came from, in words.
    public var source: String
    /// Who imported.
    public var actor: String
    /// `registered`, `joined`, `values`, `left`, `suppressed` or `state`.
    public var what: String
    /// The topic, or `nil`.
    public var topic: String?
    /// The values before, by field.
    public var before: [String: String]
    /// The values after, by field.
    public var after: [String: String]
    /// When the import was taken back, or `nil`.
    public var undoneAt: Timestamp?
}
