// SPDX-License-Identifier: Apache-2.0
//
// What an imported row means to the register as it is: looked up, decided, and written unless it is a dry run.
// Touches the store, inside a transaction or a read of its caller. Rules: docs/importing.md, "What a row can do".
import Foundation
import GRDB
import NashraCore

/// How a walk is meant.
struct ImportingPurpose {
    /// The topic that rows without memberships of their own join.
    var topic: Int64?
    /// Where the people come from, in words.
    var source: String
    /// What time it is.
    var now: Timestamp
    /// The import's number; `nil` keeps no record of changes.
    var importID: Int64?
    /// Who imports.
    var actor = ""
    /// Join people again who left.
    var resubscribes = false
    /// Whether anything is written; a dry run only looks.
    var writes = true
    /// Whether rows come in the order of their keys, each key once.
    var isSorted = false
    /// Topics by name, for rows that name their own.
    var topics: [String: Int64] = [:]
    /// The hashes under which an erased person with a key would be kept; `nil` when nobody can tell.
    var erasureHashes: (@Sendable (String) -> [[UInt8]])?

    init(source: String, now: Timestamp) {
        self.source = source
        self.now = now
    }
}

/// Goes through rows and the register together.
final class ImportingWalk {
    let purpose: ImportingPurpose
    let statements: ImportingStatements
    /// What happened so far.
    private(set) var tally = ImportTally()

    private let hasSuppressions: Bool
    private let hasErased: Bool
    /// The greatest key in the register; a sorted walk needs no look at people beyond it.
    private let lastKey: [UInt8]
    private var isBeyond = false
    private var nextID: Int64

    /// A person as the register knows it.
    struct Known {
        let id: Int64
        let state: String
        /// Whether the topic of the purpose has the person, had, or never had.
        let standing: Standing
    }

    /// How a person stands to a topic.
    enum Standing {
        case none, current
        case ended(at: Int64)
    }

    init(_ db: Database, _ purpose: ImportingPurpose) throws {
        self.purpose = purpose
        statements = try ImportingStatements(db, purpose)
        hasSuppressions = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM suppression)") ?? true
        hasErased = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM erased)") ?? true
        let last = try String.fetchOne(db, sql: "SELECT max(address_key) FROM subscriber")
        lastKey = last.map { Array($0.utf8) } ?? []
        let highest = try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'subscriber'")
        nextID = (highest ?? 0) + 1
    }

    /// Takes one row.
    ///
    /// - Returns: What became of it, or would.
    func take(_ row: PackedRow) throws -> RowOutcome {
        let outcome = try decide(row)
        tally.count(outcome)
        return outcome
    }

    /// Ends the walk, while its rows are still there.
    func finish() throws { try statements.close() }

    /// Whether the person of a row was erased.
    func isErased(_ row: PackedRow) throws -> Bool {
        guard hasErased, let hashes = purpose.erasureHashes else { return false }
        for hash in hashes(String(decoding: row.key, as: UTF8.self)) {
            if try statements.isErased(hash) { return true }
        }
        return false
    }

    private func decide(_ row: PackedRow) throws -> RowOutcome {
        var extra: ImportRow?
        if !row.extra.isEmpty { extra = try row.row() }
        let known = canBeKnown(row.key) ? try statements.known(row.key) : nil
        if known?.state == "erased" { return .erased }
        if known == nil, try isErased(row) { return .erased }
        let isSuppressed = hasSuppressions ? try statements.isSuppressed(row.key) : false
        if let suppression = extra?.suppression { try statements.suppress(row.key, suppression) }
        guard let known else {
            try register(row, extra)
            return isSuppressed ? .suppressed : .added
        }
        return try meet(known, row, extra, isSuppressed: isSuppressed || extra?.suppression != nil)
    }

    /// False only when a sorted walk has left the last key of the register behind.
    private func canBeKnown(_ key: UnsafeRawBufferPointer) -> Bool {
        guard purpose.isSorted, !isBeyond else { return !isBeyond }
        isBeyond = lastKey.withUnsafeBytes { $0.precedes(key) }
        return !isBeyond
    }

    private func register(_ row: PackedRow, _ extra: ImportRow?) throws {
        let id = nextID
        nextID += 1
        guard purpose.writes else { return }
        if extra == nil, try statements.gather(row, id: id) { return }
        try statements.insert(row, id: id, extra)
        for membership in extra?.memberships ?? [] {
            try statements.join(id, try topic(membership.topic), membership)
        }
        try joinOwn(id, extra)
    }

    /// Joins the purpose's topic, unless the row speaks of that topic itself or the person has left altogether.
    private func joinOwn(_ id: Int64, _ extra: ImportRow?) throws {
        guard let topic = purpose.topic, extra?.state != .unsubscribed else { return }
        for membership in extra?.memberships ?? [] where purpose.topics[membership.topic] == topic { return }
        try statements.join(id, topic)
    }

    private func topic(_ name: String) throws -> Int64 {
        guard let id = purpose.topics[name] else {
            // A dry run that is to make topics does not make them; nobody is in them.
            guard purpose.writes else { return -1 }
            throw UserError(
                .unknownObject,
                "there is no topic \(name)",
                remedy: "Make it: nashra topics add \(name)"
            )
        }
        return id
    }

    /// A row about a person who is known.
    private func meet(
        _ known: Known,
        _ row: PackedRow,
        _ extra: ImportRow?,
        isSuppressed: Bool
    ) throws -> RowOutcome {
        let changed = try statements.update(known, row, extra)
        for field in changed { tally.fields[field, default: 0] += 1 }
        let hasLeft = known.state == "unsubscribed" && !purpose.resubscribes
        guard !hasLeft else { return .unsubscribed }
        let topics = try meetTopics(known, extra)
        if topics.joined { tally.fields["topic", default: 0] += 1 }
        if topics.left { return .unsubscribed }
        if isSuppressed { return .suppressed }
        return changed.isEmpty && !topics.joined ? .unchanged : .updated
    }

    private func meetTopics(_ known: Known, _ extra: ImportRow?) throws -> (joined: Bool, left: Bool) {
        var result = (joined: false, left: false)
        func merge(_ step: (joined: Bool, left: Bool)) {
            result = (result.joined || step.joined, result.left || step.left)
        }
        var isTold = false
        for membership in extra?.memberships ?? [] {
            let id = try topic(membership.topic)
            isTold = isTold || id == purpose.topic
            merge(try meet(known, id, try statements.standing(known.id, id), membership))
        }
        if !isTold, let topic = purpose.topic, extra?.state != .unsubscribed {
            merge(try meet(known, topic, known.standing, nil))
        }
        return result
    }

    private func meet(
        _ known: Known,
        _ topic: Int64,
        _ standing: Standing,
        _ membership: ImportMembership?
    ) throws -> (joined: Bool, left: Bool) {
        let wants = membership?.state ?? .active
        switch standing {
        case .none:
            if purpose.writes { try statements.join(known.id, topic, membership, recorded: true) }
            return (wants != .ended, wants == .ended)
        case .current:
            guard wants == .ended, let membership else { return (false, false) }
            return (false, try statements.end(known.id, topic, membership))
        case .ended(let at):
            guard wants == .active else { return (false, wants == .ended) }
            guard try purpose.resubscribes || statements.wasDropped(known.id, topic, at) else {
                return (false, true)
            }
            if purpose.writes { try statements.rejoin(known.id, topic) }
            return (true, false)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes stand before others in the order of SQLite's BINARY collation.
    func precedes(_ other: UnsafeRawBufferPointer) -> Bool {
        let shared = Swift.min(count, other.count)
        if shared > 0, let left = baseAddress, let right = other.baseAddress {
            let order = memcmp(left, right, shared)
            if order != 0 { return order < 0 }
        }
        return count < other.count
    }
}
