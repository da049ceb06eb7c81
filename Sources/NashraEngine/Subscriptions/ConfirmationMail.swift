// SPDX-License-Identifier: Apache-2.0
//
// The mail that asks whether somebody wants a topic: who asks, about what, to which words a yes agrees, how to say it.
// Pure; the same question has the same bytes at every try. Nothing in it was typed by a stranger but the address that it
// goes to. Rules: docs/subscriptions.md; docs/threat-model.md, "List bombing"; RFC 3834 section 5.
import NashraCore
import NashraKeys
import NashraMIME
import NashraStore
import NashraTemplates

/// Composes confirmation mails.
struct ConfirmationMail {
    let keyring: Keyring
    let settings: ConfirmationSettings

    /// The mail.
    ///
    /// - Parameter request: The question.
    /// - Returns: Text and HTML in the person's language, with the token.
    /// - Throws: `configuration` when the settings cannot be used in a header.
    func compose(_ request: ConfirmationRequest) throws(UserError) -> ComposedMessage {
        let language = ConfirmationWords.nearest(request.language, settings.chain)
        let words = ConfirmationWords(language)
        let sender = keyring.confirmationSender(for: request.id, domain: settings.envelopeDomain)
        let stamp = String(sender.dropFirst(2).prefix { $0 != "@" })
        let name = "<c1\(stamp)@\(settings.messageIDDomain)>"
        let content = content(request, language)
        do {
            let headers = try headers(request, words, language, content, name: name)
            let message = try MessageWriter.alternative(
                headers: headers,
                boundary: "=_nashra_c\(stamp)",
                text: Self.encoded(words.text(content)),
                html: Self.encoded(words.html(content))
            )
            return ComposedMessage(
                envelope: Envelope(sender: sender, recipient: request.address),
                messageID: name,
                bytes: message
            )
        } catch {
            throw UserError(
                .configuration,
                "A confirmation mail cannot be composed: \(error)",
                remedy:
                    "Correct the names in config/nashra.yaml and the titles of the topic \(request.topic)."
            )
        }
    }

    private func content(_ request: ConfirmationRequest, _ language: Language) -> ConfirmationWords.Content {
        let token = keyring.confirmationToken(for: request.id, expires: request.expiresAt)
        let consent = request.consent.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value }
        return ConfirmationWords.Content(
            organisation: settings.text(settings.organisation, language) ?? settings.from.domain,
            topic: settings.text(request.title, language) ?? request.topic,
            consent: settings.text(consent, language),
            token: token,
            link: settings.url?.filled(token),
            mailbox: settings.mailbox?.filled(token),
            until: String(request.expiresAt.iso8601.prefix(10))
        )
    }

    private func headers(
        _ request: ConfirmationRequest,
        _ words: ConfirmationWords,
        _ language: Language,
        _ content: ConfirmationWords.Content,
        name: String
    ) throws(HeaderFault) -> HeaderBlock {
        var headers = HeaderBlock(reservingBytes: 1_024)
        try headers.append(.date, tokens: [HeaderValue(MailDate.text(request.askedAt))])
        let from = try settings.text(settings.fromName, language).map { text throws(HeaderFault) in
            try HeaderValue(text)
        }
        headers.append(.from, mailbox: Mailbox(name: from, address: settings.from))
        headers.append(.to, mailbox: Mailbox(address: request.address))
        if let address = settings.replyTo { headers.append(.replyTo, mailbox: Mailbox(address: address)) }
        headers.append(.subject, text: try HeaderValue(words.subject(content)))
        try headers.append(.messageID, tokens: [HeaderValue(name)])
        try headers.append(.contentLanguage, tokens: [HeaderValue(language.rawValue)])
        try headers.append(.autoSubmitted, tokens: [HeaderValue("auto-generated")])
        try headers.append(.autoResponseSuppress, tokens: [HeaderValue("OOF,"), HeaderValue("AutoReply")])
        return headers
    }

    private static func encoded(_ text: String) -> EncodedBody {
        let bytes = CanonicalText.crlf(Array(text.utf8))
        return BodyEncoding.choose(for: bytes).encode(bytes)
    }
}
