// SPDX-License-Identifier: Apache-2.0
//
// The headers by which mail programs know a list and offer to leave it.
// Pure. Rules: RFC 2369, RFC 2919, RFC 8058 section 3.1.

/// A URI that may stand between angle brackets in a list header.
public struct AngleURI: Hashable, Sendable {
    /// The URI, ASCII, without the brackets.
    public let text: String

    /// Checks a URI: `https:` or `mailto:`, 1...880 printable ASCII characters, no angle brackets and no spaces.
    public init(_ text: String) throws(HeaderFault) {
        let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        let known = scheme.elementsEqual("https".utf8) || scheme.elementsEqual("mailto".utf8)
        guard known, text.utf8.count > scheme.count + 1, text.utf8.count <= 880,
            Self.canStandInBrackets(text.utf8)
        else { throw .badURI(text) }
        self.text = text
    }

    /// Whether it is an address on the web.
    public var isHTTPS: Bool { text.utf8.starts(with: "https:".utf8) }

    static func canStandInBrackets(_ bytes: String.UTF8View) -> Bool {
        bytes.allSatisfy {
            (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
        }
    }

    /// `<URI>`, with a comma when another follows.
    func bracketed(comma: Bool = false) throws(HeaderFault) -> HeaderValue {
        try HeaderValue(comma ? "<\(text)>," : "<\(text)>")
    }
}

/// Writes list headers.
public enum ListHeaders {
    /// Appends List-Id, and List-Help and List-Owner when given, and `List-Post: NO`: the list only announces.
    ///
    /// - Parameters:
    ///   - identifier: The list's identifier without angle brackets; it never changes.
    ///   - name: The list's name for people.
    ///   - help: Where help is found.
    ///   - owner: Who answers for the list.
    ///   - block: What to append to.
    /// - Throws: ``HeaderFault/badURI(_:)`` for the identifier.
    public static func append(
        identifier: String,
        name: HeaderValue?,
        help: AngleURI? = nil,
        owner: AngleURI? = nil,
        to block: inout HeaderBlock
    ) throws(HeaderFault) {
        try block.append(.listID, phrase: name, identifier: identifier)
        if let help { try block.append(.listHelp, tokens: [help.bracketed()]) }
        if let owner { try block.append(.listOwner, tokens: [owner.bracketed()]) }
        try block.append(.listPost, tokens: [HeaderValue("NO")])
    }

    /// Appends the ways to leave: the web address first, then the mail address.
    ///
    /// List-Unsubscribe-Post promises a one-click POST (RFC 8058), so it is there only with a web address.
    ///
    /// - Parameters:
    ///   - web: An `https` URI that takes a POST without cookies.
    ///   - mail: A `mailto` URI.
    ///   - block: What to append to; nothing is appended when both are `nil`.
    /// - Throws: ``HeaderFault/badURI(_:)`` when `web` is not on the web.
    public static func appendUnsubscribe(
        web: AngleURI?,
        mail: AngleURI?,
        to block: inout HeaderBlock
    ) throws(HeaderFault) {
        var tokens: [HeaderValue] = []
        if let web {
            guard web.isHTTPS else { throw .badURI(web.text) }
            tokens.append(try web.bracketed(comma: mail != nil))
        }
        if let mail { tokens.append(try mail.bracketed()) }
        guard !tokens.isEmpty else { return }
        try block.append(.listUnsubscribe, tokens: tokens)
        if web != nil {
            try block.append(.listUnsubscribePost, tokens: [HeaderValue("List-Unsubscribe=One-Click")])
        }
    }
}
