// SPDX-License-Identifier: Apache-2.0
//
// The tags of a Mustache text, for the checks of Layout.
// Pure. It need not understand the text, only miss no tag: whatever begins with two braces is reported.

/// Finds tags.
enum MustacheTags {
    /// What a tag does.
    enum Kind: Hashable { case variable, section, end, partial, comment, unescaped, other }

    /// One tag with its place, from 1.
    struct Tag: Hashable {
        var kind: Kind
        var name: String
        var line: Int
        var column: Int
    }

    /// The tags in order.
    static func tags(in text: String) -> [Tag] {
        let bytes = Array(text.utf8)
        var tags: [Tag] = []
        var line = 1
        var lineStart = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0A {
                line += 1
                lineStart = index + 1
            }
            guard bytes[index] == 0x7B, index + 1 < bytes.count, bytes[index + 1] == 0x7B else {
                index += 1
                continue
            }
            var end = index + 2
            while end < bytes.count, !(bytes[end] == 0x7D && end + 1 < bytes.count && bytes[end + 1] == 0x7D)
            {
                end += 1
            }
            let column = bytes[lineStart..<index].count { $0 & 0xC0 != 0x80 } + 1
            tags.append(tag(bytes[(index + 2)..<end], line: line, column: column))
            line += bytes[index..<end].count { $0 == 0x0A }
            lineStart = bytes[index..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? lineStart
            index = min(bytes.count, end + 2)
        }
        return tags
    }

    private static func tag(_ content: ArraySlice<UInt8>, line: Int, column: Int) -> Tag {
        var rest = content.drop { $0 == 0x20 }
        let kind: Kind =
            switch rest.first.map({ Unicode.Scalar($0) }) {
            case "!": .comment
            case "#", "^": .section
            case "/": .end
            case ">": .partial
            case "{", "&": .unescaped
            case "%", "=", "<", "$", "*": .other
            default: .variable
            }
        if kind != .variable { rest = rest.dropFirst() }
        let name = rest.filter { $0 != 0x20 && $0 != 0x7D && $0 != 0x7B }
        return Tag(kind: kind, name: String(decoding: name, as: UTF8.self), line: line, column: column)
    }
}
