// SPDX-License-Identifier: Apache-2.0
//
// A prepared statement with bindings by number, for the few that run once or more per message or imported row.
// Calls SQLite's own functions, as only SegmentFunctions and SegmentDeadline do besides. Rules: sqlite.org/c3ref/bind_blob.html.
import GRDB
import GRDBSQLite

/// A statement out of the connection's cache; used inside one access to that connection.
///
/// GRDB's own arguments and rows cost several times what a small UPDATE costs.
struct FastStatement {
    private let raw: OpaquePointer
    private let connection: OpaquePointer

    /// Tells SQLite to copy the text before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    init(_ db: Database, _ sql: String) throws {
        raw = try db.cachedStatement(sql: sql).sqliteStatement
        guard let connection = db.sqliteConnection else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
        }
        self.connection = connection
    }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(raw, index, value) } else { sqlite3_bind_null(raw, index) }
    }

    func bind(_ index: Int32, _ value: Int?) { bind(index, value.map(Int64.init)) }

    func bind(_ index: Int32, _ value: String?) {
        guard var value else {
            sqlite3_bind_null(raw, index)
            return
        }
        _ = value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                // An empty buffer may have no address, which SQLite would read as NULL.
                if let start = $0.baseAddress, !$0.isEmpty {
                    sqlite3_bind_text(raw, index, start, Int32($0.count), Self.copied)
                } else {
                    sqlite3_bind_text(raw, index, "", 0, Self.copied)
                }
            }
        }
    }

    /// Binds a text without copying it: it must stay where it is until the statement has run, and every use of the
    /// statement binds this parameter anew.
    func bind(_ index: Int32, borrowed text: UnsafeRawBufferPointer?) {
        guard let text else {
            sqlite3_bind_null(raw, index)
            return
        }
        guard let start = text.baseAddress, !text.isEmpty else {
            sqlite3_bind_text(raw, index, "", 0, Self.copied)
            return
        }
        sqlite3_bind_text(
            raw,
            index,
            start.assumingMemoryBound(to: CChar.self),
            Int32(clamping: text.count),
            nil
        )
    }

    func bind(_ index: Int32, blob: [UInt8]) {
        _ = blob.withUnsafeBytes { bytes in
            // An empty buffer may have no address, which SQLite would read as NULL.
            if let start = bytes.baseAddress, !bytes.isEmpty {
                sqlite3_bind_blob64(raw, index, start, UInt64(bytes.count), Self.copied)
            } else {
                sqlite3_bind_zeroblob(raw, index, 0)
            }
        }
    }

    /// Runs a statement without rows.
    ///
    /// - Returns: How many rows it changed.
    @discardableResult
    func run() throws -> Int {
        while try step() {}
        return Int(sqlite3_changes(connection))
    }

    /// Goes to the next row.
    ///
    /// - Returns: `false` when there is none; the statement can then be bound again.
    func step() throws -> Bool {
        switch sqlite3_step(raw) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(raw)
            return false
        default:
            let code = sqlite3_extended_errcode(connection)
            let words = String(cString: sqlite3_errmsg(connection))
            sqlite3_reset(raw)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: words)
        }
    }

    /// Makes the statement ready for the next use before its rows have come to an end.
    func reset() { sqlite3_reset(raw) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_NULL }

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(raw, column) }

    func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

    /// The bytes of a text; valid until the next step.
    func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let start = sqlite3_column_text(raw, column)
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column)))
    }

    /// The same without a type.
    func raw(_ column: Int32) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes(column)) }

    func text(_ column: Int32) -> String? {
        isNull(column) ? nil : String(decoding: bytes(column), as: UTF8.self)
    }
}
