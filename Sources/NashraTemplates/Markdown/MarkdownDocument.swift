// SPDX-License-Identifier: Apache-2.0
//
// Markdown as a tree of values: what the renderers read. No C, no positions but those that lint needs.
// Pure. Dialect: CommonMark 0.29 with GFM's tables and strikethrough; no raw HTML, no autolinks of bare text.

/// Text within a block.
indirect enum Inline: Hashable, Sendable {
    case text(String)
    case softBreak
    case lineBreak
    case code(String)
    case emphasis([Inline])
    case strong([Inline])
    case strikethrough([Inline])
    case link(url: String, [Inline])
    case image(url: String, alt: String)

    /// The words alone.
    var plain: String {
        switch self {
        case .text(let text), .code(let text): text
        case .softBreak, .lineBreak: " "
        case .emphasis(let inner), .strong(let inner), .strikethrough(let inner), .link(_, let inner):
            inner.map(\.plain).joined()
        case .image(_, let alt): alt
        }
    }
}

/// A block.
indirect enum Block: Hashable, Sendable {
    case paragraph([Inline])
    /// Level 1...6 as written.
    case heading(level: Int, [Inline])
    /// `start` is `nil` for bullets.
    case list(start: Int?, isTight: Bool, items: [[Block]])
    case quote([Block])
    case code(String)
    case rule
    case table(Table)
}

/// A table with its header row.
struct Table: Hashable, Sendable {
    /// Where a column's text stands; `nil` is where lines begin.
    enum Alignment: Sendable { case left, center, right }

    var alignments: [Alignment?]
    var header: [[Inline]]
    var rows: [[[Inline]]]
}

/// A link or an image, for lint.
public struct LinkUse: Hashable, Sendable {
    /// As written; a merge field is a private-use character, its number and another private-use character.
    public var url: String
    /// The words of the link, or the alternative text of the image.
    public var text: String
    /// Whether it is an image.
    public var isImage: Bool
    /// The line, from 1.
    public var line: Int

    /// Describes a link or an image.
    public init(url: String, text: String, isImage: Bool, line: Int) {
        self.url = url
        self.text = text
        self.isImage = isImage
        self.line = line
    }
}

/// Something in the source that is not carried over.
struct MarkdownFault: Hashable, Sendable {
    enum Kind: Sendable { case rawHTML, tooDeep, tooLarge }
    var kind: Kind
    /// In the source's own counting, from 1.
    var line: Int
}

/// A parsed text.
struct MarkdownDocument: Hashable, Sendable {
    var blocks: [Block] = []
    var links: [LinkUse] = []
    var faults: [MarkdownFault] = []
}
