// SPDX-License-Identifier: Apache-2.0
//
// subscribers/segments.yaml: questions with names, read and checked; a fault is told at its place in the file.
// Reads that one file. Meaning of each key: the shipped file; docs/segments.md.
import Foundation
public import NashraConfig
public import NashraCore
public import NashraSegments
import NashraYAML

/// A question with a name.
public struct SavedSegment: Sendable, Hashable {
    /// Its name: small letters, digits and hyphens.
    public var name: String
    /// What it is called for people, by language.
    public var title: [Language: String]
    /// More about it, by language.
    public var description: [Language: String]
    /// The question.
    public var expression: SegmentExpression
}

/// Reads saved segments.
public enum SegmentsFile {
    /// Where it stands in a workspace.
    public static let path = "subscribers/segments.yaml"
    /// How many segments it may hold.
    static let mostSegments = 500

    /// Words that are questions themselves, so that a name cannot be taken for one.
    static let reserved: Set<String> = ["subscribed", "bounced", "suppressed", "received", "not"]

    /// Reads a workspace's segments; none when there is no file.
    ///
    /// - Throws: `configuration` with all faults, each with file, line and column.
    public static func require(
        _ workspace: Workspace,
        vocabulary: SegmentVocabulary
    ) throws(UserError) -> [SavedSegment] {
        let file = workspace.path(path)
        guard access(file, F_OK) == 0 else { return [] }
        guard let handle = FileHandle(forReadingAtPath: file),
            let data = try? handle.read(upToCount: YAMLDocument.maximumSizeInBytes + 1)
        else {
            throw UserError(
                .configuration,
                "\(workspace.displayed(file)) cannot be read.",
                remedy: "Give the user who runs nashra the right to read it."
            )
        }
        let (segments, diagnostics) = read(
            Array(data),
            file: workspace.displayed(file),
            vocabulary: vocabulary
        )
        guard !diagnostics.contains(where: { $0.severity == .error }) else {
            throw UserError(
                .configuration,
                "The segments have \(diagnostics.count == 1 ? "an error" : "\(diagnostics.count) errors").",
                remedy: "Mend the lines above; nothing was done meanwhile.",
                diagnostics: diagnostics
            )
        }
        return segments
    }

    /// Reads segments.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - file: Its name for findings.
    ///   - vocabulary: The names that queries may use.
    /// - Returns: The segments in the order of the file without those that have faults; and all findings.
    public static func read(
        _ bytes: [UInt8],
        file: String,
        vocabulary: SegmentVocabulary
    ) -> (segments: [SavedSegment], diagnostics: [Diagnostic]) {
        let reader = YAMLReader(file: file)
        var faults: [Diagnostic] = []
        let segments = reader.read(bytes) { (top: MappingReader) -> [SavedSegment] in
            top.mapping("segments") { (list: MappingReader) -> [SavedSegment] in
                if list.keys.count > mostSegments {
                    top.fault("segments", "has more than \(mostSegments) of them")
                }
                let found = list.keys.prefix(mostSegments).compactMap { name in
                    segment(list, name, vocabulary, Source(bytes: bytes, file: file), &faults)
                }
                for name in list.keys { list.ignore(name) }
                return found
            } ?? []
        }
        let all = (reader.diagnostics + faults).sorted {
            ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0)
        }
        return (segments ?? [], all)
    }

    private struct Source {
        let bytes: [UInt8]
        let file: String
    }

    private static func segment(
        _ list: MappingReader,
        _ name: String,
        _ vocabulary: SegmentVocabulary,
        _ source: Source,
        _ faults: inout [Diagnostic]
    ) -> SavedSegment? {
        guard isName(name) else {
            list.fault(
                name,
                "cannot be a segment's name",
                remedy:
                    "Use 1 to 64 small letters, digits and hyphens, such as doha-in-arabic; and no word of a query."
            )
            return nil
        }
        return list.mapping(name, required: true) { fields -> SavedSegment? in
            let title = fields.localized("title")
            let description = fields.localized("description")
            guard let query = fields.string("query", required: true), let mark = fields.mark(of: "query")
            else {
                return nil
            }
            do throws(SegmentFault) {
                let expression = try SegmentParser.parse(query, vocabulary: vocabulary)
                return SavedSegment(
                    name: name,
                    title: title,
                    description: description,
                    expression: expression
                )
            } catch {
                let place = YAMLPlace(source.bytes, mark).place(of: query, offset: error.offset)
                faults.append(
                    Diagnostic(
                        file: source.file,
                        line: place.line,
                        column: place.column,
                        "the segment “\(name)”: \(error.message)",
                        remedy: [error.excerpt.trimmingCharacters(in: .newlines), error.remedy]
                            .filter { !$0.isEmpty }.joined(separator: "\n    ")
                    )
                )
                return nil
            }
        } ?? nil
    }

    static func isName(_ name: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...64).contains(name.utf8.count) && name.utf8.first != hyphen && name.utf8.last != hyphen
            && !reserved.contains(name)
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == hyphen
            }
    }
}

/// Where a part of a YAML scalar stands in its file, in whatever style it was written.
struct YAMLPlace {
    private let scalars: [Unicode.Scalar]
    private let mark: YAMLMark

    init(_ bytes: [UInt8], _ mark: YAMLMark) {
        scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        self.mark = mark
    }

    /// Goes along the file and the value at once; where they part, because of an escape, it is the value's beginning.
    ///
    /// - Parameters:
    ///   - value: The scalar's value.
    ///   - offset: How many scalars of it stand before the place.
    /// - Returns: Line and column from 1, the column in characters.
    func place(of value: String, offset: Int) -> (line: Int, column: Int) {
        var index = start
        var quote: Unicode.Scalar?
        if index < scalars.count, scalars[index] == "|" || scalars[index] == ">" {
            index = scalars[index...].firstIndex(of: "\n").map { $0 + 1 } ?? index
        } else if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" {
            quote = scalars[index]
            index += 1
        }
        for wanted in value.unicodeScalars.prefix(offset) where !wanted.properties.isWhitespace {
            skipBlanks(&index)
            let isEscaped = quote != nil && index + 1 < scalars.count && scalars[index + 1] == wanted
            if isEscaped, scalars[index] == (quote == "\"" ? "\\" : "'"), quote == "\"" || wanted == "'" {
                index += 1
            }
            guard index < scalars.count, scalars[index] == wanted else { return (mark.line, mark.column) }
            index += 1
        }
        if offset < value.unicodeScalars.count { skipBlanks(&index) }
        let before = scalars[..<min(index, scalars.count)]
        let line = before.filter { $0 == "\n" }.count + 1
        let beginning = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        return (line, String(String.UnicodeScalarView(before[beginning...])).count + 1)
    }

    private func skipBlanks(_ index: inout Int) {
        while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
    }

    /// The index of the mark.
    private var start: Int {
        var (line, index) = (1, 0)
        while line < mark.line, index < scalars.count {
            if scalars[index] == "\n" { line += 1 }
            index += 1
        }
        return min(scalars.count, index + mark.column - 1)
    }
}
