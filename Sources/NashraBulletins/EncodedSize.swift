// SPDX-License-Identifier: Apache-2.0
//
// How large a part becomes in transfer encoding, by the same choice that the MIME writer makes: the shorter
// one.
// Pure. An estimate to within soft line breaks; RFC 2045 sections 6.7 and 6.8.
import NashraTemplates

/// Measures parts before they are composed.
enum EncodedSize {
    /// What a slot is counted as: a long name, or an unsubscribe address.
    private static let slotInBytes = 64

    /// The size in bytes, encoded, slots included.
    static func inBytes(of template: MergeTemplate) -> Int {
        var plain = 0
        var escaped = 0
        for segment in template.segments {
            guard case .bytes(let bytes) = segment else {
                plain += slotInBytes
                continue
            }
            for byte in bytes {
                if byte == 0x0A {
                    plain += 2
                } else if byte == UInt8(ascii: "=") || byte >= 0x7F || byte < 0x20 {
                    escaped += 1
                } else {
                    plain += 1
                }
            }
        }
        let base64 = ((plain + escaped + 2) / 3 * 4) * 78 / 76
        let quoted = (plain + 3 * escaped) * 79 / 76
        return min(base64, quoted)
    }
}
