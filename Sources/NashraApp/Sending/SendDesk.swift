// SPDX-License-Identifier: Apache-2.0
//
// Sending as a use case: plan, rehearse, freeze, send, report. Puts configuration, bulletins, store and transport
// together; decides nothing that they decide. Rules: docs/flow.md.
import NashraBulletins
import NashraConfig
public import NashraCore
public import NashraEngine
import NashraKeys
public import NashraStore

/// Where a send is planned and carried out.
public struct SendDesk: Sendable {
    let application: Application
    let store: Store
    let keyring: Keyring
    private let policy: BouncePolicy

    /// Opens the store, the keys and the policy for bounces of a workspace.
    public init(_ application: Application) throws(UserError) {
        self.application = application
        policy = try BouncePolicyFile.require(application.workspace)
        keyring = try application.keyring()
        store = try application.openStore()
    }

    // MARK: planning

    /// Reads, checks and renders the bulletin, and counts its audience.
    ///
    /// Changes nothing.
    ///
    /// - Throws: ``UserError``: `badData` for a bulletin with errors or an empty audience, `unknownObject` for a topic or
    ///   bulletin that is not there, `notPermitted` when the same went to the same audience before.
    public func plan(_ request: SendRequest) throws(UserError) -> SendPlan {
        let (source, readWarnings) = try application.read(bulletin: request.bulletin)
        let (asked, isMandatory) = try AudienceParser(application: application, store: store).query(
            request,
            defaultTopics: source.metadata.topics
        )
        let (query, erased) = try application.withoutErased(asked, in: store)
        let (bulletin, renderWarnings) = try application.prepare(
            source,
            attributes: try store.attributeNames(),
            mayUnsubscribe: !isMandatory
        )
        guard erased == 0 || !query.text.isEmpty else { throw onlyErased(asked) }
        var audience = try store.plan(
            query,
            chain: application.configuration.languages,
            available: bulletin.languages
        )
        if erased > 0 { audience.exclusions[.erased, default: 0] += erased }
        guard audience.audience > 0 else { throw emptyAudience(query, audience) }
        let previous = try store.previousCampaign(
            bulletin: bulletin.bulletin.number,
            contentHash: bulletin.contentHash,
            audienceText: query.text
        )
        if let previous, !request.isAgain { throw try alreadySent(bulletin.bulletin.number, previous) }
        let settings = try application.settings(
            for: source,
            isMandatory: isMandatory,
            expires: request.expires
        )
        let options = try application.serviceOptions(
            SendOptions(rate: request.rate, connections: request.connections)
        )
        let relay = application.configuration.relay
        return SendPlan(
            bulletin: bulletin,
            query: query,
            audience: audience,
            settings: settings,
            messageSizes: try Rehearser(keyring: keyring, settings: settings, bulletin: bulletin).sizes(),
            estimatedSeconds: try estimate(audience.audience, rate: options.rate),
            relay: "\(relay.name), \(relay.host):\(relay.port)",
            previous: previous,
            warnings: readWarnings + renderWarnings
        )
    }

    /// Composes and checks the message of every recipient of a plan, and keeps none.
    ///
    /// Connects to nobody.
    ///
    /// - Parameters:
    ///   - plan: What to compose, for whom.
    ///   - onProgress: Called now and then with how many are done.
    /// - Returns: What was found.
    /// - Throws: `badData` for the first message that cannot be composed.
    public func rehearse(
        _ plan: SendPlan,
        onProgress: (Int) -> Void
    ) throws(UserError) -> Rehearsal {
        let started = application.clock.now()
        var rehearser = try Rehearser(keyring: keyring, settings: plan.settings, bulletin: plan.bulletin)
        let fields = plan.bulletin.fields
        onProgress(0)
        try store.forEachRecipient(
            plan.query,
            chain: application.configuration.languages,
            available: plan.bulletin.languages,
            fields: fields
        ) { recipient throws(UserError) in
            try rehearser.compose(recipient)
            if rehearser.count % 1_000 == 0 { onProgress(rehearser.count) }
        }
        onProgress(rehearser.count)
        return Rehearsal(
            messages: rehearser.count,
            bytes: rehearser.bytes,
            largest: rehearser.largest,
            seconds: (application.clock.now() - started).seconds
        )
    }

    private func emptyAudience(_ query: AudienceQuery, _ plan: AudiencePlan) -> UserError {
        let left = plan.exclusions.filter { $0.value > 0 }
            .map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
        return UserError(
            .badData,
            "Nobody would get it: the audience of \(query.text) is empty.",
            remedy: left.isEmpty
                ? "Import subscribers first: nashra subscribers import FILE --topic TOPIC"
                : "Left out: \(left)."
        )
    }

    private func onlyErased(_ query: AudienceQuery) -> UserError {
        UserError(
            .badData,
            "Nobody would get it: \(query.text) was erased.",
            remedy: "Who was erased is mailed again only after an own confirmation."
        )
    }

    private func alreadySent(_ number: String, _ previous: CampaignName) throws(UserError) -> UserError {
        let state = try store.campaign(named: previous)?.state ?? .finished
        let isOpen = state == .sending || state == .paused
        return UserError(
            .notPermitted,
            "This revision of \(number) went to the same audience before, as \(previous), which is \(state.rawValue).",
            remedy: isOpen
                ? "Go on with it: nashra campaigns resume \(previous)"
                : "Its report: nashra report \(previous). To send it once more to everybody: --again."
        )
    }

    /// How long the audience takes at least: by the rate that is set, and by how fast the relay was the last time.
    private func estimate(_ audience: Int, rate: Double?) throws(UserError) -> Double? {
        let recent = try store.campaigns().prefix(5).first { $0.state == .finished && $0.audience >= 100 }
        var seconds = rate.map { Double(audience) / $0 }
        if let recent, let times = try store.report(recent.name).seconds.toAccept, times.p90 > 0 {
            let measured = 0.9 * Double(recent.audience) / times.p90
            seconds = max(seconds ?? 0, Double(audience) / measured)
        }
        return seconds
    }

    // MARK: sending

    /// Freezes content and audience in one transaction.
    ///
    /// From here on every recipient is accounted for.
    ///
    /// - Throws: `tryAgain`, before anything is stored, when another sender runs.
    public func freeze(_ plan: SendPlan) throws(UserError) -> Campaign {
        try SenderLock.acquire(at: application.workspace.senderLock).release()
        return try store.freeze(
            CampaignDraft(
                bulletin: plan.bulletin.bulletin.number,
                contentHash: plan.bulletin.contentHash,
                rendered: try plan.bulletin.rendered.frozen(),
                settings: plan.settings,
                query: plan.query,
                fields: plan.bulletin.fields.union(["name"]),
                chain: application.configuration.languages,
                available: plan.bulletin.languages,
                actor: application.actor
            )
        )
    }

    /// Lets a paused campaign go on; see ``send(_:_:stop:onProgress:)``.
    public func resume(_ name: String) throws(UserError) -> CampaignName {
        let campaign = try store.existingCampaign(name)
        switch campaign.state {
        case .sending, .paused:
            return try store.resume(campaign.id, actor: application.actor).name
        case .finished, .cancelled:
            throw UserError(
                .usage,
                "Campaign \(name) is \(campaign.state.rawValue); there is nothing to go on with.",
                remedy: "Its report: nashra report \(name)"
            )
        }
    }

    /// Sends what is due of a campaign, and blocks until the run ends.
    ///
    /// - Throws: `tryAgain` when another sender runs.
    public func send(
        _ name: CampaignName,
        _ options: SendOptions,
        stop: StopSignal,
        onProgress: @escaping @Sendable (SendProgress) -> Void,
        onRefusals: (RefusalSummary) -> Void = { _ in }
    ) throws(UserError) -> SendEnd {
        let lock = try SenderLock.acquire(at: application.workspace.senderLock)
        defer { lock.release() }
        let service = SendService(
            store: store,
            transport: application.transport(),
            keyring: keyring,
            clock: application.clock,
            options: try application.serviceOptions(options),
            logger: application.logger(),
            stop: stop,
            onProgress: onProgress
        )
        let end = try service.run(name)
        if stop.count == 0 {
            // Whom the relay refused for good is treated as whom a bounce condemned.
            if let campaign = try store.campaign(named: name) {
                onRefusals(
                    try store.applyRefusals(campaign.id, policy: policy, actor: application.actor)
                )
            }
            if case .relayAway = end { return end }
            _ = try application.sendOutbox(store: store, keyring: keyring, policy: policy, stop: stop)
        }
        return end
    }

    /// The report of a campaign, from the ledger.
    public func report(_ name: CampaignName) throws(UserError) -> CampaignReport { try store.report(name) }
}
