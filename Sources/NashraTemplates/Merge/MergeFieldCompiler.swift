// SPDX-License-Identifier: Apache-2.0
//
// Finds `{{field|fallback}}` in what an author wrote, checks it, and puts a token in its place.
// Pure. `\{{` stands for two braces. Rules: docs/lint.md, NSH001 to NSH004.
import NashraCore

/// The merge fields that bulletins may use.
public struct MergeFields: Sendable, Hashable {
    /// The fields that every subscriber has a place for.
    public static let builtIn: Set<String> = ["name", "email", "language"]
    /// The fields that the composer fills; for layouts only.
    public static let system: Set<String> = ["unsubscribe_url", "message_id"]

    /// The attributes of subscribers, or `nil` when they are not known here and any name is taken.
    public var attributes: Set<String>?

    /// Makes the set of the built-in fields and some attributes.
    public init(attributes: Set<String>? = nil) { self.attributes = attributes }

    /// Whether a bulletin may use it.
    func knows(_ field: String) -> Bool {
        Self.builtIn.contains(field) || (attributes?.contains(field) ?? true)
    }

    /// The fields that are known here, sorted.
    var names: [String] { Self.builtIn.union(attributes ?? []).sorted() }

    /// The field that was probably meant.
    func nearest(to field: String) -> String? {
        Suggestion.nearest(to: field, among: names)
    }
}

/// Where a text begins, as its author would name the place.
public struct SourcePlace: Sendable, Hashable {
    /// The file.
    public var file: String
    /// The line of the text's first byte, from 1.
    public var line: Int
    /// The column of the text's first character, from 1.
    public var column: Int

    /// Names a place.
    public init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// Turns the merge fields of one variant into tokens.
struct MergeFieldCompiler {
    let fields: MergeFields
    private(set) var table = SlotTable()
    private(set) var diagnostics: [Diagnostic] = []

    init(fields: MergeFields) { self.fields = fields }

    /// The text with tokens for its fields; a field at fault is left out and reported.
    mutating func compile(_ text: String, at start: SourcePlace) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var place = start
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: [0x5C, 0x7B, 0x7B]) {  // \{{
                output.append(contentsOf: [0x5C, 0x7B, 0x5C, 0x7B])
                place.column += 3
                index += 3
            } else if bytes[index...].starts(with: [0x7B, 0x7B]) {
                let end = Self.end(of: bytes, from: index + 2)
                output.append(
                    contentsOf: token(
                        bytes[index + 2..<end],
                        at: place,
                        closed: end < bytes.count
                            && bytes[end] == 0x7D
                    ).utf8
                )
                let next = min(bytes.count, end < bytes.count && bytes[end] == 0x7D ? end + 2 : end)
                place.column += bytes[index..<next].count { $0 & 0xC0 != 0x80 }
                index = next
            } else {
                if bytes[index] == 0x0A {
                    place.line += 1
                    place.column = 1
                } else if bytes[index] & 0xC0 != 0x80 {
                    place.column += 1
                }
                output.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Registers a field that a layout uses, without fallback.
    mutating func systemToken(_ field: String) -> String {
        table.token(for: Slot(field: field, fallback: nil))
    }

    /// The index of the closing braces, or of the end of the line when there are none.
    private static func end(of bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != 0x0A {
            if bytes[index] == 0x7D, index + 1 < bytes.count, bytes[index + 1] == 0x7D { return index }
            index += 1
        }
        return index
    }

    private mutating func token(_ content: ArraySlice<UInt8>, at place: SourcePlace, closed: Bool) -> String {
        guard closed else {
            report(.malformedField, place, "the merge field is not closed on its line", "End it with }}.")
            return ""
        }
        let parts = content.split(separator: 0x7C, maxSplits: 1, omittingEmptySubsequences: false)
        let field = Self.trimmed(parts[0])
        let fallback = parts.count > 1 ? Self.trimmed(parts[1]) : nil
        guard Self.isName(field) else {
            report(
                .malformedField,
                place,
                "“\(field)” is not the name of a merge field",
                "Write {{name|what stands there without a name}}, or \\{{ for two braces."
            )
            return ""
        }
        guard check(field, hasFallback: fallback != nil, at: place) else { return "" }
        return table.token(for: Slot(field: field, fallback: fallback))
    }

    private mutating func check(_ field: String, hasFallback: Bool, at place: SourcePlace) -> Bool {
        if MergeFields.system.contains(field) {
            report(
                .unknownField,
                place,
                "the field “\(field)” is for layouts only",
                "Leave it out; the layout shows it."
            )
            return false
        }
        guard fields.knows(field) else {
            let meant = fields.nearest(to: field).map { "Did you mean “\($0)”?" }
            report(
                .unknownField,
                place,
                "there is no merge field “\(field)”",
                meant
                    ?? "Known: \(fields.names.joined(separator: ", "))."
            )
            return false
        }
        guard hasFallback || field == "email" else {
            report(
                .missingFallback,
                place,
                "the merge field “\(field)” has no fallback",
                "Write {{\(field)|what stands there when somebody has none}}."
            )
            return false
        }
        return true
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let blank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let tail = bytes.drop(while: blank)
        let length = (tail.lastIndex { !blank($0) } ?? tail.startIndex - 1) - tail.startIndex + 1
        return String(decoding: tail.prefix(length), as: UTF8.self)
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first.properties.isAlphabetic || first == "_" else {
            return false
        }
        return text.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType == .decimal || $0 == "_" || $0 == "-"
        }
    }

    private mutating func report(_ rule: LintRule, _ place: SourcePlace, _ message: String, _ remedy: String)
    {
        diagnostics.append(
            rule.diagnostic(file: place.file, line: place.line, column: place.column, message, remedy: remedy)
        )
    }
}
