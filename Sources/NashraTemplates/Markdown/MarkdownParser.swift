// SPDX-License-Identifier: Apache-2.0
//
// Markdown through libcmark-gfm's parser. The only file that knows the library; its types stop here.
// No I/O. Only the syntax tree is used: never its HTML renderer, never CMARK_OPT_UNSAFE; the autolink
// extension is left out (CVE-2023-22483), input and depth are bounded.
import CMarkdown

/// Reads Markdown.
struct MarkdownParser {
    /// The longest text that is read, in bytes.
    static let limitInBytes = 256 * 1024
    /// How deep quotes, lists and emphasis may nest; the renderers recurse.
    static let depthLimit = 24

    private var document = MarkdownDocument()

    /// The tree of a text.
    static func parse(_ text: String) -> MarkdownDocument {
        guard text.utf8.count <= limitInBytes else {
            return MarkdownDocument(faults: [MarkdownFault(kind: .tooLarge, line: 1)])
        }
        var parser = MarkdownParser()
        let tree = SyntaxTree(text)
        withExtendedLifetime(tree) { parser.document.blocks = parser.blocks(in: tree.root, depth: 0) }
        return parser.document
    }

    private mutating func blocks(in parent: OpaquePointer?, depth: Int) -> [Block] {
        guard isShallow(depth, parent) else { return [] }
        return SyntaxTree.children(of: parent).compactMap { block($0, depth: depth) }
    }

    private mutating func block(_ node: OpaquePointer, depth: Int) -> Block? {
        switch SyntaxTree.kind(of: node) {
        case "paragraph": return .paragraph(inlines(in: node, depth: depth + 1))
        case "heading":
            return .heading(
                level: Int(cmark_node_get_heading_level(node)),
                inlines(in: node, depth: depth + 1)
            )
        case "list":
            let isOrdered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
            return .list(
                start: isOrdered ? Int(cmark_node_get_list_start(node)) : nil,
                isTight: cmark_node_get_list_tight(node) != 0,
                items: SyntaxTree.children(of: node).map { blocks(in: $0, depth: depth + 1) }
            )
        case "block_quote": return .quote(blocks(in: node, depth: depth + 1))
        case "code_block": return .code(SyntaxTree.literal(of: node))
        case "thematic_break": return .rule
        case "table": return .table(table(node, depth: depth + 1))
        case "html_block":
            reportHTML(node)
            return nil
        default: return nil
        }
    }

    private mutating func table(_ node: OpaquePointer, depth: Int) -> Table {
        let columns = Int(cmark_gfm_extensions_get_table_columns(node))
        let alignments = cmark_gfm_extensions_get_table_alignments(node)
        var table = Table(alignments: [], header: [], rows: [])
        for column in 0..<columns {
            switch alignments?[column] {
            case UInt8(ascii: "l"): table.alignments.append(.left)
            case UInt8(ascii: "c"): table.alignments.append(.center)
            case UInt8(ascii: "r"): table.alignments.append(.right)
            default: table.alignments.append(nil)
            }
        }
        for row in SyntaxTree.children(of: node) {
            let cells = SyntaxTree.children(of: row).map { inlines(in: $0, depth: depth + 1) }
            if SyntaxTree.kind(of: row) == "table_header" {
                table.header = cells
            } else {
                table.rows.append(cells)
            }
        }
        return table
    }

    private mutating func inlines(in parent: OpaquePointer?, depth: Int) -> [Inline] {
        guard isShallow(depth, parent) else { return [] }
        return SyntaxTree.children(of: parent).compactMap { inline($0, depth: depth) }
    }

    private mutating func inline(_ node: OpaquePointer, depth: Int) -> Inline? {
        switch SyntaxTree.kind(of: node) {
        case "text": return .text(SyntaxTree.literal(of: node))
        case "softbreak": return .softBreak
        case "linebreak": return .lineBreak
        case "code": return .code(SyntaxTree.literal(of: node))
        case "emph": return .emphasis(inlines(in: node, depth: depth + 1))
        case "strong": return .strong(inlines(in: node, depth: depth + 1))
        case "strikethrough": return .strikethrough(inlines(in: node, depth: depth + 1))
        case "link":
            let inner = inlines(in: node, depth: depth + 1)
            let url = SyntaxTree.url(of: node)
            note(url, inner, node, isImage: false)
            return .link(url: url, inner)
        case "image":
            let inner = inlines(in: node, depth: depth + 1)
            let url = SyntaxTree.url(of: node)
            note(url, inner, node, isImage: true)
            return .image(url: url, alt: inner.map(\.plain).joined())
        case "html_inline":
            reportHTML(node)
            return nil
        default: return nil
        }
    }

    private mutating func note(_ url: String, _ inner: [Inline], _ node: OpaquePointer, isImage: Bool) {
        let use = LinkUse(
            url: url,
            text: inner.map(\.plain).joined(),
            isImage: isImage,
            line: SyntaxTree.line(of: node)
        )
        document.links.append(use)
    }

    private mutating func reportHTML(_ node: OpaquePointer) {
        // A comment is a note among authors; dropping it loses nothing.
        guard !SyntaxTree.literal(of: node).hasPrefix("<!--") else { return }
        document.faults.append(MarkdownFault(kind: .rawHTML, line: SyntaxTree.line(of: node)))
    }

    private mutating func isShallow(_ depth: Int, _ node: OpaquePointer?) -> Bool {
        guard depth > Self.depthLimit else { return true }
        if !document.faults.contains(where: { $0.kind == .tooDeep }) {
            document.faults.append(MarkdownFault(kind: .tooDeep, line: node.map(SyntaxTree.line) ?? 1))
        }
        return false
    }
}

/// libcmark-gfm's tree, freed with its owner.
private struct SyntaxTree: ~Copyable {
    let root: OpaquePointer?

    /// Fills the library's list of extensions, once: it is not guarded against threads.
    private static let registered: Void = cmark_gfm_core_extensions_ensure_registered()

    init(_ text: String) {
        _ = Self.registered
        var text = text
        let options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE
        guard let parser = cmark_parser_new(options) else {
            root = nil
            return
        }
        defer { cmark_parser_free(parser) }
        for name in ["table", "strikethrough"] {
            guard let known = cmark_find_syntax_extension(name) else { continue }
            cmark_parser_attach_syntax_extension(parser, known)
        }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
        }
        root = cmark_parser_finish(parser)
    }

    deinit { if let root { cmark_node_free(root) } }

    static func children(of node: OpaquePointer?) -> [OpaquePointer] {
        var children: [OpaquePointer] = []
        var next = node.flatMap { cmark_node_first_child($0) }
        while let child = next {
            children.append(child)
            next = cmark_node_next(child)
        }
        return children
    }

    static func kind(of node: OpaquePointer) -> String { string(cmark_node_get_type_string(node)) }
    static func literal(of node: OpaquePointer) -> String { string(cmark_node_get_literal(node)) }
    static func url(of node: OpaquePointer) -> String { string(cmark_node_get_url(node)) }

    /// The line of the node, or of the nearest parent that has one.
    static func line(of node: OpaquePointer) -> Int {
        var current: OpaquePointer? = node
        while let here = current {
            let line = Int(cmark_node_get_start_line(here))
            if line > 0 { return line }
            current = cmark_node_parent(here)
        }
        return 1
    }

    private static func string(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }
}
