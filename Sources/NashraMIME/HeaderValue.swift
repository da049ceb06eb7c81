// SPDX-License-Identifier: Apache-2.0
//
// What may stand in a header: names and values that cannot break out of their line.
// Pure; decides on bytes, because in Swift CR LF is one Character. Rules: RFC 5322 sections 2.2 and 3.2.

/// Why something may not stand in a header.
public enum HeaderFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A header's name is empty, longer than 76 bytes, or holds a byte outside `!`...`9` and `;`...`~`.
    case badName
    /// A control character, a line separator or a paragraph separator, with its offset in bytes.
    case control(at: Int)
    /// The bytes are not UTF-8.
    case notUTF8
    /// The header must be ASCII, and is not.
    case notASCII
    /// A part that must not be folded does not fit into 998 bytes.
    case lineTooLong
    /// A URI or a list's identifier that cannot stand between angle brackets.
    case badURI(String)

    /// The reason in words, without the value.
    public var description: String {
        switch self {
        case .badName: "a header's name must be 1 to 76 printable ASCII characters without a colon"
        case .control(let offset):
            "a header's value holds a control character or line separator at byte \(offset + 1)"
        case .notUTF8: "a header's value is not valid UTF-8"
        case .notASCII: "this header may hold ASCII only"
        case .lineTooLong: "a header has a line of more than 998 bytes that cannot be folded"
        case .badURI(let text): "“\(text)” cannot stand between angle brackets in a header"
        }
    }
}

/// The name of a header.
public struct HeaderName: Hashable, Sendable, CustomStringConvertible {
    /// The name's bytes: printable ASCII without a colon.
    public let bytes: [UInt8]

    /// Checks a name.
    public init(_ name: String) throws(HeaderFault) {
        let bytes = Array(name.utf8)
        guard (1...76).contains(bytes.count),
            bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
        else { throw .badName }
        self.bytes = bytes
    }

    private init(known: StaticString) {
        bytes = known.withUTF8Buffer { Array($0) }
    }

    /// The name as text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// `Date`.
    public static let date = HeaderName(known: "Date")
    /// `From`.
    public static let from = HeaderName(known: "From")
    /// `To`.
    public static let to = HeaderName(known: "To")
    /// `Reply-To`.
    public static let replyTo = HeaderName(known: "Reply-To")
    /// `Subject`.
    public static let subject = HeaderName(known: "Subject")
    /// `Message-ID`.
    public static let messageID = HeaderName(known: "Message-ID")
    /// `MIME-Version`.
    public static let mimeVersion = HeaderName(known: "MIME-Version")
    /// `Content-Type`.
    public static let contentType = HeaderName(known: "Content-Type")
    /// `Content-Language`.
    public static let contentLanguage = HeaderName(known: "Content-Language")
    /// `Content-Transfer-Encoding`.
    public static let contentTransferEncoding = HeaderName(known: "Content-Transfer-Encoding")
    /// `List-Id` (RFC 2919).
    public static let listID = HeaderName(known: "List-Id")
    /// `List-Unsubscribe` (RFC 2369).
    public static let listUnsubscribe = HeaderName(known: "List-Unsubscribe")
    /// `List-Unsubscribe-Post` (RFC 8058).
    public static let listUnsubscribePost = HeaderName(known: "List-Unsubscribe-Post")
    /// `List-Help` (RFC 2369).
    public static let listHelp = HeaderName(known: "List-Help")
    /// `List-Owner` (RFC 2369).
    public static let listOwner = HeaderName(known: "List-Owner")
    /// `List-Post` (RFC 2369).
    public static let listPost = HeaderName(known: "List-Post")
    /// `Precedence`.
    public static let precedence = HeaderName(known: "Precedence")
    /// `Auto-Submitted` (RFC 3834).
    public static let autoSubmitted = HeaderName(known: "Auto-Submitted")
    /// `X-Auto-Response-Suppress`, which Exchange heeds.
    public static let autoResponseSuppress = HeaderName(known: "X-Auto-Response-Suppress")
    /// `Feedback-ID`, for Gmail's feedback loop.
    public static let feedbackID = HeaderName(known: "Feedback-ID")
}

/// The value of a header before encoding: UTF-8 without controls and without anything that ends a line.
public struct HeaderValue: Hashable, Sendable, CustomStringConvertible {
    /// The bytes: valid UTF-8, none below 0x20, no 0x7F, and no U+0080...U+009F, U+2028 or U+2029.
    public let bytes: [UInt8]

    /// Whether every byte is ASCII.
    public let isASCII: Bool

    /// Checks bytes.
    public init(_ bytes: [UInt8]) throws(HeaderFault) {
        var ascii = true
        if let fault = Self.firstBreak(in: bytes, ascii: &ascii) { throw .control(at: fault) }
        guard ascii || String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        self.bytes = bytes
        isASCII = ascii
    }

    /// Checks text.
    public init(_ text: String) throws(HeaderFault) { try self.init(Array(text.utf8)) }

    /// Makes a value of a stranger's text, by dropping what may not stand there.
    ///
    /// Controls, line separators and runs of spaces become one space; marks that embed, override or isolate a
    /// direction, and byte order marks, vanish; space at either end goes. The joiners that Persian, Urdu and Hindi
    /// spelling needs stay. The result may be empty.
    public init(cleaning text: String) {
        var kept: [UInt8] = []
        kept.reserveCapacity(text.utf8.count)
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0...0x20, 0x7F...0x9F, 0x2028, 0x2029:
                pendingSpace = !kept.isEmpty
            case 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB:
                continue
            default:
                if pendingSpace { kept.append(0x20) }
                pendingSpace = false
                kept.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        bytes = kept
        isASCII = kept.allSatisfy { $0 < 0x80 }
    }

    /// The value as text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The offset of the first byte that would end or disturb a line.
    private static func firstBreak(in bytes: [UInt8], ascii: inout Bool) -> Int? {
        for (index, byte) in bytes.enumerated() {
            if byte >= 0x20, byte < 0x7F { continue }
            if byte < 0x80 { return index }
            ascii = false
            if byte == 0xC2, index + 1 < bytes.count, bytes[index + 1] < 0xA0 { return index }
            if byte == 0xE2, index + 2 < bytes.count, bytes[index + 1] == 0x80,
                bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9
            {
                return index
            }
        }
        return nil
    }
}
