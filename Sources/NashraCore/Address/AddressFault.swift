// SPDX-License-Identifier: Apache-2.0
//
// Why some bytes are not an address, in words for the person who has to mend them.
// Pure values. Which rule each stands for: docs/addresses.md.

/// Why some bytes are not an address, and where.
public struct AddressFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Hashable, Sendable {
        case empty, tooLong, notUTF8, controlOrSpace, noAt, emptyLocalPart, localPartTooLong, misplacedDot
        case emptyDomain, domainTooLong, oneLabelDomain, badDomain(String)
        /// The part before the `@` is in quotes: legal in RFC 5321, and refused by decision.
        case quotedLocalPart
        /// The domain is an IP address in brackets: legal in RFC 5321, and refused by decision.
        case domainLiteral
        /// There is more than one `@`.
        case severalAts
        /// The part before the `@` begins with a combining mark, as a Unicode scalar value.
        case leadingMark(UInt32)
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
        case .quotedLocalPart: "what stands before the @ is in quotes, which is legal and not supported"
        case .domainLiteral: "an IP address in brackets stands for the domain, which is not supported"
        case .severalAts: "the address has more than one @; write one address in each field"
        case .leadingMark(let scalar): "the address begins with the combining mark U+\(Self.hex(scalar))"
        case .forbiddenCharacter(let scalar):
            "the address holds U+\(Self.hex(scalar)), which no address may hold"
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
