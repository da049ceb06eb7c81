// SPDX-License-Identifier: Apache-2.0
//
// The text of a header for people: encoded words decoded, controls gone, one line.
// Pure. Tolerant where mailers are wrong: words split inside a character, spaces inside words, raw 8-bit text.
// Rules: RFC 2047 sections 2, 5 and 6.2; RFC 2231 section 5.

/// Reads the text of headers such as Subject and the names in From.
public enum HeaderText {
    /// Decodes the value of a header.
    ///
    /// - Parameters:
    ///   - raw: The value, folded or not; any bytes.
    ///   - limit: How many bytes of it are looked at.
    /// - Returns: One line without C0 and C1 controls and without bidi embeddings, overrides and isolates; runs of spaces are one.
    public static func decode(_ raw: some Collection<UInt8>, atMost limit: Int = 16_384) -> String {
        let bytes = Array(raw.prefix(max(0, limit)))
        if isPlain(bytes) { return String(decoding: bytes, as: UTF8.self) }
        var decoder = WordDecoder(bytes)
        return HeaderValue(cleaning: String(decoding: decoder.run(), as: UTF8.self)).description
    }
}
