// SPDX-License-Identifier: Apache-2.0
//
// One message that came back, read and tied: what the store records, and all that it needs to act.
// Pure values. Rules: docs/decisions/0007-bounces.md.

/// The row number of a returned message; never reused.
public struct ReturnedID: RawRepresentable, Hashable, Sendable, Codable {
    /// The row number, from 1.
    public let rawValue: Int64
    /// Wraps a row number.
    public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// The row number of a probe; never reused.
public struct ProbeID: RawRepresentable, Hashable, Sendable, Codable {
    /// The row number, from 1.
    public let rawValue: Int64
    /// Wraps a row number.
    public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// To whom a returned message belongs, and what makes us believe it.
public enum ReturnTie: Sendable, Hashable {
    /// What proves that a message is about one delivery of ours.
    public enum Proof: String, Sendable, Hashable, Codable, CaseIterable {
        /// The token in the address that the message came to.
        case envelope
        /// Our Message-ID, with its own MAC, inside the original.
        case messageID = "message-id"
        /// A provider's notification that names our message, over a channel that is trusted.
        case notification
        /// The token of an unsubscribe link.
        case unsubscribeToken = "unsubscribe-token"
        /// The token of a confirmation mail.
        case confirmationToken = "confirmation-token"
    }

    /// About a delivery; the MAC was right.
    case proven(DeliveryID, by: Proof)
    /// About a probe; the MAC was right.
    case probe(ProbeID)
    /// A yes to a question whether somebody wants a topic; the MAC was right.
    case confirmation(ConfirmationID)
    /// It carries something like a token, and the MAC is wrong.
    case forged
    /// It carries nothing that would tie it to anybody.
    case untied
}

/// One message that came back, as the store is to record it.
public struct ReturnedEntry: Sendable, Hashable {
    /// What the message is for.
    public enum Purpose: String, Sendable, Hashable, Codable, CaseIterable {
        /// A report, an automatic reply, or nothing of the kind: the verdict says.
        case report
        /// A person asks to leave, through the address in List-Unsubscribe.
        case unsubscribe
        /// A person answers a bulletin.
        case reply
    }

    /// SHA-256 of the message's bytes, or of the provider's event id: 32 bytes.
    ///
    /// The same digest is the same message.
    public var digest: [UInt8]
    /// Where it was found, for people: `maildir /var/mail/bounces`.
    ///
    /// Holds no password.
    public var source: String
    /// When it came in, as far as the source knows.
    public var receivedAt: Timestamp
    /// What it says.
    public var verdict: BounceVerdict
    /// From whom, as the message says; valid UTF-8 in one line, or `nil`.
    public var sender: String?
    /// Its subject: valid UTF-8 in one line.
    public var subject: String
    /// To whom it belongs.
    public var tie: ReturnTie
    /// What it is for.
    ///
    /// `unsubscribe` and `reply` count only with a proven tie.
    public var purpose: Purpose
    /// The bytes to keep, or `nil` for none: replies, what was not understood, what was forged (of strangers the
    /// store keeps no more than `BouncePolicy.keptOfStrangers`).
    public var raw: [UInt8]?
    /// Whom a reply is forwarded to: the address of the bulletin's issuer; `nil` for nobody.
    public var forwardTo: EmailAddress?

    /// Makes an entry.
    public init(
        digest: [UInt8],
        source: String,
        receivedAt: Timestamp,
        verdict: BounceVerdict,
        sender: String? = nil,
        subject: String = "",
        tie: ReturnTie,
        purpose: Purpose = .report,
        raw: [UInt8]? = nil,
        forwardTo: EmailAddress? = nil
    ) {
        self.digest = digest
        self.source = source
        self.receivedAt = receivedAt
        self.verdict = verdict
        self.sender = sender
        self.subject = subject
        self.tie = tie
        self.purpose = purpose
        self.raw = raw
        self.forwardTo = forwardTo
    }
}

/// What one returned message counts as for its delivery; each at most once.
public enum BounceEvent: String, Sendable, Hashable, Codable, CaseIterable {
    case hard, soft
    /// A server is still trying; says nothing about the end.
    case delayed
    case complaint, unsubscribe
    case autoReply = "auto-reply"
    case delivered

    /// Of two events about one delivery's fate the graver is the one that counts; 0 for events about something else.
    public var gravity: Int {
        switch self {
        case .hard: 3
        case .soft: 2
        case .delayed: 1
        case .complaint, .unsubscribe, .autoReply, .delivered: 0
        }
    }
}

/// What the store did with one entry.
public struct RecordedReturn: Sendable, Hashable {
    /// How the entry stands to what was known before.
    public enum Standing: String, Sendable, Hashable, Codable, CaseIterable {
        /// It counts, or was noted, for the delivery or probe that it is tied to.
        case counted
        /// The same digest was recorded before: only counted as one time more.
        case duplicate
        /// The delivery has that kind of event already, from another message: recorded, and changes nobody.
        case repeated
        /// The MAC was wrong: recorded, and changes nobody.
        case forged
        /// The MAC was right for something that we never handed over: recorded, and changes nobody.
        case odd
        /// Tied to nothing: recorded, and changes nobody.
        case untied
    }

    /// What changed because of an entry.
    public enum Effect: Sendable, Hashable {
        /// An address was suppressed.
        case suppressed(address: String, SuppressionReason)
        /// It would have been suppressed, but an alarm about its domain or campaign stands.
        case withheld(address: String, alarm: Int64)
        /// A probe was queued in the outbox.
        case probed(address: String, ProbeID)
        /// A subscription ended.
        case left(address: String, topic: String)
        /// The person asks to leave a topic that nobody may leave.
        case mayNotLeave(address: String, topic: String)
        /// A person said yes to a topic.
        case confirmed(address: String, topic: String)
        /// An alarm was raised; `lifted` suppressions were taken back.
        case alarmRaised(Int64, lifted: Int)
        /// A campaign was paused.
        case held(CampaignName, reason: String)
        /// A reply was kept; whether it is queued for the issuer.
        case replied(isForwarded: Bool)
    }

    /// Its row; of a duplicate, the row of the first.
    public var id: ReturnedID
    /// How it stands.
    public var standing: Standing
    /// What it counts as for its delivery, or `nil` for nothing.
    public var event: BounceEvent?
    /// What changed.
    public var effects: [Effect]

    /// Makes one.
    public init(id: ReturnedID, standing: Standing, event: BounceEvent? = nil, effects: [Effect] = []) {
        self.id = id
        self.standing = standing
        self.event = event
        self.effects = effects
    }
}
