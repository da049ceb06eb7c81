// SPDX-License-Identifier: Apache-2.0
//
// The statements of an import: what they look up and what they write, one person at a time.
// Touches the store, inside a transaction or a read of its caller.
import GRDB
import NashraCore

/// The prepared statements of one walk.
struct ImportingStatements {
    private let purpose: ImportingPurpose
    private let find: FastStatement
    private let subscription: FastStatement
    private let suppression: FastStatement
    private let erased: FastStatement
    private let dropped: FastStatement
    private let writing: ImportingWriting?
    private let gathering: ImportingGathering?

    init(_ db: Database, _ purpose: ImportingPurpose) throws {
        self.purpose = purpose
        find = try FastStatement(db, ImportingSQL.find)
        find.bind(2, purpose.topic)
        subscription = try FastStatement(db, ImportingSQL.subscription)
        suppression = try FastStatement(db, ImportingSQL.suppression)
        suppression.bind(2, purpose.topic)
        suppression.bind(3, purpose.now.rawValue)
        erased = try FastStatement(db, "SELECT 1 FROM erased WHERE hash = ?1")
        dropped = try FastStatement(db, ImportingSQL.dropped)
        writing = purpose.writes ? try ImportingWriting(db, purpose) : nil
        gathering = purpose.writes && purpose.isSorted ? try ImportingGathering(db, purpose) : nil
    }

    /// The person with a key; its row stays open for ``update(_:_:_:)`` until the next look.
    func known(_ key: UnsafeRawBufferPointer) throws -> ImportingWalk.Known? {
        find.reset()
        find.bind(1, borrowed: key)
        guard try find.step() else { return nil }
        let standing: ImportingWalk.Standing =
            if find.isNull(5) { .none } else if find.isNull(6) { .current } else { .ended(at: find.int(6)) }
        return ImportingWalk.Known(id: find.int(0), state: find.text(4) ?? "", standing: standing)
    }

    func isSuppressed(_ key: UnsafeRawBufferPointer) throws -> Bool {
        suppression.bind(1, borrowed: key)
        defer { suppression.reset() }
        return try suppression.step()
    }

    func isErased(_ hash: [UInt8]) throws -> Bool {
        erased.bind(1, blob: hash)
        defer { erased.reset() }
        return try erased.step()
    }

    func standing(_ id: Int64, _ topic: Int64) throws -> ImportingWalk.Standing {
        subscription.bind(1, id)
        subscription.bind(2, topic)
        defer { subscription.reset() }
        guard try subscription.step() else { return .none }
        return subscription.isNull(0) ? .current : .ended(at: subscription.int(0))
    }

    /// Whether a subscription ended because a file that the topic was made equal to did not name the person: nobody
    /// asked for that.
    func wasDropped(_ id: Int64, _ topic: Int64, _ endedAt: Int64) throws -> Bool {
        dropped.bind(1, id)
        dropped.bind(2, topic)
        dropped.bind(3, FlatJSON.encode(["ended_at_ms": String(endedAt)]))
        defer { dropped.reset() }
        return try dropped.step()
    }

    func insert(_ row: PackedRow, id: Int64, _ extra: ImportRow?) throws {
        try writing?.insert(row, id: id, extra)
    }

    /// Takes a new person who brings nothing but values, to be written and joined to the topic with others.
    ///
    /// - Returns: `false` when this walk writes everybody at once, for keys may come again.
    func gather(_ row: PackedRow, id: Int64) throws -> Bool {
        guard let gathering else { return false }
        try gathering.add(row, id: id) { try insert($0, id: $1, nil) }
        return true
    }

    func join(
        _ id: Int64,
        _ topic: Int64,
        _ membership: ImportMembership? = nil,
        recorded: Bool = false
    ) throws {
        guard let writing else { return }
        if let membership { try writing.join(id, topic, membership) } else { try writing.join(id, topic) }
        if recorded { try writing.change(id, "joined", topic) }
    }

    func rejoin(_ id: Int64, _ topic: Int64) throws { try writing?.rejoin(id, topic) }

    /// Ends a subscription, because the other system says that the person left there.
    ///
    /// - Returns: Whether the person leaves: not when we have a younger consent.
    func end(_ id: Int64, _ topic: Int64, _ membership: ImportMembership) throws -> Bool {
        subscription.bind(1, id)
        subscription.bind(2, topic)
        defer { subscription.reset() }
        guard try subscription.step() else { return false }
        if let endedAt = membership.endedAt, subscription.int(1) > endedAt.rawValue { return false }
        subscription.reset()
        try writing?.end(
            id,
            topic,
            reason: membership.endedReason ?? "left before the move",
            isDropped: false
        )
        return true
    }

    /// Ends the subscription of a person whom the file leaves out.
    ///
    /// - Returns: Whether there was one.
    func drop(_ id: Int64, _ topic: Int64, reason: String) throws -> Bool {
        try writing?.end(id, topic, reason: reason, isDropped: true) ?? false
    }

    /// Writes what was gathered, and lets go of what ``known(_:)`` still shows.
    func close() throws {
        find.reset()
        try gathering?.finish { try insert($0, id: $1, nil) }
    }

    func suppress(_ key: UnsafeRawBufferPointer, _ suppression: ImportSuppression) throws {
        try writing?.suppress(String(decoding: key, as: UTF8.self), suppression)
    }

    /// Takes the values of a row about a person, whose row `find` still shows.
    ///
    /// - Returns: The names of the fields that are new.
    func update(_ known: ImportingWalk.Known, _ row: PackedRow, _ extra: ImportRow?) throws -> [String] {
        var values = ImportingValues()
        values.compare("name", find.isNull(1) ? nil : find.raw(1), row.name)
        values.compare("language", find.isNull(2) ? nil : find.raw(2), row.language)
        let attributes = find.raw(3)
        if row.attributes.count > 2, !attributes.elementsEqualBytes(row.attributes) {
            values.merge(
                FlatJSON.decode(String(decoding: attributes, as: UTF8.self)),
                FlatJSON.decode(String(decoding: row.attributes, as: UTF8.self))
            )
        }
        let state = newState(known, extra)
        if state == nil, values.after.isEmpty { return [] }
        let (name, language, old) = (find.text(1), find.text(2), find.text(3) ?? "{}")
        find.reset()
        if let writing {
            try writing.update(
                known.id,
                name: row.name.map { String(decoding: $0, as: UTF8.self) } ?? name,
                language: row.language.map { String(decoding: $0, as: UTF8.self) } ?? language,
                attributes: values.attributes.map { FlatJSON.encode($0) } ?? old,
                state: state ?? known.state
            )
            if !values.after.isEmpty {
                try writing.change(known.id, "values", before: values.before, after: values.after)
            }
            if let state {
                try writing.change(known.id, "state", before: ["state": known.state], after: ["state": state])
            }
        }
        return values.after.keys.sorted() + (state == nil ? [] : ["state"])
    }

    /// The state that a row gives a known person: somebody who left elsewhere has left; nobody comes back by a file.
    private func newState(_ known: ImportingWalk.Known, _ extra: ImportRow?) -> String? {
        let told = purpose.resubscribes ? Subscriber.State.active : extra?.state
        switch told {
        case .active where purpose.resubscribes && known.state != "active": return "active"
        case .unsubscribed where known.state != "unsubscribed": return "unsubscribed"
        default: return nil
        }
    }
}

/// The fields of one person that a row changes.
struct ImportingValues {
    private(set) var before: [String: String] = [:]
    private(set) var after: [String: String] = [:]
    /// All attributes as they are then; `nil` when none is new.
    private(set) var attributes: [String: String]?

    mutating func compare(_ name: String, _ old: UnsafeRawBufferPointer?, _ new: UnsafeRawBufferPointer?) {
        guard let new else { return }
        if let old, old.elementsEqualBytes(new) { return }
        before[name] = old.map { String(decoding: $0, as: UTF8.self) }
        after[name] = String(decoding: new, as: UTF8.self)
    }

    mutating func merge(_ old: [String: String], _ new: [String: String]) {
        for (name, value) in new where !Self.isSame(old[name], value) {
            before[name] = old[name]
            after[name] = value
            attributes = attributes ?? old
            attributes?[name] = value
        }
    }

    /// By bytes: a value that was only recomposed is another value, as it is in a name.
    private static func isSame(_ old: String?, _ new: String) -> Bool {
        guard let old else { return false }
        return old.utf8.elementsEqual(new.utf8)
    }
}
