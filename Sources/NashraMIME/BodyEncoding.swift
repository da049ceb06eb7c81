// SPDX-License-Identifier: Apache-2.0
//
// How a body travels: the shorter of two encodings that every relay passes unchanged.
// Pure. Rules: RFC 2045 section 6; 8bit is not used, because not every relay offers 8BITMIME.

/// The encoding of a body.
public enum BodyEncoding: String, Sendable, Hashable, Codable, CaseIterable {
    /// For text that is mostly ASCII.
    case quotedPrintable = "quoted-printable"
    /// For the rest, such as Arabic, where it takes less than half the room.
    case base64

    /// The encoding that makes `text` shorter; quoted-printable when they are equal, because people can read it.
    public static func choose(for text: [UInt8]) -> BodyEncoding {
        if text.count + 2 * QuotedPrintable.escapes(in: text) > text.count * 3 / 2 + 64 { return .base64 }
        return QuotedPrintable.encode(text).count <= Base64Lines.encode(CanonicalText.crlf(text)).count
            ? .quotedPrintable : .base64
    }

    /// Encodes text; line ends of any kind become CR LF, in the text that a reader decodes too.
    public func encode(_ text: [UInt8]) -> EncodedBody {
        switch self {
        case .quotedPrintable: EncodedBody(encoding: self, bytes: QuotedPrintable.encode(text))
        case .base64: EncodedBody(encoding: self, bytes: Base64Lines.encode(CanonicalText.crlf(text)))
        }
    }

    /// The part's header line and the empty line after it.
    var header: [UInt8] {
        switch self {
        case .quotedPrintable: Self.quotedPrintableHeader
        case .base64: Self.base64Header
        }
    }

    private static let quotedPrintableHeader = Array(
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n".utf8
    )
    private static let base64Header = Array("Content-Transfer-Encoding: base64\r\n\r\n".utf8)
}

/// A body as it travels; only ``BodyEncoding/encode(_:)`` makes one.
public struct EncodedBody: Hashable, Sendable {
    /// The encoding.
    public let encoding: BodyEncoding
    /// Lines of at most 76 printable ASCII characters with CR LF between them.
    public let bytes: [UInt8]

    fileprivate init(encoding: BodyEncoding, bytes: [UInt8]) {
        self.encoding = encoding
        self.bytes = bytes
    }
}
