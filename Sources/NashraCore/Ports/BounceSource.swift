// SPDX-License-Identifier: Apache-2.0
//
// The port for what comes back: where returned messages are fetched, and when they may be deleted.
// Pure declarations; NashraMailbox implements them. Rules: docs/decisions/0007-bounces.md.

/// One message as it was found.
public struct ReturnedMail: Sendable, Hashable {
    /// What the source calls it: a file's name, a UID.
    ///
    /// Unique within the source while it is open.
    public var id: String
    /// The whole message, at most ``maximumBytes``; longer ones are cut there.
    public var bytes: [UInt8]
    /// Whom the envelope named, when the source knows it (LMTP, a pipe): never read from the message.
    public var envelopeRecipient: String?

    /// How much of a message is read.
    public static let maximumBytes = 10 << 20

    /// Makes one.
    public init(id: String, bytes: [UInt8], envelopeRecipient: String? = nil) {
        self.id = id
        self.bytes = bytes
        self.envelopeRecipient = envelopeRecipient
    }
}

/// A place where returned messages wait.
///
/// Used by one thread. Reading deletes nothing. A message may only leave its place through ``acknowledge(_:)``, which the caller calls after
/// what the message says is durable; a crash between the two makes the message come again, and the store knows it.
public protocol BounceSource: AnyObject {
    /// What it is, for people and for the record: `maildir /var/mail/bounces`. Holds no password.
    var name: String { get }

    /// The next messages that were not handed out yet, at most `limit`; empty when there is no more for now.
    func next(limit: Int) throws(UserError) -> [ReturnedMail]

    /// Deletes messages, or moves them to where the source keeps what is done.
    func acknowledge(_ ids: [String]) throws(UserError)

    /// Moves messages that could not be read to where people find them; they are not handed out again.
    func setAside(_ ids: [String]) throws(UserError)

    /// Ends the session. Safe to call twice.
    func close()

    /// What was passed over since the last call, and why: an unreadable file, a message that ends the process. Each
    /// once; none of them stops the others.
    func takeFindings() -> [Diagnostic]
}

extension BounceSource {
    /// Nothing, for a source that has nothing to pass over.
    public func takeFindings() -> [Diagnostic] { [] }
}
