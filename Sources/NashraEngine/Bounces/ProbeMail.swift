// SPDX-License-Identifier: Apache-2.0
//
// The short message that asks an address once more before it is given up.
// Pure; the same probe has the same bytes at every try. Rules: docs/decisions/0007-bounces.md; RFC 3834 section 5.
import NashraCore
import NashraKeys
import NashraMIME
import NashraStore

/// Composes probes.
struct ProbeMail {
    let keyring: Keyring

    /// The probe's message.
    ///
    /// - Parameters:
    ///   - request: The probe.
    ///   - campaign: The campaign whose bounce asked for it; its settings say who writes.
    /// - Returns: A plain text in the person's language, with the way to leave when there is one.
    /// - Throws: `configuration` when the campaign's settings cannot be used.
    func compose(_ request: ProbeRequest, campaign: Campaign) throws(UserError) -> ComposedMessage {
        let settings = try CheckedSettings(campaign)
        let sender = keyring.probeSender(for: request.id.rawValue, domain: settings.envelopeDomain)
        // Unique and always the same: the token of the envelope sender, in another dress.
        let token = sender.utf8.dropFirst(2).prefix { $0 != UInt8(ascii: "@") }
        let name = "<p1\(String(decoding: Array(token), as: UTF8.self))@\(settings.messageIDDomain)>"
        let links = settings.unsubscribe.filled(
            with: settings.unsubscribe.isEmpty ? "" : keyring.unsubscribeToken(for: request.delivery)
        )
        let words = ProbeWords(request.language)
        do {
            var headers = HeaderBlock(reservingBytes: 1_024)
            try headers.append(.date, tokens: [HeaderValue(MailDate.text(request.askedAt))])
            let from = try settings.fromName(in: request.language)
            headers.append(.from, mailbox: Mailbox(name: from, address: settings.from))
            headers.append(.to, mailbox: Mailbox(address: request.address))
            if let address = settings.replyTo { headers.append(.replyTo, mailbox: Mailbox(address: address)) }
            headers.append(.subject, text: try HeaderValue(words.subject))
            try headers.append(.messageID, tokens: [HeaderValue(name)])
            try headers.append(.contentLanguage, tokens: [HeaderValue(words.language)])
            try ListHeaders.append(
                identifier: settings.listID,
                name: settings.listName(in: request.language),
                help: settings.help,
                owner: settings.owner,
                to: &headers
            )
            try ListHeaders.appendUnsubscribe(
                web: links.web.map(AngleURI.init),
                mail: links.mail.map(AngleURI.init),
                to: &headers
            )
            try headers.append(.precedence, tokens: [HeaderValue("bulk")])
            try headers.append(.autoSubmitted, tokens: [HeaderValue("auto-generated")])
            try headers.append(
                .autoResponseSuppress,
                tokens: [HeaderValue("OOF,"), HeaderValue("AutoReply")]
            )
            let text = words.text(organisation: from?.description, leave: links.best)
            let message = try PlainMessage.write(headers, text: text)
            return ComposedMessage(
                envelope: Envelope(sender: sender, recipient: request.address),
                messageID: name,
                bytes: message
            )
        } catch {
            throw UserError(
                .configuration,
                "A probe of campaign \(campaign.name) cannot be composed: \(error)",
                remedy: "Correct the names in config/nashra.yaml; the next campaign has them."
            )
        }
    }
}

/// A message that is one plain text.
enum PlainMessage {
    /// Closes a header block and adds the text in the shorter encoding.
    static func write(_ headers: HeaderBlock, text: String) throws(WireFault) -> [UInt8] {
        let bytes = CanonicalText.crlf(Array(text.utf8))
        let body = BodyEncoding.choose(for: bytes).encode(bytes)
        var message =
            headers.bytes
            + Array("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n".utf8)
            + Array("Content-Transfer-Encoding: \(body.encoding.rawValue)\r\n\r\n".utf8) + body.bytes
        endLine(&message)
        try MessageWriter.check(message)
        return message
    }

    /// A message that leaves ends with a whole line.
    static func endLine(_ message: inout [UInt8]) {
        if message.suffix(2) != [0x0D, 0x0A] { message += [0x0D, 0x0A] }
    }
}

/// What a probe says.
private struct ProbeWords {
    let language: String
    let subject: String
    private let lines: [String]
    private let leaving: String

    init(_ language: Language) {
        switch language.rawValue {
        case "ar":
            self.language = "ar"
            subject = "هل تصلك نشراتنا؟ لا يلزمك فعل شيء"
            lines = [
                "السلام عليكم،", "عادت إلينا نشراتنا الأخيرة المرسلة إلى هذا العنوان.",
                "هذه الرسالة تختبر فقط ما إذا كان بريدك يستقبل من جديد: لا حاجة إلى الرد ولا إلى فتح أي رابط.",
                "إن وصلتك فستظل نشراتنا تصلك، وإن عادت هي أيضا توقفنا عن الكتابة إلى هذا العنوان.",
            ]
            leaving = "لإلغاء الاشتراك:"
        case "fr":
            self.language = "fr"
            subject = "Nos bulletins vous parviennent-ils ? Vous n’avez rien à faire"
            lines = [
                "Bonjour,", "Nos derniers bulletins envoyés à cette adresse nous sont revenus.",
                "Ce message vérifie seulement si votre boîte accepte de nouveau le courrier : inutile de répondre "
                    + "ou d’ouvrir un lien.",
                "S’il vous parvient, vous continuerez à recevoir nos bulletins. S’il revient lui aussi, nous "
                    + "n’écrirons plus à cette adresse.",
            ]
            leaving = "Pour vous désabonner :"
        default:
            self.language = "en"
            subject = "Do our bulletins reach you? You need do nothing"
            lines = [
                "Hello,", "Our last bulletins to this address came back to us.",
                "This message only tests whether your mailbox takes mail again: there is no need to answer or to "
                    + "open any link.",
                "If it reaches you, you will go on getting our bulletins. If it comes back too, we will stop "
                    + "writing to this address.",
            ]
            leaving = "To unsubscribe:"
        }
    }

    func text(organisation: String?, leave: String?) -> String {
        var parts = lines
        if let organisation { parts.append(organisation) }
        if let leave { parts.append("\(leaving)\n\(leave)") }
        return parts.joined(separator: "\n\n") + "\n"
    }
}
