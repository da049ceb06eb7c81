// SPDX-License-Identifier: Apache-2.0
//
// The bytes of MAIL and RCPT, and the last look at the addresses in them.
// Pure. Addresses were checked when they came in; here they are checked again, byte by byte, because this is
// the wire: nothing that could end a path or a line gets past. Rules: RFC 5321 section 4.1.2, RFC 1870,
// 6152, 6531.
import NashraCore

/// Writes the commands of one transaction.
enum EnvelopeCommands {
    /// Why this envelope cannot go to this relay at all; `nil` when it can.
    ///
    /// Nothing was sent for it.
    static func fault(_ envelope: Envelope, size: Int, isSevenBit: Bool, offer: RelayOffer)
        -> DeliveryFailure?
    {
        // No sender at all is right for what must never come back (RFC 5321, section 4.5.5).
        guard envelope.sender.isEmpty || isWireSafe(envelope.sender.utf8, highBytes: false) else {
            return refuse(.mail, .campaign, "the envelope sender is not fit for the wire")
        }
        let recipient = envelope.recipient
        guard isWireSafe(recipient.localPart.utf8, highBytes: true),
            isWireSafe(recipient.domain.utf8, highBytes: false)
        else { return refuse(.rcpt, .refused, "the recipient's address is not fit for the wire") }
        if recipient.localPart.utf8.contains(where: { $0 >= 0x80 }), !offer.smtpUTF8 {
            return refuse(.rcpt, .refused, "the address is not ASCII and the relay does not offer SMTPUTF8")
        }
        if !isSevenBit, !offer.eightBitMIME {
            return refuse(
                .mail,
                .campaign,
                "the message holds 8-bit bytes and the relay does not offer 8BITMIME"
            )
        }
        if let largest = offer.largestMessage, size > largest {
            return refuse(
                .mail,
                .campaign,
                "the message has \(size) bytes and the relay takes at most \(largest)"
            )
        }
        return nil
    }

    /// Appends MAIL with the parameters that are needed and offered.
    static func mail(
        _ envelope: Envelope,
        size: Int,
        isSevenBit: Bool,
        offer: RelayOffer,
        to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: "MAIL FROM:<".utf8)
        bytes.append(contentsOf: envelope.sender.utf8)
        bytes.append(UInt8(ascii: ">"))
        if offer.size {
            bytes.append(contentsOf: " SIZE=".utf8)
            bytes.append(contentsOf: String(size).utf8)
        }
        if !isSevenBit { bytes.append(contentsOf: " BODY=8BITMIME".utf8) }
        if envelope.recipient.localPart.utf8.contains(where: { $0 >= 0x80 }) {
            bytes.append(contentsOf: " SMTPUTF8".utf8)
        }
        bytes.append(contentsOf: [0x0D, 0x0A])
    }

    /// Appends RCPT.
    static func rcpt(_ envelope: Envelope, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "RCPT TO:<".utf8)
        bytes.append(contentsOf: envelope.recipient.localPart.utf8)
        bytes.append(UInt8(ascii: "@"))
        bytes.append(contentsOf: envelope.recipient.domain.utf8)
        bytes.append(contentsOf: ">\r\n".utf8)
    }

    /// Not empty, not too long, no control, no space, nothing that quotes or ends a path.
    private static func isWireSafe(_ bytes: String.UTF8View, highBytes: Bool) -> Bool {
        var count = 0
        for byte in bytes {
            count += 1
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "\""): return false
            case 0x21...0x7E: continue
            case 0x80...: guard highBytes else { return false }
            default: return false
            }
        }
        return (1...254).contains(count)
    }

    private static func refuse(_ stage: SMTPStage, _ verdict: FailureMap.Verdict, _ detail: String)
        -> DeliveryFailure
    {
        DeliveryFailure(stage: stage, scope: verdict.scope, remedy: verdict.remedy, detail: detail)
    }
}
