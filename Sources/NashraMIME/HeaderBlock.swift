// SPDX-License-Identifier: Apache-2.0
//
// The headers of a message, as bytes: folded, ASCII wherever a relay may insist on it, and closed to injection.
// Pure. Rules: RFC 5322 sections 2.2.3 and 3.4, RFC 2047 section 5, RFC 6532 for addresses that are not ASCII.
public import NashraCore

/// A name and an address, for `From`, `To` and `Reply-To`.
public struct Mailbox: Hashable, Sendable {
    /// The name people see; empty or `nil` for none.
    public var name: HeaderValue?
    /// The address.
    public var address: EmailAddress

    /// Makes a mailbox.
    public init(name: HeaderValue? = nil, address: EmailAddress) {
        self.name = name
        self.address = address
    }
}

/// Headers in the order in which they were appended, each line ended by CR LF.
public struct HeaderBlock: Hashable, Sendable {
    /// The headers so far, without the empty line that ends them.
    public private(set) var bytes: [UInt8] = []

    private static let preferredLine = 78
    private static let longestLine = 998

    /// Makes an empty block.
    public init(reservingBytes: Int = 0) { bytes.reserveCapacity(reservingBytes) }

    /// Appends all of another block.
    public mutating func append(_ other: HeaderBlock) { bytes.append(contentsOf: other.bytes) }

    /// Appends text for people, such as a subject; as encoded words unless it is plain ASCII that folds well.
    public mutating func append(_ name: HeaderName, text: HeaderValue) {
        var column = open(name)
        if text.bytes.isEmpty {
            bytes.removeLast()
        } else if Self.foldsWell(text, column: column) {
            appendFolding(text.bytes, column: &column)
        } else {
            EncodedWord.append(text, to: &bytes, column: &column)
        }
        endLine()
    }

    /// Appends one mailbox.
    public mutating func append(_ name: HeaderName, mailbox: Mailbox) {
        var column = open(name)
        let address = mailbox.address.wire.utf8
        guard let display = mailbox.name, !display.bytes.isEmpty else {
            bytes.append(contentsOf: address)
            endLine()
            return
        }
        append(phrase: display, column: &column)
        appendAngled(address, column: &column)
        endLine()
    }

    /// Appends tokens that a machine reads; lines are folded only between tokens, where one space stands.
    ///
    /// - Throws: `notASCII`, or `lineTooLong` for a token of more than 900 bytes.
    public mutating func append(_ name: HeaderName, tokens: [HeaderValue]) throws(HeaderFault) {
        for token in tokens {
            guard token.isASCII else { throw .notASCII }
            guard token.bytes.count <= 900 else { throw .lineTooLong }
        }
        var column = open(name)
        for (index, token) in tokens.enumerated() {
            if index > 0 { separate(before: token.bytes.count, column: &column) }
            bytes.append(contentsOf: token.bytes)
            column += token.bytes.count
        }
        endLine()
    }

    /// Appends `phrase <identifier>`, the form of List-Id.
    ///
    /// - Throws: `badURI` unless the identifier is 1...255 printable ASCII characters without angle brackets.
    public mutating func append(
        _ name: HeaderName,
        phrase: HeaderValue?,
        identifier: String
    ) throws(HeaderFault) {
        guard (1...255).contains(identifier.utf8.count), AngleURI.canStandInBrackets(identifier.utf8) else {
            throw .badURI(identifier)
        }
        var column = open(name)
        if let phrase, !phrase.bytes.isEmpty {
            append(phrase: phrase, column: &column)
            appendAngled(identifier.utf8, column: &column)
        } else {
            bytes.append(UInt8(ascii: "<"))
            bytes.append(contentsOf: identifier.utf8)
            bytes.append(UInt8(ascii: ">"))
        }
        endLine()
    }

    // MARK: Parts of lines

    /// Writes `Name: ` and gives the column after it.
    private mutating func open(_ name: HeaderName) -> Int {
        bytes.append(contentsOf: name.bytes)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(0x20)
        return name.bytes.count + 2
    }

    private mutating func endLine() {
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    /// One space, on a new line when what follows would not fit on this one.
    private mutating func separate(before count: Int, column: inout Int) {
        if column + 1 + count > Self.preferredLine {
            endLine()
            column = 0
        }
        bytes.append(0x20)
        column += 1
    }

    private mutating func appendAngled(_ address: String.UTF8View, column: inout Int) {
        separate(before: address.count + 2, column: &column)
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: address)
        bytes.append(UInt8(ascii: ">"))
        column += address.count + 2
    }

    /// A display name: bare words, a quoted string, or encoded words, which never stand inside quotes.
    private mutating func append(phrase: HeaderValue, column: inout Int) {
        let text = phrase.bytes
        let escaped = text.count { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
        let fits = column + text.count + escaped + 2 <= Self.preferredLine
        guard phrase.isASCII, fits, Self.isPlain(text) else {
            EncodedWord.append(phrase, to: &bytes, column: &column, inPhrase: true)
            return
        }
        let before = bytes.count
        if text.allSatisfy({ $0 == 0x20 || Self.isAtomText($0) }) {
            bytes.append(contentsOf: text)
        } else {
            bytes.append(UInt8(ascii: "\""))
            for byte in text {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    bytes.append(UInt8(ascii: "\\"))
                }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        column += bytes.count - before
    }

    private mutating func appendFolding(_ text: [UInt8], column: inout Int) {
        var isFirst = true
        for word in text.split(separator: 0x20) {
            if !isFirst { separate(before: word.count, column: &column) }
            isFirst = false
            bytes.append(contentsOf: word)
            column += word.count
        }
    }

    // MARK: Which form

    /// Whether ASCII text can be written as it is, with no line longer than 78.
    private static func foldsWell(_ text: HeaderValue, column: Int) -> Bool {
        guard text.isASCII, isPlain(text.bytes) else { return false }
        let words = text.bytes.split(separator: 0x20)
        guard let first = words.first, column + first.count <= preferredLine else { return false }
        return words.allSatisfy { $0.count < preferredLine }
    }

    /// Whether nothing would be lost or misread: single inner spaces, and nothing like an encoded word.
    private static func isPlain(_ text: [UInt8]) -> Bool {
        var previous: UInt8 = 0x20
        for byte in text {
            if byte == 0x20, previous == 0x20 { return false }
            if byte == UInt8(ascii: "?"), previous == UInt8(ascii: "=") { return false }
            previous = byte
        }
        return previous != 0x20
    }

    /// `atext` of RFC 5322, section 3.2.3.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
