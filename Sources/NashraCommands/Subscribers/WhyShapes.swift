// SPDX-License-Identifier: Apache-2.0
//
// The answer to `why` as JSON, CSV and people see it.
// Pure values.
import NashraApp
import NashraCore
import NashraStore

/// `nashra.why.v1`.
struct WhyShown: Encodable {
    /// One thing that stands in the way.
    struct Obstacle: Encodable {
        let reason: String
        let text: String
        let remedy: String?
    }

    /// One topic, or the address named by itself.
    struct Next: Encodable {
        /// `nil`: a campaign that names the address.
        let topic: String?
        let visibility: String?
        let joined: Bool
        let reached: Bool
        /// What decides, or `nil` when the person is reached.
        let reason: String?
        let obstacles: [Obstacle]
    }

    /// One campaign.
    struct Campaign: Encodable {
        let campaign: String
        let bulletin: String
        let frozen: String
        let audience: String
        /// The delivery's state, or `nil`: not in the audience.
        let state: String?
        let reason: String?
        let text: String
        let remedy: String?
    }

    let schema = "nashra.why.v1"
    let address: String
    let name: String?
    let language: String?
    /// The person's state; `not-registered` or `erased` when nobody has the address.
    let state: String
    /// Whether at least one of the topics below would reach the person.
    let reached: Bool
    let didYouMean: [String]
    let bulletin: String?
    let bulletinLanguage: String?
    let next: [Next]
    let campaigns: [Campaign]
    let suppressions: [SuppressionLine]
    let notes: [String]

    enum CodingKeys: String, CodingKey {
        case schema, address, name, language, state, reached, bulletin, next, campaigns, suppressions, notes
        case didYouMean = "did_you_mean"
        case bulletinLanguage = "bulletin_language"
    }

    init(_ answer: WhyAnswer, isCampaignOnly: Bool) {
        let why = answer.why
        let words = WhyWords(address: why.address)
        address = why.address
        name = why.subscriber?.name
        language = why.subscriber?.language?.rawValue
        state =
            why.subscriber?.state.rawValue
            ?? (why.erasedAt == nil ? "not-registered" : Subscriber.State.erased.rawValue)
        didYouMean = why.near
        bulletin = answer.bulletin?.number
        bulletinLanguage = answer.bulletin?.language?.rawValue
        let topics = why.topics.map { topic in
            Self.next(topic.name, topic.visibility.rawValue, topic.wasJoined, topic.obstacles, words)
        }
        let direct = Self.next(nil, nil, false, why.direct, words)
        next = isCampaignOnly ? [] : topics + (answer.bulletin == nil && topics.count != 1 ? [direct] : [])
        reached = topics.contains(where: \.reached)
        campaigns = why.campaigns.map { campaign in
            Campaign(
                campaign: campaign.name.rawValue,
                bulletin: campaign.bulletin,
                frozen: campaign.frozenAt.iso8601,
                audience: campaign.audience,
                state: campaign.delivery?.state.rawValue,
                reason: campaign.delivery.map { $0.reason } ?? campaign.absence?.label,
                text: words.campaign(campaign),
                remedy: words.remedy(campaign)
            )
        }
        suppressions = why.suppressions.map(SuppressionLine.init)
        var notes = answer.notes
        if let bulletin = answer.bulletin, bulletin.isStandIn, let variant = bulletin.language {
            notes.append(
                "Bulletin \(bulletin.number) has no variant in \(language ?? "this language"); "
                    + "the person would get \(variant.rawValue)."
            )
        }
        self.notes = notes
    }

    private static func next(
        _ topic: String?,
        _ visibility: String?,
        _ joined: Bool,
        _ obstacles: [WhyObstacle],
        _ words: WhyWords
    ) -> Next {
        Next(
            topic: topic,
            visibility: visibility,
            joined: joined,
            reached: obstacles.isEmpty,
            reason: obstacles.first?.label,
            obstacles: obstacles.map {
                Obstacle(reason: $0.label, text: words.text($0), remedy: words.remedy($0, topic: topic))
            }
        )
    }

    /// Header and rows: what comes next, then what was.
    var rows: [[String]] {
        [["what", "name", "reached", "reason", "text", "remedy"]]
            + next.map { line in
                let first = line.obstacles.first
                return [
                    line.topic == nil ? "address" : "topic", line.topic ?? address,
                    line.reached ? "yes" : "no",
                    line.reason ?? "", first?.text ?? "", first?.remedy ?? "",
                ]
            }
            + campaigns.map {
                [
                    "campaign", $0.campaign, $0.state == DeliveryState.accepted.rawValue ? "yes" : "no",
                    $0.reason ?? "", $0.text, $0.remedy ?? "",
                ]
            }
    }
}
