// SPDX-License-Identifier: Apache-2.0
//
// Sends one campaign: takes it over, feeds the queue from the ledger, watches, and ends in an orderly way.
// Runs on the caller's thread and blocks it. Rules: docs/decisions/0002-ledger.md; docs/flow.md.
import Foundation
public import Logging
public import NashraCore
public import NashraKeys
public import NashraStore
import NashraTemplates

/// Sends one campaign over one relay.
public struct SendService: Sendable {
    /// How to send.
    public struct Options: Sendable {
        /// The most connections at once.
        public var connections: Int
        /// After how many messages a connection is made anew.
        public var messagesPerConnection: Int
        /// The most messages a second, or `nil`.
        public var rate: Double?
        /// How long replies to dots already written are waited for when asked to end.
        public var drainTimeout: Duration
        /// How long the relay may stay away before the run ends.
        public var relayPatience: Duration
        /// Whether to wait for deliveries that were put off.
        public var waits: Bool
        /// The storm guard's limits, or `nil` for none.
        public var stormGuard: StormGuard.Limits?
        /// How long the relay is left alone when it is first found away; tests have less patience.
        package var firstRelayPause = RelayHealth.firstPause

        /// Makes options.
        public init(
            connections: Int = 20,
            messagesPerConnection: Int = 1000,
            rate: Double? = nil,
            drainTimeout: Duration = .seconds(60),
            relayPatience: Duration = .seconds(60),
            waits: Bool = false,
            stormGuard: StormGuard.Limits? = StormGuard.Limits()
        ) {
            self.connections = connections
            self.messagesPerConnection = messagesPerConnection
            self.rate = rate
            self.drainTimeout = drainTimeout
            self.relayPatience = relayPatience
            self.waits = waits
            self.stormGuard = stormGuard
        }
    }

    private let store: Store
    private let transport: any MessageTransport
    private let keyring: Keyring
    private let clock: any WallClock
    private let options: Options
    private let logger: Logger
    private let stop: StopSignal
    private let onProgress: @Sendable (SendProgress) -> Void

    /// Makes a sender.
    ///
    /// The caller holds the store's ``SenderLock`` while it runs.
    public init(
        store: Store,
        transport: any MessageTransport,
        keyring: Keyring,
        clock: any WallClock,
        options: Options,
        logger: Logger,
        stop: StopSignal,
        onProgress: @escaping @Sendable (SendProgress) -> Void
    ) {
        self.store = store
        self.transport = transport
        self.keyring = keyring
        self.clock = clock
        self.options = options
        self.logger = logger
        self.stop = stop
        self.onProgress = onProgress
    }

    /// Sends until nothing is due any more, or until something ends it.
    ///
    /// - Throws: ``UserError`` when the campaign cannot be sent at all, or when the store fails: then nothing was sent
    ///   that is not recorded, and the run can be resumed.
    public func run(_ name: CampaignName) throws(UserError) -> SendEnd {
        guard let campaign = try store.campaign(named: name) else {
            throw UserError(
                .unknownObject,
                "There is no campaign \(name).",
                remedy: "See nashra campaigns list."
            )
        }
        guard campaign.state == .sending else { return try endOfHeld(campaign) }
        let composer = try Composer(
            campaign: campaign,
            rendered: try rendered(campaign),
            keyring: keyring
        )
        let epoch = SenderEpoch.random()
        let recovery = try store.takeOver(campaign.id, epoch: epoch, now: clock.now())
        if recovery.resent + recovery.held > 0 {
            logger.notice(
                "took over deliveries whose fate a crash left open",
                metadata: ["resent": "\(recovery.resent)", "held": "\(recovery.held)"]
            )
        }
        let dispatcher = Dispatcher(
            queue: SendQueue(
                settings: campaign.settings,
                connections: options.connections,
                rate: options.rate,
                storm: options.stormGuard,
                firstPause: options.firstRelayPause
            ),
            workers: options.connections,
            clock: clock
        )
        let ledger = LedgerWriter(store: store, campaign: campaign.id, epoch: epoch) {
            dispatcher.intentRefused(.broken)
        }
        let context = SendWorkerContext(
            transport: transport,
            dispatcher: dispatcher,
            ledger: ledger,
            composer: composer,
            clock: clock,
            messagesPerConnection: options.messagesPerConnection
        )
        for index in 0..<options.connections { SendWorker.start(index, context) }
        var run = SendRun(
            store: store,
            campaign: campaign,
            dispatcher: dispatcher,
            ledger: ledger,
            clock: clock,
            options: options,
            logger: logger,
            stop: stop,
            onProgress: onProgress
        )
        return try run.untilEnd()
    }

    private func rendered(_ campaign: Campaign) throws(UserError) -> RenderedBulletin {
        let bytes = try store.rendered(for: campaign.id)
        do {
            return try JSONDecoder().decode(RenderedBulletin.self, from: bytes)
        } catch {
            throw UserError(
                .bug,
                "The frozen text of campaign \(campaign.name) cannot be read: \(error)",
                remedy:
                    "Check the store with nashra campaigns show, and restore it from a backup if it is damaged."
            )
        }
    }

    private func endOfHeld(_ campaign: Campaign) throws(UserError) -> SendEnd {
        switch campaign.state {
        case .paused: .held(campaign.pauseReason ?? "it is paused", isConfiguration: false)
        case .finished, .sending: .finished
        case .cancelled: .withdrawn(.cancelled)
        }
    }
}
