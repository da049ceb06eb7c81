// SPDX-License-Identifier: Apache-2.0
//
// Undoes base64 and quoted-printable, whatever the state they arrive in.
// Pure, one pass; the result is never longer than what was given.
// Rules: RFC 2045 sections 6.7 and 6.8, RFC 2047 section 4.2.

/// Undoes transfer encodings.
enum TransferDecoder {
    static func decode(_ bytes: ArraySlice<UInt8>, _ encoding: TransferEncoding) -> [UInt8] {
        switch encoding {
        case .identity: Array(bytes)
        case .base64: ContentType.looksLikeText(bytes) ? Array(bytes) : base64(bytes)
        case .quotedPrintable: quotedPrintable(bytes)
        }
    }

    /// Base64: what is not of its alphabet is skipped; padding may be missing, or stand in the middle.
    static func base64(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: bytes.count / 4 * 3 + 3)
        let length = decodeBase64(bytes.span, into: &result)
        result.removeLast(result.count - length)
        return result
    }

    private static func decodeBase64(_ input: Span<UInt8>, into result: inout [UInt8]) -> Int {
        let values = sextets
        var output = result.mutableSpan
        var written = 0
        var group: UInt32 = 0
        var held = 0
        var index = 0
        while index < input.count {
            if held == 0, index + 4 <= input.count {
                let first = values[Int(input[index])]
                let second = values[Int(input[index + 1])]
                let third = values[Int(input[index + 2])]
                let fourth = values[Int(input[index + 3])]
                if (first | second | third | fourth) < 64 {
                    output[written] = first << 2 | second >> 4
                    output[written + 1] = second << 4 | third >> 2
                    output[written + 2] = third << 6 | fourth
                    written += 3
                    index += 4
                    continue
                }
            }
            let value = values[Int(input[index])]
            index += 1
            if value < 64 {
                group = group << 6 | UInt32(value)
                held += 1
                guard held == 4 else { continue }
            } else if value == padding, held > 0 {
                // Falls through to write what is held.
            } else {
                continue
            }
            write(group, held, to: &output, at: &written)
            group = 0
            held = 0
        }
        write(group, held, to: &output, at: &written)
        return written
    }

    /// Writes a group of two to four sextets; of a single one nothing can be made.
    @inline(__always)
    private static func write(
        _ group: UInt32,
        _ held: Int,
        to output: inout MutableSpan<UInt8>,
        at written: inout Int
    ) {
        guard held > 1 else { return }
        let bits = group << UInt32(6 * (4 - held))
        for shift in [16, 8, 0].prefix(held - 1) {
            output[written] = UInt8(truncatingIfNeeded: bits >> UInt32(shift))
            written += 1
        }
    }

    private static let padding: UInt8 = 65

    /// The value of each byte; 64 for what is to be skipped, 65 for `=`.
    ///
    /// The URL-safe letters of RFC 4648 count too.
    private static let sextets: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        values[Int(UInt8(ascii: "="))] = padding
        return values
    }()
}

extension TransferDecoder {
    /// Quoted-printable: broken escapes stay as they are, blanks at the end of a line go.
    static func quotedPrintable(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: bytes.count)
        let length = decodeQuotedPrintable(bytes.span, into: &result)
        result.removeLast(result.count - length)
        return result
    }

    private static func decodeQuotedPrintable(_ input: Span<UInt8>, into result: inout [UInt8]) -> Int {
        var output = result.mutableSpan
        var written = 0
        /// Up to here no blank may go: it was escaped, or belongs to an earlier line.
        var kept = 0
        var index = 0
        while index < input.count {
            let byte = input[index]
            if byte == UInt8(ascii: "=") {
                let (decoded, next) = escape(input, index)
                index = next
                guard let decoded else { continue }
                output[written] = decoded
                written += 1
                kept = written
                continue
            }
            if byte == 0x0A || byte == 0x0D {
                while written > kept, output[written - 1] == 0x20 || output[written - 1] == 0x09 {
                    written -= 1
                }
            }
            output[written] = byte
            written += 1
            index += 1
            if byte == 0x0A || byte == 0x0D { kept = written }
        }
        return written
    }

    /// What the `=` at `index` stands for, nothing before a line end, and where reading goes on.
    @inline(__always)
    private static func escape(_ input: Span<UInt8>, _ index: Int) -> (byte: UInt8?, next: Int) {
        if index + 2 < input.count, let high = ASCII.hexadecimal(input[index + 1]),
            let low = ASCII.hexadecimal(input[index + 2])
        {
            return (high << 4 | low, index + 3)
        }
        let lineEnd = Lines.skipBlanks(input, index + 1, min(input.count, index + 80))
        if lineEnd == input.count { return (nil, lineEnd) }
        guard input[lineEnd] == 0x0A || input[lineEnd] == 0x0D else { return (UInt8(ascii: "="), index + 1) }
        return (nil, Lines.afterBreak(input, lineEnd, input.count))
    }

    /// The Q encoding of headers: quoted-printable without lines, and `_` for a space (RFC 2047, section
    /// 4.2).
    static func headerQ(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "="), index + 2 < bytes.endIndex,
                let high = ASCII.hexadecimal(bytes[index + 1]), let low = ASCII.hexadecimal(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(byte == UInt8(ascii: "_") ? 0x20 : byte)
                index += 1
            }
        }
        return result
    }
}
