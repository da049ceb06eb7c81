// SPDX-License-Identifier: Apache-2.0
//
// Reply codes and enhanced status codes inside the words of a report, wherever they stand.
// Pure. Rules: RFC 5321 section 4.2, RFC 3463 section 2; what is not one (addresses, versions, sizes) by experience.
import NashraCore

/// The codes that stand in a piece of text.
struct ReplyScan {
    /// A status code and where it stands.
    struct Found {
        var status: EnhancedStatusCode
        var position: Int
    }

    /// The enhanced codes of classes 4 and 5, in order; at most 32.
    private(set) var statuses: [Found] = []
    /// The reply code that is likeliest meant, 400…599, or 0.
    private(set) var replyCode = 0

    /// Whether a byte may stand before a code.
    private static func opens(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x20, UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: "["),
            UInt8(ascii: "<"),
            UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "#"), UInt8(ascii: ">"),
            UInt8(ascii: "="), UInt8(ascii: "*"), UInt8(ascii: "{"), UInt8(ascii: "|"):
            true
        default: byte >= 0x80
        }
    }

    /// Looks through text; at most its first 4,096 bytes.
    init(_ text: ArraySlice<UInt8>) {
        let head = text.prefix(ReportLimits.words)
        let bytes = head.span
        var rank = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x34 || byte == 0x35 else {
                index += 1
                continue
            }
            let before = index > 0 ? bytes[index - 1] : 0x20
            if Self.opens(before) || before == UInt8(ascii: "-"),
                let found = Self.status(in: bytes, at: index)
            {
                let joined = before == UInt8(ascii: "-") && !Self.followsReply(bytes, index - 1)
                if !joined, statuses.count < 32 {
                    statuses.append(Found(status: found.status, position: index))
                }
                index = found.end
            } else if Self.opens(before), let code = Self.reply(in: bytes, at: index) {
                let weight = Self.weight(bytes, code: code, at: index)
                if weight > rank {
                    rank = weight
                    replyCode = code
                }
                index += 3
            } else {
                index += 1
            }
        }
    }

    /// `d.d.d` at `start`, ended by something that cannot go on.
    private static func status(in bytes: Span<UInt8>, at start: Int) -> (
        status: EnhancedStatusCode, end: Int
    )? {
        var index = start + 1
        var numbers: [2 of UInt16] = [0, 0]
        for place in 0..<2 {
            guard index < bytes.count, bytes[index] == UInt8(ascii: ".") else { return nil }
            index += 1
            var digits = 0
            while index < bytes.count, bytes[index].isASCIIDigit {
                digits += 1
                guard digits <= 3 else { return nil }
                numbers[place] = numbers[place] * 10 + UInt16(bytes[index] - 0x30)
                index += 1
            }
            guard digits > 0 else { return nil }
        }
        if index < bytes.count {
            let next = bytes[index]
            if next.isASCIILetter || next == UInt8(ascii: "@") || next == UInt8(ascii: "/") { return nil }
            if next == UInt8(ascii: "."), index + 1 < bytes.count, bytes[index + 1].isASCIIDigit {
                return nil
            }
        }
        guard numbers[0] <= 7 else { return nil }
        return (EnhancedStatusCode(bytes[start] - 0x30, numbers[0], numbers[1]), index)
    }

    /// Whether the three bytes before `end` are a reply code: the dash of `550-5.7.1`.
    private static func followsReply(_ bytes: Span<UInt8>, _ end: Int) -> Bool {
        end >= 3 && reply(in: bytes, at: end - 3) != nil
    }

    /// A reply code at `start`: 4yz or 5yz with y of 0 to 7, not part of a longer word.
    private static func reply(in bytes: Span<UInt8>, at start: Int) -> Int? {
        guard start + 2 < bytes.count, bytes[start] == 0x34 || bytes[start] == 0x35,
            (0x30...0x37).contains(bytes[start + 1]), bytes[start + 2].isASCIIDigit
        else {
            return nil
        }
        if start + 3 < bytes.count {
            let next = bytes[start + 3]
            if next.isASCIIDigit || next.isASCIILetter || next == UInt8(ascii: "@")
                || next == UInt8(ascii: "/")
            {
                return nil
            }
            if next == UInt8(ascii: "."), start + 4 < bytes.count, bytes[start + 4].isASCIIDigit {
                return nil
            }
        }
        return Int(bytes[start] - 0x30) * 100 + Int(bytes[start + 1] - 0x30) * 10
            + Int(bytes[start + 2] - 0x30)
    }

    /// How sure it is that a number is a reply code; the first of the surest counts.
    ///
    /// 4 with a status behind it, 3 at the start or before a dash, 2 after a colon, bracket or quote, 1 anywhere.
    private static func weight(_ bytes: Span<UInt8>, code: Int, at start: Int) -> Int {
        let next = start + 3 < bytes.count ? bytes[start + 3] : 0x20
        if start + 4 < bytes.count, next == 0x20 || next == UInt8(ascii: "-") || next == UInt8(ascii: "#") {
            let digit =
                bytes[start + 4] == UInt8(ascii: "#") && start + 5 < bytes.count ? start + 5 : start + 4
            if bytes[digit] == 0x34 || bytes[digit] == 0x35, status(in: bytes, at: digit) != nil { return 4 }
        }
        if start == 0 || next == UInt8(ascii: "-") { return 3 }
        var before = start - 1
        while before > 0, bytes[before] <= 0x20 { before -= 1 }
        switch bytes[before] {
        case UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: ">"),
            UInt8(ascii: "["), UInt8(ascii: "("):
            return 2
        default:
            return (500...559).contains(code) || (420...459).contains(code) ? 1 : 0
        }
    }
}

extension EnhancedStatusCode {
    /// How much it says: 0 for x.0.0, 1 for x.y.0 and for "expired in the queue", 2 for the rest.
    var telling: Int {
        if subject == 0 { return detail == 0 ? 0 : 1 }
        if detail == 0 || (subject == 4 && detail == 7) { return 1 }
        return 2
    }
}
