// SPDX-License-Identifier: Apache-2.0
//
// Mailgun: whether the `signature` in a webhook was made with our signing key, and lately. Pure. Rules:
// Mailgun documentation, "Securing Webhooks": HMAC with SHA-256 over timestamp and token. The body itself is
// not covered: who has seen one webhook can write another until its time is over, so a token counts once.
import Crypto
import Foundation
import NashraCore

/// Checks signatures of webhooks; remembers the tokens of one reading.
struct MailgunSignature {
    private var tokens: [String: String] = [:]

    /// Why a webhook is not Mailgun's; `nil` when it is.
    ///
    /// - Parameters:
    ///   - body: The webhook.
    ///   - event: A name for its event: a token that comes with another event is not believed.
    ///   - keys: The signing key and the window.
    ///   - now: The present time.
    /// - Returns: Why, to complete "this event is not believed: …".
    mutating func fault(_ body: Fields, event: String, _ keys: ProviderKeys, now: Timestamp) -> String? {
        guard let key = keys.mailgunKey else { return "no signing key is configured (mailgun_key)" }
        guard let block = body.fields("signature"), let time = block.text("timestamp"),
            let token = block.text("token"), let signature = block.text("signature")
        else { return "it bears no signature" }
        guard token.utf8.count <= 256, let bytes = Self.bytes(signature), bytes.count == 32,
            HMAC<SHA256>.isValidAuthenticationCode(
                bytes,
                authenticating: Data((time + token).utf8),
                using: SymmetricKey(data: Data(key.exposed.utf8))
            )
        else { return "its signature is wrong" }
        guard let at = EventTime.parse(time),
            abs(at.rawValue - now.rawValue) <= max(0, keys.mailgunWindow.components.seconds) * 1000
        else { return "its signature is too old, or of the future" }
        if let earlier = tokens[token], earlier != event { return "its token was used for another event" }
        tokens[token] = event
        return nil
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8]? {
        let digits = Array(hexadecimal.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
