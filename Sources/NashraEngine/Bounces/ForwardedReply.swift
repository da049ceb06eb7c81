// SPDX-License-Identifier: Apache-2.0
//
// A person's reply on its way to the bulletin's issuer: as it came, with a few lines before it.
// Pure; the same reply has the same bytes at every try. Rules: RFC 5322 section 3.6.6 (resent fields); RFC 5321 section 4.5.3.1.6.
import NashraCore
import NashraKeys
import NashraMIME

/// Resends what people write.
enum ForwardedReply {
    /// The field that marks what went through here, so that it never goes through twice.
    static let field = "X-Nashra-Forwarded"

    /// Whether a message went through here before.
    static func isOurs(_ message: [UInt8]) -> Bool { MIMEMessage(message).root.header.has(field) }

    /// Whether the message can go on the wire as it is, to a relay that takes 8-bit bytes.
    static func fitsTheWire(_ message: [UInt8]) -> Bool {
        var length = 0
        for byte in message {
            if byte == 0 { return false }
            length = byte == 0x0A || byte == 0x0D ? 0 : length + 1
            if length > 998 { return false }
        }
        return MIMEMessage(message).root.header.fields.isEmpty == false
    }

    /// The reply as it is, with resent fields before it.
    static func resent(_ reply: [UInt8], _ way: Way) -> [UInt8] {
        let head = """
            Resent-Date: \(MailDate.text(way.at))\r
            Resent-From: <\(way.from.wire)>\r
            Resent-To: <\(way.to.wire)>\r
            Resent-Message-ID: \(way.messageID(reply))\r
            \(field): \(way.campaign)\r

            """
        var message = Array(head.utf8) + CanonicalText.crlf(withoutEnvelopeLine(reply))
        PlainMessage.endLine(&message)
        return message
    }

    /// The reply as an attachment: for what no relay would take as it is.
    ///
    /// - Throws: ``WireFault`` never, unless this has a fault of its own.
    static func wrapped(_ reply: [UInt8], subject: String, _ way: Way) throws -> [UInt8] {
        var headers = HeaderBlock(reservingBytes: 512)
        try headers.append(.date, tokens: [HeaderValue(MailDate.text(way.at))])
        headers.append(.from, mailbox: Mailbox(address: way.from))
        headers.append(.to, mailbox: Mailbox(address: way.to))
        headers.append(.subject, text: HeaderValue(cleaning: subject))
        try headers.append(.messageID, tokens: [HeaderValue(way.messageID(reply))])
        try headers.append(.autoSubmitted, tokens: [HeaderValue("auto-generated")])
        try headers.append(HeaderName(field), tokens: [HeaderValue(way.campaign)])
        let boundary = "=_nashra_\(ContentHash.hexadecimal(reply).prefix(26))"
        let opening = """
            MIME-Version: 1.0\r
            Content-Type: multipart/mixed; boundary="\(boundary)"\r
            \r
            --\(boundary)\r
            Content-Type: text/plain; charset=us-ascii\r
            \r
            A person answered bulletin campaign \(way.campaign). The reply is attached whole, because it\r
            could not be sent on as it is.\r
            \r
            --\(boundary)\r
            Content-Type: application/octet-stream; name="reply.eml"\r
            Content-Disposition: attachment; filename="reply.eml"\r
            Content-Transfer-Encoding: base64\r
            \r

            """
        let message =
            headers.bytes + Array(opening.utf8) + Base64Lines.encode(reply)
            + Array("\r\n--\(boundary)--\r\n".utf8)
        try MessageWriter.check(message)
        return message
    }

    /// From whom, to whom, when.
    struct Way {
        let campaign: String
        let from: EmailAddress
        let to: EmailAddress
        let at: Timestamp
        let messageIDDomain: String

        /// A name that is the same at every try.
        func messageID(_ reply: [UInt8]) -> String {
            "<f1\(ContentHash.hexadecimal(reply).prefix(32))@\(messageIDDomain)>"
        }
    }

    /// Without the line that an mbox puts before a message.
    private static func withoutEnvelopeLine(_ message: [UInt8]) -> [UInt8] {
        guard message.starts(with: "From ".utf8), let end = message.firstIndex(of: 0x0A) else {
            return message
        }
        return Array(message[(end + 1)...])
    }
}
