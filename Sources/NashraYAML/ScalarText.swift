// SPDX-License-Identifier: Apache-2.0
//
// How values are written as text: durations, shares, rates, moments, truth.
// Pure. The same in YAML files, in environment variables and on the command line.
public import NashraCore

/// Reads values from text; each function gives `nil` for text of another form.
public enum ScalarText {
    /// `true`, `yes`, `false` or `no`.
    public static func bool(_ text: String) -> Bool? {
        switch text {
        case "true", "yes": true
        case "false", "no": false
        default: nil
        }
    }

    /// A whole number of at most 18 ASCII digits, with or without `-`; underscores and blanks are not allowed.
    public static func integer(_ text: String) -> Int? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard (1...18).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
        return Int(text)
    }

    /// A number such as `12` or `0.5`: at most nine digits before the point and six after it.
    public static func decimal(_ text: String) -> Double? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), (1...9).contains(parts[0].count),
            parts.count == 1 || (1...6).contains(parts[1].count),
            parts.allSatisfy({ $0.allSatisfy(isDigit) })
        else { return nil }
        return Double(text)
    }

    /// A number and its unit: `250ms`, `30s`, `5m`, `6h`, `5d`; a bare `0` is zero, other bare numbers are refused.
    public static func duration(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        let digits = text.utf8.prefix(while: isDigit)
        guard (1...9).contains(digits.count), let number = Int64(String(decoding: digits, as: UTF8.self))
        else {
            return nil
        }
        switch String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        case "d": return .seconds(number * 86_400)
        default: return nil
        }
    }

    /// The text of a duration in the largest unit that needs no fraction, as ``duration(_:)`` reads it.
    public static func text(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        guard milliseconds != 0 else { return "0" }
        for (size, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")]
            as [(Int64, String)]
        where milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }

    /// A share of a whole, `12%` or `12.5%`, as percent from 0 to 100; the sign may not be left out.
    public static func percent(_ text: String) -> Double? {
        guard text.utf8.last == UInt8(ascii: "%"), let number = decimal(String(text.dropLast())) else {
            return nil
        }
        return number <= 100 ? number : nil
    }

    /// Messages per second: `50/s`, `0.5/s`, `3000/min`; a bare number counts per second.
    public static func perSecond(_ text: String) -> Double? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, let number = decimal(String(first)) else {
            return nil
        }
        switch parts.count == 1 ? "s" : parts[1] {
        case "s": return number
        case "min": return number / 60
        default: return nil
        }
    }

    /// A moment with its offset: `2026-03-01T09:00Z`, `2026-03-01T09:00:00+03:00`; seconds may be left out.
    public static func timestamp(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 17, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "),
            let date = CalendarDate(String(decoding: bytes[..<10], as: UTF8.self))
        else { return nil }
        let clockEnd =
            bytes[11...].firstIndex { !isDigit($0) && $0 != UInt8(ascii: ":") } ?? bytes.endIndex
        guard let clock = seconds(bytes[11..<clockEnd]), let offset = offset(bytes[clockEnd...]) else {
            return nil
        }
        return date.midnightUTC + .seconds(clock - offset)
    }

    /// `HH:MM` or `HH:MM:SS` as seconds.
    private static func seconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(isDigit) })
        else {
            return nil
        }
        let numbers = parts.map { $0.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) } }
        guard numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        return numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
    }

    /// `Z` or `±HH:MM` as seconds.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let sign = bytes.first else { return nil }
        if bytes.count == 1 { return sign == UInt8(ascii: "Z") ? 0 : nil }
        guard bytes.count == 6, let size = seconds(bytes.dropFirst()) else { return nil }
        switch sign {
        case UInt8(ascii: "+"): return size
        case UInt8(ascii: "-"): return -size
        default: return nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
