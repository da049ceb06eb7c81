// SPDX-License-Identifier: Apache-2.0
//
// One returned message becomes an entry for the store: what it says, to whom it belongs, what it is for.
// Pure. Rules: docs/decisions/0007-bounces.md; RFC 3834 section 4 (never answer or act on a machine's answer).
public import NashraBounce
public import NashraCore
public import NashraKeys

/// One message, read.
public struct ReadReturn: Sendable {
    /// What the store records.
    public var entry: ReturnedEntry
    /// Whether nobody but a person can say what it is: a report that could not be read, or a person's letter that
    /// answers no message of ours.
    public var isForPeople: Bool
}

/// What a provider says about one message of ours, its signature checked.
public struct TrustedNotification: Sendable {
    /// The same for the same event, however often it comes.
    public var id: String
    /// What it says.
    public var verdict: BounceVerdict
    /// Whether the provider said it, as far as can be known.
    public var isBelieved: Bool
    /// Whether the reader left through the provider.
    public var isUnsubscribe: Bool
    /// The envelope sender that it quotes, or `nil`.
    public var envelopeSender: String?
    /// The Message-IDs that it quotes.
    public var messageIDs: [String]
    /// When it happened.
    public var at: Timestamp

    /// Makes one.
    public init(
        id: String,
        verdict: BounceVerdict,
        isBelieved: Bool,
        isUnsubscribe: Bool,
        envelopeSender: String?,
        messageIDs: [String],
        at: Timestamp
    ) {
        self.id = id
        self.verdict = verdict
        self.isBelieved = isBelieved
        self.isUnsubscribe = isUnsubscribe
        self.envelopeSender = envelopeSender
        self.messageIDs = messageIDs
        self.at = at
    }
}

/// Reads returned messages.
public struct ReturnReader: Sendable {
    /// How much of a stranger's message is kept: enough to see what it is.
    static let keptBytesOfStrangers = 256 << 10

    private let classifier: BounceClassifier
    private let tying: ReturnTying

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - classifier: Says what a message means.
    ///   - keyring: Checks the tokens.
    ///   - unsubscribeMailbox: The address in List-Unsubscribe, with `{token}` left of the @; `nil` for none.
    ///   - confirmationMailbox: The address in confirmation mails, in the same form; `nil` for none.
    public init(
        classifier: BounceClassifier = BounceClassifier(),
        keyring: Keyring,
        unsubscribeMailbox: String? = nil,
        confirmationMailbox: String? = nil
    ) {
        self.classifier = classifier
        tying = ReturnTying(
            keyring: keyring,
            unsubscribeMailbox: unsubscribeMailbox,
            confirmationMailbox: confirmationMailbox
        )
    }

    /// Reads one message.
    ///
    /// - Parameters:
    ///   - mail: The message.
    ///   - source: Where it was found, for the record.
    ///   - receivedAt: When it came in.
    /// - Returns: What the store records, and whether people have to see the message itself.
    public func read(_ mail: ReturnedMail, source: String, receivedAt: Timestamp) -> ReadReturn {
        let found = classifier.classify(mail.bytes)
        let (tie, isUnsubscribe) = tying.tie(found, envelopeRecipient: mail.envelopeRecipient)
        let purpose = purpose(of: found, tie, isUnsubscribe: isUnsubscribe, mail)
        let entry = ReturnedEntry(
            digest: digest(mail),
            source: source,
            receivedAt: receivedAt,
            verdict: found.verdict,
            sender: found.sender,
            subject: found.subject,
            tie: tie,
            purpose: purpose,
            raw: kept(mail, found, tie, purpose)
        )
        return ReadReturn(entry: entry, isForPeople: Self.isForPeople(found, tie))
    }

    /// Makes an entry of a provider's notification.
    ///
    /// It has to lead back to a delivery by a name of ours, whoever signed it: a provider serves others too.
    ///
    /// - Parameters:
    ///   - notification: What the provider says.
    ///   - source: Where it was found, for the record.
    /// - Returns: What the store records.
    public func entry(for notification: TrustedNotification, source: String) -> ReturnedEntry {
        let trace = OriginalTrace(
            envelopeSenders: [notification.envelopeSender].compactMap(\.self),
            messageIDs: notification.messageIDs
        )
        let found = Classification(verdict: notification.verdict, trace: trace)
        var tie = notification.isBelieved ? tying.tie(found, envelopeRecipient: nil).tie : .forged
        if case .proven(let delivery, _) = tie { tie = .proven(delivery, by: .notification) }
        let isProven = if case .proven = tie { true } else { false }
        return ReturnedEntry(
            digest: ContentHash.bytes(Array(notification.id.utf8)),
            source: source,
            receivedAt: notification.at,
            verdict: notification.verdict,
            tie: tie,
            purpose: notification.isUnsubscribe && isProven ? .unsubscribe : .report
        )
    }

    private static func isForPeople(_ found: Classification, _ tie: ReturnTie) -> Bool {
        switch (found.verdict.kind, tie) {
        case (.unknown, .forged): false
        case (.unknown, _): true
        case (.none, .untied): found.isFromPerson
        default: false
        }
    }

    private func purpose(
        of found: Classification,
        _ tie: ReturnTie,
        isUnsubscribe: Bool,
        _ mail: ReturnedMail
    ) -> ReturnedEntry.Purpose {
        // Whatever a machine says, it neither leaves nor replies.
        guard case .proven = tie, found.verdict.kind == .none else { return .report }
        if isUnsubscribe { return .unsubscribe }
        return found.isFromPerson && !ForwardedReply.isOurs(mail.bytes) ? .reply : .report
    }

    /// What is understood needs no bytes; replies are people's words, and the rest is for people to look at.
    private func kept(
        _ mail: ReturnedMail,
        _ found: Classification,
        _ tie: ReturnTie,
        _ purpose: ReturnedEntry.Purpose
    ) -> [UInt8]? {
        if purpose == .reply { return mail.bytes }
        switch tie {
        case .forged, .untied: return Array(mail.bytes.prefix(Self.keptBytesOfStrangers))
        case .proven, .probe, .confirmation: return found.verdict.kind == .unknown ? mail.bytes : nil
        }
    }

    /// The same message for another recipient of ours is another message: a server may hand over two in one.
    private func digest(_ mail: ReturnedMail) -> [UInt8] {
        guard let recipient = mail.envelopeRecipient, tying.looksLikeOurs(recipient) else {
            return ContentHash.bytes(mail.bytes)
        }
        return ContentHash.bytes(mail.bytes + [0] + recipient.utf8.map { $0 | 0x20 })
    }
}
