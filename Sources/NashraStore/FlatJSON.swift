// SPDX-License-Identifier: Apache-2.0
//
// Flat JSON objects of texts, the form of attributes, titles and merge values in the store.
// Pure.
import Foundation

/// Reads and writes `{"name":"text",…}`.
enum FlatJSON {
    /// The object, with its names in the order of their bytes: equal values give equal texts.
    static func encode(_ values: [String: String]) -> String {
        guard !values.isEmpty else { return "{}" }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 32)
        encode(values, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Adds the same object to `bytes`.
    static func encode(_ values: [String: String], to bytes: inout [UInt8]) {
        guard !values.isEmpty else {
            bytes += [UInt8(ascii: "{"), UInt8(ascii: "}")]
            return
        }
        var separator = UInt8(ascii: "{")
        for (name, value) in values.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            bytes.append(separator)
            append(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(value, to: &bytes)
            separator = UInt8(ascii: ",")
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// A JSON array of texts.
    static func encode(list: some Sequence<String>) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for text in list {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            append(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The texts of a JSON array; anything else gives none.
    static func decodeList(_ text: String) -> [String] {
        text == "[]" ? [] : (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
    }

    /// The values; a `null` is missing.
    ///
    /// Anything but a flat object of texts gives no values.
    static func decode(_ text: String) -> [String: String] {
        guard text != "{}" else { return [:] }
        var text = text
        if let values = text.withUTF8({ plain($0) }) { return values }
        let decoded = try? JSONDecoder().decode([String: String?].self, from: Data(text.utf8))
        return (decoded ?? [:]).compactMapValues { $0 }
    }

    /// Reads the form that SQLite and ``encode(_:)`` write when no text needs an escape: one look at each byte, for it is
    /// read once per message.
    ///
    /// - Returns: `nil` for any other form.
    private static func plain(_ bytes: UnsafeBufferPointer<UInt8>) -> [String: String]? {
        var values: [String: String] = [:]
        var position = 1
        guard bytes.count > 2, bytes[0] == UInt8(ascii: "{") else { return nil }
        while true {
            guard let name = plainText(bytes, &position), position + 1 < bytes.count,
                bytes[position] == UInt8(ascii: ":")
            else { return nil }
            position += 1
            if bytes[position] == UInt8(ascii: "n"), position + 4 < bytes.count {
                position += 4
            } else {
                guard let value = plainText(bytes, &position) else { return nil }
                values[name] = value
            }
            guard position < bytes.count else { return nil }
            if bytes[position] == UInt8(ascii: "}") { return position == bytes.count - 1 ? values : nil }
            guard bytes[position] == UInt8(ascii: ",") else { return nil }
            position += 1
        }
    }

    private static func plainText(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> String? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        let start = position + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            if bytes[end] == UInt8(ascii: "\\") { return nil }
            end += 1
        }
        guard end < bytes.count else { return nil }
        position = end + 1
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        // Nearly every text stands as it is.
        let isPlain = text.utf8.withContiguousStorageIfAvailable { plain in
            guard plain.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
            else { return false }
            bytes.append(contentsOf: plain)
            return true
        }
        if isPlain == true { return }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let digits = Array(String(byte, radix: 16).utf8)
                bytes.append(contentsOf: (digits.count == 1 ? #"\u000"# : #"\u00"#).utf8)
                bytes.append(contentsOf: digits)
            default: bytes.append(byte)
            }
        }
    }
}
