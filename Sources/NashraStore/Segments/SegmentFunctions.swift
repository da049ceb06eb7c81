// SPDX-License-Identifier: Apache-2.0
//
// What segments ask of each person and SQL has no word for: a value of the attributes, folded text.
// Calls SQLite's own functions, as FastStatement does. Rules: sqlite.org/c3ref/create_function.html; a function is
// called on the thread that has the connection, one at a time.
import GRDB
import GRDBSQLite
import Glibc
import NashraCore

/// The SQL functions of one connection.
///
/// - `nashra_attr(attributes, name)`: the value as text; NULL when it is missing or empty.
/// - `nashra_attr_fold(attributes, name)`: the same, folded.
/// - `nashra_attr_number(attributes, name)`: the value as a number; NULL when it is none in canonical form.
/// - `nashra_attr_day(attributes, name)`: the value as days since 1970-01-01; NULL when it is no `YYYY-MM-DD`.
/// - `nashra_fold(text)`: the text, folded.
/// - `nashra_holds(text, part, where)`: whether the folded text holds the part, which is folded already: anywhere (0), at
///   its beginning (1) or at its end (2).
enum SegmentFunctions {
    private typealias Function =
        @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void

    /// Adds the functions to a connection.
    static func register(_ db: Database) throws {
        try add(db, "nashra_attr", 2) { context, _, values in
            SegmentCall(context, values).attribute { call, value in call.result(value) }
        }
        try add(db, "nashra_attr_fold", 2) { context, _, values in
            SegmentCall(context, values).attribute { call, value in call.resultFolded(value) }
        }
        try add(db, "nashra_attr_number", 2) { context, _, values in
            SegmentCall(context, values).attribute { call, value in
                guard let number = CanonicalValue.number(value) else { return }
                sqlite3_result_double(call.context, number)
            }
        }
        try add(db, "nashra_attr_day", 2) { context, _, values in
            SegmentCall(context, values).attribute { call, value in
                guard let day = CanonicalValue.day(value) else { return }
                sqlite3_result_int64(call.context, Int64(day))
            }
        }
        try add(db, "nashra_fold", 1) { context, _, values in
            let call = SegmentCall(context, values)
            if let text = call.text(0) { call.resultFolded(text) }
        }
        try add(db, "nashra_holds", 3) { context, _, values in SegmentCall(context, values).holds() }
    }

    private static func add(_ db: Database, _ name: String, _ count: Int32, _ function: Function) throws {
        let buffers = Unmanaged.passRetained(SegmentBuffers()).toOpaque()
        // Only in our own statements: a schema that somebody tampered with cannot call them.
        let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY
        // SQLite releases the buffers with the connection, and also when this fails.
        let code = sqlite3_create_function_v2(
            db.sqliteConnection,
            name,
            count,
            flags,
            buffers,
            function,
            nil,
            nil
        ) { buffers in
            if let buffers { Unmanaged<SegmentBuffers>.fromOpaque(buffers).release() }
        }
        guard code == SQLITE_OK else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "cannot add \(name)")
        }
    }
}

/// Room that one function of one connection uses again at each call.
private final class SegmentBuffers {
    var unescaped: [UInt8] = []
    var folded: [UInt8] = []
}

/// One call of a function.
private struct SegmentCall {
    let context: OpaquePointer?
    private let values: UnsafeMutablePointer<OpaquePointer?>?

    /// Tells SQLite to copy the text before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    init(_ context: OpaquePointer?, _ values: UnsafeMutablePointer<OpaquePointer?>?) {
        self.context = context
        self.values = values
    }

    private var buffers: SegmentBuffers? {
        sqlite3_user_data(context).map { Unmanaged<SegmentBuffers>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The bytes of an argument, valid during the call; `nil` for NULL.
    func text(_ index: Int) -> UnsafeBufferPointer<UInt8>? {
        guard let value = values?[index], let start = sqlite3_value_text(value) else { return nil }
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
    }

    /// Hands the value of the attribute to `body`; without one the result stays NULL.
    func attribute(_ body: (Self, UnsafeBufferPointer<UInt8>) -> Void) {
        guard let json = text(0), let name = text(1), let buffers else { return }
        switch FlatJSONScan.value(of: name, in: json, buffer: &buffers.unescaped) {
        case .none: return
        case .bytes(let range): body(self, UnsafeBufferPointer(rebasing: json[range]))
        case .unescaped: buffers.unescaped.withUnsafeBufferPointer { body(self, $0) }
        }
    }

    func result(_ bytes: UnsafeBufferPointer<UInt8>) {
        bytes.withMemoryRebound(to: CChar.self) {
            sqlite3_result_text(context, $0.baseAddress, Int32(clamping: $0.count), Self.copied)
        }
    }

    func resultFolded(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let buffers else { return }
        SearchFolding.fold(bytes, into: &buffers.folded)
        buffers.folded.withUnsafeBufferPointer { folded in
            // An empty buffer may have no address, which SQLite would read as NULL.
            if folded.isEmpty { sqlite3_result_text(context, "", 0, Self.copied) } else { result(folded) }
        }
    }

    func holds() {
        guard let whole = text(0), let part = text(1), let place = values?[2], let buffers else {
            sqlite3_result_int(context, 0)
            return
        }
        SearchFolding.fold(whole, into: &buffers.folded)
        let isThere = buffers.folded.withUnsafeBufferPointer { folded in
            guard folded.count >= part.count, let start = folded.baseAddress, let wanted = part.baseAddress
            else { return part.isEmpty }
            switch sqlite3_value_int(place) {
            case 0: return Self.holds(folded, part)
            case 1: return memcmp(start, wanted, part.count) == 0
            default: return memcmp(start + (folded.count - part.count), wanted, part.count) == 0
            }
        }
        sqlite3_result_int(context, isThere ? 1 : 0)
    }
}

extension SegmentCall {
    /// Whether `whole` holds `part`, which is not longer; looks for the first byte with the library's fast search.
    fileprivate static func holds(
        _ whole: UnsafeBufferPointer<UInt8>,
        _ part: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard let first = part.first, let wanted = part.baseAddress, let start = whole.baseAddress else {
            return part.isEmpty
        }
        var place = 0
        while place + part.count <= whole.count {
            let count = whole.count - part.count + 1 - place
            guard let found = memchr(start + place, Int32(first), count) else { return false }
            let candidate = UnsafeRawPointer(found)
            if memcmp(candidate, wanted, part.count) == 0 { return true }
            place = candidate - UnsafeRawPointer(start) + 1
        }
        return false
    }
}

/// Values of attributes in canonical form: see AttributeSchema.canonical.
enum CanonicalValue {
    /// `-12.5`: at most 15 digits, so that equal texts are equal numbers.
    static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        let isNegative = bytes.first == UInt8(ascii: "-")
        var (mantissa, digits, fraction, hasPoint) = (Int64(0), 0, 0, false)
        for byte in bytes.dropFirst(isNegative ? 1 : 0) {
            if byte == UInt8(ascii: "."), !hasPoint, digits > 0 {
                hasPoint = true
                continue
            }
            guard (0x30...0x39).contains(byte), digits < 15 else { return nil }
            mantissa = mantissa * 10 + Int64(byte - 0x30)
            digits += 1
            if hasPoint { fraction += 1 }
        }
        guard digits > 0, hasPoint == (fraction > 0) else { return nil }
        let value = Double(mantissa) / powers[fraction]
        return isNegative ? -value : value
    }

    /// `2026-01-31` as days since 1970-01-01.
    static func day(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard bytes.count == 10 else { return nil }
        return CalendarDate(String(decoding: bytes, as: UTF8.self))?.daysSinceEpoch
    }

    /// Powers of ten that a Double holds exactly.
    private static let powers: [Double] = (0...15).map { (0..<$0).reduce(1) { power, _ in power * 10 } }
}
