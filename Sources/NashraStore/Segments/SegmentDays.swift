// SPDX-License-Identifier: Apache-2.0
//
// Days of a query as moments and as numbers, in the workspace's time zone.
// Pure; reads the time zone's rules.
import Foundation
import NashraCore
import NashraSegments

/// The calendar by which a query is asked.
struct SegmentDays {
    private let calendar: Calendar
    private let today: Int

    /// Makes a calendar; a time zone that is not known is GMT.
    init(now: Timestamp, timeZone: String) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        let date = Date(timeIntervalSince1970: Double(now.rawValue) / 1_000)
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        let day = CalendarDate(year: parts.year ?? 1970, month: parts.month ?? 1, day: parts.day ?? 1)
        self.calendar = calendar
        today = day?.daysSinceEpoch ?? 0
    }

    /// Days since 1970-01-01.
    func number(_ day: SegmentDay) -> Int {
        switch day {
        case .date(let date): date.daysSinceEpoch
        case .daysAgo(let count): today - count
        }
    }

    /// When a day begins, in milliseconds since 1970-01-01T00:00:00Z.
    func start(of number: Int) -> Int64 {
        var utc = Calendar(identifier: .gregorian)
        utc.timeZone = .gmt
        let midnight = Date(timeIntervalSince1970: Double(number) * 86_400)
        let parts = utc.dateComponents([.era, .year, .month, .day], from: midnight)
        let local = calendar.date(from: parts) ?? midnight
        return Int64((local.timeIntervalSince1970 * 1_000).rounded())
    }
}
