// SPDX-License-Identifier: Apache-2.0
//
// One person's subscriptions as use cases: asked, confirmed, changed, left; and the history of all that.
// Reads and changes the store; reads the keys and config/consent.yaml; sends nothing but through the outbox.
import NashraConfig
public import NashraCore
public import NashraEngine
import NashraKeys
public import NashraStore

/// One person to register or to ask, as it was typed.
public struct SubscriberRequest: Sendable {
    /// The address.
    public var address: String
    /// The name, or `nil`.
    public var name: String?
    /// The language's tag, or `nil`.
    public var language: String?
    /// Attributes by name, in any form that their types allow.
    public var attributes: [String: String]
    /// The topic, or `nil`.
    public var topic: String?
    /// How the person asked.
    public var source: String
    /// The version of the text that the person agreed to; `nil`: none is known, or the present one when asking.
    public var consentText: String?

    /// Makes a request.
    public init(
        address: String,
        name: String? = nil,
        language: String? = nil,
        attributes: [String: String] = [:],
        topic: String? = nil,
        source: String,
        consentText: String? = nil
    ) {
        self.address = address
        self.name = name
        self.language = language
        self.attributes = attributes
        self.topic = topic
        self.source = source
        self.consentText = consentText
    }
}

extension Application {
    // MARK: joining

    /// Registers one person who asked for it.
    public func addSubscriber(_ request: SubscriberRequest) throws(UserError) -> RowOutcome {
        let row = try row(request)
        let store = try openStore()
        if let version = request.consentText { try keepConsent(version, in: store) }
        return try store.addSubscriber(
            row,
            topic: request.topic,
            source: request.source,
            actor: actor,
            consentText: request.consentText,
            erasureHashes: try erasureHashes(of: row.address, in: store)
        )
    }

    /// Asks one mailbox whether its owner wants a topic; the mail waits in the outbox.
    ///
    /// - Parameters:
    ///   - request: Whom, and about which topic.
    ///   - again: Ask somebody who was erased, because the person asked for it.
    /// - Returns: The question.
    /// - Throws: See ``Store/askConfirmation(_:actor:)``.
    public func askConfirmation(_ request: SubscriberRequest, again: Bool) throws(UserError)
        -> ConfirmationAsked
    {
        guard let topic = request.topic else {
            throw UserError(.usage, "There is nothing to confirm.", remedy: "Name a topic: --topic NAME")
        }
        let row = try row(request)
        let store = try openStore()
        let consent = try consentText
        let version = request.consentText ?? consent?.version
        if let version { try keepConsent(version, in: store) }
        let subscribe = configuration.subscribe
        let question = ConfirmationQuestion(
            row: row,
            topic: topic,
            fallback: configuration.languages.first ?? .english,
            consentText: version,
            source: request.source,
            lifetime: subscribe.lifetime,
            limits: ConfirmationLimits(
                perDay: subscribe.perDay,
                perMonth: subscribe.perMonth,
                perHour: subscribe.perHour
            ),
            erasureHashes: try erasureHashes(of: row.address, in: store),
            again: again
        )
        return try store.askConfirmation(question, actor: actor)
    }

    /// The words that people agree to at present; `nil` when the workspace has none.
    ///
    /// - Throws: `configuration` with all faults of the file, each with line and column.
    public var consentText: ConsentText? {
        get throws(UserError) { try ConsentFile.read(workspace) }
    }

    /// Takes the yes in a token.
    public func confirm(_ token: String) throws(UserError) -> ConfirmationAnswer {
        guard let found = try keyring().confirmation(fromToken: token.lowercased()) else {
            throw Self.badToken(token, "confirmation")
        }
        return try openStore().confirm(found.confirmation, actor: actor)
    }

    /// Sends what waits in the outbox, confirmation mails among it.
    public func sendOutbox(stop: StopSignal) throws(UserError) -> OutboxService.Summary {
        try sendOutbox(
            store: try openStore(),
            keyring: try keyring(),
            policy: try BouncePolicyFile.require(workspace),
            stop: stop
        )
    }

    /// What confirmation mails of this workspace share.
    var confirmationSettings: ConfirmationSettings {
        let sender = configuration.sender
        return ConfirmationSettings(
            from: sender.address,
            fromName: configuration.textsByTag(sender.name),
            replyTo: sender.replyTo,
            envelopeDomain: sender.envelopeDomain,
            messageIDDomain: sender.messageIDDomain,
            organisation: configuration.textsByTag(configuration.organisation.name),
            chain: configuration.languages,
            url: configuration.subscribe.url,
            mailbox: configuration.subscribe.mailbox
        )
    }

    // MARK: leaving

    /// Lets somebody leave, by address or by the token of a message.
    public func unsubscribe(
        _ subject: String,
        topic: String?,
        source: String,
        force: Bool
    ) throws(UserError) -> LeaveOutcome {
        let who: Leaving
        if subject.utf8.contains(UInt8(ascii: "@")) {
            who = .address(try Self.address(subject))
        } else if let delivery = try keyring().delivery(fromUnsubscribe: subject.lowercased()) {
            who = .delivery(delivery)
        } else {
            throw Self.badToken(subject, "unsubscribe")
        }
        return try openStore().leave(who, topic: topic, source: source, force: force, actor: actor)
    }

    // MARK: changing

    /// Changes one person's values; attributes are brought into their canonical form.
    public func editSubscriber(
        _ address: String,
        _ changes: SubscriberChanges,
        newAddress: String?,
        source: String
    ) throws(UserError) -> Bool {
        let schema = try attributes
        var changes = changes
        for (name, value) in changes.set { changes.set[name] = try Self.canonical(value, name, schema) }
        let old = try Self.address(address)
        let new = try newAddress.map { text throws(UserError) in try Self.address(text) }
        let store = try openStore()
        var isChanged = false
        if changes != SubscriberChanges() {
            isChanged = try store.editSubscriber(old, changes, source: source, actor: actor)
        }
        guard let new else { return isChanged }
        let hashes = try erasureHashes(of: new, in: store)
        return try store.changeAddress(old, to: new, erasureHashes: hashes, source: source, actor: actor)
            || isChanged
    }

    /// All that happened to one person, or an error that says there is nothing.
    public func history(of address: String) throws(UserError) -> PersonHistory {
        guard let history = try openStoreForReading().history(of: try Self.address(address)) else {
            throw UserError(
                .unknownObject,
                "Nothing is recorded about \(address).",
                remedy: "nashra subscribers list shows who is known."
            )
        }
        return history
    }

    // MARK: parts

    private func row(_ request: SubscriberRequest) throws(UserError) -> ImportRow {
        let schema = try attributes
        var values: [String: String] = [:]
        for (name, value) in request.attributes { values[name] = try Self.canonical(value, name, schema) }
        return try ImportRow.typed(
            address: try Self.address(request.address),
            name: request.name,
            language: try request.language.map { text throws(UserError) in
                try Self.language(text, "--language")
            },
            attributes: values
        )
    }

    private static func canonical(
        _ value: String,
        _ name: String,
        _ schema: AttributeSchema
    ) throws(UserError) -> String {
        do throws(AttributeFault) {
            return try schema.canonical(value, for: name)
        } catch {
            throw UserError(.badData, "--set \(name)=\(value): \(error).")
        }
    }

    /// Keeps the present version of the text when it is the one that is named.
    private func keepConsent(_ version: String, in store: Store) throws(UserError) {
        guard let consent = try consentText, consent.version == version else { return }
        try store.keepConsentText(consent)
    }

    /// None while nobody was erased, which spares the keys.
    private func erasureHashes(of address: EmailAddress, in store: Store) throws(UserError) -> [[UInt8]] {
        try store.erasedCount() == 0 ? [] : keyring().erasureHashes(of: address.key)
    }

    private static func badToken(_ token: String, _ kind: String) -> UserError {
        UserError(
            .badData,
            "This is no \(kind) token of this workspace.",
            remedy: "Copy it whole, from v1. to its end; an address works too for unsubscribing."
        )
    }
}
