// SPDX-License-Identifier: Apache-2.0
//
// Numbers as workbooks hold them, to what people see: no exponent, no `.0`, fifteen digits, days as dates.
// Pure; works on digits, not on floating point. Rules: ECMA-376 part 1, 18.17.4 (dates); Excel shows fifteen digits.

/// A number by its digits: 0.DIGITS × 10^exponent.
struct CellNumber: Equatable {
    private var isNegative = false
    /// Digits 0...9, without zeros at either end.
    private var digits: [UInt8] = []
    private var exponent = 0

    /// Fifteen digits are what a workbook keeps of a number.
    static let precision = 15

    /// Reads what a cell holds, such as `44927.0`, `1E+5` or `1.1000000000000001`; `nil` when it is no number.
    init?(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        var point: Int?
        var mantissa: [UInt8] = []
        while let byte = rest.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
            if byte == UInt8(ascii: "."), point == nil {
                point = mantissa.count
            } else if byte >= 0x30, byte <= 0x39, mantissa.count < 400 {
                mantissa.append(byte - 0x30)
            } else {
                return nil
            }
            rest = rest.dropFirst()
        }
        guard !mantissa.isEmpty else { return nil }
        var power = 0
        if !rest.isEmpty {
            let text = String(decoding: rest.dropFirst(), as: UTF8.self)
            guard let given = Int(text), abs(given) <= 400 else { return nil }
            power = given
        }
        exponent = (point ?? mantissa.count) + power
        digits = mantissa
        normalise()
        round()
    }

    /// Without an exponent: `100000`, `5.25`, `-0.001`.
    var text: String {
        guard !digits.isEmpty else { return "0" }
        var shown = isNegative ? "-" : ""
        if exponent <= 0 {
            shown += "0." + String(repeating: "0", count: -exponent) + Self.text(digits[...])
        } else if exponent >= digits.count {
            shown += Self.text(digits[...]) + String(repeating: "0", count: exponent - digits.count)
        } else {
            shown += Self.text(digits[..<exponent]) + "." + Self.text(digits[exponent...])
        }
        return shown
    }

    /// With zeros in front up to `width` digits, when it is a whole number.
    func text(padded width: Int) -> String {
        let shown = text
        guard !isNegative, exponent >= digits.count, shown.utf8.count < width else { return shown }
        return String(repeating: "0", count: width - shown.utf8.count) + shown
    }

    /// As a number of days; `nil` when it cannot be one.
    var days: Double? {
        guard let value = Double(text), value >= 0, value < 2_958_466 else { return nil }
        return value
    }

    private static func text(_ digits: ArraySlice<UInt8>) -> String {
        String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
    }

    private mutating func normalise() {
        let leading = digits.prefix { $0 == 0 }.count
        digits.removeFirst(leading)
        exponent -= leading
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty { (isNegative, exponent) = (false, 0) }
    }

    private mutating func round() {
        guard digits.count > Self.precision else { return }
        let roundsUp = digits[Self.precision] >= 5
        digits.removeLast(digits.count - Self.precision)
        if roundsUp {
            var index = digits.count - 1
            while index >= 0, digits[index] == 9 {
                digits[index] = 0
                index -= 1
            }
            if index >= 0 {
                digits[index] += 1
            } else {
                digits.insert(1, at: 0)
                exponent += 1
            }
        }
        normalise()
    }
}

/// Days and times as ISO 8601 writes them.
enum CellDate {
    /// A moment that is counted in `days`, with the time as their fraction; `nil` when there is no such.
    ///
    /// From 1904 day 0 is 1904-01-01; else day 1 is 1900-01-01, and day 60 the 29 February 1900 that never was.
    static func text(days: Double, from1904: Bool) -> String? {
        var whole = Int(days)
        var seconds = Int(((days - Double(whole)) * 86_400).rounded())
        if seconds >= 86_400 { (whole, seconds) = (whole + 1, 0) }
        guard from1904 || whole != 60, whole >= 0 else { return nil }
        // Days since 1970-01-01.
        let day = from1904 ? whole - 24_107 : whole < 60 ? whole - 25_568 : whole - 25_569
        let date = Self.date(day)
        return seconds == 0 ? date : "\(date)T\(clock(seconds))"
    }

    /// A time of the day.
    static func time(days: Double) -> String {
        clock(Int(((days - days.rounded(.down)) * 86_400).rounded()) % 86_400)
    }

    private static func clock(_ seconds: Int) -> String {
        "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// The day of the proleptic Gregorian calendar, by counting in eras of 400 years from 1 March on.
    private static func date(_ day: Int) -> String {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
        let text = String(repeating: "0", count: max(0, 4 - "\(year)".utf8.count)) + "\(year)"
        return
            "\(text)-\(two(month < 10 ? month + 3 : month - 9))-\(two(dayOfYear - (153 * month + 2) / 5 + 1))"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
