// SPDX-License-Identifier: Apache-2.0
//
// Segments asked of the register: how many people, who, and how the question is answered.
// Reads the store, on its reading connections, for a limited time.
import Foundation
import GRDB
public import NashraCore
public import NashraSegments
import Synchronization

/// A question that is asked of the register.
public struct SegmentQuestion: Sendable, Hashable {
    /// The question.
    public var expression: SegmentExpression
    /// The identifier of the time zone in which its days begin, such as `Asia/Riyadh`.
    public var timeZone: String
    /// When it is asked: “today”, and whether a suppression still lasts, go by it.
    public var at: Timestamp

    /// Makes a question.
    public init(_ expression: SegmentExpression, timeZone: String, at: Timestamp) {
        self.expression = expression
        self.timeZone = timeZone
        self.at = at
    }
}

/// How a question is answered.
public struct SegmentExplanation: Sendable, Hashable {
    /// One term and how many people it is true of.
    public struct Term: Sendable, Hashable {
        /// Its canonical text.
        public var text: String
        /// How many people it is true of, of all who were not erased.
        public var members: Int
    }

    /// The statement that counts.
    public var sql: String
    /// The values of its parameters, by name, as text.
    public var parameters: [(name: String, value: String)]
    /// SQLite's plan, a step a line.
    public var plan: [String]
    /// The terms from left to right, each once.
    public var terms: [Term]

    /// Whether two explanations say the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.sql == right.sql && left.plan == right.plan && left.terms == right.terms
            && left.parameters.elementsEqual(right.parameters) { $0 == $1 }
    }

    /// Hashes what identifies an explanation.
    public func hash(into hasher: inout Hasher) { hasher.combine(sql) }
}

extension Store {
    /// How long a segment may take to be counted or listed, unless somebody says otherwise.
    public static let segmentTimeLimit: Duration = .seconds(2)

    /// How many people a segment has, without those who were erased.
    ///
    /// With two processors the register is counted in two halves at the same time; somebody who changes just then counts
    /// as before or as after.
    ///
    /// - Parameters:
    ///   - question: The segment.
    ///   - limit: How long that may take.
    /// - Returns: The number.
    /// - Throws: `tryAgain` when it takes longer.
    public func segmentCount(
        _ question: SegmentQuestion,
        limit: Duration = Store.segmentTimeLimit
    ) throws(UserError) -> Int {
        let last = try read { db in try Int64.fetchOne(db, sql: "SELECT max(id) FROM subscriber") ?? 0 }
        let half = last / 2
        guard last > 20_000 else { return try segmentCount(question, 0, .max, limit) }
        let halves = Mutex<[Result<Int, UserError>]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { part in
            let counted = Result { () throws(UserError) in
                try segmentCount(question, part == 0 ? 0 : half, part == 0 ? half : .max, limit)
            }
            halves.withLock { $0.append(counted) }
        }
        var sum = 0
        for counted in halves.withLock({ $0 }) { sum += try counted.get() }
        return sum
    }

    /// A page of the people of a segment, by row number.
    ///
    /// - Parameters:
    ///   - question: The segment.
    ///   - last: The last person of the page before; `nil` for the first page.
    ///   - count: How many at most.
    ///   - limit: How long that may take.
    /// - Returns: The page; fewer than `count` when it is the last.
    /// - Throws: `tryAgain` when it takes longer.
    public func segmentMembers(
        _ question: SegmentQuestion,
        after last: SubscriberID? = nil,
        count: Int = 100,
        limit: Duration = Store.segmentTimeLimit
    ) throws(UserError) -> [Subscriber] {
        try read { db in
            let sql = SegmentSQL(question)
            return try SegmentDeadline.run(db, limit: limit, remedy: Self.slowRemedy) {
                try Row.fetchAll(
                    db,
                    sql: """
                        \(SubscriberQueries.select) WHERE s.id > :last AND \(SegmentSQL.notErased)
                            AND (\(sql.condition)) ORDER BY s.id LIMIT :count
                        """,
                    arguments: sql.arguments + ["last": last?.rawValue ?? 0, "count": count]
                ).map(SubscriberQueries.subscriber)
            }
        }
    }

    /// How a segment is answered, and how many people each of its terms is true of.
    public func explain(
        _ question: SegmentQuestion,
        limit: Duration = Store.segmentTimeLimit
    ) throws(UserError) -> SegmentExplanation {
        try read { db in
            let sql = SegmentSQL(question)
            let statement = Self.countSQL(sql.condition)
            let arguments = sql.arguments + ["after": 0, "last": Int64.max]
            let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(statement)", arguments: arguments)
            let terms = try SegmentDeadline.run(db, limit: limit, remedy: Self.slowRemedy) {
                try termCounts(db, question)
            }
            return SegmentExplanation(
                sql: statement,
                parameters: sql.parameters.map { ($0.name, "\($0.value)") },
                plan: plan.map { $0["detail"] },
                terms: terms
            )
        }
    }

    // MARK: Names

    /// The numbers of all bulletins that were sent, newest first.
    public func bulletinNumbers() throws(UserError) -> [String] {
        try read { db in try String.fetchAll(db, sql: "SELECT number FROM bulletin ORDER BY id DESC") }
    }

    /// Whether anybody in the register has an attribute.
    public func hasAttribute(_ name: String) throws(UserError) -> Bool {
        try read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM subscriber s
                                   WHERE s.attributes <> '{}' AND nashra_attr(s.attributes, ?) IS NOT NULL)
                    """,
                arguments: [name]
            ) ?? false
        }
    }

    // MARK: Steps

    private static let slowRemedy =
        "Ask for language, joined or a topic first, or allow more time with --time-limit."

    private static func countSQL(_ condition: String) -> String {
        """
        SELECT count(*) FROM subscriber s
        WHERE s.id > :after AND s.id <= :last AND \(SegmentSQL.notErased) AND (\(condition))
        """
    }

    /// Counts those with numbers after `after`, up to `last`.
    private func segmentCount(
        _ question: SegmentQuestion,
        _ after: Int64,
        _ last: Int64,
        _ limit: Duration
    ) throws(UserError) -> Int {
        try read { db in
            let sql = SegmentSQL(question)
            return try SegmentDeadline.run(db, limit: limit, remedy: Self.slowRemedy) {
                try Int.fetchOne(
                    db,
                    sql: Self.countSQL(sql.condition),
                    arguments: sql.arguments + ["after": after, "last": last]
                ) ?? 0
            }
        }
    }

    private func termCounts(_ db: Database, _ question: SegmentQuestion) throws -> [SegmentExplanation.Term] {
        var seen: Set<SegmentTerm> = []
        let terms = question.expression.terms.filter { seen.insert($0).inserted }
        return try terms.map { term in
            var part = question
            part.expression = .term(term)
            let sql = SegmentSQL(part)
            let count = try Int.fetchOne(
                db,
                sql: Self.countSQL(sql.condition),
                arguments: sql.arguments + ["after": 0, "last": Int64.max]
            )
            return SegmentExplanation.Term(text: term.text, members: count ?? 0)
        }
    }
}
