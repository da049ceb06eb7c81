// SPDX-License-Identifier: Apache-2.0
//
// What remains of erased rows in the store's files: folded out of the log, looked for, and written over.
// Touches the store's files. Rules: sqlite.org/pragma.html (secure_delete, wal_checkpoint), sqlite.org/lang_vacuum.html.
import GRDB
public import NashraCore

/// Whether the store's files are free of somebody.
public enum TraceFinding: Sendable, Hashable {
    /// Nothing is left.
    case clean
    /// Another process reads the store, and its log cannot be emptied as long as it does.
    case logInUse
    /// The address still stands in the store's files.
    ///
    /// It is a part of somebody else's address, or stands in a letter of somebody else.
    case found
}

extension Store {
    /// Empties the store's log, looks through its bytes, and writes it anew when an address still stands there.
    ///
    /// SQLite writes zeros over what is deleted, but may leave a copy behind when it moves rows between pages.
    ///
    /// - Parameter searches: For whom to look.
    /// - Returns: What was found at last.
    /// - Throws: `inputOutput` when the files cannot be read or there is no room to write them anew.
    public func clearTraces(of searches: [AddressSearch]) throws(UserError) -> TraceFinding {
        guard try emptyLog() else { return .logInUse }
        guard try isFound(searches) else { return .clean }
        do { try pool.vacuum() } catch { throw StoreError(error, path: path).userError }
        guard try emptyLog() else { return .logInUse }
        return try isFound(searches) ? .found : .clean
    }

    private func isFound(_ searches: [AddressSearch]) throws(UserError) -> Bool {
        for search in searches {
            for file in [path, "\(path)-wal"] where try search.isNamed(inFile: file, joined: true) {
                return true
            }
        }
        return false
    }

    /// Folds the log into the file and cuts it to nothing; `false` when somebody reads it.
    private func emptyLog() throws(UserError) -> Bool {
        do {
            return try pool.writeWithoutTransaction { db in
                let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return (row?[0] as Int?) == 0
            }
        } catch {
            throw StoreError(error, path: path).userError
        }
    }
}
