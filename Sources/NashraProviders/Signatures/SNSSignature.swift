// SPDX-License-Identifier: Apache-2.0
//
// Amazon SNS: the envelope around a notification, and whether SNS signed it, for a topic of ours. Pure:
// certificates come from a file, never from the network. Rules: Amazon SNS Developer Guide, "Verifying the
// signatures of Amazon SNS messages"; SignatureVersion 1 is RSA with SHA-1, 2 is RSA with SHA-256, PKCS #1
// v1.5.
import Crypto
import CryptoExtras
import Foundation
import NashraCore
import X509

/// The envelope of a notification.
struct SNSEnvelope {
    let type: String
    let topic: String
    let message: String
    private let fields: Fields

    /// Reads an envelope; `nil` when the object is none.
    init?(_ fields: Fields) {
        guard let type = fields.text("Type"), let topic = fields.text("TopicArn"),
            fields.text("Message") != nil,
            fields.text("MessageId") != nil
        else { return nil }
        (self.type, self.topic, self.fields) = (type, topic, fields)
        message = fields.text("Message") ?? ""
    }

    /// Where a new subscription is confirmed, if that is SNS's own address.
    var confirmationURL: String? {
        fields.text("SubscribeURL").flatMap { Self.isOfSNS($0) ? $0 : nil }
    }

    /// Why this is not a message of SNS for one of our topics; `nil` when it is one.
    func fault(_ keys: ProviderKeys) -> String? {
        guard fields.text("Signature") != nil else { return "it bears no signature" }
        guard let url = fields.text("SigningCertURL") ?? fields.text("SigningCertUrl"), Self.isOfSNS(url),
            url.hasSuffix(".pem")
        else { return "its SigningCertURL is none of Amazon SNS" }
        guard !keys.snsTopics.isEmpty else { return "no topic of ours is configured (sns_topics)" }
        guard keys.snsTopics.contains(topic) else {
            return "its topic \(Words.name(topic) ?? "") is none of ours"
        }
        guard !keys.snsCertificates.isEmpty else {
            return "no certificate of SNS is configured (sns_certificates)"
        }
        return isSigned(keys)
            ? nil : "its signature is wrong, or made with a certificate that is not configured"
    }

    private func isSigned(_ keys: ProviderKeys) -> Bool {
        guard let encoded = fields.text("Signature"), encoded.utf8.count <= 4096,
            let bytes = Data(base64Encoded: encoded), let time = EventTime.parse(fields.text("Timestamp"))
        else { return false }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: bytes)
        let signed = Data(canonicalText.utf8)
        let date = Date(timeIntervalSince1970: Double(time.rawValue) / 1000)
        return keys.snsCertificates.contains { chain in
            guard chain.allSatisfy({ $0.notValidBefore <= date && date <= $0.notValidAfter }),
                let key = chain.first.flatMap({ _RSA.Signing.PublicKey($0.publicKey) })
            else { return false }
            switch fields.text("SignatureVersion") {
            case "1":
                return key.isValidSignature(
                    signature,
                    for: Insecure.SHA1.hash(data: signed),
                    padding: .insecurePKCS1v1_5
                )
            case "2":
                return key.isValidSignature(
                    signature,
                    for: SHA256.hash(data: signed),
                    padding: .insecurePKCS1v1_5
                )
            default: return false
            }
        }
    }

    /// What is signed: names and values, a line each, in the order of the names.
    private var canonicalText: String {
        let names =
            type == "Notification"
            ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        return names.compactMap { name in fields.text(name).map { "\(name)\n\($0)\n" } }.joined()
    }

    /// `https://sns.<region>.amazonaws.com/…` or the same below `amazonaws.com.cn`, without user and port.
    static func isOfSNS(_ url: String) -> Bool {
        guard url.utf8.count <= 2048, url.hasPrefix("https://sns.") else { return false }
        let host = url.dropFirst("https://".count).prefix { $0 != "/" }
        guard url.dropFirst("https://".count + host.count).hasPrefix("/") else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard labels.count == 4 || labels.count == 5, labels[0] == "sns" else { return false }
        let region = labels[1].utf8
        guard (1...32).contains(region.count),
            region.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { return false }
        return Array(labels[2...]) == ["amazonaws", "com"]
            || Array(labels[2...]) == ["amazonaws", "com", "cn"]
    }
}
