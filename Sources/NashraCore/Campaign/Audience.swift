// SPDX-License-Identifier: Apache-2.0
//
// Whom a campaign is for: the question, and the answer before anything is frozen.
// Pure values.

/// The question: which people.
public struct AudienceQuery: Sendable, Hashable {
    /// Topics; a person subscribed to several is reached once.
    public var topics: [String]
    /// Segments, beside the topics; each reaches its people through their subscriptions.
    public var segments: [AudienceSegment]
    /// Single addresses, beside the topics; found in the registry when they are there.
    public var addresses: [EmailAddress]
    /// Only these languages (of the subscriber), or all when empty.
    public var languages: [Language]
    /// Only these domains, as A-labels, or all when empty.
    public var domains: [String]

    /// Asks for topics and addresses, narrowed by language and domain.
    public init(
        topics: [String] = [],
        segments: [AudienceSegment] = [],
        addresses: [EmailAddress] = [],
        languages: [Language] = [],
        domains: [String] = []
    ) {
        self.topics = topics
        self.segments = segments
        self.addresses = addresses
        self.languages = languages
        self.domains = domains
    }

    /// One line that says the same thing the same way, whatever order it was asked in.
    public var text: String {
        (topics.sorted().map { "topic:\($0)" } + segments.map(\.text).sorted() + addresses.map(\.key).sorted()
            + languages.map(\.rawValue).sorted().map { "language:\($0)" }
            + domains.sorted().map { "domain:\($0)" }).joined(separator: " ")
    }
}

/// A segment as an audience: whom it means, and through which topics they are reached.
///
/// A person is reached by a subscription of his own, never because a query is true of him.
public struct AudienceSegment: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The canonical text of its query.
    public var query: String
    /// The topics through which it reaches people; empty: through any that is not archived.
    public var topics: [String]
    /// The declared attributes, by which the query is read.
    public var attributes: AttributeSchema
    /// The identifier of the time zone in which its days begin.
    public var timeZone: String

    /// Makes an audience of a segment.
    public init(
        name: String,
        query: String,
        topics: [String],
        attributes: AttributeSchema,
        timeZone: String
    ) {
        self.name = name
        self.query = query
        self.topics = topics
        self.attributes = attributes
        self.timeZone = timeZone
    }

    /// What was asked for, in one line; it is kept with the campaign.
    var text: String {
        let through = topics.isEmpty ? "" : " through \(topics.sorted().joined(separator: ", "))"
        return "segment:\(name) (\(query))\(through)"
    }
}

/// Why somebody who was asked for is left out.
public enum Exclusion: String, Sendable, Hashable, Codable, CaseIterable {
    case suppressed, unsubscribed, pending
    /// The person is in the segment and has never joined one of the topics.
    case notSubscribed = "not-subscribed"
    /// The person takes a pause from the topic at this moment.
    case paused
    /// The person asked to be forgotten.
    case erased
    case otherLanguage = "other-language"
    case otherDomain = "other-domain"
    /// A second subscriber row, or a second topic, with the same address key.
    case duplicate
}

/// The answer: how many, of what kind, and who is left out and why.
public struct AudiencePlan: Sendable, Hashable {
    /// How many people would get a message.
    public var audience: Int
    /// How many of them by the language of the variant they would get.
    public var byLanguage: [Language: Int]
    /// How many of them by topic through which they are reached; empty key for single addresses.
    public var byTopic: [String: Int]
    /// The twenty domains with the most people, most first.
    public var topDomains: [(domain: String, count: Int)]
    /// How many were left out, by reason.
    public var exclusions: [Exclusion: Int]

    /// Makes a plan.
    public init(
        audience: Int,
        byLanguage: [Language: Int],
        byTopic: [String: Int],
        topDomains: [(domain: String, count: Int)],
        exclusions: [Exclusion: Int]
    ) {
        self.audience = audience
        self.byLanguage = byLanguage
        self.byTopic = byTopic
        self.topDomains = topDomains
        self.exclusions = exclusions
    }

    /// Whether two plans count the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.audience == right.audience && left.byLanguage == right.byLanguage
            && left.byTopic == right.byTopic
            && left.exclusions == right.exclusions
            && left.topDomains.elementsEqual(right.topDomains) {
                $0.domain == $1.domain && $0.count == $1.count
            }
    }

    /// Hashes what identifies a plan.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(audience)
        hasher.combine(byLanguage)
    }
}
