// SPDX-License-Identifier: Apache-2.0
//
// Addresses in the lines of a report: at their start, behind a label, or anywhere.
// Pure. Bytes of UTF-8; internationalised addresses (RFC 6531) count. Rules: RFC 5321 section 4.1.2, as reports write them.

/// Finds addresses in text.
enum AddressText {
    /// An address at the start of a line.
    struct Leading {
        /// The address alone.
        var address: ArraySlice<UInt8>
        /// What the line says behind it, without blanks and colons in front.
        var rest: ArraySlice<UInt8>
    }

    private static let longest = 320

    /// The address that `line` begins with: `<a@b>: why`, `a@b why`, `"A" <a@b>`, `a@b (a@b)`, `* a@b`; or `nil`.
    static func leading(_ line: ArraySlice<UInt8>) -> Leading? {
        var text = ByteSearch.trimmed(line)
        if let first = text.first, bullets.contains(first), text.count > 2, text[text.startIndex + 1] == 0x20
        {
            text = ByteSearch.trimmed(text.dropFirst(2))
        }
        // `>>> a@b <a@b>`, as a list writes it; behind an arrow of a dialogue stands a command.
        if ByteSearch.hasPrefix(">>> ", in: text),
            AddressText.bare(text.dropFirst(4).prefix { !ends($0) }) != nil
        {
            text = text.dropFirst(4)
        }
        guard let first = text.first, text.count >= 3 else { return nil }
        if opening(first) != nil {
            guard let found = bracketed(text) else { return named(text) }
            return Leading(address: found.address, rest: remainder(found.rest))
        }
        let word = text.prefix { !ends($0) }
        guard let bare = bare(word) else { return named(text) }
        let rest = text[bare.endIndex...]
        if let second = bracketed(ByteSearch.trimmed(rest)) {
            return Leading(address: second.address, rest: remainder(second.rest))
        }
        return Leading(address: bare, rest: remainder(rest))
    }

    /// `Name <a@b>` or `Name (a@b)` filling a whole line, or going on with a colon.
    private static func named(_ text: ArraySlice<UInt8>) -> Leading? {
        guard
            let open = text.prefix(96).firstIndex(where: { opening($0) != nil && $0 != UInt8(ascii: "\"") }),
            let found = bracketed(text[open...])
        else { return nil }
        let name = ByteSearch.trimmed(text[..<open])
        let isQuoted = name.first == UInt8(ascii: "\"") || name.first == UInt8(ascii: "'")
        let goesOn = found.rest.first
        guard goesOn == nil || goesOn == UInt8(ascii: ":"), !name.contains(UInt8(ascii: ":")) else {
            return nil
        }
        guard isQuoted || (name.count <= 48 && !isSentence(name)) else { return nil }
        return Leading(address: found.address, rest: remainder(found.rest))
    }

    /// Whether words before an address are those of a sentence and not a name.
    private static func isSentence(_ name: ArraySlice<UInt8>) -> Bool {
        let folded = TextFolding.fold(name)
        let words = [
            "contact", "please", "mail to", "to ", "by ", "from ", "for ", "said", "with", "write", "send",
        ]
        return words.contains { ByteSearch.find($0, in: folded) != nil }
            || name.count(where: { $0 == 0x20 }) > 4
    }

    /// The address within brackets or quotes that `text` begins with, and what follows.
    private static func bracketed(_ text: ArraySlice<UInt8>) -> (
        address: ArraySlice<UInt8>, rest: ArraySlice<UInt8>
    )? {
        guard let first = text.first, let closing = opening(first),
            let close = text.dropFirst().prefix(longest + 16).firstIndex(of: closing)
        else { return nil }
        var inner = ByteSearch.trimmed(text[(text.startIndex + 1)..<close])
        if let colon = inner.firstIndex(of: UInt8(ascii: ":")), isScheme(inner[..<colon]) {
            inner = inner[(colon + 1)...]
        }
        var rest = text[(close + 1)...]
        if inner.first == UInt8(ascii: "<"), let angled = bracketed(inner) { inner = angled.address }
        guard let address = bare(inner) else { return nil }
        // `<a@b> (a@b)` and `a@b<mailto:a@b>` name it twice.
        let next = ByteSearch.trimmed(rest)
        if let again = next.first, again == UInt8(ascii: "<") || again == UInt8(ascii: "("),
            let twin = bracketed(next), twin.address.elementsEqual(address)
        {
            rest = twin.rest
        }
        return (address, rest)
    }

    private static func isScheme(_ bytes: ArraySlice<UInt8>) -> Bool {
        ["mailto", "smtp", "rfc822", "internet", "to"].contains { ByteSearch.equals($0, bytes) }
    }

    /// `word` as an address, without what punctuation holds on to it; or `nil` when it is none.
    static func bare(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var word = word
        while let last = word.last, trailing.contains(last) { word = word.dropLast() }
        while let first = word.first, first == 0x27 || first == 0x60 || first == 0x2A {
            word = word.dropFirst()
        }
        guard word.count <= longest, let at = word.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let local = word[..<at]
        let domain = word[(at + 1)...]
        guard let head = local.first, let tail = domain.last, domain.count >= 2 else { return nil }
        guard head != UInt8(ascii: "@"), isHostEdge(domain[domain.startIndex]), isHostEdge(tail) else {
            return nil
        }
        let isQuoted = head == UInt8(ascii: "\"")
        for byte in local
        where byte <= 0x20 || (!isQuoted && (byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">"))) {
            if !(isQuoted && byte == 0x20) { return nil }
        }
        for byte in domain where !isHost(byte) { return nil }
        return word
    }

    /// Every address in `text`, in order, without repetitions; at most `limit`.
    static func all(in text: ArraySlice<UInt8>, atMost limit: Int = 16) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var from = text.startIndex
        while found.count < limit, let at = text[from...].firstIndex(of: UInt8(ascii: "@")) {
            var end = at + 1
            while end < text.endIndex, isHost(text[end]), !isForeign(text, end) { end += 1 }
            var start = at
            while start > text.startIndex, at - start < 250, !ends(text[start - 1]),
                text[start - 1] != UInt8(ascii: "=")
            {
                start -= 1
            }
            if let address = bare(plain(text[start..<end], at: at)),
                !found.contains(where: { $0.elementsEqual(address) })
            {
                found.append(address)
            }
            from = max(end, at + 1)
        }
        return found
    }

    /// A script without blanks runs into the address: the domain, when it began in ASCII, ends where that ends.
    private static func isForeign(_ text: ArraySlice<UInt8>, _ place: Int) -> Bool {
        text[place] >= 0x80 && text[place - 1] < 0x80 && text[place - 1] != UInt8(ascii: "@")
            && text[place - 1] != UInt8(ascii: ".") && text[place - 1] != UInt8(ascii: "-")
    }

    /// The same in front: of a word that only ends in ASCII, that end is the local part.
    private static func plain(_ word: ArraySlice<UInt8>, at: Int) -> ArraySlice<UInt8> {
        guard let last = word[..<at].last, last < 0x80,
            let wide = word[..<at].lastIndex(where: { $0 >= 0x80 })
        else {
            return word
        }
        return wide + 1 < at ? word[(wide + 1)...] : word
    }

    private static let bullets: Set<UInt8> = [UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "+")]
    private static let trailing: Set<UInt8> = [
        UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "!"),
        UInt8(ascii: "?"),
        UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: ")"), UInt8(ascii: ">"),
    ]

    /// The bracket that closes `byte`, or `nil`.
    private static func opening(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "<"): UInt8(ascii: ">")
        case UInt8(ascii: "("): UInt8(ascii: ")")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
            byte == UInt8(ascii: "\"") ? byte : UInt8(ascii: "'")
        default: nil
        }
    }

    /// Whether a byte ends a bare address.
    private static func ends(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x20, 0x7F, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"),
            UInt8(ascii: "\""), UInt8(ascii: "|"):
            true
        default: false
        }
    }

    private static func isHost(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80 || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    private static func isHostEdge(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80
    }

    private static func remainder(_ rest: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = ByteSearch.trimmed(rest)
        while let first = rest.first,
            first == UInt8(ascii: ":") || first == UInt8(ascii: ",") || first == 0x20 || first == 0x09
        {
            rest = rest.dropFirst()
        }
        return rest
    }
}
