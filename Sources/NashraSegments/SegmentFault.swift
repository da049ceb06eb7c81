// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a query, and where: the place is shown so that it stays right in lines that hold Arabic.
// Pure values. Rules: UAX 9 (isolates).

/// A fault in a query.
public struct SegmentFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in one sentence without a full stop.
    public let message: String
    /// How to mend it, or what is possible there.
    public let remedy: String
    /// The line of the query, from 1.
    public let line: Int
    /// The column, from 1, in characters as people see them.
    public let column: Int
    /// The number of Unicode scalars before the place.
    public let offset: Int
    /// The line with the place marked: a caret below it, or brackets around it where text runs from right to left.
    public let excerpt: String

    /// Message, place and remedy.
    public var description: String {
        ["\(line):\(column): \(message)", excerpt, remedy].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}

/// The text of a query as its scalars, with the way from an offset to a line and a column.
struct SegmentSource {
    let scalars: [Unicode.Scalar]

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    func fault(_ message: String, at range: Range<Int>, remedy: String = "") -> SegmentFault {
        let start = min(range.lowerBound, scalars.count)
        let before = scalars[..<start]
        let lineStart = before.lastIndex(where: Self.isNewline).map { $0 + 1 } ?? 0
        let lineEnd = scalars[start...].firstIndex(where: Self.isNewline) ?? scalars.count
        let end = max(start, min(range.upperBound, lineEnd))
        let column = Self.string(scalars[lineStart..<start]).count + 1
        return SegmentFault(
            message: message,
            remedy: remedy,
            line: before.filter { $0 == "\n" }.count + 1,
            column: column,
            offset: start,
            excerpt: Self.excerpt(
                scalars[lineStart..<start],
                scalars[start..<end],
                scalars[end..<lineEnd],
                column: column
            )
        )
    }

    private static func excerpt(
        _ before: ArraySlice<Unicode.Scalar>,
        _ place: ArraySlice<Unicode.Scalar>,
        _ after: ArraySlice<Unicode.Scalar>,
        column: Int
    ) -> String {
        // A long line is cut down to what is near the place.
        let head = before.suffix(60)
        let tail = after.prefix(max(0, 60 - place.count))
        let middle = place.prefix(60)
        let start = head.count < before.count ? "…" : ""
        let end = tail.count < after.count ? "…" : ""
        if (head + middle).contains(where: isRightToLeft) {
            // A column means nothing to the eye where runs are reversed: brackets stand around the place instead.
            let parts = [start + string(head), string(middle), string(tail) + end].map(isolate)
            return "    \(parts[0])⟦\(parts[1])⟧\(parts[2])"
        }
        let indent = String(repeating: " ", count: start.count + string(head).count)
        let marks = String(repeating: "^", count: max(1, string(middle).count))
        let line = start + string(head + middle)
        let rest = string(tail) + end
        // What follows may run from right to left; the line as a whole does not.
        let shown =
            tail.contains(where: isRightToLeft) ? "\u{2066}\(line)\(isolate(rest))\u{2069}" : line + rest
        return "    \(shown)\n    \(indent)\(marks)"
    }

    private static func isolate(_ text: String) -> String { text.isEmpty ? "" : "\u{2068}\(text)\u{2069}" }

    static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    static func isNewline(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    /// Controls of both sets, line separators, and marks that turn a line around.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }
}
