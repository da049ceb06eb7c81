// SPDX-License-Identifier: Apache-2.0
//
// Times as providers write them: RFC 3339 with any fraction, `2011-10-08 12:32:14`, or seconds since 1970.
// Pure, on bytes.
import NashraCore

/// Reads times.
enum EventTime {
    /// A time; `nil` when the text is none, or outside of the years 2000 to 2100.
    static func parse(_ text: String?) -> Timestamp? {
        guard let text, (8...40).contains(text.utf8.count) else { return nil }
        let bytes = Array(text.utf8)
        guard let milliseconds = seconds(bytes) ?? date(bytes) else { return nil }
        // 2000-01-01 to 2100-01-01.
        guard (946_684_800_000...4_102_444_800_000).contains(milliseconds) else { return nil }
        return Timestamp(rawValue: milliseconds)
    }

    /// `1521472262.908181`, in milliseconds.
    private static func seconds(_ bytes: [UInt8]) -> Int64? {
        let whole = bytes.prefix { isDigit($0) }
        guard (9...12).contains(whole.count) else { return nil }
        let rest = bytes[whole.count...]
        guard rest.isEmpty || rest.first == UInt8(ascii: "."), rest.dropFirst().allSatisfy(isDigit) else {
            return nil
        }
        return number(whole) * 1000 + fraction(rest.dropFirst())
    }

    /// `2016-10-21T00:06:40.502Z`, `2014-01-15T16:09:19.6421112-05:00`, `2011-10-08 12:32:14`, in
    /// milliseconds.
    private static func date(_ bytes: [UInt8]) -> Int64? {
        guard bytes.count >= 19, [0x54, 0x74, 0x20].contains(bytes[10]), bytes[13] == 0x3A, bytes[16] == 0x3A,
            let day = CalendarDate(String(decoding: bytes[..<10], as: UTF8.self)),
            [bytes[11...12], bytes[14...15], bytes[17...18]].allSatisfy({ $0.allSatisfy(isDigit) })
        else { return nil }
        let (hour, minute, second) = (number(bytes[11...12]), number(bytes[14...15]), number(bytes[17...18]))
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        var rest = bytes[19...]
        var thousandths: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { isDigit($0) }
            thousandths = fraction(digits)
            rest = rest[digits.endIndex...]
        }
        guard let offset = offset(rest) else { return nil }
        let time = hour * 3600 + minute * 60 + second - offset
        return (Int64(day.daysSinceEpoch) * 86_400 + time) * 1000 + thousandths
    }

    /// Seconds ahead of UTC; none said is UTC.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(text)
        if bytes.isEmpty || bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
        let digits = bytes.dropFirst().filter { $0 != 0x3A }
        guard bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"), digits.count == 4,
            digits.allSatisfy(isDigit)
        else { return nil }
        let value = number(digits.prefix(2)) * 3600 + number(digits.suffix(2)) * 60
        return bytes[0] == UInt8(ascii: "-") ? -value : value
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// At most twelve digits.
    private static func number(_ digits: some Collection<UInt8>) -> Int64 {
        digits.prefix(12).reduce(0) { $0 * 10 + Int64($1 & 0x0F) }
    }

    private static func fraction(_ digits: some Collection<UInt8>) -> Int64 {
        var padded = Array(digits.prefix(3))
        while padded.count < 3 { padded.append(0x30) }
        return number(padded)
    }
}
