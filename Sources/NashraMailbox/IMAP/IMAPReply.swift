// SPDX-License-Identifier: Apache-2.0
//
// The few lines of IMAP that we read ourselves; libcurl reads the rest.
// Pure, on bytes, and total: what does not look right is passed over. Rules: RFC 3501 section 7.

/// One line of a server.
struct IMAPReply {
    /// Its words, as they came.
    private let words: [ArraySlice<UInt8>]
    /// The whole line.
    let line: [UInt8]

    /// Splits a line into words.
    init(_ line: [UInt8]) {
        self.line = line
        words = line.split(separator: 0x20)
    }

    /// What an untagged line tells about the selected folder.
    enum News: Equatable {
        case exists(UInt32)
        case expunged
        case uidValidity(UInt32)
        case capabilities(Set<String>)
        case bye
    }

    /// The news in this line, or `nil`.
    var news: News? {
        if let list = capabilities { return .capabilities(list) }
        guard words.count >= 2, words[0].elementsEqual("*".utf8) else { return nil }
        if words.count == 3, let count = Self.number(words[1]) {
            if Self.isWord(words[2], "EXISTS") { return .exists(count) }
            if Self.isWord(words[2], "EXPUNGE") { return .expunged }
        }
        if Self.isWord(words[1], "BYE") { return .bye }
        if words.count >= 4, Self.isWord(words[1], "OK"), Self.isWord(words[2], "[UIDVALIDITY") {
            return Self.number(words[3].prefix { $0 != UInt8(ascii: "]") }).map { .uidValidity($0) }
        }
        return nil
    }

    /// `* CAPABILITY …`, or the same in brackets after a login.
    private var capabilities: Set<String>? {
        guard
            let start = words.prefix(4).firstIndex(where: {
                Self.isWord($0, "CAPABILITY") || Self.isWord($0, "[CAPABILITY")
            })
        else { return nil }
        let isBracketed = words[start].first == UInt8(ascii: "[")
        guard isBracketed || (start == 1 && words[0].elementsEqual("*".utf8)) else { return nil }
        var names: Set<String> = []
        for word in words[(start + 1)...].prefix(200) {
            names.insert(
                String(decoding: word.prefix { $0 != UInt8(ascii: "]") }, as: UTF8.self).uppercased()
            )
            if isBracketed, word.contains(UInt8(ascii: "]")) { break }
        }
        return names
    }

    /// The numbers of `* SEARCH 2 84 882`, or `nil` for another line.
    var found: [UInt32]? {
        guard words.count >= 2, words[0].elementsEqual("*".utf8), Self.isWord(words[1], "SEARCH") else {
            return nil
        }
        return words[2...].compactMap { Self.number($0) }
    }

    /// Whether this ends a command that was carried out: `A004 OK …`.
    var isDone: Bool {
        words.count >= 2 && !words[0].elementsEqual("*".utf8) && !words[0].elementsEqual("+".utf8)
            && Self.isWord(words[1], "OK")
    }

    /// Whether this is a line of a listing of folders.
    var isList: Bool {
        words.count >= 2 && words[0].elementsEqual("*".utf8) && Self.isWord(words[1], "LIST")
    }

    /// What separates the levels of folders, from `* LIST (\Noselect) "/" ""`; `nil` when it is another line
    /// or NIL.
    var separator: Character? {
        guard isList, let close = line.firstIndex(of: UInt8(ascii: ")")) else { return nil }
        let rest = line[(close + 1)...].drop { $0 == 0x20 }
        guard rest.first == UInt8(ascii: "\""), rest.count >= 3 else { return nil }
        let inside = rest.dropFirst()
        let escaped = inside.first == UInt8(ascii: "\\")
        guard let byte = (escaped ? inside.dropFirst() : inside).first, (0x21...0x7E).contains(byte) else {
            return nil
        }
        return Character(Unicode.Scalar(byte))
    }

    /// The prefix of personal folders, from `* NAMESPACE (("INBOX." ".")) NIL NIL` (RFC 2342); `nil` for
    /// another line.
    var personalPrefix: String? {
        guard words.count >= 2, words[0].elementsEqual("*".utf8), Self.isWord(words[1], "NAMESPACE") else {
            return nil
        }
        guard let open = line.firstIndex(of: UInt8(ascii: "(")),
            line[open...].starts(with: Array("((\"".utf8))
        else {
            return ""
        }
        let inside = line[(open + 3)...].prefix { $0 != UInt8(ascii: "\"") }
        return inside.allSatisfy { (0x20...0x7E).contains($0) } ? String(decoding: inside, as: UTF8.self) : ""
    }

    private static func isWord(_ word: ArraySlice<UInt8>, _ name: String) -> Bool {
        word.count == name.utf8.count
            && zip(word, name.utf8).allSatisfy { ((0x61...0x7A).contains($0) ? $0 & 0xDF : $0) == $1 }
    }

    /// A number of at most 32 bits, in digits alone.
    static func number(_ digits: some Collection<UInt8>) -> UInt32? {
        guard (1...10).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + UInt64(digit - 0x30)
        }
        return UInt32(exactly: value)
    }
}
