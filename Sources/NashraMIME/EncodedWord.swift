// SPDX-License-Identifier: Apache-2.0
//
// Text that is not ASCII as words of ASCII, for headers.
// Pure. Rules: RFC 2047 sections 2, 4 and 5 (its narrowest alphabet, so that a word may stand in a phrase too).

/// Writes encoded words.
public enum EncodedWord {
    /// The longest word, and the longest line that holds one.
    static let longestWord = 75
    static let longestLine = 76

    private static let overhead = 12  // =?UTF-8?B?…?=

    /// Appends `text` as encoded words with folds between them.
    ///
    /// Each word is at most 75 bytes and each line at most 76. Words end between grapheme clusters, so that a letter
    /// keeps its marks; a cluster too long for any word is cut between its scalars, never inside one. Spaces
    /// stand inside words, because readers drop those between them. Of the two encodings the shorter is used.
    ///
    /// - Parameters:
    ///   - text: UTF-8; when empty, nothing is written.
    ///   - output: What to append to.
    ///   - column: How many bytes the current line has; updated.
    ///   - inPhrase: Whether it is a name: then words end after spaces where they can, because some readers show a
    ///     space for each fold of a phrase.
    public static func append(
        _ text: HeaderValue,
        to output: inout [UInt8],
        column: inout Int,
        inPhrase: Bool = false
    ) {
        let bytes = text.bytes
        guard !bytes.isEmpty else { return }
        let encoding = Encoding.shorter(for: bytes)
        if encoding.cost(of: bytes[...]) <= room(after: column) {
            emit(bytes[...], encoding, to: &output, column: &column)
            return
        }
        let limit = max(24, room(after: column))
        let pieces =
            inPhrase
            ? phrasePieces(of: text.description, encoding, limit) : pieces(of: text.description, encoding)
        var start = 0
        var end = 0
        for piece in pieces {
            let next = end + piece
            if encoding.cost(of: bytes[start..<next]) > room(after: column) {
                if end > start {
                    emit(bytes[start..<end], encoding, to: &output, column: &column)
                    start = end
                }
                fold(&output, &column)
            }
            end = next
        }
        emit(bytes[start..<end], encoding, to: &output, column: &column)
    }

    /// How many encoded characters a word may have when it starts at `column`.
    private static func room(after column: Int) -> Int { min(longestWord, longestLine - column) - overhead }

    private static func fold(_ output: inout [UInt8], _ column: inout Int) {
        if column <= 1 { return }
        output.append(contentsOf: [0x0D, 0x0A, 0x20])
        column = 1
    }

    /// The sizes in bytes of what must not be cut: clusters, or scalars where a cluster fits into no word.
    private static func pieces(of text: some StringProtocol, _ encoding: Encoding) -> [Int] {
        var sizes: [Int] = []
        for cluster in text {
            if encoding.cost(of: Array(cluster.utf8)[...]) <= room(after: 1) {
                sizes.append(cluster.utf8.count)
            } else {
                sizes.append(contentsOf: cluster.unicodeScalars.map { UTF8.width($0) })
            }
        }
        return sizes
    }

    /// Whole words with the space after them; the pieces of a word where it fits into no encoded word.
    private static func phrasePieces(of text: String, _ encoding: Encoding, _ limit: Int) -> [Int] {
        var sizes: [Int] = []
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: " ").map { rest.index(after: $0) } ?? rest.endIndex
            let word = rest[..<end]
            if encoding.cost(of: Array(word.utf8)[...]) <= limit {
                sizes.append(word.utf8.count)
            } else {
                sizes.append(contentsOf: pieces(of: word, encoding))
            }
            rest = rest[end...]
        }
        return sizes
    }

    private static func emit(
        _ bytes: ArraySlice<UInt8>,
        _ encoding: Encoding,
        to output: inout [UInt8],
        column: inout Int
    ) {
        let before = output.count
        output.append(contentsOf: encoding.opening)
        switch encoding {
        case .base64: Base64Lines.appendUnbroken(bytes, to: &output)
        case .quoted:
            for byte in bytes {
                if Encoding.isSafe(byte) {
                    output.append(byte)
                } else if byte == 0x20 {
                    output.append(UInt8(ascii: "_"))
                } else {
                    output.append(UInt8(ascii: "="))
                    output.append(Hexadecimal.digit(byte >> 4))
                    output.append(Hexadecimal.digit(byte & 15))
                }
            }
        }
        output.append(contentsOf: [UInt8(ascii: "?"), UInt8(ascii: "=")])
        column += output.count - before
    }

    /// The two encodings of RFC 2047, section 4.
    private enum Encoding {
        case base64, quoted

        var opening: [UInt8] {
            switch self {
            case .base64: Array("=?UTF-8?B?".utf8)
            case .quoted: Array("=?UTF-8?Q?".utf8)
            }
        }

        func cost(of bytes: ArraySlice<UInt8>) -> Int {
            switch self {
            case .base64: (bytes.count + 2) / 3 * 4
            case .quoted: bytes.reduce(0) { $0 + (Self.isSafe($1) || $1 == 0x20 ? 1 : 3) }
            }
        }

        static func shorter(for bytes: [UInt8]) -> Encoding {
            Encoding.quoted.cost(of: bytes[...]) <= Encoding.base64.cost(of: bytes[...]) ? .quoted : .base64
        }

        /// The characters that may stand for themselves in a phrase (RFC 2047, section 5, rule 3).
        static func isSafe(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "!"), UInt8(ascii: "*"),
                UInt8(ascii: "+"),
                UInt8(ascii: "-"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}

/// Upper-case hexadecimal digits.
enum Hexadecimal {
    /// The digit for 0...15.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
}
