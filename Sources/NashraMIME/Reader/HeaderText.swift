// SPDX-License-Identifier: Apache-2.0
//
// The text of a header for people: encoded words decoded, controls gone, one line.
// Pure. Tolerant where mailers are wrong: words split inside a character, spaces inside words, raw 8-bit
// text.
// Rules: RFC 2047 sections 2, 5 and 6.2; RFC 2231 section 5.

/// Reads the text of headers such as Subject and the names in From.
public enum HeaderText {
    /// Decodes the value of a header.
    ///
    /// - Parameters:
    ///   - raw: The value, folded or not; any bytes.
    ///   - limit: How many bytes of it are looked at.
    /// - Returns: One line without C0 and C1 controls and without bidi embeddings, overrides and isolates;
    ///   white space is trimmed, and runs of controls and line ends are one space.
    public static func decode(_ raw: some Collection<UInt8>, atMost limit: Int = 16_384) -> String {
        let bytes = Array(raw.prefix(max(0, limit)))
        if isPlain(bytes) { return String(decoding: bytes, as: UTF8.self) }
        var decoder = WordDecoder(bytes)
        return HeaderValue(cleaning: String(decoding: decoder.run(), as: UTF8.self)).description
    }

    /// Whether nothing has to be decoded, cleaned or trimmed.
    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        var previous: UInt8 = 0x20
        for byte in bytes {
            guard byte >= 0x20, byte < 0x7F else { return false }
            if byte == UInt8(ascii: "?"), previous == UInt8(ascii: "=") { return false }
            if byte == 0x20, previous == 0x20 { return false }
            previous = byte
        }
        return bytes.isEmpty || previous != 0x20
    }
}

/// One walk over a value with encoded words.
private struct WordDecoder {
    private struct Word {
        let charset: [UInt8]
        let text: [UInt8]
        let end: Int
    }

    private static let longestCharset = 60
    private let bytes: [UInt8]
    private var output: [UInt8] = []
    /// Words of one charset that follow one another are decoded together, since some mailers split inside a
    /// character.
    private var charset: [UInt8] = []
    private var pending: [UInt8] = []
    private var isAfterWord = false
    /// The last place where `?=` was found, so that no stretch is searched twice.
    private var knownEnd = -1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() -> [UInt8] {
        var index = 0
        var literal = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "="), let word = word(at: index) else {
                index += 1
                continue
            }
            append(literal: bytes[literal..<index])
            if !isAfterWord || word.charset != charset { flush() }
            charset = word.charset
            pending.append(contentsOf: word.text)
            isAfterWord = true
            index = word.end
            literal = index
        }
        append(literal: bytes[literal...])
        flush()
        return output
    }

    /// Keeps what stands between words; white space alone vanishes (RFC 2047, section 6.2).
    private mutating func append(literal: ArraySlice<UInt8>) {
        if isAfterWord, literal.allSatisfy(ASCII.isSpace) { return }
        guard !literal.isEmpty else { return }
        flush()
        isAfterWord = false
        output.append(contentsOf: CharsetText.utf8(Array(literal), charset: nil))
    }

    private mutating func flush() {
        guard !pending.isEmpty else { return }
        output.append(contentsOf: CharsetText.utf8(pending, charset: charset))
        pending = []
    }

    /// The encoded word at `start`: `=?charset*language?encoding?text?=`.
    private mutating func word(at start: Int) -> Word? {
        guard start + 1 < bytes.count, bytes[start + 1] == UInt8(ascii: "?") else { return nil }
        let name = bytes[(start + 2)...].prefix(Self.longestCharset).prefix { $0 != UInt8(ascii: "?") }
        let mark = name.endIndex
        guard !name.isEmpty, mark + 2 < bytes.count, bytes[mark] == UInt8(ascii: "?"),
            bytes[mark + 2] == UInt8(ascii: "?"), name.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        let kind = ASCII.lower(bytes[mark + 1])
        guard kind == UInt8(ascii: "b") || kind == UInt8(ascii: "q"), let end = end(from: mark + 3) else {
            return nil
        }
        let text = bytes[(mark + 3)..<end]
        return Word(
            charset: name.prefix { $0 != UInt8(ascii: "*") }.map(ASCII.lower),
            text: kind == UInt8(ascii: "b") ? TransferDecoder.base64(text) : TransferDecoder.headerQ(text),
            end: end + 2
        )
    }

    /// Where the next `?=` stands.
    private mutating func end(from start: Int) -> Int? {
        if knownEnd < start {
            var index = start
            while index < bytes.count {
                if bytes[index] == UInt8(ascii: "?"), index + 1 < bytes.count,
                    bytes[index + 1] == UInt8(ascii: "=")
                {
                    break
                }
                index += 1
            }
            knownEnd = index
        }
        return knownEnd < bytes.count ? knownEnd : nil
    }
}
