// SPDX-License-Identifier: Apache-2.0
//
// One part of a message: where it stands, its header, and its body decoded when somebody asks.
// Pure; decodes nothing by itself.
// Rules: RFC 2045 sections 5 and 6, RFC 2046 section 5.

/// How a body is encoded for transport (RFC 2045, section 6).
public enum TransferEncoding: Sendable, Hashable {
    /// `7bit`, `8bit`, `binary`, none, or one we do not know: the bytes as they stand.
    case identity
    /// `base64`.
    case base64
    /// `quoted-printable`.
    case quotedPrintable
}

/// A message or a part of one.
public struct MIMEPart: Sendable {
    /// Its place in ``MIMEMessage/parts``.
    public let index: Int
    /// The place of the part it lies in; `nil` for the message itself.
    public let parent: Int?
    /// How deep it lies: 0...16.
    public let depth: Int
    /// Whether it is a message, the whole one or one inside, and not just a part of a multipart.
    public let isMessage: Bool
    /// Its header.
    public let header: HeaderFields
    /// The media type in lower case, without parameters: `text/plain` when none or an unreadable one is given
    /// (`message/rfc822` inside `multipart/digest`).
    public let mediaType: String
    /// How the body is encoded.
    ///
    /// Always ``TransferEncoding/identity`` for a multipart.
    public let encoding: TransferEncoding
    /// Where the body lies in ``HeaderFields/bytes`` of the header; still encoded, without the line end
    /// before a boundary.
    public internal(set) var body: Range<Int>

    /// The body as it stands in the message, not decoded and not copied.
    public var rawBody: ArraySlice<UInt8> { header.bytes[body] }

    /// Whether it is a `multipart/…`.
    public var isMultipart: Bool { mediaType.utf8.starts(with: "multipart/".utf8) }

    /// The value of the first field with a name, in ASCII and in any case; `nil` when there is none.
    ///
    /// It is unfolded, and white space at its ends is gone.
    public func first(_ name: String) -> [UInt8]? { header.first(name) }

    /// The values of all fields with a name, in order, unfolded, white space trimmed.
    public func all(_ name: String) -> [[UInt8]] { header.all(name) }

    /// A parameter of Content-Type, by a name in ASCII and in any case; `nil` when there is none.
    ///
    /// RFC 2231 continuations are joined and decoded to UTF-8.
    public func parameter(_ name: String) -> [UInt8]? {
        header.first("content-type").flatMap { HeaderParameters($0)[name] }
    }

    /// The body, transfer decoding undone.
    ///
    /// Garbage inside base64 is skipped, a broken escape of quoted-printable stays as it is. Decoding never
    /// makes a body longer.
    ///
    /// - Parameter limit: How many bytes of the encoded body are looked at; the default is all.
    /// - Returns: The bytes.
    public func decodedBody(atMost limit: Int = .max) -> [UInt8] {
        TransferDecoder.decode(rawBody.prefix(max(0, limit)), encoding)
    }

    /// The body as text: transfer decoding undone, charset turned into UTF-8.
    ///
    /// Always valid UTF-8; line ends as they are.
    ///
    /// A charset that lies loses: what is valid UTF-8 stays. An unknown one is read as Latin 1 (Windows
    /// 1252).
    ///
    /// - Parameter limit: How many bytes of the encoded body are looked at; the default is all.
    /// - Returns: UTF-8.
    public func text(atMost limit: Int = .max) -> [UInt8] {
        CharsetText.utf8(decodedBody(atMost: limit), charset: parameter("charset"))
    }

    /// The body as groups of fields separated by empty lines, as in `message/delivery-status` (RFC 3464,
    /// section 2.1), `message/feedback-report` (RFC 5965) and `message/disposition-notification` (RFC 8098),
    /// transfer decoding undone.
    ///
    /// Lines that are no fields are skipped; groups without a field are left out. At most 1,000 groups.
    public func fieldGroups() -> [HeaderFields] {
        encoding == .identity
            ? HeaderFields.groups(in: header.bytes, range: body) : HeaderFields.groups(in: decodedBody())
    }
}
