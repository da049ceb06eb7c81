// SPDX-License-Identifier: Apache-2.0
//
// Sends what is no campaign's: probes, questions to new people, and people's replies to the bulletin's issuer. One message after another.
// Runs on the caller's thread. Touches the store and the relay. Rules: docs/decisions/0007-bounces.md.
public import Logging
public import NashraCore
public import NashraKeys
public import NashraStore

/// Works off the outbox.
public struct OutboxService {
    /// What one run did.
    public struct Summary: Sendable, Hashable, Encodable {
        let schema = "nashra.outbox.v1"
        /// Handed to the relay.
        public var sent = 0
        /// Put off.
        public var deferred = 0
        /// Refused for good, or given up.
        public var failed = 0

        /// Nothing yet.
        public init() {}
    }

    /// How often a message is tried before it is given up.
    static let mostAttempts = 20
    private static let batch = 50

    private let store: Store
    private let transport: any MessageTransport
    private let keyring: Keyring
    private let clock: any WallClock
    private let schedule: RetrySchedule
    private let policy: BouncePolicy
    private let actor: String
    private let logger: Logger
    private let confirmations: ConfirmationSettings?

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - store: Holds the outbox.
    ///   - transport: The relay.
    ///   - keyring: Makes the probes' senders.
    ///   - clock: Where time comes from.
    ///   - schedule: When a message that was put off is tried again.
    ///   - policy: What a refused probe means.
    ///   - actor: For the audit.
    ///   - logger: For what could not be sent.
    ///   - confirmations: What confirmation mails share; without it they are given up.
    public init(
        store: Store,
        transport: any MessageTransport,
        keyring: Keyring,
        clock: any WallClock,
        schedule: RetrySchedule,
        policy: BouncePolicy,
        actor: String,
        logger: Logger,
        confirmations: ConfirmationSettings? = nil
    ) {
        self.confirmations = confirmations
        self.store = store
        self.transport = transport
        self.keyring = keyring
        self.clock = clock
        self.schedule = schedule
        self.policy = policy
        self.actor = actor
        self.logger = logger
    }

    /// Sends what is due.
    ///
    /// A relay that is away puts everything off and ends the run; that is no error here.
    ///
    /// - Parameter stop: Ends the run after the message under way.
    /// - Returns: How many were sent, put off and given up.
    /// - Throws: What the store says; what was sent by then is recorded, at most one message may go out once more.
    public func run(stop: StopSignal) throws(UserError) -> Summary {
        var summary = Summary()
        let connection = transport.makeConnection()
        defer { connection.close() }
        var isAway: DeliveryFailure?
        while stop.count == 0, isAway == nil {
            let entries = try store.takeOutbox(limit: Self.batch)
            guard !entries.isEmpty else { break }
            for entry in entries {
                let result: OutboxResult
                if let away = isAway ?? (stop.count > 0 ? Self.interrupted : nil) {
                    result = .deferred(until: clock.now() + .seconds(60), words: away.detail)
                } else {
                    (result, isAway) = try send(entry, over: connection)
                }
                switch result {
                case .sent: summary.sent += 1
                case .deferred: summary.deferred += 1
                case .failed: summary.failed += 1
                }
                try store.finishOutbox(entry.id, result, policy: policy, actor: actor)
            }
        }
        return summary
    }

    private static let interrupted = DeliveryFailure(
        stage: .connect,
        scope: .connection,
        remedy: .retry,
        detail: "we were asked to end"
    )

    /// - Returns: What became of it, and why the relay can be used no more, or `nil`.
    private func send(
        _ entry: OutboxEntry,
        over connection: any RelayConnection
    ) throws(UserError) -> (OutboxResult, DeliveryFailure?) {
        let messages: [ComposedMessage]
        do throws(UserError) {
            messages = try compose(entry)
        } catch {
            logger.error("a message of the outbox cannot be composed", metadata: ["why": "\(error)"])
            let failure = DeliveryFailure(
                stage: .mail,
                scope: .campaign,
                remedy: .giveUp,
                detail: error.message
            )
            return (.failed(failure), nil)
        }
        var last: DeliveryFailure?
        for message in messages {
            do throws(DeliveryFailure) {
                if !connection.isOpen { try connection.open() }
            } catch {
                return (later(entry, error), error)
            }
            switch connection.transfer(message.envelope, message: message.bytes, intent: { true }) {
            case .accepted(let reply): return (.sent(reply), nil)
            case .withdrawn: last = Self.interrupted
            case .failed(let failure):
                last = failure
                if failure.scope == .connection || failure.scope == .relay {
                    return (later(entry, failure), failure)
                }
                // The relay may take the same in another form.
                guard failure.scope == .campaign else { return (ended(entry, failure), nil) }
            }
        }
        return (ended(entry, last ?? Self.interrupted), nil)
    }

    private func ended(_ entry: OutboxEntry, _ failure: DeliveryFailure) -> OutboxResult {
        failure.scope == .recipient && failure.remedy == .giveUp ? .failed(failure) : later(entry, failure)
    }

    private func later(_ entry: OutboxEntry, _ failure: DeliveryFailure) -> OutboxResult {
        guard entry.attempts < Self.mostAttempts else { return .failed(failure) }
        let wait = schedule.wait(afterAttempt: entry.attempts, random: .random(in: 0..<1))
        return .deferred(until: clock.now() + wait, words: failure.description)
    }

    // MARK: composing

    /// The forms in which a message may go, the best first.
    private func compose(_ entry: OutboxEntry) throws(UserError) -> [ComposedMessage] {
        switch entry.work {
        case .probe(let request):
            return [
                try ProbeMail(keyring: keyring).compose(request, campaign: try campaign(request.campaign))
            ]
        case .confirmation(let request):
            guard let confirmations else {
                throw UserError(.bug, "A confirmation mail waits, and nobody said who asks.")
            }
            return [try ConfirmationMail(keyring: keyring, settings: confirmations).compose(request)]
        case .forward(let request):
            let campaign = try campaign(request.campaign)
            let settings = try CheckedSettings(campaign)
            let way = ForwardedReply.Way(
                campaign: campaign.name.rawValue,
                from: settings.from,
                to: request.recipient,
                at: try store.returned(request.returned)?.recordedAt ?? clock.now(),
                messageIDDomain: settings.messageIDDomain
            )
            let subject = try store.reply(request.returned)?.subject ?? ""
            // No sender: nothing that goes wrong with it, and nobody's automatic answer, comes back to us.
            let envelope = Envelope(sender: "", recipient: request.recipient)
            let name = way.messageID(request.message)
            var forms: [[UInt8]] = []
            if ForwardedReply.fitsTheWire(request.message) {
                forms.append(ForwardedReply.resent(request.message, way))
            }
            do {
                forms.append(try ForwardedReply.wrapped(request.message, subject: subject, way))
            } catch {
                throw UserError(.bug, "A reply cannot be wrapped: \(error)")
            }
            return forms.map { ComposedMessage(envelope: envelope, messageID: name, bytes: $0) }
        }
    }

    private func campaign(_ name: CampaignName) throws(UserError) -> Campaign {
        guard let campaign = try store.campaign(named: name) else {
            throw UserError(.bug, "There is no campaign \(name), though its outbox has a message.")
        }
        return campaign
    }
}
