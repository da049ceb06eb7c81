// SPDX-License-Identifier: Apache-2.0
//
// What Content-Type and Content-Transfer-Encoding say, and what to make of it when they say it badly.
// Pure.
// Rules: RFC 2045 sections 5.2 and 6.4, RFC 2046 section 5.1.5, RFC 6532 section 3.7.

/// Reads the two fields that decide how a part is read.
enum ContentType {
    /// The media type in lower case; the default when the field is missing or has no `type/subtype`.
    static func mediaType(_ bytes: [UInt8], _ field: HeaderField?, isDigest: Bool) -> String {
        let standard = isDigest ? "message/rfc822" : "text/plain"
        guard let field else { return standard }
        var reader = ParameterReader(bytes[field.value].prefix(512))
        let type = reader.readValue()
        guard type.utf8.count <= 127, let slash = type.utf8.firstIndex(of: UInt8(ascii: "/")),
            slash > type.startIndex, type.utf8.index(after: slash) < type.endIndex
        else { return standard }
        return type
    }

    /// The encoding of a body.
    ///
    /// A multipart has none, whatever it says.
    static func encoding(_ bytes: [UInt8], _ field: HeaderField?, of mediaType: String) -> TransferEncoding {
        guard let field, !mediaType.utf8.starts(with: "multipart/".utf8) else { return .identity }
        var word: [UInt8] = []
        for byte in bytes[field.value].prefix(64) {
            if byte == UInt8(ascii: ";") || byte == UInt8(ascii: "(") { break }
            if ASCII.isAlphanumeric(byte) { word.append(ASCII.lower(byte)) }
        }
        if word.elementsEqual("base64".utf8) { return .base64 }
        return word.elementsEqual("quotedprintable".utf8) ? .quotedPrintable : .identity
    }

    /// Whether a body that claims to be base64 is text: more than one sign in ten is none of its alphabet.
    static func looksLikeText(_ body: ArraySlice<UInt8>) -> Bool {
        var strange = 0
        var seen = 0
        for byte in body.prefix(512) where byte != 0x0A && byte != 0x0D {
            seen += 1
            let isLetter = ASCII.isAlphanumeric(byte) || byte == 0x2B || byte == 0x2F || byte == 0x3D
            strange += isLetter ? 0 : 1
        }
        return strange > 3 && strange * 10 > seen
    }

    /// Whether a body that claims to be base64 begins with a header all the same: base64 has no colon.
    static func looksPlain(_ body: ArraySlice<UInt8>) -> Bool {
        var isInLine = false
        for byte in body.prefix(1_024) {
            if byte == UInt8(ascii: ":") { return true }
            if byte == 0x0A || byte == 0x0D {
                if isInLine { return false }
            } else {
                isInLine = true
            }
        }
        return false
    }

    /// What stands behind `--` in the first line of a multipart that names no boundary, if the next line is a
    /// field of a part.
    static func guessedBoundary(in body: ArraySlice<UInt8>) -> [UInt8] {
        let lines = body.prefix(8_192).split(maxSplits: 200) { $0 == 0x0A || $0 == 0x0D }
        for (line, next) in zip(lines, lines.dropFirst()) where line.count > 4 && line.starts(with: "--".utf8)
        {
            let field = next.prefix(8).map(ASCII.lower)
            if field.elementsEqual("content-".utf8) { return Array(line.dropFirst(2).prefix(200)) }
        }
        return []
    }
}

extension MIMEPart {
    /// Whether its body is a message, or the header of one.
    var holdsMessage: Bool {
        switch mediaType {
        case "message/rfc822", "message/global", "message/rfc822-headers", "message/global-headers",
            "text/rfc822-headers", "text/rfc822-header", "text/rfc822":
            true
        default: false
        }
    }

    /// The same part, its body taken as it stands.
    func withoutEncoding() -> MIMEPart {
        MIMEPart(
            index: index,
            parent: parent,
            depth: depth,
            isMessage: isMessage,
            header: header,
            mediaType: mediaType,
            encoding: .identity,
            body: body
        )
    }
}
