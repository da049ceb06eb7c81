// SPDX-License-Identifier: Apache-2.0
//
// Why somebody gets a bulletin or does not, asked for one address.
// Reads the store, the keys and, for a bulletin, its folder.
import NashraBulletins
import NashraConfig
public import NashraCore
import NashraKeys
public import NashraStore

/// What decides about one address, and what is worth knowing besides.
public struct WhyAnswer: Sendable {
    /// The bulletin that was asked about.
    public struct AskedBulletin: Sendable {
        /// Its number.
        public let number: String
        /// The language in which the person would get it.
        public let language: Language?
        /// Whether the person reads another language, which the bulletin does not have.
        public let isStandIn: Bool
    }

    /// What decides.
    public let why: Why
    /// The bulletin that was asked about, or `nil`.
    public let bulletin: AskedBulletin?
    /// What does not decide and may still matter.
    public let notes: [String]
}

extension Application {
    /// Tells why an address gets the next bulletins or does not, and what the last campaigns did about it.
    ///
    /// - Parameters:
    ///   - text: The address as it was typed.
    ///   - topic: Only this topic.
    ///   - bulletin: Only this bulletin's topics and campaigns.
    ///   - campaign: Only this campaign.
    /// - Returns: The answer; for addresses that nobody has, too.
    /// - Throws: `badData` when it is no address; `unknownObject` for what does not exist.
    public func why(
        _ text: String,
        topic: String?,
        bulletin: String?,
        campaign: String?
    ) throws(UserError) -> WhyAnswer {
        let address = try Self.address(text)
        let asked = try bulletin.map { name throws(UserError) in try read(bulletin: name).bulletin }
        let topics = topic.map { [$0] } ?? asked?.metadata.topics ?? []
        let why = try openStoreForReading().why(
            address,
            erasureHashes: try keyring().erasureHashes(of: address.key),
            topics: topics,
            campaign: campaign.map(CampaignName.init),
            bulletin: asked?.number
        )
        return WhyAnswer(
            why: why,
            bulletin: asked.map { self.asked($0, why) },
            notes: notes(address, why)
        )
    }

    private func asked(_ bulletin: Bulletin, _ why: Why) -> WhyAnswer.AskedBulletin {
        let own = why.subscriber?.language
        let variant = LanguageFallback.variant(
            for: own,
            available: bulletin.languages,
            chain: configuration.languages
        )
        return .init(number: bulletin.number, language: variant, isStandIn: own != nil && own != variant)
    }

    private func notes(_ address: EmailAddress, _ why: Why) -> [String] {
        var findings = AddressFindings(ownDomains: ownDomains)
        var notes = findings.findings(for: address).filter { $0.kind == .typo || $0.kind == .lookalike }.map {
            finding in
            "\(address) \(finding.words)" + (finding.suggestion.map { "; perhaps \($0)" } ?? "") + "."
        }
        if address.needsSMTPUTF8 {
            notes.append(
                "The part before the @ is not ASCII: the relay must offer SMTPUTF8 (RFC 6531), or refuses it."
            )
        }
        return notes
    }
}
