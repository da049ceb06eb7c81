// SPDX-License-Identifier: Apache-2.0
//
// What the sink is asked to be: where it listens, what it offers, what it keeps, how it misbehaves.
// Pure values.
public import NashraCore

/// How a sink is set up.
///
/// The defaults give a plain server that accepts everything and keeps nothing.
public struct SinkOptions: Sendable {
    /// When TLS starts.
    public enum TLS: String, Sendable, CaseIterable {
        /// Never; STARTTLS is not offered.
        case none
        /// After STARTTLS.
        case startTLS = "starttls"
        /// At once.
        case implicit
    }

    /// What the throw-away certificate says.
    public enum Certificate: String, Sendable, CaseIterable {
        /// It names localhost, 127.0.0.1 and ::1, for a month from now.
        case valid
        /// It names `wrong.example` only.
        case wrongHost = "wrong-host"
        /// It names the right hosts and ended yesterday.
        case expired
    }

    /// A way to authenticate.
    public enum Mechanism: String, Sendable, CaseIterable {
        /// RFC 4616.
        case plain = "PLAIN"
        /// The old two-question way.
        case login = "LOGIN"
    }

    /// Where to listen: `localhost`, an address in 127.0.0.0/8, or `::1`; nothing else is bound.
    public var host = "127.0.0.1"
    /// The port; 0 takes any that is free.
    public var port = 0
    /// When TLS starts.
    public var tls = TLS.none
    /// What the certificate says, when there is TLS.
    public var certificate = Certificate.valid
    /// Where the certificate's PEM is written, so that a client can trust it.
    public var certificateFile: String?

    /// Who may authenticate; AUTH is offered when it is not empty.
    public var users: [String: Secret] = [:]
    /// The ways to authenticate that are offered; empty leaves AUTH out of the EHLO reply.
    public var mechanisms: [Mechanism] = [.plain, .login]
    /// Whether AUTH is offered on an unencrypted connection too.
    public var allowsPlainTextAuth = false
    /// Whether MAIL is refused before AUTH.
    public var requiresAuth = false
    /// Whether MAIL and AUTH are refused before TLS.
    public var requiresTLS = false

    /// The Maildir to fill; `nil` keeps no messages.
    public var maildir: String?
    /// The file that gets one JSON line for each accepted message, before its 250; `nil` for none.
    public var ledger: String?

    /// What to do differently, first match first.
    public var rules: [SinkRule] = []
    /// Whether addresses such as `tempfail@` and `5.1.1@` mean something; see ``BuiltInScript``.
    public var usesBuiltInScript = true
    /// Whether bare CR and LF are accepted in commands and messages; they never end a message.
    public var isLenient = false
    /// The longest message, in bytes.
    public var sizeLimit = 32 << 20
    /// How much later than its command each reply leaves.
    public var replyDelay = Duration.zero
    /// Connections beyond this number are told 421.
    public var maximumConnections = 1000
    /// How long a client may say nothing.
    public var idleTimeout = Duration.seconds(300)
    /// How many threads serve connections.
    public var threads = 1
    /// How many bytes unfinished large messages may hold together; beyond it they are refused with 452.
    public var memoryLimit = 512 << 20

    /// Makes the default options.
    public init() {}
}
