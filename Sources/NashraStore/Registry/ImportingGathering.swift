// SPDX-License-Identifier: Apache-2.0
//
// New people who bring nothing but their values, written many at a time: one statement for one person costs SQLite
// more in beginning and ending than in writing.
// Touches the store, inside a transaction of its caller. Measured: docs/importing.md, "What it costs".
import GRDB
import NashraCore

/// Gathers new people and writes them.
///
/// What it gathers is borrowed: ``finish()`` comes before the rows go.
final class ImportingGathering {
    private let purpose: ImportingPurpose
    private let insertStatement: FastStatement
    private let joinStatement: FastStatement
    private var rows: [(row: PackedRow, id: Int64)] = []
    /// Who is written, or about to be, and not yet in the topic.
    private var unjoined: ClosedRange<Int64>?

    /// How many people one statement writes.
    static let together = 32
    private static let parameters: Int32 = 7

    /// OR FAIL: the transaction is given up in any case, so no statement need be able to undo itself.
    private static let insert: String = {
        let common = together * Int(parameters)
        let values = (0..<together).map { index in
            let numbers = (1...Int(parameters)).map { "?\(index * Int(parameters) + $0)" }
            let shared = "'active', ?\(common + 1), ?\(common + 1), ?\(common + 2)"
            return "(\(numbers.joined(separator: ", ")), \(shared))"
        }
        return """
            INSERT OR FAIL INTO subscriber (id, address, address_key, domain, name, language, attributes, state,
                created_at_ms, updated_at_ms, import_id) VALUES \(values.joined(separator: ", "))
            """
    }()

    private static let join = """
        INSERT OR FAIL INTO subscription (subscriber_id, topic_id, source, consent_at_ms, import_id)
        SELECT id, ?3, ?4, ?5, ?6 FROM subscriber WHERE id BETWEEN ?1 AND ?2
        """

    init(_ db: Database, _ purpose: ImportingPurpose) throws {
        self.purpose = purpose
        insertStatement = try FastStatement(db, Self.insert)
        joinStatement = try FastStatement(db, Self.join)
        rows.reserveCapacity(Self.together)
    }

    /// Takes a new person; `single` writes one that is left over.
    func add(_ row: PackedRow, id: Int64, _ single: (PackedRow, Int64) throws -> Void) throws {
        if let range = unjoined, range.upperBound + 1 == id {
            unjoined = range.lowerBound...id
        } else {
            try finish(single)
            unjoined = id...id
        }
        rows.append((row, id))
        if rows.count == Self.together { try writeAll() }
    }

    /// Writes what is left over, and joins everybody to the topic.
    func finish(_ single: (PackedRow, Int64) throws -> Void) throws {
        for (row, id) in rows { try single(row, id) }
        rows.removeAll(keepingCapacity: true)
        guard let range = unjoined else { return }
        unjoined = nil
        guard let topic = purpose.topic else { return }
        joinStatement.bind(1, range.lowerBound)
        joinStatement.bind(2, range.upperBound)
        joinStatement.bind(3, topic)
        joinStatement.bind(4, purpose.source)
        joinStatement.bind(5, purpose.now.rawValue)
        joinStatement.bind(6, purpose.importID)
        try joinStatement.run()
    }

    private func writeAll() throws {
        var place: Int32 = 0
        for (row, id) in rows {
            insertStatement.bind(place + 1, id)
            insertStatement.bind(place + 2, borrowed: row.address)
            insertStatement.bind(place + 3, borrowed: row.key)
            insertStatement.bind(place + 4, borrowed: row.domain)
            insertStatement.bind(place + 5, borrowed: row.name)
            insertStatement.bind(place + 6, borrowed: row.language)
            insertStatement.bind(place + 7, borrowed: row.attributes)
            place += Self.parameters
        }
        insertStatement.bind(place + 1, purpose.now.rawValue)
        insertStatement.bind(place + 2, purpose.importID)
        rows.removeAll(keepingCapacity: true)
        try insertStatement.run()
    }
}
