// SPDX-License-Identifier: Apache-2.0
//
// The enhanced status code of a reply: three numbers that say more than the reply's first.
// Pure. Rules: RFC 3463 section 2; RFC 2034.

/// An enhanced status code, such as 5.1.1.
public struct EnhancedStatusCode: Hashable, Sendable, CustomStringConvertible {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    public let category: UInt8
    /// What it is about, 0...999: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.
    public let subject: UInt16
    /// The detail within the subject, 0...999.
    public let detail: UInt16

    /// Makes a code from its three numbers.
    public init(_ category: UInt8, _ subject: UInt16, _ detail: UInt16) {
        self.category = category
        self.subject = subject
        self.detail = detail
    }

    /// What it is, for people.
    public var description: String { "\(category).\(subject).\(detail)" }

    /// Reads the code at the start of a reply's text.
    ///
    /// Absence is not an error: a server without ENHANCEDSTATUSCODES (RFC 2034) sends none.
    ///
    /// - Parameter text: What follows `NNN` and its separator, any bytes; at most the first ten are read.
    /// - Returns: The code and its length in bytes, 5...9, or `nil` when `text` starts with none: the form is one of
    ///   2, 4 and 5, then two groups of one to three digits, ended by a space, a tab or the end of the text.
    public static func parse(prefixOf text: some Sequence<UInt8>) -> (code: Self, length: Int)? {
        var numbers: [UInt16] = []
        var current: UInt16 = 0
        var digits = 0
        var length = 0
        for byte in text.prefix(10) {
            if (0x30...0x39).contains(byte) {
                digits += 1
                guard digits <= 3 else { return nil }
                current = current * 10 + UInt16(byte - 0x30)
            } else if byte == UInt8(ascii: "."), digits > 0, numbers.count < 2 {
                numbers.append(current)
                current = 0
                digits = 0
            } else if byte == 0x20 || byte == 0x09 {
                break
            } else {
                return nil
            }
            length += 1
        }
        guard digits > 0, numbers.count == 2, length <= 9, [2, 4, 5].contains(numbers[0]) else { return nil }
        return (EnhancedStatusCode(UInt8(numbers[0]), numbers[1], current), length)
    }
}
