// SPDX-License-Identifier: Apache-2.0
//
// Whether an address fits a pattern with `*` and `?`.
// Pure, on bytes; no recursion, time bounded by pattern × text.

/// A pattern over addresses.
struct SinkPattern: Sendable {
    private let pattern: [UInt8]
    private let wantsWholeAddress: Bool

    init(_ text: String) {
        pattern = text.utf8.map(Self.lower)
        wantsWholeAddress = text.utf8.contains(UInt8(ascii: "@"))
    }

    /// Whether `address` (any bytes, perhaps none) fits.
    func matches(_ address: [UInt8]) -> Bool {
        guard !wantsWholeAddress, let at = address.lastIndex(of: UInt8(ascii: "@")) else {
            return matches(address[...])
        }
        return matches(address[..<at])
    }

    private func matches(_ text: ArraySlice<UInt8>) -> Bool {
        var place = 0
        var index = text.startIndex
        var star: Int?
        var retry = index
        while index < text.endIndex {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = place
                retry = index
                place += 1
            } else if place < pattern.count, fits(pattern[place], text[index]) {
                place += 1
                index += 1
            } else if let star {
                place = star + 1
                retry += 1
                index = retry
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private func fits(_ wanted: UInt8, _ byte: UInt8) -> Bool {
        wanted == UInt8(ascii: "?") || wanted == Self.lower(byte)
    }

    static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
