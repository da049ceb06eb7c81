// SPDX-License-Identifier: Apache-2.0
//
// Everything that the store holds about one person, in one value.
// Reads the store. What belongs to a person: PersonalData.
import Foundation
import GRDB
public import NashraCore

/// Everything that is held about one person.
public struct PersonExport: Sendable, Encodable {
    /// The address that was asked for.
    public var address: String
    /// When it was gathered.
    public var exportedAt: Timestamp
    /// The row in the register, or `nil` for somebody who is only in deliveries or suppressions.
    public var subscriber: RecordValue?
    /// The other rows by section; a section that holds nothing is empty.
    ///
    /// Numbers of topics and campaigns are given by name, and times as ISO 8601 in UTC.
    public var sections: [String: [RecordValue]]

    /// Whether nothing is held.
    public var isEmpty: Bool { subscriber == nil && sections.values.allSatisfy(\.isEmpty) }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Writes it as one object, `nashra.person.v1`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("nashra.person.v1", forKey: Key("schema"))
        try container.encode(address, forKey: Key("address"))
        try container.encode(exportedAt.iso8601, forKey: Key("exported"))
        try container.encode(subscriber ?? .null, forKey: Key("subscriber"))
        for (name, rows) in sections { try container.encode(rows, forKey: Key(name)) }
    }
}

extension Store {
    /// Gathers everything that is held about the person with an address, and records that it was handed out.
    ///
    /// - Parameters:
    ///   - address: One of the person's addresses, the present one or an earlier one of a delivery.
    ///   - actor: Who asks, for the audit; the audit names the subscriber's number and not the address.
    /// - Returns: All of it; ``PersonExport/isEmpty`` when nothing is held.
    /// - Throws: `inputOutput` or `tryAgain` when the store cannot be read or written.
    public func export(of address: EmailAddress, actor: String) throws(UserError) -> PersonExport {
        try write { db in
            let scope = try PersonScope(db, address, isThorough: true)
            var export = PersonExport(
                address: address.text,
                exportedAt: clock.now(),
                subscriber: nil,
                sections: [:]
            )
            let names = try PersonRows.Names(db)
            for table in PersonalData.tables {
                guard let section = table.section, let rows = table.rows else { continue }
                let found = try PersonRows.all(db, table, rows, scope, names)
                if table.name == "subscriber" {
                    export.subscriber = found.first
                } else {
                    export.sections[section] = found
                }
            }
            guard !export.isEmpty else { return export }
            if let id = scope.id {
                try SubscriberEvents.record(
                    db,
                    .exported,
                    subscriber: id,
                    source: "export",
                    actor: actor,
                    at: clock.now()
                )
            }
            let object = scope.id.map { "subscriber-\($0)" } ?? "no subscriber"
            try audit(db, actor: actor, action: "subscriber.export", object: object)
            return export
        }
    }
}

/// The rows of one table that belong to a person.
private enum PersonRows {
    /// What numbers stand for.
    struct Names {
        let topics: [Int64: String]
        let campaigns: [Int64: (campaign: String, bulletin: String)]

        init(_ db: Database) throws {
            topics = try TopicQueries.namesByID(db)
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT c.id, c.name, b.number FROM campaign c JOIN bulletin b ON b.id = c.bulletin_id"
            )
            campaigns = Dictionary(
                rows.map { ($0[0] as Int64, (campaign: $0[1] as String, bulletin: $0[2] as String)) }
            ) { first, _ in first }
        }
    }

    static func all(
        _ db: Database,
        _ table: PersonalTable,
        _ condition: String,
        _ scope: PersonScope,
        _ names: Names
    ) throws -> [RecordValue] {
        let columns = table.exported
        let search = scope.search
        return try Row.fetchAll(
            db,
            sql: "SELECT \(columns.joined(separator: ", ")) FROM \(table.name) WHERE \(condition)",
            arguments: scope.arguments
        ).map { row in
            var values: [String: RecordValue] = [:]
            for (index, column) in columns.enumerated() {
                add(
                    column,
                    row[index] as DatabaseValue,
                    isJSON: table.json.contains(column),
                    names,
                    to: &values
                )
            }
            // A message may name others; they are nobody's business here.
            if case .list(let all)? = values["recipients"] {
                values["recipients"] = .list(all.filter { search.isNamed(in: $0.asText ?? "") })
            }
            return .object(values)
        }
    }

    private static func add(
        _ column: String,
        _ value: DatabaseValue,
        isJSON: Bool,
        _ names: Names,
        to values: inout [String: RecordValue]
    ) {
        switch (column, value.storage) {
        case ("topic_id", .int64(let id)): values["topic"] = .text(names.topics[id] ?? "all")
        case ("topic_id", _): values["topic"] = .null
        case ("campaign_id", .int64(let id)):
            values["campaign"] = names.campaigns[id].map { .text($0.campaign) } ?? .null
            values["bulletin"] = names.campaigns[id].map { .text($0.bulletin) } ?? .null
        case ("campaign_id", _): values["campaign"] = .null
        case (_, .int64(let number)) where column.hasSuffix("_ms"):
            values[String(column.dropLast(3))] = .text(Timestamp(rawValue: number).iso8601)
        case (_, .null) where column.hasSuffix("_ms"): values[String(column.dropLast(3))] = .null
        case (_, .null): values[column] = .null
        case (_, .int64(let number)): values[column] = .number(number)
        case (_, .double(let number)): values[column] = .real(number)
        case (_, .string(let text)): values[column] = isJSON ? RecordValue(json: text) : .text(text)
        case (_, .blob(let data)): values[column] = RecordValue(bytes: [UInt8](data))
        }
    }
}
