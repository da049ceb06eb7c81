// SPDX-License-Identifier: Apache-2.0
//
// What is kept of a person who was erased: a keyed hash that only who has the root key can make.
// Pure. Rules: RFC 2104 (HMAC), FIPS 180-4; docs/decisions/0010-privacy.md.

extension Keyring {
    /// The hash by which an erased person is known again, and by nothing else.
    ///
    /// A plain hash of an address could be found by trying all addresses; this one needs the root key, which is not in the
    /// store.
    ///
    /// - Parameter key: The address's key, `EmailAddress.key`.
    /// - Returns: 32 bytes, HMAC-SHA256 with a key that is used for nothing else.
    public func erasureHash(of key: String) -> [UInt8] { current.erasure.mac(of: Array(key.utf8), bytes: 32) }

    /// The hashes that the person may have been erased with: that of the root key, and those of the keys before it.
    ///
    /// - Parameter key: The address's key, `EmailAddress.key`.
    /// - Returns: At least one, that of the root key first; 32 bytes each.
    public func erasureHashes(of key: String) -> [[UInt8]] {
        ([current] + earlier).map { $0.erasure.mac(of: Array(key.utf8), bytes: 32) }
    }
}
