// SPDX-License-Identifier: Apache-2.0
//
// The text of a query as tokens with their places.
// Pure. Grammar: docs/segments.md, "Grammar".

/// A piece of a query.
struct SegmentToken {
    enum Content: Hashable {
        /// Letters, digits and most signs, as they stand.
        case word(String)
        /// A text in quotes, without them.
        case quoted(String)
        case open, close, comma
        /// `=`, `!=`, `<`, `<=`, `>` or `>=`.
        case sign(String)
        case end
    }

    let content: Content
    /// Its place, in scalars.
    let range: Range<Int>

    /// The word in lower case when it is one of ASCII letters; keywords are known by it.
    var keyword: String? {
        guard case .word(let word) = content, word.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        return word.lowercased()
    }

    /// What it is, for a message.
    var words: String {
        switch content {
        case .word(let word): "“\(word.count > 40 ? "\(word.prefix(40))…" : word)”"
        case .quoted: "a text in quotes"
        case .open: "an opening bracket"
        case .close: "a closing bracket"
        case .comma: "a comma"
        case .sign(let sign): "“\(sign)”"
        case .end: "the end"
        }
    }
}

/// Cuts a query into tokens.
struct SegmentLexer {
    private let source: SegmentSource
    private var index = 0

    init(_ source: SegmentSource) { self.source = source }

    /// All tokens, `end` last.
    mutating func tokens() throws(SegmentFault) -> [SegmentToken] {
        var tokens: [SegmentToken] = []
        while let scalar = current {
            if SegmentLexing.isSkipped(scalar) {
                index += 1
                continue
            }
            let start = index
            let content = try content(scalar)
            tokens.append(SegmentToken(content: content, range: start..<index))
        }
        return tokens + [SegmentToken(content: .end, range: index..<index)]
    }

    private var current: Unicode.Scalar? { index < source.scalars.count ? source.scalars[index] : nil }

    private mutating func content(_ scalar: Unicode.Scalar) throws(SegmentFault) -> SegmentToken.Content {
        switch scalar {
        case "(": return single(.open)
        case ")": return single(.close)
        case ",", "،": return single(.comma)
        case "\"", "“", "«": return try quoted(closing: scalar == "“" ? "”" : scalar == "«" ? "»" : "\"")
        case "=", "!", "<", ">": return try sign(scalar)
        case "≤": return single(.sign("<="))
        case "≥": return single(.sign(">="))
        case "≠": return single(.sign("!="))
        default: return try word()
        }
    }

    private mutating func single(_ content: SegmentToken.Content) -> SegmentToken.Content {
        index += 1
        return content
    }

    private mutating func sign(_ first: Unicode.Scalar) throws(SegmentFault) -> SegmentToken.Content {
        let start = index
        index += 1
        let next = current
        if next == "=" || (first == "<" && next == ">") { index += 1 }
        switch (first, next) {
        case ("=", _): return .sign("=")
        case ("!", "="), ("<", ">"): return .sign("!=")
        case ("!", _):
            throw source.fault(
                "“!” alone means nothing",
                at: start..<index,
                remedy: "Write !=, or not before a term."
            )
        case (_, "="): return .sign("\(first)=")
        default: return .sign("\(first)")
        }
    }

    private mutating func quoted(closing: Unicode.Scalar) throws(SegmentFault) -> SegmentToken.Content {
        let start = index
        index += 1
        var text = String.UnicodeScalarView()
        while let scalar = current, !SegmentSource.isNewline(scalar) {
            index += 1
            if scalar == closing { return .quoted(String(text)) }
            if scalar == "\\" {
                text.append(try escaped())
            } else if SegmentSource.isControl(scalar), !SegmentLexing.isMark(scalar) {
                throw source.fault("a control character stands in a text", at: index - 1..<index)
            } else if !SegmentLexing.isMark(scalar) {
                text.append(scalar)
            }
        }
        throw source.fault(
            "the text that begins here has no closing quote",
            at: start..<start + 1,
            remedy: "End it with \(closing) in the same line."
        )
    }

    private mutating func escaped() throws(SegmentFault) -> Unicode.Scalar {
        if let scalar = current, ["\"", "\\", "”", "»"].contains(scalar) {
            index += 1
            return scalar
        }
        throw source.fault(
            "a backslash stands before a character that needs none",
            at: index - 1..<index,
            remedy: "Write \\\" for a quote and \\\\ for a backslash."
        )
    }

    private mutating func word() throws(SegmentFault) -> SegmentToken.Content {
        var text = String.UnicodeScalarView()
        let start = index
        while let scalar = current, !SegmentLexing.endsWord(scalar) {
            if !SegmentLexing.isMark(scalar) { text.append(scalar) }
            index += 1
        }
        guard !text.isEmpty else {
            index += 1
            throw source.fault(
                "a character stands here that means nothing in a query",
                at: start..<index,
                remedy: "Put texts in quotes."
            )
        }
        return .word(String(text))
    }
}

/// What each scalar is for the lexer and the printer.
enum SegmentLexing {
    /// Words of the language; a text of this form needs quotes.
    static let reserved: Set<String> = ["and", "or", "not", "in", "is", "between", "contains"]

    static func isSkipped(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace && !(0x2028...0x2029).contains(scalar.value) || isMark(scalar)
    }

    /// Marks of direction and other invisible characters that are pasted along with text.
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "(", ")", ",", "،", "\"", "“", "”", "«", "»", "=", "!", "<", ">", "≤", "≥", "≠", "\\": true
        default:
            scalar.properties.isWhitespace || (SegmentSource.isControl(scalar) && !isMark(scalar))
        }
    }

    /// Whether a text can stand without quotes.
    static func isBare(_ text: String) -> Bool {
        !text.isEmpty && !reserved.contains(text.lowercased())
            && text.unicodeScalars.allSatisfy { !endsWord($0) && !isMark($0) }
    }
}
