// SPDX-License-Identifier: Apache-2.0
//
// Text with the line ends that mail wants. Pure. Rules: RFC 2045 section 2.7, RFC 2046 section 4.1.1.
import Glibc

/// Line ends.
public enum CanonicalText {
    /// Makes every line end CR LF; a lone LF and a lone CR count as one too.
    ///
    /// Text that is right already is not copied.
    public static func crlf(_ text: [UInt8]) -> [UInt8] {
        guard !isCanonical(text) else { return text }
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 32)
        var previous: UInt8 = 0
        for byte in text {
            switch byte {
            case 0x0A where previous == 0x0D: break
            case 0x0A, 0x0D: output.append(contentsOf: [0x0D, 0x0A])
            default: output.append(byte)
            }
            previous = byte
        }
        return output
    }

    /// Whether every CR is followed by LF and every LF preceded by CR.
    private static func isCanonical(_ text: [UInt8]) -> Bool {
        text.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return true }
            var line = 0
            while line < buffer.count {
                let feed = memchr(base + line, 0x0A, buffer.count - line).map { UnsafeRawPointer($0) - base }
                let carriage = memchr(base + line, 0x0D, (feed ?? buffer.count) - line).map {
                    UnsafeRawPointer($0) - base
                }
                guard let feed else { return carriage == nil }
                guard carriage == feed - 1 else { return false }
                line = feed + 1
            }
            return true
        }
    }
}
