// SPDX-License-Identifier: Apache-2.0
//
// People by a part of their name or address, however it is spelled: أحمد finds أَحْمَد, Zoe finds Zoë.
// Reads the store: one walk over the people that the filter lets through. Rules: SearchFolding.
import GRDB
public import NashraCore

extension Store {
    /// A page of the people whose folded name or address holds a folded text.
    ///
    /// - Parameters:
    ///   - text: What to look for; empty finds everybody.
    ///   - filter: Among whom.
    ///   - last: The last person of the page before; `nil` for the first page.
    ///   - limit: How many at most.
    /// - Returns: The page by row number, and how many there are after `last` in all.
    /// - Throws: `unknownObject` for a topic that does not exist.
    public func subscribers(
        matching text: String,
        _ filter: SubscriberFilter = SubscriberFilter(),
        after last: SubscriberID? = nil,
        limit: Int = 100
    ) throws(UserError) -> (page: [Subscriber], total: Int) {
        let needle = Array(SearchFolding.fold(text).utf8)
        return try read { db in
            let (condition, arguments) = try SubscriberQueries.condition(db, filter)
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT s.id, s.address, s.name FROM subscriber s
                    WHERE \(condition) AND s.id > :last ORDER BY s.id
                    """,
                arguments: arguments + ["last": last?.rawValue ?? 0]
            )
            var folded: [UInt8] = []
            func holds(_ text: String?) -> Bool {
                guard var text else { return false }
                text.withUTF8 { SearchFolding.fold($0, into: &folded) }
                return Self.holds(folded, needle)
            }
            var (ids, total): ([Int64], Int) = ([], 0)
            while let row = try rows.next() {
                guard holds(row[2]) || holds(row[1]) else { continue }
                total += 1
                if ids.count < limit { ids.append(row[0]) }
            }
            let page = try ids.compactMap { id in
                try Row.fetchOne(db, sql: "\(SubscriberQueries.select) WHERE s.id = ?", arguments: [id])
                    .map(SubscriberQueries.subscriber)
            }
            return (page, total)
        }
    }

    /// Whether `text` holds `part`.
    private static func holds(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard text.count >= part.count else { return false }
        for start in 0...(text.count - part.count) where text[start] == first {
            if text[start..<(start + part.count)].elementsEqual(part) { return true }
        }
        return false
    }
}
