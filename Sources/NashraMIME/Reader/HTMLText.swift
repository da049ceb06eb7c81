// SPDX-License-Identifier: Apache-2.0
//
// The words of an HTML part, for classification only: tags gone, blocks become lines, entities become
// characters.
// Pure, iterative, one pass; it renders nothing and trusts nothing.
// Rules: HTML Living Standard section 13.2, roughly.

/// Reads HTML as plain text.
public enum HTMLText {
    /// The text of HTML.
    ///
    /// `br`, `p`, `div`, `tr`, `li`, headings and the like become LF, other white space one space; comments,
    /// `script`, `style` and attributes vanish; character references become UTF-8.
    ///
    /// - Parameters:
    ///   - html: UTF-8, such as ``MIMEPart/text(atMost:)`` gives.
    ///   - limit: How many bytes of it are looked at.
    /// - Returns: UTF-8; lines end in LF.
    public static func plain(_ html: [UInt8], atMost limit: Int = 1_048_576) -> [UInt8] {
        var reader = HTMLReader(html.count > limit ? Array(html.prefix(max(0, limit))) : html)
        return reader.run()
    }
}

/// One walk over a document.
private struct HTMLReader {
    private static let longestName = 12
    private let html: [UInt8]
    private var index = 0
    private var output: [UInt8] = []
    private var needsSpace = false
    private var preformatted = 0

    init(_ html: [UInt8]) {
        self.html = html
        output.reserveCapacity(html.count / 2)
    }

    mutating func run() -> [UInt8] {
        while index < html.count {
            let byte = html[index]
            switch byte {
            case UInt8(ascii: "<"): readTag()
            case UInt8(ascii: "&"): readReference()
            case 0x0A where preformatted > 0:
                breakLine()
                index += 1
            case 0x00...0x20, 0x7F:
                needsSpace = true
                index += 1
            default:
                put(byte)
                index += 1
            }
        }
        return output
    }

    private mutating func put(_ byte: UInt8) {
        if needsSpace, let last = output.last, last != 0x0A { output.append(0x20) }
        needsSpace = false
        output.append(byte)
    }

    /// Ends a line; two empty ones never follow each other.
    private mutating func breakLine() {
        needsSpace = false
        let count = output.count
        guard count > 0, count == 1 || output[count - 1] != 0x0A || output[count - 2] != 0x0A else { return }
        output.append(0x0A)
    }

    /// Ends a line unless it has just ended.
    private mutating func endBlock() {
        needsSpace = false
        if let last = output.last, last != 0x0A { output.append(0x0A) }
    }

    private mutating func readTag() {
        let next = index + 1 < html.count ? html[index + 1] : 0
        if next == UInt8(ascii: "!"), starts("<!--") {
            return skip(behind: "-->")
        }
        if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
            return skip(behind: ">")
        }
        let isEnd = next == UInt8(ascii: "/")
        let start = index + (isEnd ? 2 : 1)
        let raw = html[min(start, html.count)...].prefix(Self.longestName).prefix(while: ASCII.isAlphanumeric)
        let follower = raw.endIndex < html.count ? html[raw.endIndex] : 0x3E
        let isName = !raw.isEmpty && ASCII.lower(raw[raw.startIndex]) &- 0x61 < 26
        let isTag =
            isName
            && (ASCII.isSpace(follower) || follower == 0x3E || follower == UInt8(ascii: "/")
                || follower == UInt8(ascii: ":") || follower == UInt8(ascii: "-")
                || ASCII.isAlphanumeric(follower) && !isAddress(from: raw.endIndex))
        guard isTag else {
            // Not a tag: a sign in the text, or an address in brackets that nobody escaped.
            put(UInt8(ascii: "<"))
            index += 1
            return
        }
        index = raw.endIndex
        skip(behind: ">")
        apply(String(decoding: raw.map(ASCII.lower), as: UTF8.self), isEnd: isEnd)
    }

    /// Whether an `@` comes before the tag could end.
    private func isAddress(from position: Int) -> Bool {
        html[position...].prefix(320).prefix { $0 != 0x3E && !ASCII.isSpace($0) }.contains(UInt8(ascii: "@"))
    }

    private mutating func apply(_ name: String, isEnd: Bool) {
        switch name {
        case "script" where !isEnd: skip(behind: "</script")
        case "style" where !isEnd: skip(behind: "</style")
        case "br": breakLine()
        case "pre":
            preformatted = max(0, preformatted + (isEnd ? -1 : 1))
            endBlock()
        case "p", "div", "tr", "li", "ul", "ol", "table", "blockquote", "hr", "dt", "dd", "dl", "title",
            "center", "h1",
            "h2", "h3", "h4", "h5", "h6", "head", "body", "html", "section", "article", "header", "footer",
            "address":
            endBlock()
        case "td", "th": needsSpace = true
        default: break
        }
    }

    private func starts(_ word: String) -> Bool {
        var position = index
        for byte in word.utf8 {
            guard position < html.count, ASCII.lower(html[position]) == byte else { return false }
            position += 1
        }
        return true
    }

    /// Goes behind the next `word`, or to the end.
    private mutating func skip(behind word: String) {
        let first = word.utf8.first
        while index < html.count {
            if html[index] == first, starts(word) {
                index += word.utf8.count
                if word.utf8.last != UInt8(ascii: ">") { return skip(behind: ">") }
                return
            }
            index += 1
        }
    }

    private mutating func readReference() {
        let body = html[(index + 1)...].prefix(32)
        let name = body.prefix { ASCII.isAlphanumeric($0) || $0 == UInt8(ascii: "#") }
        guard let scalar = HTMLEntities.scalar(name) else {
            put(UInt8(ascii: "&"))
            index += 1
            return
        }
        index = name.endIndex
        if index < html.count, html[index] == UInt8(ascii: ";") { index += 1 }
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20, 0xA0: needsSpace = true
        case 0xAD, 0x00...0x1F, 0x7F: break
        default:
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { put(byte) }
        }
    }
}
