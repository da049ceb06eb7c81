// SPDX-License-Identifier: Apache-2.0
//
// The records of imports: which file, how it was read, what it did, and whether it was taken back.
// Touches the store.
import GRDB
public import NashraCore

/// One import of one file.
public struct ImportRecord: Sendable, Hashable {
    /// How far it is.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Under way, or cut off: importing the same file in the same way goes on with it.
        case running
        case finished
        /// Taken back.
        case undone
    }

    /// Its number.
    public var id: Int64
    /// The file as the user named it.
    public var file: String
    /// `csv`, `tsv`, `xlsx` or the system that it came from.
    public var format: String
    /// The topic that its people joined, or `nil`.
    public var topic: String?
    /// Whether the topic was made equal to the file.
    public var isSync: Bool
    /// How it was read: encoding, delimiter, sheet, the meaning of each column.
    public var settings: [String: String]
    /// Where its people come from, in words.
    public var source: String
    /// Who imported.
    public var actor: String
    /// How far it is.
    public var state: State
    /// How many rows of its plan are committed.
    public var position: Int
    /// What it did, by the names of reports.
    public var counts: [String: Int]
    /// When it began.
    public var startedAt: Timestamp
    /// When it came to its end, or `nil`.
    public var finishedAt: Timestamp?
    /// When it was taken back, or `nil`.
    public var undoneAt: Timestamp?
    /// Who took it back, or `nil`.
    public var undoneBy: String?
}

extension Store {
    /// The newest imports, newest first.
    public func imports(limit: Int = 100) throws(UserError) -> [ImportRecord] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "\(ImportQueries.select) ORDER BY i.id DESC LIMIT ?",
                arguments: [limit]
            ).map(ImportQueries.record)
        }
    }

    /// One import, or an error that says there is none.
    public func importRecord(_ id: Int64) throws(UserError) -> ImportRecord {
        try read { db in try ImportQueries.record(db, id) }
    }

    /// Makes topics that imported people are in, where there are none.
    ///
    /// - Parameters:
    ///   - names: The topics.
    ///   - makesMissing: Make what is missing; otherwise it is an error.
    ///   - titles: Their titles by name, of no known language.
    ///   - actor: Who imports, for the audit.
    /// - Returns: Those that were made.
    /// - Throws: `unknownObject` naming all that are missing; `badData` for an archived one.
    public func prepareTopics(
        _ names: Set<String>,
        makesMissing: Bool,
        titles: [String: String] = [:],
        actor: String
    ) throws(UserError) -> [String] {
        let missing = try read { db in
            let known = Set(
                try String.fetchAll(db, sql: "SELECT name FROM topic WHERE archived_at_ms IS NULL")
            )
            return names.subtracting(known).sorted()
        }
        guard !missing.isEmpty else { return [] }
        guard makesMissing else {
            throw UserError(
                .unknownObject,
                "there are no topics \(missing.joined(separator: ", "))",
                remedy: "Make them with --create-topics, or name others with --topic-map OLD=NEW."
            )
        }
        for name in missing {
            // Nobody can join by a form before somebody has looked at it.
            let title = titles[name].map { ["und": $0] } ?? [:]
            try addTopic(name: name, title: title, visibility: .private, actor: actor)
        }
        return missing
    }
}

/// How records are read.
enum ImportQueries {
    static let select = """
        SELECT i.id, i.file, i.format, t.name, i.is_sync, i.settings, i.source, i.actor, i.state, i.position, i.counts,
            i.started_at_ms, i.finished_at_ms, i.undone_at_ms, i.undone_by
        FROM import i LEFT JOIN topic t ON t.id = i.topic_id
        """

    static func record(_ db: Database, _ id: Int64) throws -> ImportRecord {
        guard let row = try Row.fetchOne(db, sql: "\(select) WHERE i.id = ?", arguments: [id]) else {
            throw UserError(
                .unknownObject,
                "there is no import \(id)",
                remedy: "nashra imports list shows them."
            )
        }
        return record(row)
    }

    static func record(_ row: Row) -> ImportRecord {
        ImportRecord(
            id: row[0],
            file: row[1],
            format: row[2],
            topic: row[3],
            isSync: (row[4] as Int64) == 1,
            settings: FlatJSON.decode(row[5]),
            source: row[6],
            actor: row[7],
            state: ImportRecord.State(rawValue: row[8]) ?? .running,
            position: row[9],
            counts: FlatJSON.decode(row[10]).compactMapValues { Int($0) },
            startedAt: Timestamp(rawValue: row[11]),
            finishedAt: (row[12] as Int64?).map(Timestamp.init),
            undoneAt: (row[13] as Int64?).map(Timestamp.init),
            undoneBy: row[14]
        )
    }
}
