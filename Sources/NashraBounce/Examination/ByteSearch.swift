// SPDX-License-Identifier: Apache-2.0
//
// Searching and comparing bytes, for texts whose validity nobody relies on.
// Pure.

/// Searches in bytes.
enum ByteSearch {
    /// Where `needle` begins in `bytes` at or after `start`, or `nil`.
    static func find(_ needle: String, in bytes: [UInt8], from start: Int = 0) -> Int? {
        find(needle, in: bytes[...], from: start)
    }

    /// Where `needle` begins in `bytes` at or after `start` (an index of `bytes`), or `nil`.
    static func find(_ needle: String, in bytes: ArraySlice<UInt8>, from start: Int? = nil) -> Int? {
        let offset = max(start ?? bytes.startIndex, bytes.startIndex) - bytes.startIndex
        guard offset >= 0 else { return nil }
        let hay = bytes.span
        let words = needle.utf8.span
        guard words.count > 0, hay.count >= words.count else { return nil }
        let first = words[0]
        var index = offset
        let last = hay.count - words.count
        while index <= last {
            if hay[index] == first {
                var matched = 1
                while matched < words.count, hay[index + matched] == words[matched] { matched += 1 }
                if matched == words.count { return bytes.startIndex + index }
            }
            index += 1
        }
        return nil
    }

    /// Whether `bytes` holds `needle`.
    static func contains(_ needle: String, in bytes: ArraySlice<UInt8>) -> Bool {
        find(needle, in: bytes) != nil
    }

    /// Whether `bytes` begins with `needle`, letters of either case; `needle` is small.
    static func hasPrefix(_ needle: String, in bytes: ArraySlice<UInt8>) -> Bool {
        let words = needle.utf8.span
        guard bytes.count >= words.count else { return false }
        let hay = bytes.span
        for index in words.indices where hay[index].asciiLowercased != words[index] { return false }
        return true
    }

    /// Whether `bytes` is `needle`, letters of either case; `needle` is small.
    static func equals(_ needle: String, _ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count == needle.utf8.count && hasPrefix(needle, in: bytes)
    }

    /// `bytes` without blanks and line ends at both ends.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = bytes
        while let first = slice.first, first <= 0x20 { slice = slice.dropFirst() }
        while let last = slice.last, last <= 0x20 { slice = slice.dropLast() }
        return slice
    }
}

extension UInt8 {
    /// The small letter of a capital one of ASCII; anything else as it is.
    var asciiLowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
    /// 0…9.
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
    /// A…Z, a…z.
    var isASCIILetter: Bool { (0x61...0x7A).contains(self | 0x20) }
}
