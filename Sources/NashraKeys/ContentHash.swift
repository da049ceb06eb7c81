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

/// SHA-256 of bytes that come in pieces.
public struct ContentHasher {
    private var hash = SHA256()

    /// Begins.
    public init() {}

    /// Adds a piece.
    public mutating func add(_ piece: UnsafeRawBufferPointer) { hash.update(bufferPointer: piece) }

    /// Adds a text and an end that no text can hold, so that two texts are never taken for one.
    public mutating func add(_ text: String) {
        hash.update(data: Array(text.utf8))
        hash.update(data: [0xFF])
    }

    /// The hash as 32 bytes.
    public func finish() -> [UInt8] { Array(hash.finalize()) }
}
