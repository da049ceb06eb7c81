// SPDX-License-Identifier: Apache-2.0
//
// Composes messages to look at them and throws them away.
// Pure but for the memory of what it saw.
import NashraBulletins
import NashraCore
import NashraEngine
import NashraKeys

struct Rehearser {
    private let composer: Composer
    private let bulletin: PreparedBulletin
    private(set) var count = 0
    private(set) var bytes = 0
    private(set) var largest = 0

    init(keyring: Keyring, settings: CampaignSettings, bulletin: PreparedBulletin) throws(UserError) {
        self.bulletin = bulletin
        let campaign = Campaign(
            id: 0,
            name: CampaignName(rawValue: "c-0000-0000"),
            bulletin: bulletin.bulletin.number,
            revision: 1,
            state: .sending,
            audienceText: "",
            audience: 0,
            settings: settings,
            createdAt: settings.date
        )
        composer = try Composer(campaign: campaign, rendered: bulletin.rendered, keyring: keyring)
    }

    /// The size of a message in each language, for somebody of whom only the address is known.
    func sizes() throws(UserError) -> [Language: Int] {
        var sizes: [Language: Int] = [:]
        for language in bulletin.languages {
            let sample = DueDelivery(
                id: DeliveryID(rawValue: 1),
                address: try sampleAddress(),
                language: language,
                values: [:],
                attempts: 0,
                dueAt: Timestamp(rawValue: 0)
            )
            sizes[language] = try message(sample).bytes.count
        }
        return sizes
    }

    /// Composes and checks one message.
    mutating func compose(_ recipient: DueDelivery) throws(UserError) {
        let size = try message(recipient).bytes.count
        count += 1
        bytes += size
        largest = max(largest, size)
    }

    /// The exact message for somebody.
    func message(_ recipient: DueDelivery) throws(UserError) -> ComposedMessage {
        do {
            return try composer.compose(recipient)
        } catch {
            throw UserError(.badData, "The message for one recipient cannot be composed: \(error)")
        }
    }

    private func sampleAddress() throws(UserError) -> EmailAddress {
        do {
            return try EmailAddress.parse("somebody@example.org")
        } catch {
            throw UserError(.bug, "the sample address is refused: \(error)")
        }
    }
}
