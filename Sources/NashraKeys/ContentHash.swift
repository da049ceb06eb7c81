// SPDX-License-Identifier: Apache-2.0
//
// What makes two contents the same.
// Pure. FIPS 180-4.
import Crypto

/// SHA-256 of some bytes.
public enum ContentHash {
    /// The hash as 32 bytes.
    public static func bytes(_ content: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: content)) }

    /// The hash as 64 hexadecimal digits in lower case.
    public static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        SHA256.hash(data: Array(bytes)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
    }
}
