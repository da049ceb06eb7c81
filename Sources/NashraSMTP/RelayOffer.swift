// SPDX-License-Identifier: Apache-2.0
//
// What a relay says it can do, from its reply to EHLO.
// Pure. Rules: RFC 5321 section 4.1.1.1; keywords are read whatever their case.

/// The service extensions of a relay, those that matter to us.
public struct RelayOffer: Sendable, Hashable {
    /// Commands may be sent without waiting for each reply (RFC 2920).
    public internal(set) var pipelining = false
    /// Bodies may hold bytes above 127 (RFC 6152).
    public internal(set) var eightBitMIME = false
    /// Addresses may hold characters beyond ASCII (RFC 6531).
    public internal(set) var smtpUTF8 = false
    /// Delivery reports can be asked for (RFC 3461).
    public internal(set) var dsn = false
    /// Replies carry enhanced status codes (RFC 2034).
    public internal(set) var enhancedStatusCodes = false
    /// Message sizes can be declared (RFC 1870).
    public internal(set) var size = false
    /// The largest message in bytes; `nil` when there is no limit or none was said.
    public internal(set) var largestMessage: Int?
    /// The AUTH mechanisms, in capitals (RFC 4954).
    public internal(set) var authMechanisms: Set<String> = []

    /// Nothing.
    init() {}

    /// Reads the lines of a reply to EHLO; the first, the server's greeting, is passed over.
    init(lines: [ArraySlice<UInt8>]) {
        for line in lines.dropFirst() { read(line) }
    }

    private mutating func read(_ line: ArraySlice<UInt8>) {
        let words = line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: "=") })
            .map(Self.upper)
        guard let keyword = words.first else { return }
        switch keyword {
        case "PIPELINING": pipelining = true
        case "8BITMIME": eightBitMIME = true
        case "SMTPUTF8": smtpUTF8 = true
        case "DSN": dsn = true
        case "ENHANCEDSTATUSCODES": enhancedStatusCodes = true
        case "SIZE":
            size = true
            largestMessage = words.dropFirst().first.flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
        case "AUTH": authMechanisms.formUnion(words.dropFirst())
        default: break
        }
    }

    private static func upper(_ word: ArraySlice<UInt8>) -> String {
        String(
            decoding: word.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & 0xDF : $0 },
            as: UTF8.self
        )
    }
}
