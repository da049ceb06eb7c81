// SPDX-License-Identifier: Apache-2.0
//
// The port through which messages leave: one relay, several connections, one message at a time on each.
// Types only. SMTP lives in NashraSMTP; the engine knows only this.

/// Who the server is told the message is from and for.
public struct Envelope: Hashable, Sendable {
    /// The reverse path for `MAIL FROM`, without angle brackets; ASCII.
    ///
    /// Empty: nobody, so that nothing comes back.
    public var sender: String
    /// The recipient.
    public var recipient: EmailAddress

    /// Makes an envelope.
    public init(sender: String, recipient: EmailAddress) {
        self.sender = sender
        self.recipient = recipient
    }
}

/// Makes connections to one relay.
public protocol MessageTransport: Sendable {
    /// The relay's name in the configuration.
    var relay: String { get }

    /// Makes a connection that is not open yet. Called on the thread that will use it.
    func makeConnection() -> any RelayConnection
}

/// One connection to a relay.
///
/// Not `Sendable`: the thread that made it uses it and closes it.
public protocol RelayConnection: AnyObject {
    /// Whether ``open()`` succeeded and nothing has closed the connection since.
    var isOpen: Bool { get }

    /// Connects, greets, starts TLS and authenticates. Blocks.
    func open() throws(DeliveryFailure)

    /// Hands over one message. Blocks until its fate is known.
    ///
    /// - Parameters:
    ///   - envelope: From whom and for whom.
    ///   - message: The whole message: lines end in CR LF, none is longer than 998 bytes, dots are not stuffed yet.
    ///   - intent: Called once, after the server said 354 and before any byte of the final dot is written. It returns
    ///     when the intent is durable; when it returns `false` the dot is not written, the connection is closed and
    ///     ``TransferResult/withdrawn`` comes back.
    /// - Returns: What became of it. Every failure is one of its cases; a connection that cannot go on has been closed.
    func transfer(
        _ envelope: Envelope,
        message: [UInt8],
        intent: () -> Bool
    ) -> TransferResult

    /// Says QUIT when it can without waiting long, and closes. Safe to call twice.
    func close()

    /// Makes a blocked call on the owning thread return soon with a failure of scope `connection`, or `ambiguous` after
    /// the dot. The one method that other threads may call.
    var abort: @Sendable () -> Void { get }
}

/// What became of one message on one connection.
public enum TransferResult: Hashable, Sendable {
    /// 2xx after the dot.
    case accepted(SMTPReply)
    /// Anything else that happened; see its scope.
    case failed(DeliveryFailure)
    /// `intent` said no; the dot was not written.
    case withdrawn
}
