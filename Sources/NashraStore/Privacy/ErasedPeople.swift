// SPDX-License-Identifier: Apache-2.0
//
// Who was erased, known again by a keyed hash and by nothing else.
// Touches the store, which knows no keys: the hashes come from outside.
import Foundation
import GRDB
public import NashraCore

extension Store {
    /// When the person with one of these hashes was erased; `nil` when nobody with them was.
    ///
    /// - Parameter hashes: The hashes of one address key, of the present root key and of those before it.
    /// - Returns: When, or `nil`.
    /// - Throws: `inputOutput` when the store cannot be read.
    public func erasedAt(_ hashes: [[UInt8]]) throws(UserError) -> Timestamp? {
        try read { db in try ErasedPeople.erasedAt(db, hashes) }
    }

    /// How many hashes of erased people are kept; 0 spares everybody the look.
    public func erasedCount() throws(UserError) -> Int {
        try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM erased") ?? 0 }
    }

    /// Forgets that a person was erased: because the person asked for it, by an answer that only that mailbox can give.
    ///
    /// - Parameters:
    ///   - hashes: The hashes of the address key.
    ///   - actor: Who does it, for the audit.
    /// - Returns: Whether there was anything to forget.
    /// - Throws: `inputOutput` or `tryAgain` when the store cannot be written.
    @discardableResult
    public func liftErasure(_ hashes: [[UInt8]], actor: String) throws(UserError) -> Bool {
        try write { db in try ErasedPeople.lift(db, hashes, store: self, actor: actor) }
    }
}

/// How hashes of erased people are kept and asked for.
enum ErasedPeople {
    static func remember(_ db: Database, _ hash: [UInt8], at: Timestamp) throws {
        guard hash.count == 32 else {
            throw UserError(.bug, "the hash of an erased person is not 32 bytes long")
        }
        try db.execute(
            sql: "INSERT OR IGNORE INTO erased (hash, erased_at_ms) VALUES (?, ?)",
            arguments: [Data(hash), at.rawValue]
        )
    }

    static func erasedAt(_ db: Database, _ hashes: [[UInt8]]) throws -> Timestamp? {
        for hash in hashes {
            let at = try Int64.fetchOne(
                db,
                sql: "SELECT erased_at_ms FROM erased WHERE hash = ?",
                arguments: [Data(hash)]
            )
            if let at { return Timestamp(rawValue: at) }
        }
        return nil
    }

    /// The same as ``Store/liftErasure(_:actor:)``, inside a transaction of its caller.
    static func lift(_ db: Database, _ hashes: [[UInt8]], store: Store, actor: String) throws -> Bool {
        var lifted = 0
        for hash in hashes {
            try db.execute(sql: "DELETE FROM erased WHERE hash = ?", arguments: [Data(hash)])
            lifted += db.changesCount
        }
        guard lifted > 0 else { return false }
        try store.audit(db, actor: actor, action: "erasure.lift", object: "no subscriber")
        return true
    }
}
