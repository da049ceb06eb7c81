// SPDX-License-Identifier: Apache-2.0
//
// The register as a table of people in the order of their keys: CSV that imports again to the same, or JSON Lines.
// Reads the store, on one unchanging view and in constant memory; the bytes go out in pieces.
// Rules: RFC 4180; CWE-1236 (FormulaGuard); docs/privacy.md, "Exports".
import Foundation
import GRDB
public import NashraCore

/// Which people, and in which form.
public struct RegisterExport: Sendable, Hashable {
    /// The forms.
    public enum Form: Sendable, Hashable {
        /// CSV: the separator, whether a byte order mark stands first, and whether formulas are left unguarded.
        case csv(separator: UInt8, hasMark: Bool, isPlain: Bool)
        /// One object a line, `nashra.export.v1`, with subscriptions.
        case lines
    }

    /// Which people.
    ///
    /// With a topic: those who are subscribed to it now and have confirmed.
    public var filter: SubscriberFilter
    /// In which form.
    public var form: Form

    /// Spreadsheets in Arabic and in any other language read this.
    public static let spreadsheet = Form.csv(separator: UInt8(ascii: ","), hasMark: true, isPlain: false)

    /// Asks for people in a form.
    public init(_ filter: SubscriberFilter = SubscriberFilter(), form: Form = RegisterExport.spreadsheet) {
        self.filter = filter
        self.form = form
    }
}

extension Store {
    /// Writes the register.
    ///
    /// The order is that of the address keys, so that equal registers give equal bytes. A CSV has the columns `email`,
    /// `name` and `language`, `state` unless one state was asked for, and each attribute that somebody has, by name;
    /// erased people are left out.
    ///
    /// - Parameters:
    ///   - export: Which people, in which form.
    ///   - write: Takes the next piece of at most some hundred kilobytes; what it throws ends the export.
    /// - Returns: How many people were written.
    /// - Throws: What `write` throws; `unknownObject` for a topic that does not exist.
    public func exportRegister(
        _ export: RegisterExport,
        _ write: ([UInt8]) throws(UserError) -> Void
    ) throws(UserError) -> Int {
        try read { db in
            let topic = try export.filter.topic.map { try TopicQueries.existing(db, $0) }
            let writer = RegisterWriter(db, export, topic: topic)
            return try writer.run(write)
        }
    }
}

extension TopicQueries {
    /// The row of a topic, archived or not.
    fileprivate static func existing(_ db: Database, _ name: String) throws -> Int64 {
        if let topic = try topic(db, named: name) { return topic.id }
        // For its error, which knows the nearest name.
        return try openTopic(db, named: name).id
    }
}

/// One walk over the register.
private struct RegisterWriter {
    private let db: Database
    private let export: RegisterExport
    private let topic: Int64?
    private static let pieceSize = 256 * 1_024

    init(_ db: Database, _ export: RegisterExport, topic: Int64?) {
        self.db = db
        self.export = export
        self.topic = topic
    }

    private var condition: String {
        var parts = ["s.state <> 'erased'"]
        if export.filter.state != nil { parts.append("s.state = ?1") }
        if export.filter.language != nil { parts.append("s.language = ?2") }
        if topic != nil {
            parts.append(
                """
                EXISTS (SELECT 1 FROM subscription u WHERE u.subscriber_id = s.id AND u.topic_id = ?3
                        AND u.ended_at_ms IS NULL AND u.is_pending = 0)
                """
            )
        }
        return parts.joined(separator: " AND ")
    }

    private func statement(_ columns: String, _ order: String) throws -> FastStatement {
        let rows = try FastStatement(db, "SELECT \(columns) FROM subscriber s WHERE \(condition) \(order)")
        if let state = export.filter.state { rows.bind(1, state.rawValue) }
        if let language = export.filter.language { rows.bind(2, language.rawValue) }
        if let topic { rows.bind(3, topic) }
        return rows
    }

    func run(_ write: ([UInt8]) throws(UserError) -> Void) throws -> Int {
        switch export.form {
        case .csv(let separator, let hasMark, let isPlain):
            try csv(RegisterCSV(separator: separator, isPlain: isPlain), hasMark: hasMark, write)
        case .lines: try lines(write)
        }
    }

    // MARK: CSV

    private func csv(
        _ form: RegisterCSV,
        hasMark: Bool,
        _ write: ([UInt8]) throws(UserError) -> Void
    ) throws -> Int {
        let names = try attributeNames()
        let hasState = export.filter.state == nil
        var bytes: [UInt8] = hasMark ? [0xEF, 0xBB, 0xBF] : []
        bytes.reserveCapacity(Self.pieceSize + 65_536)
        form.add(
            ["email", "name", "language"] + (hasState ? ["state"] : [])
                + names.map { RegisterCSV.header($0) },
            to: &bytes
        )
        let rows = try statement(
            "s.address, s.name, s.language, s.state, s.attributes",
            "ORDER BY s.address_key"
        )
        defer { rows.reset() }
        var count = 0
        while try rows.step() {
            form.begin(rows.bytes(0), to: &bytes)
            form.next(rows.bytes(1), to: &bytes)
            form.next(rows.bytes(2), to: &bytes)
            if hasState { form.next(rows.bytes(3), to: &bytes) }
            if !names.isEmpty {
                let values = FlatJSON.decode(rows.text(4) ?? "{}")
                for name in names { form.next((values[name] ?? "").utf8, to: &bytes) }
            }
            form.end(to: &bytes)
            count += 1
            if bytes.count >= Self.pieceSize {
                try write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try write(bytes)
        return count
    }

    /// The attributes of the people that are asked for, in the order of their bytes.
    private func attributeNames() throws -> [String] {
        let rows = try statement("s.attributes", "")
        defer { rows.reset() }
        var names: Set<String> = []
        // Whole sets of names come again and again: what is known is told by the names alone.
        while try rows.step() {
            let text = rows.bytes(0)
            guard text.count > 2 else { continue }
            for name in FlatJSON.decode(String(decoding: text, as: UTF8.self)).keys { names.insert(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    // MARK: JSON Lines

    private func lines(_ write: ([UInt8]) throws(UserError) -> Void) throws -> Int {
        let columns = """
            s.id, s.address, s.name, s.language, s.state, s.attributes, s.created_at_ms, s.updated_at_ms
            """
        let rows = try statement(columns, "ORDER BY s.address_key")
        defer { rows.reset() }
        let topics = try TopicQueries.namesByID(db)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        var count = 0
        while try rows.step() {
            let line = RegisterLine(
                address: rows.text(1) ?? "",
                name: rows.text(2),
                language: rows.text(3),
                state: rows.text(4) ?? "",
                attributes: FlatJSON.decode(rows.text(5) ?? "{}"),
                created: Timestamp(rawValue: rows.int(6)).iso8601,
                updated: Timestamp(rawValue: rows.int(7)).iso8601,
                subscriptions: try memberships(rows.int(0), topics)
            )
            bytes.append(contentsOf: try encoder.encode(line))
            bytes.append(0x0A)
            count += 1
            if bytes.count >= Self.pieceSize {
                try write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try write(bytes)
        return count
    }

    private func memberships(_ id: Int64, _ topics: [Int64: String]) throws -> [RegisterLine.Membership] {
        let rows = try FastStatement(
            db,
            """
            SELECT topic_id, source, consent_at_ms, consent_text, is_pending, frequency, paused_from_ms,
                paused_until_ms, ended_at_ms, ended_reason FROM subscription WHERE subscriber_id = ?1
            """
        )
        rows.bind(1, id)
        defer { rows.reset() }
        func time(_ column: Int32) -> String? {
            rows.optionalInt(column).map { Timestamp(rawValue: $0).iso8601 }
        }
        var found: [RegisterLine.Membership] = []
        while try rows.step() {
            found.append(
                RegisterLine.Membership(
                    topic: topics[rows.int(0)] ?? "",
                    source: rows.text(1) ?? "",
                    consent: time(2) ?? "",
                    consentText: rows.text(3),
                    isPending: rows.int(4) != 0,
                    frequency: rows.text(5) ?? "",
                    pausedFrom: time(6),
                    pausedUntil: time(7),
                    ended: time(8),
                    reason: rows.text(9)
                )
            )
        }
        return found.sorted { $0.topic < $1.topic }
    }
}

/// How rows of CSV are put together, field by field.
private struct RegisterCSV {
    let separator: UInt8
    let isPlain: Bool

    /// The column of an attribute, whose name may be that of a column of ours.
    static func header(_ attribute: String) -> String {
        ["email", "name", "language", "state"].contains(attribute) ? "attr.\(attribute)" : attribute
    }

    func begin(_ field: some Collection<UInt8>, to bytes: inout [UInt8]) {
        FormulaGuard.append(field, isPlain: isPlain, to: &bytes)
    }

    func next(_ field: some Collection<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(separator)
        FormulaGuard.append(field, isPlain: isPlain, to: &bytes)
    }

    func end(to bytes: inout [UInt8]) { bytes += [0x0D, 0x0A] }

    func add(_ row: [String], to bytes: inout [UInt8]) {
        for (index, field) in row.enumerated() {
            if index == 0 { begin(field.utf8, to: &bytes) } else { next(field.utf8, to: &bytes) }
        }
        end(to: &bytes)
    }
}

/// One person in JSON Lines.
private struct RegisterLine: Encodable {
    struct Membership: Encodable {
        let topic: String
        let source: String
        let consent: String
        let consentText: String?
        let isPending: Bool
        let frequency: String
        let pausedFrom: String?
        let pausedUntil: String?
        let ended: String?
        let reason: String?

        private enum CodingKeys: String, CodingKey {
            case topic, source, consent
            case consentText = "consent_text"
            case isPending = "pending"
            case frequency
            case pausedFrom = "paused_from"
            case pausedUntil = "paused_until"
            case ended, reason
        }
    }

    let schema = "nashra.export.v1"
    let address: String
    let name: String?
    let language: String?
    let state: String
    let attributes: [String: String]
    let created: String
    let updated: String
    let subscriptions: [Membership]
}
