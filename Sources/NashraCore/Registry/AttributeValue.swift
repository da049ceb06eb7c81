// SPDX-License-Identifier: Apache-2.0
//
// Reads numbers, days and yes or no as people write them in Arabic, French and English tables.
// Pure. What could mean two things is refused and never guessed. Forms: docs/attributes.md.

/// A text that should be a value, its digits made ASCII.
struct AttributeValue {
    /// What is wrong with it.
    enum Problem: Error, Hashable {
        case notANumber, tooManyDigits, exponent, ambiguousNumber
        case notADate, noSuchDay(AttributeSchema.DateOrder), twoDigitYear, oddYear
        case notABool
        case notAWord([String])
    }

    /// Without blanks and invisible marks at its ends; digits of all kinds are ASCII.
    private let scalars: [Unicode.Scalar]

    init(_ text: String) {
        var scalars: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if Self.isInvisible(scalar) { continue }
            scalars.append(Self.digit(scalar) ?? scalar)
        }
        while let last = scalars.last, Self.isSpace(last) { scalars.removeLast() }
        self.scalars = Array(scalars.drop(while: Self.isSpace))
    }

    var isEmpty: Bool { scalars.isEmpty }

    /// For comparing words.
    var folded: String { SearchFolding.fold(String(String.UnicodeScalarView(scalars))) }

    /// Yes or no in three languages, and as spreadsheets write it.
    func bool() throws(Problem) -> Bool {
        switch folded {
        case "true", "yes", "y", "1", "on", "oui", "o", "vrai", "نعم", "صحيح", "صح": return true
        case "false", "no", "n", "0", "off", "non", "faux", "لا", "خطا", "خاطي": return false
        default: throw .notABool
        }
    }

    /// The forms of yes and no that files hold most often.
    static let bools = [
        "true": "true", "false": "false", "yes": "true", "no": "false", "1": "true", "0": "false",
        "oui": "true",
        "non": "false", "نعم": "true", "لا": "false",
    ]

    /// Whether a text is a canonical form already; `false` when that takes more than a look at its bytes.
    static func isCanonical(_ text: String, _ kind: AttributeSchema.Kind) -> Bool {
        switch kind {
        case .number:
            let bytes = text.utf8
            return (1...15).contains(bytes.count) && (bytes.first != 0x30 || bytes.count == 1)
                && bytes.allSatisfy { (0x30...0x39).contains($0) }
        case .date: return isCanonicalDay(text)
        default: return false
        }
    }

    private static func isCanonicalDay(_ text: String) -> Bool {
        guard text.utf8.count == 10 else { return false }
        var parts = [0, 0, 0]
        for (place, byte) in text.utf8.enumerated() {
            if place == 4 || place == 7 {
                if byte != UInt8(ascii: "-") { return false }
            } else {
                guard (0x30...0x39).contains(byte) else { return false }
                let part = place < 4 ? 0 : place < 7 ? 1 : 2
                parts[part] = parts[part] * 10 + Int(byte - 0x30)
            }
        }
        return (1800...2200).contains(parts[0])
            && CalendarDate(year: parts[0], month: parts[1], day: parts[2]) != nil
    }

    // MARK: Days

    /// A day; `2026-01-31` with or without a time, `31/01/2026`, `31.1.2026`, `2026/1/31`.
    func date(order: AttributeSchema.DateOrder) throws(Problem) -> String {
        let parts = try dayPart().split(omittingEmptySubsequences: false) { Self.dateMarks.contains($0) }
        guard parts.count == 3,
            parts.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy(Self.isDigit) })
        else { throw .notADate }
        let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1.value - 0x30) } }
        let yearFirst = parts[0].count == 4
        let (year, first, second) =
            yearFirst ? (numbers[0], numbers[1], numbers[2]) : (numbers[2], numbers[0], numbers[1])
        let (short, long) = yearFirst ? (parts[1...2], parts[0]) : (parts[0...1], parts[2])
        guard short.allSatisfy({ $0.count <= 2 }) else { throw .notADate }
        guard long.count == 4 else { throw .twoDigitYear }
        guard (1800...2200).contains(year) else { throw .oddYear }
        let monthFirst = yearFirst || order == .monthFirst
        let day = CalendarDate(
            year: year,
            month: monthFirst ? first : second,
            day: monthFirst ? second : first
        )
        guard let day else { throw .noSuchDay(order) }
        return day.description
    }

    /// What stands before a time of day, as in `2026-01-31T00:00:00Z` or `31/01/2026 08:30`.
    private func dayPart() throws(Problem) -> ArraySlice<Unicode.Scalar> {
        guard let end = scalars.firstIndex(where: { $0 == "T" || $0 == "t" || Self.isSpace($0) }) else {
            return scalars[...]
        }
        let time = scalars[(end + 1)...].drop(while: Self.isSpace)
        let clock: Set<Unicode.Scalar> = [":", ".", "+", "-", "Z", "z"]
        guard let first = time.first, Self.isDigit(first), time.contains(":"), time.count <= 24,
            time.allSatisfy({ Self.isDigit($0) || clock.contains($0) })
        else { throw .notADate }
        return scalars[..<end]
    }

    private static let dateMarks: Set<Unicode.Scalar> = ["-", "/", ".", "\u{060D}", "\u{2010}", "\u{2011}"]

    // MARK: Numbers

    /// A number, whatever separates its groups and its fraction.
    func number(mark: AttributeSchema.DecimalMark?) throws(Problem) -> String {
        var rest = scalars[...]
        var isNegative = false
        if let sign = rest.first, Self.signs.contains(sign) {
            isNegative = sign != "+"
            rest = rest.dropFirst()
        }
        let allowed = rest.allSatisfy { Self.isDigit($0) || Self.decimals.contains($0) || Self.isGroup($0) }
        guard let first = rest.first, let last = rest.last, allowed else {
            throw Self.isExponential(rest) ? .exponent : .notANumber
        }
        guard Self.isDigit(last), Self.isDigit(first) || Self.decimals.contains(first) else {
            throw .notANumber
        }
        let split = try Self.decimalIndex(rest, mark)
        let whole = try Self.digits(ofGroups: split.map { rest[..<$0] } ?? rest)
        let fraction = split.map { rest[($0 + 1)...] } ?? []
        guard fraction.allSatisfy(Self.isDigit) else { throw .notANumber }
        return try Self.canonical(isNegative: isNegative, whole: whole, fraction: fraction)
    }

    /// Where the fraction begins, or `nil` when there is none.
    private static func decimalIndex(
        _ text: ArraySlice<Unicode.Scalar>,
        _ mark: AttributeSchema.DecimalMark?
    ) throws(Problem) -> Int? {
        let marks = text.indices.filter { decimals.contains(text[$0]) }
        guard let last = marks.last else { return nil }
        let kind = text[last]
        if kind == "\u{066B}" { return last }
        let ofKind = marks.filter { text[$0] == kind }.count
        // 1.234.567 is grouped; in 1.234,5 the last kind begins the fraction.
        if ofKind > 1 {
            guard marks.count == ofKind else { throw .notANumber }
            return nil
        }
        if marks.count > 1 { return last }
        let whole = text[..<last]
        let looksGrouped =
            text.endIndex - last == 4 && (1...3).contains(whole.count) && whole.first != "0"
            && whole.allSatisfy(isDigit)
        guard looksGrouped else { return last }
        switch (kind, mark) {
        // A point as our own exports and spreadsheets write it, whatever people mean by a comma.
        case (".", _), (",", .comma): return last
        case (",", .point): return nil
        default: throw .ambiguousNumber
        }
    }

    /// The digits of `1 234 567`; each group but the first has three.
    private static func digits(ofGroups text: ArraySlice<Unicode.Scalar>) throws(Problem) -> [Unicode.Scalar]
    {
        let groups = text.split(omittingEmptySubsequences: false) { !isDigit($0) }
        guard groups.count > 1 else { return Array(text) }
        let separators = Set(text.filter { !isDigit($0) })
        guard separators.count == 1, let first = groups.first, (1...3).contains(first.count),
            groups.dropFirst().allSatisfy({ $0.count == 3 })
        else { throw .notANumber }
        return groups.flatMap { $0 }
    }

    private static func canonical(
        isNegative: Bool,
        whole: [Unicode.Scalar],
        fraction: ArraySlice<Unicode.Scalar>
    ) throws(Problem) -> String {
        let whole = whole.drop { $0 == "0" }
        var fraction = fraction
        while fraction.last == "0" { fraction.removeLast() }
        guard whole.count + fraction.count <= 15 else { throw .tooManyDigits }
        var text = String(String.UnicodeScalarView(whole.isEmpty ? ["0"] : Array(whole)))
        if !fraction.isEmpty { text += "." + String(String.UnicodeScalarView(fraction)) }
        return isNegative && text != "0" ? "-" + text : text
    }

    /// Whether it is `1.2E+10`, which a spreadsheet writes when it has dropped digits.
    private static func isExponential(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard parts.count == 2, let first = parts[0].first, let last = parts[1].last else { return false }
        return isDigit(first) && isDigit(last)
    }

    private static let signs: Set<Unicode.Scalar> = ["-", "+", "\u{2212}"]
    private static let decimals: Set<Unicode.Scalar> = [".", ",", "\u{066B}"]

    private static func isGroup(_ scalar: Unicode.Scalar) -> Bool {
        isSpace(scalar) || scalar == "\u{066C}" || scalar == "'" || scalar == "\u{2019}"
    }

    // MARK: Scalars

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x20, 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Marks of direction and joiners, which tables of right-to-left text are full of.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200B...0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// An Arabic, Persian or full-width digit as an ASCII one.
    private static func digit(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let zero: UInt32
        switch scalar.value {
        case 0x0660...0x0669: zero = 0x0660
        case 0x06F0...0x06F9: zero = 0x06F0
        case 0xFF10...0xFF19: zero = 0xFF10
        default: return nil
        }
        return Unicode.Scalar(0x30 + scalar.value - zero)
    }
}

extension AttributeValue.Problem {
    /// What is wrong, to complete "NAME …".
    var words: String {
        switch self {
        case .notANumber: "is not a number such as 5, -5.25 or 1 234,5"
        case .tooManyDigits: "has more than 15 digits; declare it as a string, or it loses its last ones"
        case .exponent: "is written with an exponent, as a spreadsheet does that dropped digits"
        case .ambiguousNumber: "could be a thousand or a fraction; say decimal: point or comma for it"
        case .notADate: "is not a day such as 2026-01-31 or 31/01/2026"
        case .noSuchDay(.dayFirst): "is not a day of the calendar; the day comes first, as in 31/01/2026"
        case .noSuchDay(.monthFirst): "is not a day of the calendar; the month comes first, as in 01/31/2026"
        case .twoDigitYear: "has a year of fewer than four digits; write 31/01/2026"
        case .oddYear: "has a year outside 1800 to 2200; write the day by the Gregorian calendar"
        case .notABool: "is not yes or no (نعم لا, oui non, true false, 1 0)"
        case .notAWord(let all):
            "is not one of: \(all.prefix(20).joined(separator: ", "))\(all.count > 20 ? ", …" : "")"
        }
    }
}
