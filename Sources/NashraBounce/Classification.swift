// SPDX-License-Identifier: Apache-2.0
//
// What the classifier makes of one message: the verdict, and what ties the message to a delivery.
// Pure values. Rules: docs/bounce-rules.md.
public import NashraCore

/// What one message turned out to be.
public struct Classification: Sendable, Hashable {
    /// What it says.
    public var verdict: BounceVerdict
    /// What may tie it to a delivery of ours.
    public var trace: OriginalTrace
    /// The address in From, or `nil`; as given, at most 320 bytes.
    public var sender: String?
    /// The subject, decoded: one line without controls, at most 1,024 bytes.
    public var subject: String
    /// Whether a person wrote it, as far as one can tell: ``BounceVerdict/Kind/none``, from somebody, and without any mark
    /// of a machine (RFC 3834 section 2, List-Id, Precedence).
    public var isFromPerson: Bool

    /// Makes a finding.
    public init(
        verdict: BounceVerdict,
        trace: OriginalTrace = OriginalTrace(),
        sender: String? = nil,
        subject: String = "",
        isFromPerson: Bool = false
    ) {
        self.verdict = verdict
        self.trace = trace
        self.sender = sender
        self.subject = subject
        self.isFromPerson = isFromPerson
    }
}

/// What in a message may name a delivery of ours.
///
/// Nothing of it is proof before its MAC was checked.
public struct OriginalTrace: Sendable, Hashable {
    /// To whom the message itself is addressed: Delivered-To, X-Original-To, Envelope-To and the like, To, Cc; the surest
    /// first, at most 16.
    public var recipients: [String]
    /// Envelope senders that the report quotes: Return-Path, X-Envelope-Sender and the like of the returned message, and
    /// addresses of the form `b+…@` in the report's text; at most 16.
    public var envelopeSenders: [String]
    /// Message-IDs of the returned message, with their angle brackets; at most 16.
    public var messageIDs: [String]
    /// Message-IDs in In-Reply-To and References of the message itself, with their angle brackets; at most 16.
    public var answered: [String]

    /// Makes a trace.
    public init(
        recipients: [String] = [],
        envelopeSenders: [String] = [],
        messageIDs: [String] = [],
        answered: [String] = []
    ) {
        self.recipients = recipients
        self.envelopeSenders = envelopeSenders
        self.messageIDs = messageIDs
        self.answered = answered
    }
}
