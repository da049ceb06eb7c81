// SPDX-License-Identifier: Apache-2.0
//
// The addresses in From, To, Return-Path and their like, as strangers write them.
// Pure, tolerant, one pass. Rules: RFC 5322 sections 3.4 and 4.4, RFC 6532.

/// Reads lists of mailboxes.
public enum AddressReader {
    /// The addresses in a header's value: `local@domain` as written, without names, comments, groups and routes.
    ///
    /// - Parameters:
    ///   - value: The value, folded or not; any bytes. SMTPUTF8 addresses are read as they are.
    ///   - limit: How many addresses are read.
    /// - Returns: The addresses in order, each at most 320 bytes with text on both sides of its last `@`; a name without one (`root`) is none.
    public static func addresses(in value: some Collection<UInt8>, atMost limit: Int = 100) -> [String] {
        var reader = MailboxListReader(Array(value.prefix(262_144)), limit: limit)
        return reader.run()
    }
}
