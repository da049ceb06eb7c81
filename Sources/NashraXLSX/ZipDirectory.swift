// SPDX-License-Identifier: Apache-2.0
//
// What the end of a zip file says about its directory, before libzip is let near it: libzip reads the whole directory
// into memory, however long it is.
// Pure: the last bytes of the file are given to it. Rules: APPNOTE.TXT of PKWARE, 4.3.14 to 4.3.16.

/// The size of a zip file's directory.
struct ZipDirectory: Equatable {
    /// How many entries there are.
    var entries: UInt64
    /// How many bytes their headers take.
    var bytes: UInt64

    /// How many bytes at the end of a file can hold what is looked for.
    static let tailBytes = 22 + 65_535 + 20 + 56

    /// The largest numbers that any end of directory in the last bytes of a file states; `nil` when there is none.
    ///
    /// A reader may take any of several ends for the right one, so all count.
    init?(tail: [UInt8]) {
        var found: ZipDirectory?
        let marks = tail.indices.filter { tail[$0] == UInt8(ascii: "P") }
        for index in marks where Self.number(tail, index, 4) == 0x0605_4B50 {
            guard let entries = Self.number(tail, index + 10, 2),
                let bytes = Self.number(tail, index + 12, 4),
                let comment = Self.number(tail, index + 20, 2), index + 22 + Int(comment) <= tail.count
            else { continue }
            found = Self.larger(found, entries, bytes)
        }
        for index in marks where Self.number(tail, index, 4) == 0x0606_4B50 {
            guard found != nil, let entries = Self.number(tail, index + 32, 8),
                let bytes = Self.number(tail, index + 40, 8)
            else { continue }
            found = Self.larger(found, entries, bytes)
        }
        guard let found else { return nil }
        self = found
    }

    private init(entries: UInt64, bytes: UInt64) { (self.entries, self.bytes) = (entries, bytes) }

    private static func larger(_ one: ZipDirectory?, _ entries: UInt64, _ bytes: UInt64) -> ZipDirectory {
        ZipDirectory(entries: max(one?.entries ?? 0, entries), bytes: max(one?.bytes ?? 0, bytes))
    }

    /// A number of `length` bytes, the lowest first.
    private static func number(_ bytes: [UInt8], _ index: Int, _ length: Int) -> UInt64? {
        guard index >= 0, index + length <= bytes.count else { return nil }
        return (0..<length).reduce(UInt64(0)) { $0 | UInt64(bytes[index + $1]) << UInt64(8 * $1) }
    }
}
