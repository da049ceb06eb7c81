// SPDX-License-Identifier: Apache-2.0
//
// Days as people read them: with the month names of their country, and in Arabic with the Hijri day beside.
// Pure: no clock, no time zone of the machine. Foundation's calendars and CLDR's names; the calendar is
// always set, because the locale ar_SA alone means the Hijri one.
import Foundation
import NashraCore

/// Writes days.
struct DateLine {
    let organisation: Organisation
    let language: Language

    /// A Gregorian day, without the day of the week when `short`.
    func gregorian(_ date: CalendarDate, short: Bool = false) -> String {
        let text = format(date.daysSinceEpoch, .gregorian, pattern: short ? "d MMMM y" : "EEEE d MMMM y")
        // CLDR's pattern knows no ordinal; French days are counted except the first.
        guard language == .french, date.day == 1 else { return text }
        return text.split(separator: " ").map { $0 == "1" ? "1er" : String($0) }.joined(separator: " ")
    }

    /// A day by the Umm al-Qura calendar, moved by some days.
    func hijri(_ date: CalendarDate, adjustmentInDays: Int) -> String {
        format(date.daysSinceEpoch + adjustmentInDays, .islamicUmmAlQura, pattern: "d MMMM y")
    }

    /// The name of the day of the week.
    func weekday(_ date: CalendarDate) -> String { format(date.daysSinceEpoch, .gregorian, pattern: "EEEE") }

    private func format(_ day: Int, _ identifier: Calendar.Identifier, pattern: String) -> String {
        var calendar = Calendar(identifier: identifier)
        calendar.timeZone = .gmt
        let formatter = DateFormatter()
        formatter.calendar = calendar
        formatter.timeZone = .gmt
        formatter.locale = locale
        formatter.dateFormat = pattern
        return formatter.string(from: Date(timeIntervalSince1970: Double(day) * 86_400))
    }

    private var locale: Locale {
        let usual: [Language: String] = [.arabic: "ar-SA", .english: "en-GB", .french: "fr-FR"]
        let tag = organisation.locales[language] ?? usual[language] ?? language.rawValue
        switch organisation.digits[language] ?? .auto {
        case .auto: return Locale(identifier: tag)
        case .arab: return Locale(identifier: tag + "-u-nu-arab")
        case .latn: return Locale(identifier: tag + "-u-nu-latn")
        }
    }
}
