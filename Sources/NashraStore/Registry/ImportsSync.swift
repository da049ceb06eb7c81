// SPDX-License-Identifier: Apache-2.0
//
// Who is in a topic, in the order of imported rows: for finding out whom a file leaves out.
// Reads the store.
import GRDB
public import NashraCore

/// One person who is in a topic now.
public struct ImportMember {
    /// The person's row.
    public let id: Int64
    /// `EmailAddress.key` as UTF-8; valid until the next person.
    public let key: UnsafeRawBufferPointer
    private let statement: FastStatement

    fileprivate init(_ statement: FastStatement) {
        self.statement = statement
        id = statement.int(0)
        key = statement.raw(1)
    }

    /// The address; valid to ask until the next person.
    public var address: String { statement.text(2) ?? "" }

    /// Whether the person's key comes before another in the order of imports.
    public func precedes(_ other: UnsafeRawBufferPointer) -> Bool { key.precedes(other) }

    /// Whether it is the same key.
    public func hasKey(_ other: UnsafeRawBufferPointer) -> Bool { key.elementsEqualBytes(other) }
}

extension Store {
    /// Looks at everybody who is in a topic now, in the order of their keys, on one unchanging view.
    ///
    /// - Throws: `unknownObject` for a topic that does not exist; what `body` throws.
    public func forEachMember(
        of topic: String,
        _ body: (ImportMember) throws(UserError) -> Void
    ) throws(UserError) {
        try read { db in
            let id = try TopicQueries.openTopic(db, named: topic).id
            // The order of keys is the order of the register's own index; a sort would take the memory of a million.
            let statement = try FastStatement(
                db,
                """
                SELECT s.id, s.address_key, s.address
                FROM subscriber s INDEXED BY sqlite_autoindex_subscriber_1
                CROSS JOIN subscription u ON u.subscriber_id = s.id AND u.topic_id = ?1
                WHERE u.ended_at_ms IS NULL ORDER BY s.address_key
                """
            )
            statement.bind(1, id)
            defer { statement.reset() }
            while try statement.step() { try body(ImportMember(statement)) }
        }
    }
}
