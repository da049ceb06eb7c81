// SPDX-License-Identifier: Apache-2.0
//
// The hash of erased people: keyed, of one purpose, and known again after a change of keys.
// Pure.
import NashraCore
import NashraKeys
import Testing

@Suite struct ErasureHashTests {
    private let root = RootKey(bytes: Array(1...32))
    private let other = RootKey(bytes: Array(2...33))

    @Test func `the same person has the same hash, and nobody else has it`() throws {
        let keyring = Keyring(root: try #require(root))
        let keys = (0..<1_000).map { "سارة\($0)@xn--mgberp4a5d4ar" } + ["a@b.example", "A@b.example", ""]
        let hashes = Set(keys.map { keyring.erasureHash(of: $0) })
        #expect(hashes.count == keys.count)
        #expect(hashes.allSatisfy { $0.count == 32 })
        #expect(
            keyring.erasureHash(of: "a@b.example")
                == Keyring(root: try #require(root)).erasureHash(of: "a@b.example")
        )
    }

    @Test func `without the key nobody can make it`() throws {
        let mine = Keyring(root: try #require(root)).erasureHash(of: "ahmad@moi.example")
        #expect(mine != Keyring(root: try #require(other)).erasureHash(of: "ahmad@moi.example"))
        #expect(mine != ContentHash.bytes(Array("ahmad@moi.example".utf8)))
    }

    @Test func `after a change of the root key the earlier hash is still among those that are looked for`()
        throws
    {
        let before = Keyring(root: try #require(root))
        let after = Keyring(root: try #require(other), earlier: [try #require(root)])
        let hashes = after.erasureHashes(of: "ahmad@moi.example")
        #expect(hashes.first == after.erasureHash(of: "ahmad@moi.example"))
        #expect(hashes.contains(before.erasureHash(of: "ahmad@moi.example")))
        #expect(hashes.count == 2)
    }

    @Test func `the hash of this release stays what it is`() throws {
        // Made by Python's hmac from the same key (RFC 5869, RFC 2104). Another value here would mail every erased person again.
        let hash = Keyring(root: try #require(root)).erasureHash(of: "ahmad@moi.example")
        #expect(
            hash.map { String($0, radix: 16) }.joined(separator: " ")
                == "6a e f7 f8 9 2e 32 91 23 be 7a 9 c6 7c a3 4 8e 26 3a 73 14 d8 f1 83 6c 6 42 91 1d a7 a3 e5"
        )
    }
}
