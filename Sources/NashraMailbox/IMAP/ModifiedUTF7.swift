// SPDX-License-Identifier: Apache-2.0
//
// Names of IMAP folders on the wire: modified UTF-7.
// Pure, on bytes. Rules: RFC 3501 section 5.1.3.

/// Modified UTF-7, for folders whose names are not ASCII.
enum ModifiedUTF7 {
    /// Encodes a name: ASCII as it is, `&` as `&-`, the rest as UTF-16 in base64 with `,` for `/` between `&`
    /// and `-`.
    static func encoded(_ name: String) -> String {
        var out: [UInt8] = []
        var pending: [UInt8] = []
        for scalar in name.unicodeScalars {
            if (0x20...0x7E).contains(scalar.value) {
                flush(&pending, into: &out)
                out.append(UInt8(truncatingIfNeeded: scalar.value))
                if scalar == "&" { out.append(UInt8(ascii: "-")) }
            } else {
                for unit in String(scalar).utf16 {
                    pending.append(UInt8(unit >> 8))
                    pending.append(UInt8(unit & 0xFF))
                }
            }
        }
        flush(&pending, into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private static func flush(_ pending: inout [UInt8], into out: inout [UInt8]) {
        guard !pending.isEmpty else { return }
        out.append(UInt8(ascii: "&"))
        var bits: UInt32 = 0
        var count = 0
        for byte in pending {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                out.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { out.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
        out.append(UInt8(ascii: "-"))
        pending.removeAll()
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8
    )
}
