// SPDX-License-Identifier: Apache-2.0
//
// One delivery's message: its bytes, its envelope and its name, the same on every retry.
// Pure; safe from any thread. Rules: docs/decisions/0003-two-stage-rendering.md; RFC 5322, 2369, 2919, 8058.
public import NashraCore
public import NashraKeys
public import NashraMIME
public import NashraTemplates

/// A message ready for the transport.
public struct ComposedMessage: Sendable, Hashable {
    /// From whom and for whom the relay is told it is.
    public let envelope: Envelope
    /// The Message-ID with its angle brackets.
    public let messageID: String
    /// The message: lines end in CR LF and none is longer than 998 bytes; dots are not stuffed.
    public let bytes: [UInt8]
}

/// Why one delivery's message could not be made.
public enum ComposeFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bulletin has no variant in the delivery's language.
    case noVariant(Language)
    /// A merge field has no value.
    case merge(MergeFault)
    /// A header refused its value.
    case header(HeaderFault)
    /// The whole may not go on the wire.
    case wire(WireFault)

    /// What is wrong, in words, without the address.
    public var description: String {
        switch self {
        case .noVariant(let language): "the bulletin has no variant in “\(language)”"
        case .merge(let fault): fault.description
        case .header(let fault): fault.description
        case .wire(let fault): fault.description
        }
    }
}

/// Makes the messages of one campaign.
///
/// Everything that does not depend on the recipient is checked, serialised and measured once, when it is made.
public struct Composer: Sendable {
    private let keyring: Keyring
    private let envelopeDomain: String
    private let messageIDDomain: String
    private let unsubscribe: UnsubscribeLinks
    private let variants: [Language: PreparedVariant]

    /// Checks the campaign's settings and prepares every language.
    ///
    /// - Parameters:
    ///   - campaign: The campaign, with its frozen settings.
    ///   - rendered: The frozen bulletin.
    ///   - keyring: Makes the tokens and names.
    /// - Throws: `configuration` for a setting that no message could carry, `badData` for a bulletin that cannot be
    ///   sent with these settings; both name the key or the variant.
    public init(campaign: Campaign, rendered: RenderedBulletin, keyring: Keyring) throws(UserError) {
        let settings = try CheckedSettings(campaign)
        self.keyring = keyring
        envelopeDomain = settings.envelopeDomain
        messageIDDomain = settings.messageIDDomain
        unsubscribe = settings.unsubscribe
        var variants: [Language: PreparedVariant] = [:]
        for (tag, variant) in rendered.variants {
            guard let language = Language(rawValue: tag) else {
                throw UserError(.badData, "The bulletin has a variant “\(tag)”, which is no language tag.")
            }
            variants[language] = try PreparedVariant(variant, settings)
        }
        self.variants = variants
    }

    /// Makes a delivery's message.
    ///
    /// - Parameter due: The delivery; of its values, only the merge fields that the bulletin uses are read, and
    ///   `name` for the To line. `email`, `unsubscribe_url` and `message_id` are always ours.
    /// - Returns: The message, with the same bytes for the same delivery whenever and wherever it is made.
    /// - Throws: ``ComposeFault``.
    public func compose(_ due: DueDelivery) throws(ComposeFault) -> ComposedMessage {
        guard let variant = variants[due.language] else { throw .noVariant(due.language) }
        let messageID = keyring.messageID(for: due.id, domain: messageIDDomain)
        let links = unsubscribe.filled(with: unsubscribe.isEmpty ? "" : keyring.unsubscribeToken(for: due.id))
        let values = values(of: due, for: variant, messageID: messageID, link: links.best)
        do {
            var headers = HeaderBlock(reservingBytes: variant.headerBytes)
            headers.append(variant.opening)
            let name = due.values["name"].map { HeaderValue(cleaning: $0) }
            headers.append(.to, mailbox: Mailbox(name: name, address: due.address))
            headers.append(variant.replyTo)
            try variant.appendSubject(to: &headers, values: values)
            try headers.append(.messageID, tokens: [HeaderValue(messageID)])
            headers.append(variant.list)
            try ListHeaders.appendUnsubscribe(
                web: links.web.map(AngleURI.init),
                mail: links.mail.map(AngleURI.init),
                to: &headers
            )
            headers.append(variant.closing)
            let message = try MessageWriter.alternative(
                headers: headers,
                boundary: keyring.boundary(for: due.id),
                text: try variant.text.body(with: values),
                html: try variant.html.body(with: values)
            )
            let sender = keyring.envelopeSender(for: due.id, domain: envelopeDomain)
            return ComposedMessage(
                envelope: Envelope(sender: sender, recipient: due.address),
                messageID: messageID,
                bytes: message
            )
        } catch let fault as MergeFault {
            throw .merge(fault)
        } catch let fault as HeaderFault {
            throw .header(fault)
        } catch let fault as WireFault {
            throw .wire(fault)
        } catch {
            preconditionFailure("every throwing call above has one of the three types")
        }
    }

    /// The frozen values and those that only we know; a field that the variant does not use is left out.
    private func values(
        of due: DueDelivery,
        for variant: PreparedVariant,
        messageID: String,
        link: String?
    ) -> [String: String] {
        var values = due.values
        if variant.fields.contains("email") { values["email"] = due.address.text }
        if variant.fields.contains("language"), values["language"] == nil {
            values["language"] = due.language.rawValue
        }
        if variant.fields.contains("message_id") {
            values["message_id"] = String(messageID.dropFirst().dropLast())
        }
        if variant.fields.contains("unsubscribe_url") { values["unsubscribe_url"] = link }
        return values
    }
}
