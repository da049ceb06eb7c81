// SPDX-License-Identifier: Apache-2.0
//
// Text to be nasty with: every script, marks on marks, joined emoji, and what people inject.
import NashraCore
import NashraMIME

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

enum Samples {
    /// What somebody who wants another header would write as a name or a subject.
    static let injections: [String] = [
        "\r\nBcc: evil@example.org", "\nBcc: evil@example.org", "\rBcc: evil@example.org",
        "a\r\n\u{301}Bcc: evil@example.org", "a\r\n\r\n<script>alert(1)</script>",
        "%0d%0aBcc: evil@example.org",
        "=?utf-8?q?=0D=0ABcc:_evil@example.org?=", "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5vcmc=?=",
        "نشرة\r\n Bcc: evil@example.org", "\0\r\n.\r\nMAIL FROM:<evil@example.org>",
        "a\u{85}Bcc: evil@example.org",
        "a\u{2028}Bcc: evil@example.org", "a\u{2029}Bcc: evil@example.org", "\u{B}\u{C}Bcc: evil@example.org",
        "\" <evil@example.org>, \"", "a\\\" <evil@example.org>,", "evil@example.org", "<evil@example.org>",
        "(comment) a",
        "a, evil@example.org", "group: evil@example.org;", "\u{7F}Bcc: evil@example.org",
    ]

    /// Scripts by ranges of scalars, combining marks among them.
    private static let scripts: [[ClosedRange<UInt32>]] = [
        [0x20...0x7E], [0x21...0x7E], [0x41...0x5A, 0x61...0x7A, 0x20...0x20], [0xC0...0x17F, 0x20...0x20],
        [0x391...0x3A1, 0x3B1...0x3C9], [0x410...0x44F, 0x20...0x20], [0x5D0...0x5EA, 0x5B0...0x5BD],
        [0x621...0x63A, 0x641...0x64A, 0x64B...0x652, 0x20...0x20], [0x671...0x6D3],
        [0x905...0x939, 0x93E...0x94D],
        [0xE01...0xE3A, 0xE40...0xE4E], [0x4E00...0x9FA5], [0xAC00...0xD7A3],
        [0x3041...0x3096, 0x30A1...0x30FA],
        [0x1F600...0x1F64F, 0x200D...0x200D, 0x1F3FB...0x1F3FF], [0x300...0x36F, 0x61...0x7A],
        [0x10000...0x1005D],
    ]

    /// Random text of at most `length` scalars from one or two scripts.
    static func text(_ random: inout SplitMix, length: Int = 80) -> String {
        let first = scripts.randomElement(using: &random) ?? []
        let ranges =
            Bool.random(using: &random) ? first : first + (scripts.randomElement(using: &random) ?? [])
        var text = ""
        for _ in 0..<Int.random(in: 1...length, using: &random) {
            let value = ranges.randomElement(using: &random)?.randomElement(using: &random) ?? 0x41
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    /// Random bytes, controls and broken UTF-8 more often than chance would have them.
    static func bytes(_ random: inout SplitMix) -> [UInt8] {
        let spice: [[UInt8]] = [
            [13, 10], [10], [13], [0], [0xC2, 0x85], [0xE2, 0x80, 0xA8], [0x41], [0xD8, 0xB4], [32],
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            if Bool.random(using: &random) {
                bytes += spice.randomElement(using: &random) ?? []
            } else {
                bytes.append(UInt8.random(in: 0...255, using: &random))
            }
        }
        return bytes
    }

    static func address(_ text: String = "reader@example.org") throws -> EmailAddress {
        try EmailAddress.parse(text)
    }
}

extension MessageWriter {
    /// A whole message with small bodies, for tests of headers.
    static func sample(_ headers: HeaderBlock, text: String = "a", html: String = "<p>a</p>") throws
        -> [UInt8]
    {
        let (text, html) = (Array(text.utf8), Array(html.utf8))
        return try alternative(
            headers: headers,
            boundary: "=_nashra_abcdefghij",
            text: BodyEncoding.choose(for: text).encode(text),
            html: BodyEncoding.choose(for: html).encode(html)
        )
    }
}

/// The lines of a message without their CR LF.
func lines(_ bytes: [UInt8]) -> [[UInt8]] {
    String(decoding: bytes, as: UTF8.self).utf8.split(separator: 10, omittingEmptySubsequences: false).map {
        Array($0.last == 13 ? $0.dropLast() : $0)
    }
}
