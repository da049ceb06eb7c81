// SPDX-License-Identifier: Apache-2.0
//
// Who asks, and where a yes is said: what every confirmation mail of a workspace shares.
// Pure values, checked once.
public import NashraCore
import NashraKeys

/// What confirmation mails need besides the question.
public struct ConfirmationSettings: Sendable {
    let from: EmailAddress
    let fromName: [String: String]
    let replyTo: EmailAddress?
    let envelopeDomain: String
    let messageIDDomain: String
    let organisation: [String: String]
    let chain: [Language]
    let url: TokenLink?
    let mailbox: TokenLink?

    /// Text before and after a token.
    struct TokenLink: Sendable {
        let before: String
        let after: String

        func filled(_ token: String) -> String { before + token + after }
    }

    /// Takes settings that the configuration has checked.
    ///
    /// - Parameters:
    ///   - from: The From address, its local part ASCII.
    ///   - fromName: The From name by language tag.
    ///   - replyTo: Where answers go; `nil`: to `from`.
    ///   - envelopeDomain: Of envelope senders, ASCII.
    ///   - messageIDDomain: In Message-ID, ASCII.
    ///   - organisation: The organisation's name by language tag.
    ///   - chain: The workspace's languages.
    ///   - url: `subscribe.url`, or `nil`.
    ///   - mailbox: `subscribe.mailbox`, or `nil`.
    public init(
        from: EmailAddress,
        fromName: [String: String],
        replyTo: EmailAddress?,
        envelopeDomain: String,
        messageIDDomain: String,
        organisation: [String: String],
        chain: [Language],
        url: String?,
        mailbox: String?
    ) {
        self.from = from
        self.fromName = fromName
        self.replyTo = replyTo
        self.envelopeDomain = envelopeDomain
        self.messageIDDomain = messageIDDomain
        self.organisation = organisation
        self.chain = chain
        self.url = url.flatMap(Self.link)
        self.mailbox = mailbox.flatMap(Self.link)
    }

    private static func link(_ text: String) -> TokenLink? {
        let parts = text.split(separator: "{token}", omittingEmptySubsequences: false)
        return parts.count == 2 ? TokenLink(before: String(parts[0]), after: String(parts[1])) : nil
    }

    /// The text in a language, else in the first of the chain that has one, else in any, always the same.
    func text(_ texts: [String: String], _ language: Language) -> String? {
        ([language] + chain).lazy.compactMap { texts[$0.rawValue] }.first
            ?? texts.min { $0.key < $1.key }?.value
    }
}
