// SPDX-License-Identifier: Apache-2.0
//
// Markdown's tree as HTML for mail: inline styles, both `dir` and `direction` on every block, physical sides
// by direction.
// Pure. No logical CSS, no <bdi>, no italics in Arabic: clients drop them or spoil them (caniemail.com).
import NashraCore

/// Renders blocks for one direction and theme.
struct MailHTML {
    let direction: Language.Direction
    let theme: Theme
    /// How much is added to a heading's level, so that the highest in the body becomes 2: the title is the
    /// one h1.
    private let shift: Int

    /// The HTML of a document's blocks.
    static func render(_ blocks: [Block], direction: Language.Direction, theme: Theme) -> String {
        let highest =
            blocks.compactMap { if case .heading(let level, _) = $0 { level } else { nil } }.min() ?? 2
        return MailHTML(direction: direction, theme: theme, shift: 2 - highest).html(blocks)
    }

    private var dir: String { direction.rawValue }
    private var start: String { direction == .rightToLeft ? "right" : "left" }
    private var end: String { direction == .rightToLeft ? "left" : "right" }

    private func html(_ blocks: [Block]) -> String { blocks.map(html).joined(separator: "\n") }

    private func html(_ block: Block) -> String {
        switch block {
        case .paragraph(let inlines): return element("p", "margin:0 0 16px", html(inlines))
        case .heading(let level, let inlines):
            let level = min(4, max(2, level + shift))
            let size = [2: 20, 3: 18, 4: 16][level] ?? 16
            let style =
                "margin:28px 0 10px;font-size:\(size)px;line-height:1.4;font-weight:bold;"
                + "color:\(theme["accent"])"
            return element("h\(level)", style, html(inlines))
        case .list(let first, let isTight, let items): return list(first, isTight, items)
        case .quote(let blocks): return quote(blocks)
        case .code(let text): return code(text)
        case .rule: return "<hr style=\"border:0;border-top:1px solid \(theme["border"]);margin:24px 0\">"
        case .table(let table): return html(table)
        }
    }

    /// A block element that says its direction twice: some clients keep only the attribute, some only the
    /// style.
    private func element(_ name: String, _ style: String, _ inner: String, attributes: String = "") -> String
    {
        "<\(name)\(attributes) dir=\"\(dir)\" style=\"\(style);direction:\(dir)\">\(inner)</\(name)>"
    }

    private func list(_ first: Int?, _ isTight: Bool, _ items: [[Block]]) -> String {
        let name = first == nil ? "ul" : "ol"
        let number = first.flatMap { $0 == 1 ? nil : " start=\"\($0)\"" } ?? ""
        let inner = items.map { item in
            element("li", "margin:0 0 8px", isTight ? tight(item) : html(item))
        }
        let style = "margin:0 0 16px;padding:0;padding-\(start):26px"
        return element(name, style, "\n" + inner.joined(separator: "\n") + "\n", attributes: number)
    }

    /// An item whose paragraphs need no space around them.
    private func tight(_ blocks: [Block]) -> String {
        blocks.map { block in
            if case .paragraph(let inlines) = block { html(inlines) } else { html(block) }
        }.joined(separator: "\n")
    }

    /// A table of one cell, because Outlook gives a blockquote neither padding nor border.
    private func quote(_ blocks: [Block]) -> String {
        let style =
            "padding:14px 18px 0;background:\(theme["soft"]);border-\(start):4px solid \(theme["accent"]);"
            + "text-align:\(start)"
        let cell = element(
            "td",
            style,
            html(blocks),
            attributes: " class=\"soft\" bgcolor=\"\(theme["soft"])\""
        )
        return
            "<table role=\"presentation\" dir=\"\(dir)\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\""
            + " border=\"0\" style=\"margin:0 0 16px\"><tr>\(cell)</tr></table>"
    }

    private func code(_ text: String) -> String {
        let style =
            "margin:0 0 16px;padding:12px 14px;background:\(theme["soft"]);"
            + "border:1px solid \(theme["border"]);"
            + "font-family:\(theme["font_mono"]);font-size:14px;line-height:1.5;white-space:pre-wrap;"
            + "word-break:break-word;direction:ltr;text-align:left"
        return "<pre class=\"soft\" dir=\"ltr\" style=\"\(style)\">\(HTMLText.escaped(text))</pre>"
    }

    private func html(_ table: Table) -> String {
        var rows: [String] = []
        if table.header.contains(where: { !$0.isEmpty }) {
            rows.append(row(table.header, table.alignments, isHeader: true))
        }
        rows += table.rows.map { row($0, table.alignments, isHeader: false) }
        return
            "<table class=\"data\" dir=\"\(dir)\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\""
            + " border=\"0\" style=\"margin:0 0 18px;border-collapse:collapse;direction:\(dir);"
            + "font-size:15px;line-height:1.5\">\n"
            + rows.joined(separator: "\n") + "\n</table>"
    }

    private func row(_ cells: [[Inline]], _ alignments: [Table.Alignment?], isHeader: Bool) -> String {
        let inner = cells.enumerated().map { column, cell in
            let side = side(alignments.indices.contains(column) ? alignments[column] : nil)
            let style =
                "padding:8px 10px;border:1px solid \(theme["border"]);vertical-align:top;direction:\(dir);"
                + "text-align:\(side)"
            return isHeader
                ? "<th class=\"soft\" scope=\"col\" dir=\"\(dir)\" bgcolor=\"\(theme["soft"])\""
                    + " style=\"\(style);background:"
                    + "\(theme["soft"]);font-weight:bold\">\(html(cell))</th>"
                : "<td dir=\"\(dir)\" style=\"\(style)\">\(html(cell))</td>"
        }
        return "<tr>\(inner.joined())</tr>"
    }

    /// Markdown's left is where lines begin.
    private func side(_ alignment: Table.Alignment?) -> String {
        switch alignment {
        case .left, nil: start
        case .right: end
        case .center: "center"
        }
    }
}

// Text within blocks.
extension MailHTML {
    private func html(_ inlines: [Inline]) -> String { inlines.map(html).joined() }

    private func html(_ inline: Inline) -> String {
        switch inline {
        case .text(let text): return HTMLText.marked(text, in: direction)
        case .softBreak: return " "
        case .lineBreak: return "<br>"
        case .code(let text):
            // A code broken over two lines of Arabic reads in the wrong order; a long one has to break all
            // the same.
            let wrap = text.unicodeScalars.count <= 32 ? "white-space:nowrap" : "word-break:break-all"
            return "<code dir=\"ltr\" style=\"font-family:\(theme["font_mono"]);font-size:90%;\(wrap)\">"
                + "\(HTMLText.escaped(text))</code>"
        case .emphasis(let inner):
            // Arabic has no italics: its letters only lean and lose their joins.
            return direction == .rightToLeft
                ? "<em style=\"font-style:normal;font-weight:bold\">\(html(inner))</em>"
                : "<em>\(html(inner))</em>"
        case .strong(let inner): return "<strong>\(html(inner))</strong>"
        case .strikethrough(let inner): return "<s>\(html(inner))</s>"
        case .link(let url, let inner):
            guard let href = LinkAddress(url).href else { return html(inner) }
            return
                "<a href=\"\(HTMLText.escaped(href))\""
                + " style=\"color:\(theme["link"]);text-decoration:underline\">"
                + "\(html(inner))</a>"
        case .image(let url, let alt):
            let address = LinkAddress(url)
            guard address.scheme == "https", let source = address.href else { return HTMLText.escaped(alt) }
            return "<img src=\"\(HTMLText.escaped(source))\" alt=\"\(HTMLText.escaped(alt))\" width=\"536\""
                + " style=\"display:block;width:100%;max-width:536px;height:auto;border:0\">"
        }
    }
}
