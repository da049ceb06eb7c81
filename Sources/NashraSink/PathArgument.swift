// SPDX-License-Identifier: Apache-2.0
//
// Reads what follows MAIL and RCPT: a path in angle brackets and its parameters.
// Pure, on bytes.
// Rules: RFC 5321 sections 4.1.2 and 4.1.1.11, RFC 6531, RFC 1870, RFC 3461.

/// A path and its parameters, as a client sent them.
struct PathArgument: Sendable {
    /// Why the bytes are not that.
    enum Fault: Error { case syntax, parameterSyntax }

    /// The address without its brackets; empty for `<>`.
    let address: [UInt8]
    /// Parameter names in upper case, and their values.
    let parameters: [(name: String, value: String)]

    /// Whether the address has bytes that need SMTPUTF8.
    var isInternational: Bool { address.contains { $0 >= 0x80 } }

    /// Reads `FROM:<…> …` or `TO:<…> …`; `keyword` in upper case, with its colon.
    static func parse(_ bytes: ArraySlice<UInt8>, keyword: StaticString) throws(Fault) -> PathArgument {
        let wanted = keyword.withUTF8Buffer { Array($0) }
        let given = bytes.prefix(wanted.count).map(upper)
        guard given == wanted else { throw .syntax }
        let rest = bytes.dropFirst(wanted.count)
        guard rest.first == UInt8(ascii: "<") else { throw .syntax }
        guard let end = closing(rest) else { throw .syntax }
        var path = rest[(rest.startIndex + 1)..<end]
        if path.first == UInt8(ascii: "@") {
            // A source route: legal, long dead, to be ignored (RFC 5321, appendix C).
            guard let colon = path.firstIndex(of: UInt8(ascii: ":")) else { throw .syntax }
            path = path[(colon + 1)...]
        }
        guard isAddress(path) else { throw .syntax }
        return PathArgument(address: Array(path), parameters: try parameters(rest[(end + 1)...]))
    }

    /// Where the `>` is that closes the path: not inside quotes.
    private static func closing(_ bytes: ArraySlice<UInt8>) -> Int? {
        var quoted = false
        var escaped = false
        for (index, byte) in zip(bytes.indices, bytes) {
            if escaped {
                escaped = false
            } else if quoted, byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if byte == UInt8(ascii: ">"), !quoted {
                return index
            }
        }
        return nil
    }

    /// Empty, `postmaster`, or something before and after the last `@`, within the lengths of the RFC.
    private static func isAddress(_ path: ArraySlice<UInt8>) -> Bool {
        guard !path.isEmpty else { return true }
        guard path.allSatisfy({ $0 > 0x20 || $0 == 0x20 && path.first == UInt8(ascii: "\"") }) else {
            return false
        }
        guard !path.contains(0x7F), String(validating: path, as: UTF8.self) != nil else { return false }
        guard let at = path.lastIndex(of: UInt8(ascii: "@")) else {
            return path.map(upper) == Array("POSTMASTER".utf8)
        }
        let local = path[..<at]
        let domain = path[(at + 1)...]
        guard (1...64).contains(local.count), (1...255).contains(domain.count) else { return false }
        if local.first != UInt8(ascii: "\""), local.contains(where: isSpecial) { return false }
        return !domain.contains {
            isSpecial($0) && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") && $0 != colon
        }
    }

    private static let colon = UInt8(ascii: ":")

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
            UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\\"),
            UInt8(ascii: "\""), UInt8(ascii: "@"), Byte.space:
            true
        default: false
        }
    }

    private static func parameters(
        _ bytes: ArraySlice<UInt8>
    ) throws(Fault) -> [(name: String, value: String)] {
        guard let first = bytes.first else { return [] }
        guard first == Byte.space else { throw .syntax }
        var result: [(name: String, value: String)] = []
        for word in bytes.split(separator: Byte.space) {
            let parts = word.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard let name = parts.first, !name.isEmpty, name.allSatisfy(isKeyword) else {
                throw .parameterSyntax
            }
            guard parts.count == 1 || !parts[1].isEmpty else { throw .parameterSyntax }
            guard result.count < 20 else { throw .parameterSyntax }
            let value = parts.count == 1 ? "" : String(decoding: parts[1], as: UTF8.self)
            result.append((String(decoding: name.map(upper), as: UTF8.self), value))
        }
        return result
    }

    private static func isKeyword(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
        default: false
        }
    }

    static func upper(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte & 0xDF : byte }
}
