// SPDX-License-Identifier: Apache-2.0
//
// The systems that people move in from: what they export, and how such an export is made.
// Pure values. Formats: docs/moving-in.md, with the source of each.
import NashraCore

/// A system whose exports can be read.
public enum MigrationSystem: String, Sendable, Hashable, CaseIterable {
    case listmonk, mailman, phplist, sympa

    /// Its name as its people write it.
    public var title: String {
        switch self {
        case .listmonk: "listmonk"
        case .mailman: "Mailman"
        case .phplist: "phpList"
        case .sympa: "Sympa"
        }
    }

    /// How to make an export that can be read, in one or two sentences.
    public var advice: String {
        switch self {
        case .listmonk:
            "Save what GET /api/subscribers?per_page=all answers (with lists and states), or export subscribers as"
                + " CSV (without them)."
        case .mailman:
            "Save what `mailman members LIST` prints as LIST.txt, with `-n by_user` as LIST.by_user.txt and with"
                + " `-n by_bounces` as LIST.by_bounces.txt; or what GET /3.1/members answers as JSON."
        case .phplist:
            "Export subscribers with all columns (Subscribers > Export); the blacklist is a second file, with the"
                + " columns email, added, reason."
        case .sympa:
            "Run `sympa.pl dump LIST@DOMAIN` and give the list's member.dump; blocklist.txt is a file more."
        }
    }
}

/// What a set of exports holds, told before anybody is imported.
public struct MigrationOverview: Sendable, Hashable {
    /// One file.
    public struct File: Sendable, Hashable {
        /// The file as the user named it.
        public var path: String
        /// What it is, in words, such as `members of fraud, delivery off by bounces`.
        public var kind: String
        /// People in it, with those who are told of twice.
        public var people: Int
        /// Rows that cannot be read.
        public var refused: Int
    }

    /// One list of the other system.
    public struct List: Sendable, Hashable {
        /// Its name there.
        public var name: String
        /// The topic it becomes.
        public var topic: String
        /// How many rows say that somebody reads it; files may tell of one person several times.
        public var active: Int
        /// How many rows say that somebody never confirmed.
        public var pending: Int
        /// How many rows say that somebody left.
        public var ended: Int
    }

    /// The system.
    public var system: MigrationSystem
    /// The files in the order of the command line.
    public var files: [File]
    /// The lists in the order in which the files tell of them.
    public var lists: [List]
    /// Addresses that may not be mailed, with those who are told of twice.
    public var suppressed: Int
    /// What a reader should know: what has no counterpart here, and what was passed over.
    public var notes: [String]

    /// A line a file, a list and a note, such as `Fraud Alerts -> topic fraud-alerts; rows: 9 active, 2 pending, 1 ended`.
    public var lines: [String] {
        files.map { file in
            "\(file.path): \(file.kind), \(file.people) people"
                + (file.refused > 0 ? ", rows that cannot be read: \(file.refused)" : "")
        }
            + lists.map {
                "\($0.name) -> topic \($0.topic); rows: \($0.active) active, \($0.pending) pending, \($0.ended) ended"
            }
            + notes
    }
}
