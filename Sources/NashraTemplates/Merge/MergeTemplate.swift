// SPDX-License-Identifier: Apache-2.0
//
// Mail merge: text cut once into fixed bytes and typed slots, then filled for each recipient.
// Pure. It knows bytes and fields, not MIME. Rules: docs/decisions/0003-two-stage-rendering.md.

public import NashraCore

/// Where a slot stands, and so how its value is escaped.
public enum Escaping: String, Sendable, Hashable, Codable, CaseIterable {
    /// In a plain-text part: controls become spaces, bidi overrides and isolates vanish.
    case text
    /// In the text or in a quoted attribute of HTML: `& < > " '` too.
    case html
    /// Inside a URL: everything but RFC 3986 "unreserved" is percent-encoded.
    case urlComponent
    /// In a header's value, before any encoding as words: like ``text``.
    case header
}

/// Why a template could not be filled.
public enum MergeFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field has neither a value nor a fallback.
    case missingValue(field: String)

    /// What is missing, for an operator; holds nothing of the recipient's.
    public var description: String {
        switch self {
        case .missingValue(let field): "no value for the merge field “\(field)”, and it has no fallback"
        }
    }
}

/// One piece of a ``MergeTemplate``.
public enum Segment: Sendable, Hashable {
    /// Fixed bytes, UTF-8, as they stand in the result.
    case bytes([UInt8])
    /// A place for a field's value. `fallback` is what stands there when the recipient has no value, already
    /// escaped for the place; `nil` means that a value must be there.
    case slot(field: String, fallback: [UInt8]?, escaping: Escaping)
}

/// Fixed bytes and slots, in order.
///
/// Lines end in LF; who writes MIME makes that CRLF.
public struct MergeTemplate: Sendable, Hashable {
    /// The pieces, in order.
    public var segments: [Segment]

    /// Makes a template of pieces.
    public init(segments: [Segment]) { self.segments = segments }

    /// Makes a template without slots.
    public init(fixed text: String) { segments = text.isEmpty ? [] : [.bytes(Array(text.utf8))] }

    /// The fields it has slots for.
    public var fields: Set<String> {
        var fields: Set<String> = []
        for case .slot(let field, _, _) in segments { fields.insert(field) }
        return fields
    }

    /// How many fixed bytes it has, slots not counted.
    public var fixedByteCount: Int {
        segments.reduce(0) { sum, segment in
            if case .bytes(let bytes) = segment { return sum + bytes.count }
            return sum
        }
    }

    /// Appends the text with its slots filled.
    ///
    /// An empty value counts as none, so that the fallback stands in.
    ///
    /// - Parameters:
    ///   - output: What the text is appended to; when a fault is thrown, a part of it may have been.
    ///   - values: The recipient's values, unescaped.
    /// - Throws: ``MergeFault`` when a slot has neither value nor fallback.
    public func append(to output: inout [UInt8], values: [String: String]) throws(MergeFault) {
        for segment in segments {
            switch segment {
            case .bytes(let bytes):
                output.append(contentsOf: bytes)
            case .slot(let field, let fallback, let escaping):
                if var value = values[field], !value.isEmpty {
                    escaping.append(&value, to: &output)
                } else if let fallback {
                    output.append(contentsOf: fallback)
                } else {
                    throw .missingValue(field: field)
                }
            }
        }
    }

    /// The filled text; see ``append(to:values:)``.
    public func filled(with values: [String: String]) throws(MergeFault) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(fixedByteCount + 64 * segments.count)
        try append(to: &output, values: values)
        return output
    }
}

/// One language's variant of a bulletin, rendered up to its merge fields.
public struct RenderedVariant: Sendable, Hashable, Codable {
    /// The language it is written in.
    public var language: Language
    /// The subject; its slots are escaped as ``Escaping/header``.
    public var subject: MergeTemplate
    /// The plain-text part.
    public var text: MergeTemplate
    /// The HTML part, a whole document.
    public var html: MergeTemplate

    /// Makes a variant.
    public init(language: Language, subject: MergeTemplate, text: MergeTemplate, html: MergeTemplate) {
        self.language = language
        self.subject = subject
        self.text = text
        self.html = html
    }

    /// The fields that any of its parts has slots for.
    public var fields: Set<String> { subject.fields.union(text.fields).union(html.fields) }
}

/// A bulletin rendered in all its languages; the store keeps it, so that every retry has the same bytes.
public struct RenderedBulletin: Sendable, Hashable, Codable {
    /// The variants by language tag.
    public var variants: [String: RenderedVariant]

    /// Makes a rendered bulletin.
    public init(variants: [String: RenderedVariant]) { self.variants = variants }

    /// The fields that any variant has slots for.
    public var fields: Set<String> { variants.values.reduce(into: []) { $0.formUnion($1.fields) } }
}
