// SPDX-License-Identifier: Apache-2.0
//
// Whether bytes are UTF-8, and whether what they say has been through a wrong encoding before.
// Pure. Rules: RFC 3629 section 4.

/// Checks UTF-8 that comes in pieces.
struct UTF8Check: Sendable {
    /// How many characters of two bytes and more there are.
    private(set) var characters = 0
    /// Where the first byte is that cannot stand there, from 0; `nil` as long as there is none.
    private(set) var firstBreak: Int?
    /// How many characters are Ø, Ù, Ú or Û: what Arabic in UTF-8 becomes when it is read as Windows-1252.
    private(set) var arabicAsWestern = 0
    /// How many are ط or ظ: what the same becomes when it is read as Windows-1256.
    private(set) var arabicAsArabic = 0
    /// How many are Â or Ã: what French in UTF-8 becomes when it is read as Windows-1252.
    private(set) var frenchAsWestern = 0

    private var offset = 0
    /// How many bytes of the character at hand are missing, and between what the next must lie.
    private var missing = 0
    private var lower: UInt8 = 0x80
    private var higher: UInt8 = 0xBF
    private var lead: UInt8 = 0

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) {
        defer { offset += bytes.count }
        guard firstBreak == nil else { return }
        let raw = UnsafeRawBufferPointer(bytes)
        var index = 0
        while index < bytes.count {
            if missing == 0, index + 8 <= bytes.count {
                let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if word & 0x8080_8080_8080_8080 == 0 {
                    index += 8
                    continue
                }
            }
            guard take(bytes[index]) else {
                firstBreak = offset + index
                return
            }
            index += 1
        }
    }

    mutating func finish() {
        if missing > 0, firstBreak == nil { firstBreak = offset }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        if missing == 0 { return byte < 0x80 || begin(byte) }
        guard byte >= lower, byte <= higher else { return false }
        (lower, higher) = (0x80, 0xBF)
        missing -= 1
        if missing == 0 {
            characters += 1
            note(byte)
        }
        return true
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        lead = byte
        switch byte {
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            if byte == 0xE0 { lower = 0xA0 }
            if byte == 0xED { higher = 0x9F }
        case 0xF0...0xF4:
            missing = 3
            if byte == 0xF0 { lower = 0x90 }
            if byte == 0xF4 { higher = 0x8F }
        default: return false
        }
        return true
    }

    private mutating func note(_ last: UInt8) {
        switch (lead, last) {
        case (0xC3, 0x98...0x9B): arabicAsWestern += 1
        case (0xC3, 0x82...0x83): frenchAsWestern += 1
        case (0xD8, 0xB7...0xB8): arabicAsArabic += 1
        default: break
        }
    }
}
