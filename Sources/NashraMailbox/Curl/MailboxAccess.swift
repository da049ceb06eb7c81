// SPDX-License-Identifier: Apache-2.0
//
// How a mailbox on a server is reached: address, login, trust, patience.
// Pure values. Rules: docs/returned-mail.md; TLS is always verified, plain text goes to loopback only.
public import NashraCore

/// How a mailbox on a server is reached.
public struct MailboxAccess: Sendable, Hashable {
    /// What proves who we are.
    public enum Login: Sendable, Hashable {
        /// A password, or a password for applications.
        case password(Secret)
        /// An OAuth 2.0 access token for XOAUTH2 (Microsoft 365, Gmail); renewing it is somebody else's work.
        case token(Secret)
    }

    /// How long to wait, at most.
    public struct Timeouts: Sendable, Hashable {
        /// Until the connection stands and TLS with it.
        public var connect: Duration = .seconds(30)
        /// For one reply, and for silence within a message.
        public var idle: Duration = .seconds(120)
        /// For one command and all it fetches: a message of the greatest size on a slow line.
        public var total: Duration = .seconds(600)

        /// The defaults: 30 s, 2 min, 10 min.
        public init() {}
    }

    /// Where it is.
    public var url: MailboxURL
    /// Whose it is.
    public var user: String
    /// What proves it.
    public var login: Login
    /// A PEM file whose certificates are trusted instead of the system's, or `nil`.
    public var caFile: String?
    /// How long to wait.
    public var timeouts = Timeouts()
    /// Whether to start TLS on a plain port; elsewhere than on loopback that is always so.
    public var startsTLS: Bool

    /// Describes an access.
    ///
    /// - Parameters:
    ///   - url: Where; its user counts when `user` is `nil`.
    ///   - user: Whose, or `nil`.
    ///   - login: What proves it.
    /// - Throws: ``NashraCore/UserError`` with status `configuration` when no user is named, or when one or
    ///   the secret holds a control character.
    public init(url: MailboxURL, user: String? = nil, login: Login) throws(UserError) {
        guard let user = user ?? url.user, !user.isEmpty else {
            throw UserError(
                .configuration,
                "Nobody says whose mailbox \(url) is.",
                remedy: "Write the user into the address, imaps://user@host/INBOX, or into the configuration."
            )
        }
        let secret =
            switch login {
            case .password(let secret), .token(let secret): secret.exposed
            }
        guard !secret.isEmpty,
            (Array(user.utf8) + Array(secret.utf8)).allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            throw UserError(
                .configuration,
                "The user or the secret for \(url) is empty or holds a control character.",
                remedy: "A secret stands in its file in one line and alone."
            )
        }
        self.url = url
        self.user = user
        self.login = login
        startsTLS = !url.isLoopback
    }

    /// Whether nothing is encrypted, which is allowed to this machine only.
    var isPlain: Bool { !url.scheme.isImplicitTLS && !startsTLS && url.isLoopback }

    /// The address up to the path, for libcurl: neither user nor folder.
    var origin: String {
        let shown = url.host.contains(":") ? "[\(url.host)]" : url.host
        return "\(url.scheme.rawValue)://\(shown):\(url.port)/"
    }
}
