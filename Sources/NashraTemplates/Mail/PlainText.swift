// SPDX-License-Identifier: Apache-2.0
//
// Markdown's tree as plain text that somebody would want to read.
// Pure. Lines are not wrapped: phones and readers wrap them better, and Arabic needs it. In right-to-left
// text every line that begins with words begins with U+200F, and islands stand between U+200E, because there
// is no markup to say it.
import NashraCore

/// Renders blocks as lines.
struct PlainText {
    let direction: Language.Direction
    /// Addresses that stand on a line of their own below the paragraph, numbered through the mail.
    private var linkCount = 0
    private var pending: [(number: Int, url: String)] = []

    init(direction: Language.Direction) { self.direction = direction }

    /// The text of blocks; blocks are parted by an empty line.
    mutating func text(_ blocks: [Block]) -> String { lines(blocks).joined(separator: "\n") }

    /// A line that begins with words, opened for its direction.
    func line(_ text: String) -> String {
        direction == .rightToLeft && !text.isEmpty ? "\u{200F}" + text : text
    }

    /// A heading: its words, and a line below them.
    func heading(_ words: String, rule: Character) -> [String] {
        [line(words), line(String(repeating: rule, count: min(60, max(3, words.count))))]
    }

    /// Text with its left-to-right islands held together.
    func marked(_ text: String) -> String {
        guard direction == .rightToLeft else { return text }
        return LTRIslands.pieces(of: text).map { $0.isIsland ? "\u{200E}\($0.text)\u{200E}" : $0.text }
            .joined()
    }

    private mutating func lines(_ blocks: [Block]) -> [String] {
        var lines: [String] = []
        for block in blocks {
            let next = self.lines(block)
            if !lines.isEmpty, !next.isEmpty { lines.append("") }
            lines += next
        }
        return lines
    }

    private mutating func lines(_ block: Block) -> [String] {
        switch block {
        case .paragraph(let inlines): return paragraph(inlines)
        case .heading(_, let inlines):
            let words = text(inlines)
            return heading(words, rule: "-") + addresses()
        case .list(let first, let isTight, let items): return list(first, isTight, items)
        case .quote(let blocks): return lines(blocks).map { line("> ") + $0 }
        case .code(let text):
            return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(
                text.hasSuffix("\n") ? 1 : 0
            )
            .map { "    " + $0 }
        case .rule: return ["* * *"]
        case .table(let table): return lines(table)
        }
    }

    private mutating func paragraph(_ inlines: [Inline]) -> [String] {
        let words = text(inlines)
        return words.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
            + addresses()
    }

    private mutating func addresses() -> [String] {
        defer { pending = [] }
        return pending.map { "[\($0.number)] \($0.url)" }
    }

    private mutating func list(_ first: Int?, _ isTight: Bool, _ items: [[Block]]) -> [String] {
        var lines: [String] = []
        for (index, item) in items.enumerated() {
            let mark = first.map { "\($0 + index). " } ?? "• "
            if !isTight, index > 0 { lines.append("") }
            for (row, text) in self.lines(item).filter({ !isTight || !$0.isEmpty }).enumerated() {
                lines.append(row == 0 ? self.line(mark) + withoutMark(text) : indented(text))
            }
        }
        return lines
    }

    private func indented(_ text: String) -> String { text.isEmpty ? "" : "   " + text }

    /// The line without the mark that opens it, when another mark stands in front already.
    private func withoutMark(_ text: String) -> String {
        text.unicodeScalars.first == "\u{200F}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// Each row by its first cell; the others below it with the name of their column.
    private mutating func lines(_ table: Table) -> [String] {
        let header = table.header.map { text($0) }
        var lines: [String] = []
        for row in table.rows {
            for (column, cell) in row.enumerated() {
                let words = text(cell)
                let name = header.indices.contains(column) ? header[column] : ""
                guard !words.isEmpty else { continue }
                let named = name.isEmpty ? words : "\(name) — \(words)"
                lines.append(line(column == 0 ? "• " : "   ") + named)
            }
        }
        return lines + addresses()
    }

    private mutating func text(_ inlines: [Inline]) -> String {
        var words = ""
        for inline in inlines { words += text(inline) }
        return words
    }

    private mutating func text(_ inline: Inline) -> String {
        switch inline {
        case .text(let text): return marked(text)
        case .softBreak: return " "
        case .lineBreak: return "\n"
        case .code(let text): return direction == .rightToLeft ? "\u{200E}\(text)\u{200E}" : text
        case .emphasis(let inner), .strong(let inner), .strikethrough(let inner): return text(inner)
        case .image(_, let alt): return alt.isEmpty ? "" : "[\(alt)]"
        case .link(let url, let inner): return link(url, inner)
        }
    }

    private mutating func link(_ url: String, _ inner: [Inline]) -> String {
        let words = text(inner)
        let plain = inner.map(\.plain).joined()
        guard let href = LinkAddress(url).href else { return words }
        if href == "mailto:" + plain || href == LinkAddress.telephone(plain) { return words }
        linkCount += 1
        pending.append((linkCount, href))
        return plain == url ? "[\(linkCount)]" : "\(words) [\(linkCount)]"
    }
}
