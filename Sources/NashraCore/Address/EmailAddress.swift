// SPDX-License-Identifier: Apache-2.0
//
// One e-mail address: what was given, what goes on the wire, and the key that says two are the same.
// Pure. Works on bytes only, because in Swift CR LF is one Character and a quote with a combining mark is no quote.
// Rules: RFC 5321 section 4.1.2, RFC 5322 section 3.4.1, RFC 6531 section 3.3.
import Foundation

/// An address that has been checked byte by byte and may go on the wire.
///
/// Only the dot-atom form is accepted; a quoted local part (`"a b"@example.org`) is legal in RFC 5321 and
/// refused here, because it is the way in for most command injections and nobody's real address.
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as it was given, without surrounding white space.
    public let text: String

    /// What stands before the `@`, as given.
    public let localPart: String

    /// The domain as A-labels in lower case, the form for the wire and for grouping (RFC 5890).
    public let domain: String

    /// What makes two addresses the same person: the whole address in NFC, lower-cased, domain as A-labels.
    ///
    /// Wider than RFC 5321, which lets servers tell `A@` from `a@`: when in doubt, one mail and not two.
    public let key: String

    /// Whether the server must offer SMTPUTF8, because the local part is not ASCII (RFC 6531).
    public let needsSMTPUTF8: Bool

    /// The address for `RCPT TO`: local part as given, domain as A-labels.
    public var wire: String { "\(localPart)@\(domain)" }

    /// What it is, for people.
    public var description: String { text }

    /// Checks `bytes` as an address.
    ///
    /// - Parameter bytes: Any bytes; white space at either end is dropped. At most 254 bytes remain
    ///   (RFC 5321, section 4.5.3.1.3), 64 of them before the `@`.
    /// - Returns: The address.
    /// - Throws: ``AddressFault``, with the reason and the offset of the first wrong byte.
    public static func parse(_ bytes: some Collection<UInt8>) throws(AddressFault) -> EmailAddress {
        var whole = Array(bytes)
        while let last = whole.last, isBlank(last) { whole.removeLast() }
        let leading = whole.prefix(while: isBlank).count
        whole.removeFirst(leading)
        guard !whole.isEmpty else { throw AddressFault(.empty, at: 0) }
        guard whole.count <= 254 else { throw AddressFault(.tooLong, at: 254) }
        guard let text = String(validating: whole, as: UTF8.self) else {
            throw AddressFault(.notUTF8, at: 0)
        }
        if let bad = whole.firstIndex(where: { $0 < 0x21 || $0 == 0x7F }) {
            throw AddressFault(.controlOrSpace, at: bad)
        }
        guard let at = whole.lastIndex(of: UInt8(ascii: "@")) else {
            throw AddressFault(.noAt, at: whole.count)
        }
        let local = whole[..<at]
        try checkLocalPart(local)
        let domainBytes = whole[(at + 1)...]
        let domain = try DomainName.aLabels(domainBytes, offset: at + 1)
        let localText = String(decoding: local, as: UTF8.self)
        let ascii = local.allSatisfy { $0 < 0x80 }
        if !ascii, let bad = text.unicodeScalars.first(where: { isForbidden($0) }) {
            throw AddressFault(.forbiddenCharacter(bad.value), at: 0)
        }
        let folded =
            ascii ? localText.lowercased() : localText.precomposedStringWithCanonicalMapping.lowercased()
        return EmailAddress(
            text: text,
            localPart: localText,
            domain: domain,
            key: "\(folded)@\(domain)",
            needsSMTPUTF8: !ascii
        )
    }

    /// Checks `text` as an address; see ``parse(_:)-(Collection<UInt8>)``.
    public static func parse(_ text: String) throws(AddressFault) -> EmailAddress {
        try parse(Array(text.utf8))
    }

    private init(text: String, localPart: String, domain: String, key: String, needsSMTPUTF8: Bool) {
        self.text = text
        self.localPart = localPart
        self.domain = domain
        self.key = key
        self.needsSMTPUTF8 = needsSMTPUTF8
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// RFC 5322 `dot-atom`, widened by RFC 6531 to all that is not ASCII.
    private static func checkLocalPart(_ local: ArraySlice<UInt8>) throws(AddressFault) {
        guard !local.isEmpty else { throw AddressFault(.emptyLocalPart, at: 0) }
        guard local.count <= 64 else { throw AddressFault(.localPartTooLong, at: 64) }
        var previousWasDot = true
        for (index, byte) in zip(local.indices, local) {
            if byte == UInt8(ascii: ".") {
                if previousWasDot { throw AddressFault(.misplacedDot, at: index) }
                previousWasDot = true
                continue
            }
            previousWasDot = false
            guard byte >= 0x80 || atext[Int(byte)] else {
                throw AddressFault(.forbiddenCharacter(UInt32(byte)), at: index)
            }
        }
        if previousWasDot { throw AddressFault(.misplacedDot, at: local.endIndex - 1) }
    }

    /// Controls, format characters (bidi marks among them), separators and the unassigned; none belongs in an address.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate,
            .privateUse, .unassigned:
            true
        default: false
        }
    }

    /// `atext` of RFC 5322, section 3.2.3, by byte.
    private static let atext: [Bool] = {
        var table = [Bool](repeating: false, count: 128)
        for byte in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~".utf8 {
            table[Int(byte)] = true
        }
        return table
    }()
}

/// Why some bytes are not an address, and where.
public struct AddressFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Hashable, Sendable {
        case empty, tooLong, notUTF8, controlOrSpace, noAt, emptyLocalPart, localPartTooLong, misplacedDot
        case emptyDomain, domainTooLong, oneLabelDomain, badDomain(String)
        /// A character that an address may not hold, as a Unicode scalar value.
        case forbiddenCharacter(UInt32)
    }

    /// What is wrong.
    public let problem: Problem

    /// The offset of the first wrong byte, counted from 0 after leading white space.
    public let offset: Int

    /// Makes a fault.
    public init(_ problem: Problem, at offset: Int) {
        self.problem = problem
        self.offset = offset
    }

    /// The reason in words, without the address.
    public var description: String {
        switch problem {
        case .empty: "the address is empty"
        case .tooLong: "the address is longer than 254 bytes"
        case .notUTF8: "the address is not valid UTF-8"
        case .controlOrSpace: "the address holds a space or a control character at byte \(offset + 1)"
        case .noAt: "the address has no @"
        case .emptyLocalPart: "nothing stands before the @"
        case .localPartTooLong: "what stands before the @ is longer than 64 bytes"
        case .misplacedDot: "a dot at byte \(offset + 1) is first, last or doubled"
        case .emptyDomain: "nothing stands after the @"
        case .domainTooLong: "the domain is longer than 253 bytes"
        case .oneLabelDomain: "the domain has no dot"
        case .badDomain(let why): "the domain is not valid: \(why)"
        case .forbiddenCharacter(let scalar):
            "the address holds U+\(Self.hex(scalar)), which no address may hold"
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
