// SPDX-License-Identifier: Apache-2.0
//
// A whole message from headers and two bodies, and the last check before it may go on the wire.
// Pure. Rules: RFC 2046 section 5.1.4, RFC 5322 section 2.1.1, RFC 5321 section 4.5.3.1.6.
import Glibc

/// Why a message may not go on the wire.
public enum WireFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A CR without LF, or an LF without CR, at an offset in bytes.
    case strayLineBreak(at: Int)
    /// A line longer than 998 bytes that starts at an offset.
    case lineTooLong(at: Int)
    /// A NUL at an offset.
    case nul(at: Int)
    /// The boundary does not have the form that keeps it apart from bodies.
    case badBoundary

    /// What is wrong, and where.
    public var description: String {
        switch self {
        case .strayLineBreak(let offset): "a stray CR or LF at byte \(offset + 1) of the message"
        case .lineTooLong(let offset):
            "the line at byte \(offset + 1) of the message is longer than 998 bytes"
        case .nul(let offset): "a NUL at byte \(offset + 1) of the message"
        case .badBoundary: "the boundary between the parts must start with =_ and be 3 to 70 safe characters"
        }
    }
}

/// Writes messages.
public enum MessageWriter {
    /// Writes a message that has a plain-text part and an HTML part, text first.
    ///
    /// - Parameters:
    ///   - headers: Everything but MIME-Version, Content-Type and Content-Transfer-Encoding.
    ///   - boundary: Starts with `=_`, which neither of the two body encodings can hold.
    ///   - text: The plain-text part.
    ///   - html: The HTML part.
    /// - Returns: The message. Lines end in CR LF, none is longer than 998 bytes, dots are not stuffed.
    /// - Throws: ``WireFault``.
    public static func alternative(
        headers: HeaderBlock,
        boundary: String,
        text: EncodedBody,
        html: EncodedBody
    ) throws(WireFault) -> [UInt8] {
        guard isBoundary(boundary.utf8) else { throw .badBoundary }
        var message: [UInt8] = []
        message.reserveCapacity(headers.bytes.count + text.bytes.count + html.bytes.count + 512)
        message.append(contentsOf: headers.bytes)
        message.append(contentsOf: opening)
        message.append(contentsOf: boundary.utf8)
        message.append(contentsOf: openingEnd)
        appendPart(textType, text, boundary, to: &message)
        appendPart(htmlType, html, boundary, to: &message)
        message.append(contentsOf: delimiter)
        message.append(contentsOf: boundary.utf8)
        message.append(contentsOf: closing)
        try check(message)
        return message
    }

    /// Checks that every CR is followed by LF, every LF preceded by CR, no line is longer than 998 bytes, and no byte is 0.
    public static func check(_ message: [UInt8]) throws(WireFault) {
        let fault: WireFault? = message.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return nil }
            if let nul = memchr(base, 0, buffer.count) { return .nul(at: UnsafeRawPointer(nul) - base) }
            var line = 0
            while line < buffer.count {
                let rest = buffer.count - line
                let feed = memchr(base + line, 0x0A, rest).map { UnsafeRawPointer($0) - base } ?? buffer.count
                if let carriage = memchr(base + line, 0x0D, min(feed, buffer.count) - line) {
                    let offset = UnsafeRawPointer(carriage) - base
                    if offset != feed - 1 || feed == buffer.count { return .strayLineBreak(at: offset) }
                } else if feed < buffer.count {
                    return .strayLineBreak(at: feed)
                }
                if feed - line > 999 { return .lineTooLong(at: line) }
                line = feed + 1
            }
            return nil
        }
        if let fault { throw fault }
    }

    private static let opening = Array(
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"".utf8
    )
    private static let openingEnd = Array("\"\r\n".utf8)
    private static let delimiter = Array("\r\n--".utf8)
    private static let textType = Array("\r\nContent-Type: text/plain; charset=utf-8\r\n".utf8)
    private static let htmlType = Array("\r\nContent-Type: text/html; charset=utf-8\r\n".utf8)
    private static let closing = Array("--\r\n".utf8)

    private static func appendPart(
        _ type: [UInt8],
        _ body: EncodedBody,
        _ boundary: String,
        to message: inout [UInt8]
    ) {
        message.append(contentsOf: delimiter)
        message.append(contentsOf: boundary.utf8)
        message.append(contentsOf: type)
        message.append(contentsOf: body.encoding.header)
        message.append(contentsOf: body.bytes)
    }

    private static func isBoundary(_ boundary: String.UTF8View) -> Bool {
        (3...70).contains(boundary.count) && boundary.starts(with: "=_".utf8)
            && boundary.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "="), UInt8(ascii: "_"),
                    UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
