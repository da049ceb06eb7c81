// SPDX-License-Identifier: Apache-2.0
//
// What a provider says about one message of ours.
// Pure values. Rules: docs/providers.md.
public import NashraCore

/// What a provider says about one message, for one recipient or several.
public struct ProviderEvent: Sendable, Hashable {
    /// What makes us believe that the provider said it.
    public enum Trust: String, Sendable, Hashable, CaseIterable {
        /// Its signature is right.
        case signed
        /// It bears no signature, and need not: the provider makes none, or the operator allows it.
        case unsigned
        /// It should bear a signature, and bears none or a wrong one: it is recorded and changes nobody.
        case forged
    }

    /// The same for the same event, however often it comes: `ses:01010157e48fa03f-…`, at most 200 bytes.
    ///
    /// An event that is not believed has another name than the one it pretends to be.
    public var id: String
    /// Who said it.
    public var provider: Provider
    /// Whether to believe it.
    public var trust: Trust
    /// What it says; its evidence is `notification`, its rule names the provider and its word for it.
    public var verdict: BounceVerdict
    /// Whether somebody left through the provider's own link.
    public var isUnsubscribe: Bool
    /// The envelope sender, which may hold our token; or `nil` when the provider does not tell.
    public var envelopeSender: String?
    /// Message-IDs that the provider quotes, without repetitions; one may be ours.
    public var messageIDs: [String]
    /// When it happened, as the provider says; the time of reading when it does not.
    public var at: Timestamp
}

/// What one input held.
public struct ProviderReading: Sendable, Hashable {
    /// The events, in their order.
    public var events: [ProviderEvent] = []
    /// What could not be read, with the byte it begins at, and what the operator should know.
    public var findings: [Diagnostic] = []
    /// How many events say nothing about what became of a message: sent, opened, clicked.
    public var ignored = 0
}
