// SPDX-License-Identifier: Apache-2.0
//
// The mail providers whose notifications are understood, and what proves that one sent them.
// Pure values; files are read elsewhere. Rules: docs/providers.md.
public import NashraCore
import SwiftASN1
import X509

/// A mail provider that tells what became of messages.
public enum Provider: String, Sendable, Hashable, Codable, CaseIterable {
    /// Amazon SES, through SNS or as JSON of its own.
    case ses
    case sendgrid, mailgun, postmark, sparkpost

    /// Whether the provider signs what it sends.
    public var signs: Bool {
        switch self {
        case .ses, .sendgrid, .mailgun: true
        case .postmark, .sparkpost: false
        }
    }
}

/// What proves that notifications are a provider's own.
public struct ProviderKeys: Sendable {
    /// Certificates that SNS signs with, each followed by its issuers if those are known.
    var snsCertificates: [[Certificate]] = []
    /// Our topics at SNS, as their ARNs: everybody's topics are signed with the same key.
    public var snsTopics: Set<String> = []
    /// SendGrid's verification key: base64 of its DER form, as SendGrid shows it; or PEM.
    public var sendGridKey: String?
    /// Mailgun's HTTP webhook signing key.
    public var mailgunKey: Secret?
    /// How old Mailgun's signature may be, since its token and time could be used again by whoever saw them.
    public var mailgunWindow: Duration = .seconds(86_400)
    /// Providers that sign and whose notifications are taken without a signature.
    ///
    /// For ways in that are guarded otherwise. Such an event still needs our own token or Message-ID to count for
    /// anybody.
    public var allowsUnsigned: Set<Provider> = []

    /// No keys: nothing that should be signed is believed.
    public init() {}

    /// Reads certificates from PEM text, a file of which holds one certificate and then, if known, its
    /// issuers.
    ///
    /// - Parameters:
    ///   - pem: The text.
    ///   - file: Its name, for the error.
    /// - Throws: ``NashraCore/UserError`` with status `configuration` when there is none, when one cannot be
    ///   read, or when one is not signed by the next.
    public mutating func addSNSCertificates(pem: String, file: String) throws(UserError) {
        let chain: [Certificate]
        do {
            chain = try PEMDocument.parseMultiple(pemString: pem).map { try Certificate(pemDocument: $0) }
        } catch {
            throw UserError(
                .configuration,
                "\(file) holds no certificate that can be read (\(error)).",
                remedy:
                    "Fetch it with curl from the SigningCertURL that stands in each notification of SNS."
            )
        }
        let isChained = zip(chain, chain.dropFirst()).allSatisfy { certificate, issuer in
            issuer.publicKey.isValidSignature(certificate.signature, for: certificate)
        }
        guard !chain.isEmpty, isChained else {
            throw UserError(
                .configuration,
                chain.isEmpty
                    ? "\(file) holds no certificate."
                    : "\(file): a certificate is not signed by the one behind it.",
                remedy:
                    "The signing certificate stands first, then its issuer, and so on; or it stands alone."
            )
        }
        snsCertificates.append(chain)
    }
}

/// What SendGrid says in the header of its request, beside the body.
public struct SignatureHeaders: Sendable, Hashable {
    /// `X-Twilio-Email-Event-Webhook-Signature`.
    public var signature: String
    /// `X-Twilio-Email-Event-Webhook-Timestamp`.
    public var timestamp: String

    /// Makes a pair.
    public init(signature: String, timestamp: String) {
        self.signature = signature
        self.timestamp = timestamp
    }
}
