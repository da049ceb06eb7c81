// SPDX-License-Identifier: Apache-2.0
//
// One language of a bulletin as far as it can be serialised before the recipient is known.
// Pure. Rules: docs/decisions/0003-two-stage-rendering.md.
import NashraCore
import NashraMIME
import NashraTemplates

/// One language: headers in the blocks between which a recipient's own stand, and two bodies.
struct PreparedVariant: Sendable {
    /// Date and From.
    let opening: HeaderBlock
    /// Reply-To, or nothing.
    let replyTo: HeaderBlock
    /// The list's headers but those for leaving it.
    let list: HeaderBlock
    /// Everything after them.
    let closing: HeaderBlock
    /// The plain-text part.
    let text: PreparedBody
    /// The HTML part.
    let html: PreparedBody
    /// The merge fields that any part uses.
    let fields: Set<String>
    /// Room for all headers of a message.
    let headerBytes: Int

    private let subject: Subject

    private enum Subject: Sendable {
        case fixed(HeaderBlock)
        case merged(MergeTemplate)
    }

    init(_ variant: RenderedVariant, _ settings: CheckedSettings) throws(UserError) {
        fields = variant.fields
        try Self.checkLeaving(variant, settings)
        text = PreparedBody(variant.text)
        html = PreparedBody(variant.html)
        do {
            let language = variant.language
            var opening = HeaderBlock()
            try opening.append(.date, tokens: [HeaderValue(MailDate.text(settings.date))])
            let name = try settings.fromName(in: language)
            opening.append(.from, mailbox: Mailbox(name: name, address: settings.from))
            var replyTo = HeaderBlock()
            if let address = settings.replyTo { replyTo.append(.replyTo, mailbox: Mailbox(address: address)) }
            var list = HeaderBlock()
            try list.append(.contentLanguage, tokens: [HeaderValue(language.rawValue)])
            try ListHeaders.append(
                identifier: settings.listID,
                name: settings.listName(in: language),
                help: settings.help,
                owner: settings.owner,
                to: &list
            )
            var closing = HeaderBlock()
            try closing.append(.precedence, tokens: [HeaderValue("bulk")])
            try closing.append(.autoSubmitted, tokens: [HeaderValue("auto-generated")])
            try closing.append(
                .autoResponseSuppress,
                tokens: [HeaderValue("OOF,"), HeaderValue("AutoReply")]
            )
            try closing.append(.feedbackID, tokens: [settings.feedbackID])
            (self.opening, self.replyTo, self.list, self.closing) = (opening, replyTo, list, closing)
            subject = try Self.prepare(variant.subject)
        } catch {
            throw UserError(
                .badData,
                "The “\(variant.language)” variant cannot be sent: \(error)",
                remedy: "Correct its subject, or the names in config/nashra.yaml, and start a new campaign."
            )
        }
        headerBytes = [opening, replyTo, list, closing].reduce(1024) { $0 + $1.bytes.count }
    }

    func appendSubject(
        to headers: inout HeaderBlock,
        values: [String: String]
    ) throws(MergeFault) {
        switch subject {
        case .fixed(let block): headers.append(block)
        case .merged(let template):
            // Cleaned, because a stranger's value is in it.
            let line = String(decoding: try template.filled(with: values), as: UTF8.self)
            headers.append(.subject, text: HeaderValue(cleaning: line))
        }
    }

    private static func prepare(_ subject: MergeTemplate) throws -> Subject {
        var fixed: [UInt8] = []
        for case .bytes(let bytes) in subject.segments { fixed += bytes }
        let value = try HeaderValue(fixed)
        guard subject.fields.isEmpty else { return .merged(subject) }
        var block = HeaderBlock()
        block.append(.subject, text: value)
        return .fixed(block)
    }

    /// A link for leaving that leads nowhere is an error before anything is sent.
    private static func checkLeaving(
        _ variant: RenderedVariant,
        _ settings: CheckedSettings
    ) throws(UserError) {
        guard settings.unsubscribe.isEmpty else { return }
        let needed = [variant.subject, variant.text, variant.html].contains { template in
            template.segments.contains { $0.needsValue(of: "unsubscribe_url") }
        }
        guard needed else { return }
        throw UserError(
            .configuration,
            "The “\(variant.language)” variant has a link for unsubscribing, and there is no way to unsubscribe.",
            remedy: "Set unsubscribe.url or unsubscribe.mailbox in config/nashra.yaml, "
                + "or send to a mandatory topic, whose mails have no such link."
        )
    }
}

/// A body with its encoding chosen.
struct PreparedBody: Sendable {
    private let template: MergeTemplate
    private let encoding: BodyEncoding
    private let likelyBytes: Int

    /// Makes line ends CR LF and finds the encoding that is shorter for a typical recipient.
    init(_ template: MergeTemplate) {
        var sample: [UInt8] = []
        self.template = MergeTemplate(
            segments: template.segments.map { segment in
                switch segment {
                case .bytes(let bytes):
                    let bytes = CanonicalText.crlf(bytes)
                    sample += bytes
                    return .bytes(bytes)
                case .slot(_, let fallback, _):
                    sample += fallback ?? Array("a typical value".utf8)
                    return segment
                }
            }
        )
        encoding = .choose(for: sample)
        likelyBytes = sample.count + 256
    }

    /// The body for one recipient.
    func body(with values: [String: String]) throws(MergeFault) -> EncodedBody {
        var filled: [UInt8] = []
        filled.reserveCapacity(likelyBytes)
        try template.append(to: &filled, values: values)
        return encoding.encode(filled)
    }
}

extension Segment {
    /// Whether it is a slot for `field` that has nothing to fall back on.
    fileprivate func needsValue(of field: String) -> Bool {
        if case .slot(field, nil, _) = self { return true }
        return false
    }
}
