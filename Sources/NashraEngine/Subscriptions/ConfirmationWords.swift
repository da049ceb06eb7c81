// SPDX-License-Identifier: Apache-2.0
//
// What a confirmation mail says, in Arabic, English and French, as text and as HTML.
// Pure. Everything that is not ours is escaped where it stands.
import NashraCore
import NashraTemplates

/// The words of a confirmation mail.
struct ConfirmationWords {
    /// What the words are about.
    struct Content {
        let organisation: String
        let topic: String
        /// The words that a yes agrees to.
        let consent: String?
        let token: String
        /// A page, or `nil`.
        let link: String?
        /// An address to write to, or `nil`.
        let mailbox: String?
        /// The last day, `YYYY-MM-DD`.
        let until: String
    }

    private let language: Language
    private var isArabic: Bool { language == .arabic }

    init(_ language: Language) { self.language = language }

    /// The language itself, else the first of the chain, that there are words in; else English.
    static func nearest(_ language: Language, _ chain: [Language]) -> Language {
        ([language] + chain).first { [.arabic, .english, .french].contains($0) } ?? .english
    }

    func subject(_ content: Content) -> String {
        pick(
            "تأكيد الاشتراك: \(content.topic)",
            "Please confirm: \(content.topic)",
            "Veuillez confirmer : \(content.topic)"
        )
    }

    // MARK: text

    func text(_ content: Content) -> String {
        var parts = [greeting, asked(content)]
        if let consent = content.consent { parts.append("\(agrees)\n\n\(Self.indented(consent))") }
        if let link = content.link { parts.append("\(open)\n\(link)") }
        if let mailbox = content.mailbox { parts.append("\(write)\n\(mailbox)") }
        if content.link == nil, content.mailbox == nil { parts.append("\(answer)\n\(content.token)") }
        parts += [until(content), otherwise, content.organisation]
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(
            separator: "\n"
        )
    }

    // MARK: HTML

    func html(_ content: Content) -> String {
        let direction = language.direction.rawValue
        var body = paragraph(greeting) + paragraph(asked(content))
        if let consent = content.consent {
            body += paragraph(agrees)
            body +=
                "<blockquote dir=\"\(direction)\" style=\"margin:0 0 16px;padding:12px 16px;background:#f1f5f4;"
                + "direction:\(direction)\">\(Self.escaped(consent))</blockquote>\n"
        }
        if let link = content.link { body += paragraph(open) + Self.button(link, shown: link) }
        if let mailbox = content.mailbox {
            body += paragraph(write) + Self.button("mailto:\(mailbox)?subject=confirm", shown: mailbox)
        }
        if content.link == nil, content.mailbox == nil {
            body += paragraph(answer) + "<p dir=\"ltr\"><code>\(Self.escaped(content.token))</code></p>\n"
        }
        body += paragraph(until(content)) + paragraph(otherwise) + paragraph(content.organisation)
        return """
            <!doctype html>
            <html lang="\(language.rawValue)" dir="\(direction)">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>\(Self.escaped(subject(content)))</title></head>
            <body dir="\(direction)" style="margin:0;padding:24px;background:#eef1f4;direction:\(direction)">
            <div dir="\(direction)" style="max-width:600px;margin:0 auto;padding:24px 32px;background:#fdfdfc;\
            color:#1f2a33;font:16px/1.7 'Segoe UI',Tahoma,Arial,sans-serif;text-align:\(isArabic ? "right" : "left")">
            \(body)</div></body></html>

            """
    }

    private func paragraph(_ text: String) -> String {
        let direction = language.direction.rawValue
        return
            "<p dir=\"\(direction)\" style=\"margin:0 0 16px;direction:\(direction)\">\(Self.escaped(text))</p>\n"
    }

    private static func button(_ address: String, shown: String) -> String {
        "<p dir=\"ltr\" style=\"margin:0 0 16px;word-break:break-all\">"
            + "<a href=\"\(escaped(address))\" style=\"color:#0b5c8a\">\(escaped(shown))</a></p>\n"
    }

    private static func escaped(_ text: String) -> String {
        String(decoding: Escaping.html.escaped(text), as: UTF8.self)
    }

    // MARK: sentences

    private var greeting: String { pick("السلام عليكم،", "Hello,", "Bonjour,") }

    private func asked(_ content: Content) -> String {
        pick(
            "طُلب اشتراك هذا العنوان في «\(content.topic)» لدى \(content.organisation).",
            "Somebody asked that this address receive “\(content.topic)” from \(content.organisation).",
            "Quelqu’un a demandé que cette adresse reçoive « \(content.topic) » de \(content.organisation)."
        )
    }

    private var agrees: String {
        pick(
            "بتأكيدكم توافقون على ما يلي:",
            "By confirming you agree to this:",
            "En confirmant, vous acceptez ceci :"
        )
    }

    private var open: String {
        pick(
            "للتأكيد افتحوا هذه الصفحة واضغطوا على الزر فيها:",
            "To confirm, open this page and press its button:",
            "Pour confirmer, ouvrez cette page et appuyez sur son bouton :"
        )
    }

    private var write: String {
        pick(
            "للتأكيد أرسلوا رسالة إلى هذا العنوان، ولا يلزم أن يكون فيها شيء:",
            "To confirm, send a message to this address; it need not say anything:",
            "Pour confirmer, envoyez un message à cette adresse ; il peut être vide :"
        )
    }

    private var answer: String {
        pick(
            "للتأكيد أجيبوا على هذه الرسالة، واتركوا فيها هذا السطر:",
            "To confirm, answer this message and leave this line in it:",
            "Pour confirmer, répondez à ce message en y laissant cette ligne :"
        )
    }

    private func until(_ content: Content) -> String {
        pick(
            "يصح التأكيد حتى \(content.until).",
            "You can confirm until \(content.until).",
            "Vous pouvez confirmer jusqu’au \(content.until)."
        )
    }

    private var otherwise: String {
        pick(
            "إن لم تطلبوا ذلك فلا تفعلوا شيئا: لن تصلكم نشرات.",
            "If you did not ask for this, do nothing: you will receive no bulletins.",
            "Si vous n’avez rien demandé, ne faites rien : vous ne recevrez aucun bulletin."
        )
    }

    private func pick(_ arabic: String, _ english: String, _ french: String) -> String {
        language == .arabic ? arabic : language == .french ? french : english
    }
}
