// SPDX-License-Identifier: Apache-2.0
//
// Asking a mailbox whether its owner wants a topic, within limits; the mail waits in the outbox.
// Touches the store. Rules: docs/subscriptions.md; docs/threat-model.md, "List bombing".
import GRDB
public import NashraCore

/// How many confirmation mails may leave.
public struct ConfirmationLimits: Sendable, Hashable {
    /// To one person in 24 hours.
    public var perDay: Int
    /// To one person in 30 days.
    public var perMonth: Int
    /// To all people in an hour.
    public var perHour: Int

    /// 1, 3 and 500 unless said otherwise.
    public init(perDay: Int = 1, perMonth: Int = 3, perHour: Int = 500) {
        self.perDay = perDay
        self.perMonth = perMonth
        self.perHour = perHour
    }
}

/// Somebody who is to be asked.
public struct ConfirmationQuestion: Sendable, Hashable {
    /// Who types the address.
    public enum Asker: Sendable, Hashable {
        /// Somebody who answers for it: any topic but mandatory ones.
        case `operator`
        /// A stranger who may be anybody: public topics only.
        case stranger
    }

    /// The person; the values of somebody who is known already stay as they are.
    public var row: ImportRow
    /// The topic.
    public var topic: String
    /// The language of the mail when the person's is not known.
    public var fallback: Language
    /// The version of the text in the mail, or `nil`.
    public var consentText: String?
    /// How the person asked, in words.
    public var source: String
    /// Who types the address.
    public var asker: Asker
    /// How long the token counts.
    public var lifetime: Duration
    /// How many mails may leave.
    public var limits: ConfirmationLimits
    /// The hashes of the address's key, for people who were erased.
    public var erasureHashes: [[UInt8]]
    /// Whether somebody who was erased may be asked: the person itself asked for it.
    public var again: Bool

    /// Makes a question by an operator, with the standard limits and seven days.
    public init(
        row: ImportRow,
        topic: String,
        fallback: Language = .arabic,
        consentText: String? = nil,
        source: String,
        asker: Asker = .operator,
        lifetime: Duration = .seconds(7 * 86_400),
        limits: ConfirmationLimits = ConfirmationLimits(),
        erasureHashes: [[UInt8]] = [],
        again: Bool = false
    ) {
        self.row = row
        self.topic = topic
        self.fallback = fallback
        self.consentText = consentText
        self.source = source
        self.asker = asker
        self.lifetime = lifetime
        self.limits = limits
        self.erasureHashes = erasureHashes
        self.again = again
    }
}

/// What became of a question.
public enum ConfirmationAsked: Sendable, Hashable {
    /// The mail is in the outbox; the token counts until then.
    case asked(ConfirmationID, expires: Timestamp)
    /// The person is in the topic already; nobody is asked.
    case subscribed
}

extension Store {
    /// Asks a mailbox whether its owner wants a topic.
    ///
    /// A new person is registered as pending, and the subscription too; nothing changes for who is known, or left, until
    /// the answer comes. An earlier question that has not left yet gives way.
    ///
    /// For a form that strangers fill in: whatever this says or throws, tell them the same.
    ///
    /// - Parameters:
    ///   - question: Whom, and about what.
    ///   - actor: Who asks.
    /// - Returns: The question.
    /// - Throws: `tryAgain` beyond a limit, with when; `notPermitted` for a topic that cannot be asked for, for people
    ///   who complained, whose address does not work, or who were erased; `unknownObject` for a topic that is not there.
    public func askConfirmation(
        _ question: ConfirmationQuestion,
        actor: String
    ) throws(UserError) -> ConfirmationAsked {
        try write { db in
            try ConfirmationAsking(db: db, store: self, question: question, actor: actor).ask()
        }
    }
}
