// SPDX-License-Identifier: Apache-2.0
//
// The addresses in From, To, Return-Path and their like, as strangers write them.
// Pure, tolerant, one pass.
// Rules: RFC 5322 sections 3.4 and 4.4, RFC 6532.

/// Reads lists of mailboxes.
public enum AddressReader {
    /// The addresses in a header's value: `local@domain` as written, without names, comments, groups and
    /// routes.
    ///
    /// - Parameters:
    ///   - value: The value, folded or not; any bytes, of which the first 262,144 are looked at. SMTPUTF8
    ///     addresses are read as they are.
    ///   - limit: How many addresses are read.
    /// - Returns: The addresses in order, each at most 320 bytes with text on both sides of its last `@`; a
    ///   name without one (`root`) is none.
    public static func addresses(in value: some Collection<UInt8>, atMost limit: Int = 100) -> [String] {
        var reader = MailboxListReader(Array(value.prefix(262_144)), limit: limit)
        return reader.run()
    }
}

/// One walk over a list.
private struct MailboxListReader {
    private static let longest = 320
    private let bytes: [UInt8]
    private let limit: Int
    private var found: [String] = []
    private var index = 0
    /// Words outside angle brackets, each a candidate when it has an `@`.
    private var word: [UInt8] = []
    private var bestWord: [UInt8] = []
    private var angled: [UInt8] = []

    init(_ bytes: [UInt8], limit: Int) {
        self.bytes = bytes
        self.limit = limit
    }

    mutating func run() -> [String] {
        while index < bytes.count, found.count < limit {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "("): skipComment()
            case 0x22: readQuoted()
            case UInt8(ascii: "<"): readAngled()
            case UInt8(ascii: ","), UInt8(ascii: ";"): finish()
            case UInt8(ascii: ":"): endGroupName()
            case UInt8(ascii: ">"): break
            case 0x00...0x20: endWord()
            default: word.append(byte)
            }
        }
        if found.count < limit { finish() }
        return found
    }

    /// What stood before a colon was a group's name, or `mailto`; but a colon inside a domain literal belongs
    /// to it.
    private mutating func endGroupName() {
        if word.count <= Self.longest, word.contains(UInt8(ascii: "[")) {
            word.append(UInt8(ascii: ":"))
        } else {
            word = []
            bestWord = []
        }
    }

    private mutating func endWord() {
        if bestWord.isEmpty, Self.isAddress(word) { bestWord = word }
        word = []
    }

    private mutating func finish() {
        endWord()
        let address = Self.unquoted(Self.isAddress(angled) ? angled : bestWord)
        bestWord = []
        angled = []
        guard !address.isEmpty, address.count <= Self.longest else { return }
        found.append(String(decoding: address, as: UTF8.self))
    }

    /// Goes over a comment; comments nest.
    ///
    /// One that does not end reaches to the end.
    private mutating func skipComment() {
        var depth = 1
        while index < bytes.count, depth > 0 {
            switch bytes[index] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case 0x5C: index += 1
            default: break
            }
            index += 1
        }
        index = min(index, bytes.count)
    }

    /// Keeps a quoted string with its quotes: it may be a local part.
    ///
    /// A display name falls away at the next space or `<`.
    private mutating func readQuoted() {
        word.append(0x22)
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == 0x0D || byte == 0x0A { continue }
            word.append(byte)
            if byte == 0x22 { return }
            if byte == 0x5C, index < bytes.count {
                word.append(bytes[index])
                index += 1
            }
        }
    }

    /// Reads `<…>`, without white space, route and `mailto:`.
    ///
    /// A bracket that is never closed ends where the next one opens, and its address at the first space or
    /// comma.
    private mutating func readAngled() {
        endWord()
        let start = index
        var isQuoted = false
        while index < bytes.count {
            let byte = bytes[index]
            if !isQuoted, byte == UInt8(ascii: ">") || byte == UInt8(ascii: "<") { break }
            if byte == 0x22 { isQuoted.toggle() }
            index += 1
        }
        let isClosed = index < bytes.count && bytes[index] == UInt8(ascii: ">")
        var raw = bytes[start..<index]
        if !isClosed { raw = raw.prefix { !ASCII.isSpace($0) && $0 != UInt8(ascii: ",") } }
        var content = Self.withoutSpace(raw)
        if content.first == UInt8(ascii: "@"), let colon = content.firstIndex(of: UInt8(ascii: ":")) {
            content.removeFirst(colon + 1)
        }
        if content.prefix(7).map(ASCII.lower).elementsEqual("mailto:".utf8) { content.removeFirst(7) }
        if !Self.isAddress(angled) { angled = content }
        if !isClosed { finish() }
    }

    /// Drops white space outside quotes.
    private static func withoutSpace(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        var isQuoted = false
        return raw.filter { byte in
            if byte == 0x22 { isQuoted.toggle() }
            return byte == 0x20 && isQuoted || !ASCII.isSpace(byte)
        }
    }

    /// Some write an address and nothing else between quotes.
    private static func unquoted(_ word: [UInt8]) -> [UInt8] {
        var word = word[...]
        for quote in [0x22, 0x27] as [UInt8] where word.count > 2 && word.first == quote && word.last == quote
        {
            word = word.dropFirst().dropLast()
        }
        return Array(word)
    }

    /// Whether there is text on both sides of the last `@`, and no control in it.
    private static func isAddress(_ word: [UInt8]) -> Bool {
        guard let at = word.lastIndex(of: UInt8(ascii: "@")), at > 0, at + 1 < word.count else {
            return false
        }
        return word.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
