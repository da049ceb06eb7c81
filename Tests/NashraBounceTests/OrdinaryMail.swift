// SPDX-License-Identifier: Apache-2.0
//
// Writes mails for tests: any header, any text, in the encodings that mailers use.
// Its own writer, so that the reader is not tested against its mirror.

/// A mail under construction.
struct OrdinaryMail {
    /// How the text is encoded.
    enum Encoding: CaseIterable { case plain, quotedPrintable, base64, alternative }

    /// What it is, for messages of failed tests.
    var name: String
    /// Header fields in order; non-ASCII values become encoded words.
    var fields: [(name: String, value: String)]
    /// The text.
    var text: String
    /// How it is encoded.
    var encoding = Encoding.plain
    /// A message attached behind the text, or `nil`.
    var attached: [UInt8]?
    /// Whether a person wrote it.
    var isFromPerson: Bool

    /// The mail as it would arrive.
    var bytes: [UInt8] {
        var head = ""
        for field in fields { head += "\(field.name): \(Self.word(field.value))\r\n" }
        head += "MIME-Version: 1.0\r\n"
        if let attached {
            let inner = String(decoding: attached, as: UTF8.self)
            return Array(
                """
                \(head)Content-Type: multipart/mixed; boundary="=outer="\r
                \r
                --=outer=\r
                \(part())\r
                --=outer=\r
                Content-Type: message/rfc822\r
                Content-Disposition: attachment; filename="message.eml"\r
                \r
                \(inner)\r
                --=outer=--\r

                """.utf8
            )
        }
        return Array("\(head)\(part())".utf8)
    }

    private func part() -> String {
        switch encoding {
        case .plain:
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\(Self.lines(text))"
        case .quotedPrintable:
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                + Self.quotedPrintable(Self.lines(text))
        case .base64:
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + Self.base64(Array(Self.lines(text).utf8))
        case .alternative:
            "Content-Type: multipart/alternative; boundary=alt\r\n\r\n--alt\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + Self.base64(Array(Self.lines(text).utf8))
                + "\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                + Self.quotedPrintable("<html><body><p>\(Self.lines(text))</p></body></html>")
                + "\r\n--alt--\r\n"
        }
    }

    private static func lines(_ text: String) -> String {
        text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0.filter { $0 != 0x0D }, as: UTF8.self) }
            .joined(separator: "\r\n")
    }

    /// One encoded word for each eight characters, when there is anything to encode; an address behind a name stays.
    static func word(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        if let open = text.firstIndex(of: "<"), text.hasSuffix(">") {
            return "\(word(String(text[..<open]))) \(text[open...])"
        }
        var words: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            words.append("=?UTF-8?B?\(base64(Array(rest.prefix(8).utf8)))?=")
            rest = rest.dropFirst(8)
        }
        return words.joined(separator: "\r\n ")
    }

    /// Base64 in lines of 76.
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var output: [UInt8] = []
        var column = 0
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for index in 0..<4 {
                let isPadding = index > group.count
                output.append(
                    isPadding ? UInt8(ascii: "=") : alphabet[Int(value >> (18 - 6 * UInt32(index)) & 63)]
                )
            }
            column += 4
            if column == 76, start + 3 < bytes.count {
                output += [0x0D, 0x0A]
                column = 0
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Quoted-printable with soft breaks after 72 columns.
    static func quotedPrintable(_ text: String) -> String {
        var output: [UInt8] = []
        var column = 0
        for byte in text.utf8 {
            if byte == 0x0D || byte == 0x0A {
                output.append(byte)
                column = 0
                continue
            }
            if column >= 72 {
                output += Array("=\r\n".utf8)
                column = 0
            }
            if byte < 0x20 || byte > 0x7E || byte == UInt8(ascii: "=") {
                let digits = Array("0123456789ABCDEF".utf8)
                output += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                column += 3
            } else {
                output.append(byte)
                column += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
