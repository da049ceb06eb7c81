// SPDX-License-Identifier: Apache-2.0
//
// Where returned mails wait, and where people's replies go, as checked values.
// Pure values. What each key means: config/nashra.yaml and docs/config.md.
public import NashraCore

/// What comes back, and by which way.
public struct BouncesConfiguration: Sendable, Hashable {
    /// A mailbox on a server.
    public struct Mailbox: Sendable, Hashable {
        /// What the secret is.
        public enum Mechanism: String, Sendable, CaseIterable { case password, xoauth2 }

        /// Where, as text that holds no password; its form is checked where it is opened.
        public var url: String?
        /// Whose; `nil` when the url says it.
        public var user: String?
        /// The password or the token.
        public var secret: Secret?
        /// What the secret is.
        public var mechanism: Mechanism
        /// The absolute path of the trusted authorities.
        public var caFile: String?
    }

    /// Where replies of people go on to.
    public enum Forwarding: Sendable, Hashable {
        /// To the contact of the bulletin's issuer, when it is an address.
        case issuer
        /// To nobody.
        case none
        /// To one address.
        case address(EmailAddress)
    }

    /// What proves that notifications are a provider's own.
    public struct Providers: Sendable, Hashable {
        /// The absolute paths of the certificates that SNS signs with, PEM.
        public var snsCertificates: [String]
        /// Our topics at SNS, as their ARNs.
        public var snsTopics: [String]
        /// SendGrid's verification key.
        public var sendGridKey: String?
        /// Mailgun's HTTP webhook signing key.
        public var mailgunKey: Secret?
        /// Providers whose signatures are not asked for.
        public var allowsUnsigned: [String]

        /// The providers that sign what they send.
        static let signing = ["ses", "sendgrid", "mailgun"]
    }

    /// The Maildir, from the workspace's folder.
    public var maildir: String?
    /// The mailbox on a server.
    public var mailbox: Mailbox
    /// The spool, from the workspace's folder.
    public var spool: String
    /// Where replies of people are forwarded.
    public var forwarding: Forwarding
    /// What proves that notifications are a provider's own.
    public var providers: Providers
}
