// SPDX-License-Identifier: Apache-2.0
//
// The words of an HTML part, for classification only: tags gone, blocks become lines, entities become characters.
// Pure, iterative, one pass; it renders nothing and trusts nothing. Rules: HTML Living Standard section 13.2, roughly.

/// Reads HTML as plain text.
public enum HTMLText {
    /// The text of HTML.
    ///
    /// `br`, `p`, `div`, `tr`, `li`, headings and the like become LF, other white space one space; comments, `script`, `style` and
    /// attributes vanish; character references become UTF-8.
    ///
    /// - Parameters:
    ///   - html: UTF-8, such as ``MIMEPart/text(atMost:)`` gives.
    ///   - limit: How many bytes of it are looked at.
    public static func plain(_ html: [UInt8], atMost limit: Int = 1_048_576) -> [UInt8] {
        var reader = HTMLReader(html.count > limit ? Array(html.prefix(max(0, limit))) : html)
        return reader.run()
    }
}
