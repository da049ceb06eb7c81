// SPDX-License-Identifier: Apache-2.0
//
// A campaign's settings, checked once in the forms that headers need.
// Pure. Rules: RFC 5322 section 3.4, RFC 2919 section 2, RFC 8058 section 3.1.
import NashraCore
import NashraKeys
import NashraMIME

/// Settings that every header can carry.
struct CheckedSettings {
    let date: Timestamp
    let from: EmailAddress
    let replyTo: EmailAddress?
    let envelopeDomain: String
    let messageIDDomain: String
    let listID: String
    let help: AngleURI?
    let owner: AngleURI?
    let unsubscribe: UnsubscribeLinks
    let feedbackID: HeaderValue

    private let fromNames: [String: String]
    private let listNames: [String: String]

    init(_ campaign: Campaign) throws(UserError) {
        let settings = campaign.settings
        date = settings.date
        from = try Self.address(settings.fromAddress, "sender.address")
        replyTo = try settings.replyTo.map { (text) throws(UserError) in
            try Self.address(text, "sender.reply_to")
        }
        envelopeDomain = try Self.domain(settings.envelopeDomain, "sender.envelope_domain")
        messageIDDomain = try Self.domain(settings.messageIDDomain, "sender.message_id_domain")
        listID = settings.listID
        help = try settings.helpURL.map { (text) throws(UserError) in try Self.uri(text, "list.help") }
        owner = try settings.ownerAddress.map { (text) throws(UserError) in
            try Self.uri("mailto:\(Self.address(text, "list.owner").wire)", "list.owner")
        }
        unsubscribe = try UnsubscribeLinks(url: settings.unsubscribeURL, mailbox: settings.unsubscribeMailbox)
        feedbackID = try Self.feedbackID(campaign)
        fromNames = settings.fromName
        listNames = settings.listName
    }

    /// The name beside the From address.
    func fromName(in language: Language) throws(HeaderFault) -> HeaderValue? {
        try Self.name(fromNames, language)
    }

    /// The name beside the List-Id.
    func listName(in language: Language) throws(HeaderFault) -> HeaderValue? {
        try Self.name(listNames, language)
    }

    /// The name in a language, else in the first tag by alphabet, so that the choice is always the same.
    private static func name(
        _ names: [String: String],
        _ language: Language
    ) throws(HeaderFault) -> HeaderValue? {
        guard let text = names[language.rawValue] ?? names.min(by: { $0.key < $1.key })?.value else {
            return nil
        }
        return try HeaderValue(text)
    }

    static func address(_ text: String, _ key: String) throws(UserError) -> EmailAddress {
        let address: EmailAddress
        do { address = try EmailAddress.parse(text) } catch { throw fault(key, text, error.description) }
        guard !address.needsSMTPUTF8 else {
            throw fault(key, text, "what stands before the @ must be ASCII, or many readers cannot answer")
        }
        return address
    }

    private static func domain(_ text: String, _ key: String) throws(UserError) -> String {
        do { return try DomainName.aLabels(Array(text.utf8)) } catch {
            throw fault(key, text, error.description)
        }
    }

    static func uri(_ text: String, _ key: String) throws(UserError) -> AngleURI {
        do { return try AngleURI(text) } catch {
            throw fault(
                key,
                text,
                "it must start with https: or mailto: and be printable ASCII without < and >"
            )
        }
    }

    /// `campaign:list:bulletin:sender`, four fields that hold no colon.
    private static func feedbackID(_ campaign: Campaign) throws(UserError) -> HeaderValue {
        let sender = campaign.settings.feedbackSender
        let isPlain = sender.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard isPlain, (5...15).contains(sender.utf8.count) else {
            throw fault("feedback_id.sender", sender, "it must be 5 to 15 ASCII letters or digits")
        }
        let list = campaign.settings.listID.replacing(":", with: ".")
        do { return try HeaderValue("\(campaign.name):\(list):bulletin:\(sender)") } catch {
            throw fault("list.id", campaign.settings.listID, error.description)
        }
    }

    static func fault(_ key: String, _ value: String, _ why: String) -> UserError {
        UserError(
            .configuration,
            "\(key) is “\(value)”: \(why).",
            remedy: "Correct \(key) in config/nashra.yaml and start a new campaign."
        )
    }
}

/// Where a reader leaves the list: addresses with a place for the token.
struct UnsubscribeLinks: Sendable {
    private let web: Halves?
    private let mail: Halves?

    /// What stands before and after the token.
    private struct Halves: Sendable {
        let before: String
        let after: String
    }

    /// One delivery's links.
    struct Filled {
        let web: String?
        let mail: String?
        /// The one for the message's text.
        var best: String? { web ?? mail }
    }

    /// Whether nobody can leave, as in mandatory lists.
    var isEmpty: Bool { web == nil && mail == nil }

    init(url: String?, mailbox: String?) throws(UserError) {
        web = try url.map { (text) throws(UserError) in
            guard text.utf8.starts(with: "https:".utf8) else {
                throw CheckedSettings.fault("unsubscribe.url", text, "it must be an https address")
            }
            return try Self.halves(text, of: text, "unsubscribe.url")
        }
        mail = try mailbox.map { (text) throws(UserError) in
            // As long as a token is, because what stands before the @ has room for 64 bytes only.
            let longest = String(repeating: "t", count: Keyring.unsubscribeTokenLength)
            _ = try CheckedSettings.address(text.replacing("{token}", with: longest), "unsubscribe.mailbox")
            let uri = "mailto:\(text)?subject=unsubscribe"
            return try Self.halves(uri, of: text, "unsubscribe.mailbox")
        }
    }

    /// The links with a token in its place.
    func filled(with token: String) -> Filled {
        Filled(
            web: web.map { $0.before + token + $0.after },
            mail: mail.map { $0.before + token + $0.after }
        )
    }

    private static func halves(_ text: String, of setting: String, _ key: String) throws(UserError) -> Halves
    {
        let parts = text.split(separator: "{token}", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw CheckedSettings.fault(key, setting, "it must hold {token} exactly once")
        }
        _ = try CheckedSettings.uri(parts.joined(separator: "t"), key)
        return Halves(before: String(parts[0]), after: String(parts[1]))
    }
}
