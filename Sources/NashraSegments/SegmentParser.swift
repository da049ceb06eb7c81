// SPDX-License-Identifier: Apache-2.0
//
// The text of a query becomes an expression, or a fault with its place. Anything may be handed in: never traps, and
// takes time and stack in proportion to the limits.
// Pure. Grammar: docs/segments.md, "Grammar".
import NashraCore

/// Reads queries.
public struct SegmentParser {
    /// The longest query, in bytes of UTF-8.
    public static let maximumSizeInBytes = 8_192
    /// The most terms of a query.
    public static let maximumTerms = 200
    /// How deep brackets may be nested.
    public static let maximumDepth = 16

    let vocabulary: SegmentVocabulary
    let source: SegmentSource
    private let tokens: [SegmentToken]
    private var index = 0
    private var depth = 0
    private var terms = 0

    private init(_ source: SegmentSource, _ vocabulary: SegmentVocabulary) throws(SegmentFault) {
        self.source = source
        self.vocabulary = vocabulary
        var lexer = SegmentLexer(source)
        tokens = try lexer.tokens()
    }

    /// Reads a query.
    ///
    /// - Parameters:
    ///   - text: The query; any text.
    ///   - vocabulary: The names that it may use.
    /// - Returns: The expression in its normal form: `parse(x.text) == x`.
    /// - Throws: The first fault. A canonical text may be longer than ``maximumSizeInBytes`` by what it says in full.
    public static func parse(
        _ text: String,
        vocabulary: SegmentVocabulary = SegmentVocabulary()
    ) throws(SegmentFault) -> SegmentExpression {
        try parse(text, vocabulary: vocabulary, limit: maximumSizeInBytes)
    }

    /// Reads the canonical text of an expression that was parsed before.
    public static func parse(
        canonical text: String,
        vocabulary: SegmentVocabulary = SegmentVocabulary()
    ) throws(SegmentFault) -> SegmentExpression {
        try parse(text, vocabulary: vocabulary, limit: maximumSizeInBytes * 8)
    }

    private static func parse(
        _ text: String,
        vocabulary: SegmentVocabulary,
        limit: Int
    ) throws(SegmentFault) -> SegmentExpression {
        guard text.utf8.count <= limit else {
            let start = String(decoding: text.utf8.prefix(256), as: UTF8.self)
            throw SegmentSource(start).fault(
                "the query is longer than \(limit) bytes",
                at: 0..<0,
                remedy: "Make two segments of it, or give people an attribute to ask for."
            )
        }
        var parser = try SegmentParser(SegmentSource(text), vocabulary)
        let expression = try parser.disjunction()
        try parser.expectEnd()
        return expression
    }

    // MARK: Tokens

    var token: SegmentToken { tokens[min(index, tokens.count - 1)] }

    func token(after count: Int) -> SegmentToken { tokens[max(0, min(index + count, tokens.count - 1))] }

    mutating func advance() { index += 1 }

    /// Takes the keyword when it is next.
    mutating func take(_ keyword: String) -> Bool {
        guard token.keyword == keyword else { return false }
        advance()
        return true
    }

    func fault(_ message: String, at range: Range<Int>? = nil, remedy: String = "") -> SegmentFault {
        source.fault(message, at: range ?? token.range, remedy: remedy)
    }

    // MARK: Groups

    private mutating func disjunction() throws(SegmentFault) -> SegmentExpression {
        var parts = [try conjunction()]
        while take("or") { parts.append(try conjunction()) }
        return .any(of: parts)
    }

    private mutating func conjunction() throws(SegmentFault) -> SegmentExpression {
        var parts = [try negation()]
        while take("and") { parts.append(try negation()) }
        return .all(of: parts)
    }

    private mutating func negation() throws(SegmentFault) -> SegmentExpression {
        var isNegated = false
        while take("not") { isNegated.toggle() }
        let inner = try primary()
        return isNegated ? .negation(of: inner) : inner
    }

    private mutating func primary() throws(SegmentFault) -> SegmentExpression {
        guard token.content == .open else {
            terms += 1
            guard terms <= Self.maximumTerms else {
                throw fault(
                    "the query has more than \(Self.maximumTerms) terms",
                    remedy: "Write attr.x in (a, b, c) for a list of values."
                )
            }
            return try term()
        }
        let opening = token.range
        guard depth < Self.maximumDepth else {
            throw fault("brackets are nested deeper than \(Self.maximumDepth)")
        }
        depth += 1
        advance()
        let inner = try disjunction()
        guard token.content == .close else {
            let what = token.content == .end ? "this bracket is never closed" : "and, or or ) must stand here"
            throw fault(
                what,
                at: token.content == .end ? opening : nil,
                remedy: token.content == .end ? "" : "Here stands \(token.words)."
            )
        }
        advance()
        depth -= 1
        return inner
    }

    private func expectEnd() throws(SegmentFault) {
        switch token.content {
        case .end: return
        case .close: throw fault("this bracket was never opened")
        default:
            throw fault(
                "\(token.words) stands where and, or or the end must stand",
                remedy: "A value of several words needs quotes, such as \"Al Khor\"."
            )
        }
    }
}
