// SPDX-License-Identifier: Apache-2.0
//
// Escaping of foreign text for the place where it will stand, byte by byte.
// Pure. Never by Character: `"` followed by a combining mark is one Character and would slip through.
// Rules: HTML Living Standard section 13.3, RFC 3986 section 2.3, UAX 9 (bidi controls).

extension Escaping {
    /// Appends a value, escaped for the place.
    ///
    /// - Parameters:
    ///   - value: The text; `inout` because making its UTF-8 contiguous may change its storage, never its
    ///     content.
    ///   - output: What is appended to.
    public func append(_ value: inout String, to output: inout [UInt8]) {
        value.withUTF8 { bytes in
            switch self {
            case .text, .header: Self.appendCleaned(bytes, markup: false, to: &output)
            case .html: Self.appendCleaned(bytes, markup: true, to: &output)
            case .urlComponent: Self.appendPercentEncoded(bytes, to: &output)
            }
        }
    }

    /// A value, escaped for the place.
    public func escaped(_ value: String) -> [UInt8] {
        var value = value
        var output: [UInt8] = []
        append(&value, to: &output)
        return output
    }

    private static func appendCleaned(
        _ bytes: UnsafeBufferPointer<UInt8>,
        markup: Bool,
        to output: inout [UInt8]
    ) {
        var start = 0
        var index = 0
        while index < bytes.count {
            guard let edit = Edit(bytes, at: index, markup: markup) else {
                index += 1
                continue
            }
            output.append(contentsOf: bytes[start..<index])
            output.append(contentsOf: edit.replacement.utf8)
            index += edit.length
            start = index
        }
        output.append(contentsOf: bytes[start...])
    }

    private static func appendPercentEncoded(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                output.append(byte)
            default:
                output.append(UInt8(ascii: "%"))
                output.append(hexDigit(byte >> 4))
                output.append(hexDigit(byte & 15))
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x37 + value
    }
}

/// What takes the place of the bytes at one position.
private struct Edit {
    var length: Int
    var replacement: String

    /// `nil` when the byte may stay as it is.
    @inline(__always)
    init?(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int, markup: Bool) {
        let byte = bytes[index]
        // Letters, digits and everything of Arabic (0xD8...0xDB, 0xEF) leave by the first test.
        guard byte < 0x40 || byte == 0x7F || byte == 0xC2 || byte == 0xE2 else { return nil }
        switch byte {
        case 0x00..<0x20: self = Edit(1, " ")
        case 0x22 where markup: self = Edit(1, "&quot;")
        case 0x26 where markup: self = Edit(1, "&amp;")
        case 0x27 where markup: self = Edit(1, "&#39;")
        case 0x3C where markup: self = Edit(1, "&lt;")
        case 0x3E where markup: self = Edit(1, "&gt;")
        case 0x7F: self = Edit(1, "")
        case 0xC2 where index + 1 < bytes.count && bytes[index + 1] < 0xA0:  // U+0080...U+009F
            self = Edit(2, " ")
        case 0xE2 where index + 2 < bytes.count && bytes[index + 1] == 0x80:
            switch bytes[index + 2] {
            case 0xA8, 0xA9: self = Edit(3, " ")  // U+2028, U+2029
            case 0xAA...0xAE: self = Edit(3, "")  // U+202A...U+202E
            default: return nil
            }
        case 0xE2 where index + 2 < bytes.count && bytes[index + 1] == 0x81:
            guard (0xA6...0xA9).contains(bytes[index + 2]) else { return nil }  // U+2066...U+2069
            self = Edit(3, "")
        default: return nil
        }
    }

    private init(_ length: Int, _ replacement: String) {
        self.length = length
        self.replacement = replacement
    }
}
