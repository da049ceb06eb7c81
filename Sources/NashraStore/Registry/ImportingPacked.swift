// SPDX-License-Identifier: Apache-2.0
//
// Imported rows as bytes: the form in which an import sorts them, keeps them on disk and hands them to SQLite, so that
// a row costs no object of its own on the way. Pure. Only the process that wrote such bytes reads them.
import Foundation
public import NashraCore

/// One imported row as bytes.
///
/// 28 bytes of numbers, little-endian, then key, address, domain, name, language, attributes as flat JSON, and the rest
/// of the row where it has more (``ImportingExtra``). Two rows say the same when their ``values`` are the same bytes.
public struct PackedRow {
    /// The row's bytes; valid as long as what they were taken from.
    public let bytes: UnsafeRawBufferPointer

    /// What every row has before its texts.
    static let headerBytes = 28
    private static let none = UInt16.max
    private static let mentionFlag: UInt16 = 1

    /// Takes the row that begins at `start`.
    ///
    /// - Parameters:
    ///   - whole: Rows one after the other.
    ///   - start: Where one begins.
    public init(_ whole: UnsafeRawBufferPointer, at start: Int = 0) {
        let count = Self.length(whole, at: start) ?? 0
        bytes = UnsafeRawBufferPointer(rebasing: whole[start..<(start + count)])
    }

    /// How long the row is that begins at `start`; `nil` when not all of it is there.
    public static func length(_ whole: UnsafeRawBufferPointer, at start: Int) -> Int? {
        guard whole.count - start >= headerBytes else { return nil }
        let count = Int(whole.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        return count >= headerBytes && count <= whole.count - start ? count : nil
    }

    /// The line of the file on which it began.
    public var line: Int { Int(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) }

    /// `EmailAddress.key`, as UTF-8.
    public var key: UnsafeRawBufferPointer { part(0, from: Self.headerBytes) }

    /// Whether the row only says that the address stood in the file, in a row that could not be taken.
    public var isMention: Bool { number(18) & Self.mentionFlag != 0 }

    /// Everything but the line and how the address is spelled.
    public var values: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            rebasing: bytes[(Self.headerBytes + length(0) + length(1) + length(2))...]
        )
    }

    /// The lengths of all texts of ``values``, which belong to what it says.
    public var shape: (UInt64, UInt32) {
        (
            bytes.loadUnaligned(fromByteOffset: 14, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 22, as: UInt32.self)
        )
    }

    /// The first eight bytes of the key as a number: of two keys the one with the lesser number comes first.
    public var prefix: UInt64 {
        let key = self.key
        var bytes: UInt64 = 0
        withUnsafeMutableBytes(of: &bytes) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: key.prefix(8)))
        }
        return UInt64(bigEndian: bytes)
    }

    /// Whether it stands before another in the order of imports: by key, and by line where the keys are the same.
    public func precedes(_ other: PackedRow) -> Bool {
        let (left, right) = (key, other.key)
        if left.elementsEqualBytes(right) { return line < other.line }
        return left.precedes(right)
    }

    /// Whether it is about the same person.
    public func hasSameKey(as other: PackedRow) -> Bool { key.elementsEqualBytes(other.key) }

    /// Whether another row says the same of the same person.
    public func saysTheSame(as other: PackedRow) -> Bool {
        shape == other.shape && values.elementsEqualBytes(other.values)
    }

    /// The address as it was given.
    public var addressText: String { String(decoding: address, as: UTF8.self) }

    var address: UnsafeRawBufferPointer { part(1, from: Self.headerBytes + length(0)) }
    var domain: UnsafeRawBufferPointer { part(2, from: Self.headerBytes + length(0) + length(1)) }
    private var nameStart: Int { Self.headerBytes + length(0) + length(1) + length(2) }
    var name: UnsafeRawBufferPointer? { number(14) == Self.none ? nil : part(3, from: nameStart) }
    var language: UnsafeRawBufferPointer? {
        number(16) == Self.none ? nil : part(4, from: nameStart + length(3))
    }
    private var attributesStart: Int { nameStart + length(3) + length(4) }
    /// Flat JSON.
    var attributes: UnsafeRawBufferPointer { part(attributesStart, count: wide(20)) }
    /// What ``ImportingExtra`` reads; empty for most rows.
    var extra: UnsafeRawBufferPointer { part(attributesStart + wide(20), count: wide(24)) }

    /// The row as it was packed.
    ///
    /// - Throws: `bug` when the bytes are no packed row.
    public func row() throws(UserError) -> ImportRow {
        let address: EmailAddress
        do {
            address = try EmailAddress.parse(String(decoding: self.address, as: UTF8.self))
        } catch {
            throw UserError(.bug, "an imported row could not be read back: \(error)")
        }
        var row = ImportRow(
            address: address,
            name: name.map { String(decoding: $0, as: UTF8.self) },
            language: language.flatMap { Language(rawValue: String(decoding: $0, as: UTF8.self)) },
            attributes: FlatJSON.decode(String(decoding: attributes, as: UTF8.self))
        )
        if !extra.isEmpty { ImportingExtra(extra).put(into: &row) }
        return row
    }

    private func number(_ offset: Int) -> UInt16 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    }

    private func wide(_ offset: Int) -> Int {
        Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The length of the `index`-th text: key, address, domain, name, language.
    private func length(_ index: Int) -> Int {
        let value = number(8 + 2 * index)
        return value == Self.none ? 0 : Int(value)
    }

    private func part(_ index: Int, from start: Int) -> UnsafeRawBufferPointer {
        part(start, count: length(index))
    }

    private func part(_ start: Int, count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)])
    }
}

extension PackedRow {
    /// Adds a row to `bytes`.
    ///
    /// - Parameters:
    ///   - row: The row; texts of 64 KiB and more are cut off, which no reader lets through.
    ///   - line: The line of the file on which it began, up to 4,294,967,295.
    ///   - isMention: The row only says that the address stood in the file.
    ///   - bytes: Where it goes.
    public static func append(
        _ row: ImportRow,
        line: Int,
        isMention: Bool = false,
        to bytes: inout [UInt8]
    ) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: headerBytes))
        var header = Header()
        header.append(put(row.address.key, to: &bytes))
        header.append(put(row.address.text, to: &bytes))
        header.append(put(row.address.domain, to: &bytes))
        header.append(put(row.name, to: &bytes))
        header.append(put(row.language?.rawValue, to: &bytes))
        header.append(isMention ? mentionFlag : 0)
        let attributes = bytes.count
        FlatJSON.encode(row.attributes, to: &bytes)
        let extra = bytes.count
        ImportingExtra.append(row, to: &bytes)
        bytes.withUnsafeMutableBytes { raw in
            let head = UnsafeMutableRawBufferPointer(rebasing: raw[start...])
            head.storeBytes(of: UInt32(truncatingIfNeeded: raw.count - start), as: UInt32.self)
            head.storeBytes(of: UInt32(clamping: line), toByteOffset: 4, as: UInt32.self)
            header.store(in: head, at: 8)
            head.storeBytes(of: UInt32(extra - attributes), toByteOffset: 20, as: UInt32.self)
            head.storeBytes(of: UInt32(raw.count - extra), toByteOffset: 24, as: UInt32.self)
        }
    }

    /// Adds a text; its length, or `none` for no text.
    private static func put(_ text: String?, to bytes: inout [UInt8]) -> UInt16 {
        guard let text else { return none }
        let before = bytes.count
        let most = Int(none) - 1
        let isPut: Void? = text.utf8.withContiguousStorageIfAvailable {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: $0.prefix(most)))
        }
        if isPut == nil { bytes.append(contentsOf: text.utf8.prefix(most)) }
        return UInt16(bytes.count - before)
    }

    /// The six short numbers of a row.
    private struct Header {
        private var numbers: (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16) = (0, 0, 0, 0, 0, 0)
        private var count = 0

        mutating func append(_ number: UInt16) {
            switch count {
            case 0: numbers.0 = number
            case 1: numbers.1 = number
            case 2: numbers.2 = number
            case 3: numbers.3 = number
            case 4: numbers.4 = number
            default: numbers.5 = number
            }
            count += 1
        }

        func store(in head: UnsafeMutableRawBufferPointer, at offset: Int) {
            head.storeBytes(of: numbers.0, toByteOffset: offset, as: UInt16.self)
            head.storeBytes(of: numbers.1, toByteOffset: offset + 2, as: UInt16.self)
            head.storeBytes(of: numbers.2, toByteOffset: offset + 4, as: UInt16.self)
            head.storeBytes(of: numbers.3, toByteOffset: offset + 6, as: UInt16.self)
            head.storeBytes(of: numbers.4, toByteOffset: offset + 8, as: UInt16.self)
            head.storeBytes(of: numbers.5, toByteOffset: offset + 10, as: UInt16.self)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the same bytes stand there.
    func elementsEqualBytes(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress, count > 0 else { return true }
        return memcmp(left, right, count) == 0
    }
}

/// Some packed rows, one after the other.
public struct PackedRows: Sendable {
    /// The rows.
    public private(set) var bytes: [UInt8] = []
    /// Where each begins.
    public private(set) var starts: [Int] = []

    /// Makes an empty batch.
    public init() {}

    /// How many rows there are.
    public var count: Int { starts.count }

    /// Lets the rows go and keeps the room.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
    }

    /// Adds a row as it is.
    public mutating func append(_ row: PackedRow) {
        starts.append(bytes.count)
        bytes.append(contentsOf: row.bytes)
    }

    /// Adds a row.
    public mutating func append(_ row: ImportRow, line: Int) {
        starts.append(bytes.count)
        PackedRow.append(row, line: line, to: &bytes)
    }

    /// Looks at each row, in their order.
    public func forEach(_ body: (_ index: Int, _ row: PackedRow) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { raw in
            for (index, start) in starts.enumerated() { try body(index, PackedRow(raw, at: start)) }
        }
    }

    /// The same; `end` is called after the last one, while all rows that were shown are still valid.
    func forEach(
        atEnd end: () throws -> Void,
        _ body: (_ index: Int, _ row: PackedRow) throws -> Void
    ) rethrows {
        try bytes.withUnsafeBytes { raw in
            for (index, start) in starts.enumerated() { try body(index, PackedRow(raw, at: start)) }
            try end()
        }
    }
}
