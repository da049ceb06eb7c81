// SPDX-License-Identifier: Apache-2.0
//
// Finds a byte as fast as the C library can.
// Pure.
import Glibc

enum ByteSearch {
    /// Where `byte` stands first within `range`; the range's end when it does not, or when the range is none.
    static func first(_ byte: UInt8, in bytes: [UInt8], _ range: Range<Int>) -> Int {
        bytes.withUnsafeBytes { all in
            let part = UnsafeRawBufferPointer(rebasing: all[range.clamped(to: 0..<all.count)])
            guard let start = part.baseAddress, let found = memchr(start, Int32(byte), part.count) else {
                return range.upperBound
            }
            return range.lowerBound + (UnsafeRawPointer(found) - start)
        }
    }
}
