// SPDX-License-Identifier: Apache-2.0
//
// No table and no column of the store is forgotten: each is handed out and erased, or said to hold nothing of a person.
// Reads a store of its own.
import GRDB
import NashraCore
import Testing

@testable import NashraStore

@Suite struct PersonalDataTests {
    @Test func `every table and column of the schema is classified, and none that is not there`() throws {
        let world = try StoreWorld()
        let schema = try world.store.pool.read { db in
            let names = try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
            return try names.reduce(into: [String: Set<String>]()) { tables, name in
                tables[name] = try Set(
                    String.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [name])
                )
            }
        }
        let known = Dictionary(PersonalData.tables.map { ($0.name, Set($0.columns.keys)) }) { first, _ in
            first
        }
        #expect(known.count == PersonalData.tables.count, "a table is classified twice")
        for (table, columns) in schema {
            let classified = known[table] ?? []
            #expect(
                classified == columns,
                "\(table): say in PersonalData what it holds of a person: \(columns.symmetricDifference(classified))"
            )
        }
        #expect(Set(known.keys) == Set(schema.keys))
    }

    @Test func `a column that links to a person makes its table one with rows of a person`() throws {
        let links: Set<String> = [
            "subscriber_id", "delivery_id", "address", "address_key", "recipient", "returned_id",
        ]
        for table in PersonalData.tables where !links.isDisjoint(with: table.columns.keys) {
            #expect(table.rows != nil, "\(table.name) links to a person and has no rows of one")
            #expect(table.section != nil, "\(table.name) links to a person and is not handed out")
        }
    }

    @Test func `columns of free words are never kept when a person is erased`() throws {
        let words: Set<String> = [
            "address", "address_key", "name", "attributes", "merge", "reply", "sender", "subject",
            "recipients",
            "diagnostic", "bytes", "note", "detail", "words", "before", "after", "ended_why",
        ]
        for table in PersonalData.tables where table.rows != nil && table.fate == .emptied {
            for column in words {
                #expect(table.columns[column] != .kept, "\(table.name).\(column)")
            }
        }
    }

    @Test func `every statement of the classification runs`() throws {
        let world = try StoreWorld(people: 1)
        try world.store.pool.write { db in
            let scope = try PersonScope(db, StoreWorld.address("person0"), isThorough: true)
            var arguments = scope.arguments
            _ = arguments.append(contentsOf: ["label": "erased-x", "now": 1, "isAlone": true, "domain": "x"])
            for table in PersonalData.tables {
                if let erasure = table.erasure { _ = try db.makeStatement(sql: erasure) }
                guard let rows = table.rows else { continue }
                _ = try Row.fetchAll(
                    db,
                    sql: "SELECT * FROM \(table.name) WHERE \(rows)",
                    arguments: arguments
                )
            }
            for rule in Retention.Rule.allCases {
                _ = try Row.fetchAll(db, sql: PruneSQL.due(rule), arguments: ["before": 1])
                for statement in PruneSQL.statements(rule) {
                    try db.execute(sql: statement, arguments: ["ids": "[\"0\"]"])
                }
            }
        }
    }
}
