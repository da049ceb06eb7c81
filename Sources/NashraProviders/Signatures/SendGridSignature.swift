// SPDX-License-Identifier: Apache-2.0
//
// SendGrid: whether a request's body was signed with our account's key. Pure. Rules: Twilio SendGrid docs,
// "Event Webhook Security Features": ECDSA on P-256 with SHA-256 over the time in the header and the body's
// bytes as they came.
import Crypto
import Foundation

/// Checks the signature of a request.
enum SendGridSignature {
    /// Why the request is not SendGrid's; `nil` when it is.
    static func fault(_ body: [UInt8], _ headers: SignatureHeaders?, _ keys: ProviderKeys) -> String? {
        guard let text = keys.sendGridKey else { return "no key is configured (sendgrid_key)" }
        guard let headers else { return "it bears no signature" }
        guard let key = key(text) else { return "the key that is configured (sendgrid_key) cannot be read" }
        guard headers.signature.utf8.count <= 1024, headers.timestamp.utf8.count <= 64,
            let bytes = Data(base64Encoded: headers.signature),
            let signature = try? P256.Signing.ECDSASignature(derRepresentation: bytes)
        else { return "its signature cannot be read" }
        let signed = Data(headers.timestamp.utf8) + Data(body)
        return key.isValidSignature(signature, for: signed) ? nil : "its signature is wrong"
    }

    /// SendGrid shows the DER form in base64, in one line; some store it as PEM.
    private static func key(_ text: String) -> P256.Signing.PublicKey? {
        if text.contains("-----BEGIN") { return try? P256.Signing.PublicKey(pemRepresentation: text) }
        let bare = String(text.unicodeScalars.filter { !$0.properties.isWhitespace })
        return Data(base64Encoded: bare).flatMap { try? P256.Signing.PublicKey(derRepresentation: $0) }
    }
}
