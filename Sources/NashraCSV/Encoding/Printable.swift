// SPDX-License-Identifier: Apache-2.0
//
// Text out of a stranger's file, fit for a message: short, one line, without anything that a terminal obeys.
// Pure.

/// Text of a file for the eyes of a person.
public enum Printable {
    /// At most `limit` characters of `text`; controls, line ends and bidirectional controls are left out.
    public static func text(_ text: some StringProtocol, limit: Int = 80) -> String {
        let kept = text.unicodeScalars.lazy.map { isPlain($0) ? $0 : " " }
        var clipped = String.UnicodeScalarView()
        for scalar in kept {
            guard clipped.count < limit else {
                clipped.append("…")
                break
            }
            clipped.append(scalar)
        }
        return String(clipped)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: false
        default: true
        }
    }
}
