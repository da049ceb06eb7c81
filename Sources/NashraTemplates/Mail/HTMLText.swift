// SPDX-License-Identifier: Apache-2.0
//
// Authors' text on its way into HTML: escaped byte by byte, with islands of left-to-right inside Arabic.
// Pure. Unlike a recipient's values, an author's paired isolates are kept; lint has seen them.
import Mustache
import NashraCore

/// Text for HTML.
enum HTMLText {
    /// The text with `& < > " '` escaped; controls other than tab and line feed vanish.
    static func escaped(_ text: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case 0x22: output.append(contentsOf: "&quot;".utf8)
            case 0x26: output.append(contentsOf: "&amp;".utf8)
            case 0x27: output.append(contentsOf: "&#39;".utf8)
            case 0x3C: output.append(contentsOf: "&lt;".utf8)
            case 0x3E: output.append(contentsOf: "&gt;".utf8)
            case 0x00..<0x09, 0x0B..<0x20, 0x7F: break
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The text escaped, its left-to-right islands marked when it stands in a right-to-left line.
    static func marked(_ text: String, in direction: Language.Direction) -> String {
        guard direction == .rightToLeft else { return escaped(text) }
        return LTRIslands.pieces(of: text).map { piece in
            piece.isIsland ? "<span dir=\"ltr\">\(escaped(piece.text))</span>" : escaped(piece.text)
        }.joined()
    }
}

/// Mustache's content type NHTML.
///
/// The library's own HTML type escapes by Character, so that a quotation mark with a
/// combining mark after it passes through.
struct NHTMLContentType: MustacheContentType {
    static let name = "NHTML"

    /// Made known to the library once; templates are read only after it.
    static let registered: Void = MustacheContentTypes.register(NHTMLContentType(), named: name)

    func escapeText(_ text: String) -> String { HTMLText.escaped(text) }
}
