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
    public init(
        classifier: BounceClassifier,
        keyring: Keyring,
        unsubscribeMailbox: String? = nil
    ) {
        self.classifier = classifier
        tying = ReturnTying(keyring: keyring, unsubscribeMailbox: unsubscribeMailbox)
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
        case .proven, .probe: return found.verdict.kind == .unknown ? mail.bytes : nil
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
