// SPDX-License-Identifier: Apache-2.0
//
// What a campaign's messages carry and how it is sent, from the configuration, the bulletin and what was typed.
// Pure but for the clock.
import NashraBulletins
import NashraConfig
import NashraCore
import NashraEngine
import NashraYAML

extension Application {
    /// The settings that are frozen with a campaign.
    ///
    /// - Parameters:
    ///   - bulletin: What is sent.
    ///   - isMandatory: Staff bulletins carry no way to unsubscribe.
    ///   - expires: What --expires said; the bulletin's own end of validity when `nil`.
    /// - Returns: The settings, dated now.
    /// - Throws: `badData` when the validity is over, `usage` when it cannot be read.
    func settings(for bulletin: Bulletin, isMandatory: Bool, expires: String?) throws(UserError)
        -> CampaignSettings
    {
        let now = clock.now()
        let own = bulletin.metadata.expires.map { $0.midnightUTC + .seconds(86_400) }
        let end = try expires.map { text throws(UserError) in try Self.moment(text, now: now) } ?? own
        if let end, end <= now {
            throw UserError(
                .badData,
                "\(bulletin.number) is no longer valid: it ended \(end.iso8601).",
                remedy: "Give the bulletin a later `expires`, or say --expires."
            )
        }
        let sender = configuration.sender
        return CampaignSettings(
            fromAddress: sender.address.wire,
            fromName: configuration.textsByTag(sender.name),
            replyTo: sender.replyTo?.wire,
            envelopeDomain: sender.envelopeDomain,
            messageIDDomain: sender.messageIDDomain,
            listID: configuration.list.id,
            listName: configuration.textsByTag(configuration.list.name),
            unsubscribeURL: isMandatory ? nil : configuration.unsubscribe.url,
            unsubscribeMailbox: isMandatory ? nil : configuration.unsubscribe.mailbox,
            helpURL: configuration.list.help,
            ownerAddress: configuration.list.owner?.wire,
            feedbackSender: configuration.feedbackSender,
            date: now,
            expiresAt: end,
            retry: configuration.sending.retry,
            ambiguous: configuration.sending.ambiguous
        )
    }

    /// How a campaign is sent.
    func serviceOptions(_ options: SendOptions) throws(UserError) -> SendService.Options {
        let relay = configuration.relay
        let sending = configuration.sending
        if let connections = options.connections, !(1...200).contains(connections) {
            throw UserError(.usage, "--connections is \(connections); it must lie in 1...200.")
        }
        return SendService.Options(
            connections: options.connections ?? relay.connections,
            messagesPerConnection: relay.messagesPerConnection,
            rate: try options.rate.map { text throws(UserError) in try Self.rate(text) }
                ?? relay.messagesPerSecond,
            drainTimeout: sending.drainTimeout,
            relayPatience: sending.relayPatience,
            waits: options.waits,
            stormGuard: options.acceptsRefusals
                ? nil
                : StormGuard.Limits(
                    window: sending.stormGuard.window,
                    permanentPercent: sending.stormGuard.permanentPercent,
                    sameReplyPercent: sending.stormGuard.sameTextPercent,
                    minimum: sending.stormGuard.minimum
                )
        )
    }

    /// `200`, `200/s`, `0.5/s`.
    private static func rate(_ text: String) throws(UserError) -> Double {
        let number = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
        guard let rate = Double(number), rate > 0, rate <= 100_000 else {
            throw UserError(
                .usage,
                "--rate \(text) is not a rate.",
                remedy: "Say messages a second, such as 200/s."
            )
        }
        return rate
    }

    /// A span from now, or a time in ISO 8601.
    private static func moment(_ text: String, now: Timestamp) throws(UserError) -> Timestamp {
        if let span = ScalarText.duration(text) { return now + span }
        if let moment = ScalarText.timestamp(text) { return moment }
        throw UserError(
            .usage,
            "--expires \(text) is neither a time nor a span.",
            remedy: "Write 24h, 3d, or 2026-12-01T08:00:00Z."
        )
    }
}
