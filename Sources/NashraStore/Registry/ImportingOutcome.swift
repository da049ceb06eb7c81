// SPDX-License-Identifier: Apache-2.0
//
// What became of imported rows, one by one and summed up.
// Pure values.
/// What became of one row.
public enum RowOutcome: Sendable, Hashable {
    /// A new person.
    case added
    /// A known person with something new: a value, or a topic.
    case updated
    /// Nothing was new.
    case unchanged
    /// A person who left, or left this topic: the values are taken, and the person is not subscribed again.
    case unsubscribed
    /// A person whose address is suppressed: registered, and not mailed.
    case suppressed
    /// A person who was erased: not registered.
    case erased
    /// Not taken, for a reason.
    case refused(String)
}

/// What an import did, or would do, to the register; rows that never came to it are not counted here.
public struct ImportTally: Sendable, Hashable {
    /// New people.
    public var added = 0
    /// Known people with something new.
    public var updated = 0
    /// Known people with nothing new.
    public var unchanged = 0
    /// People who left and were not joined again.
    public var unsubscribed = 0
    /// People whose address no campaign may reach.
    public var suppressed = 0
    /// People who left the topic because the file does not name them.
    public var left = 0
    /// How many known people have a new value, by its name, or joined a topic (`topic`).
    public var fields: [String: Int] = [:]

    /// Nothing yet.
    public init() {}

    /// How many rows are counted.
    public var rows: Int { added + updated + unchanged + unsubscribed + suppressed }

    mutating func count(_ outcome: RowOutcome) {
        switch outcome {
        case .added: added += 1
        case .updated: updated += 1
        case .unchanged: unchanged += 1
        case .unsubscribed: unsubscribed += 1
        case .suppressed: suppressed += 1
        case .erased, .refused: break
        }
    }

    mutating func add(_ other: ImportTally) {
        added += other.added
        updated += other.updated
        unchanged += other.unchanged
        unsubscribed += other.unsubscribed
        suppressed += other.suppressed
        left += other.left
        fields.merge(other.fields) { $0 + $1 }
    }

    private static let fieldMark = "field:"

    /// As it is kept in the import's record.
    var values: [String: String] {
        var values = [
            "added": String(added), "updated": String(updated), "unchanged": String(unchanged),
            "unsubscribed": String(unsubscribed), "suppressed": String(suppressed), "left": String(left),
        ]
        for (name, count) in fields { values[Self.fieldMark + name] = String(count) }
        return values
    }

    init(values: [String: String]) {
        func number(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }
        added = number("added")
        updated = number("updated")
        unchanged = number("unchanged")
        unsubscribed = number("unsubscribed")
        suppressed = number("suppressed")
        left = number("left")
        for (name, count) in values where name.hasPrefix(Self.fieldMark) {
            fields[String(name.dropFirst(Self.fieldMark.count))] = Int(count)
        }
    }
}
