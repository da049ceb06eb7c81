// SPDX-License-Identifier: Apache-2.0
//
// Moments as other systems write them.
// Pure, on bytes. Forms: RFC 3339; Go's time.String; SQL's timestamps; seconds since 1970.
import NashraCore

/// Reads moments.
enum ForeignTime {
    /// The moment that `text` names, or `nil` when it names none between 1990 and 2199.
    ///
    /// Read are `2020-02-10T23:07:16.199+01:00`, `2020-02-10 23:07:16.199433 +0100 CET`, `2020-02-10 23:07:16`,
    /// `2020-02-10` and whole seconds since 1970. Without a zone it is UTC.
    static func parse(_ text: some StringProtocol) -> Timestamp? {
        let bytes = Array(text.utf8.drop { $0 == 0x20 })
        guard let found = epoch(bytes) ?? civil(bytes) else { return nil }
        let years = CalendarDate(year: 1990, month: 1, day: 1)?.midnightUTC.rawValue ?? 0
        let end = CalendarDate(year: 2200, month: 1, day: 1)?.midnightUTC.rawValue ?? 0
        return (years..<end).contains(found) ? Timestamp(rawValue: found) : nil
    }

    private static func epoch(_ bytes: [UInt8]) -> Int64? {
        guard (8...11).contains(bytes.count), bytes.allSatisfy(isDigit) else { return nil }
        return bytes.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) } * 1_000
    }

    private static func civil(_ bytes: [UInt8]) -> Int64? {
        guard bytes.count >= 10, let day = CalendarDate(String(decoding: bytes[..<10], as: UTF8.self)) else {
            return nil
        }
        let midnight = day.midnightUTC.rawValue
        var rest = bytes[10...]
        guard let separator = rest.popFirst() else { return midnight }
        guard separator == UInt8(ascii: "T") || separator == UInt8(ascii: "t") || separator == 0x20,
            let clock = time(&rest), let offset = zone(rest)
        else { return nil }
        return midnight + clock - offset
    }

    /// `23:07:16` or `23:07:16.199433` as milliseconds of the day.
    private static func time(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard let hour = number(&rest), rest.popFirst() == 0x3A, let minute = number(&rest),
            hour < 24, minute < 60
        else { return nil }
        var result = (hour * 60 + minute) * 60_000
        if rest.first == 0x3A {
            rest.removeFirst()
            guard let second = number(&rest), second <= 60 else { return nil }
            result += min(second, 59) * 1_000
        }
        guard rest.first == UInt8(ascii: ".") else { return result }
        rest.removeFirst()
        let fraction = rest.prefix(while: isDigit)
        rest = rest.dropFirst(fraction.count)
        var milliseconds: Int64 = 0
        for place in 0..<3 {
            let index = fraction.startIndex + place
            milliseconds =
                milliseconds * 10 + (fraction.indices.contains(index) ? Int64(fraction[index] - 0x30) : 0)
        }
        return result + milliseconds
    }

    /// `Z`, `+01:00`, ` +0100 CET` or nothing, as milliseconds east of Greenwich.
    private static func zone(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var rest = bytes.drop { $0 == 0x20 }
        guard let sign = rest.popFirst() else { return 0 }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = number(&rest) else {
            // A bare name, such as UTC or GMT.
            return [[0x54, 0x43], [0x4D, 0x54]].contains(Array(rest.prefix(2))) ? 0 : nil
        }
        if rest.first == 0x3A { rest.removeFirst() }
        let minutes = number(&rest) ?? 0
        guard hours <= 14, minutes < 60 else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes) * 60_000
    }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy(isDigit) else { return nil }
        rest = rest.dropFirst(2)
        return digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
