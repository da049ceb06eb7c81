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
        var separator = UInt8(ascii: "{")
        for (name, value) in values.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            bytes.append(separator)
            append(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(value, to: &bytes)
            separator = UInt8(ascii: ",")
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The values; a `null` is missing.
    ///
    /// Anything but a flat object of texts gives no values.
    static func decode(_ text: String) -> [String: String] {
        guard text != "{}" else { return [:] }
        let decoded = try? JSONDecoder().decode([String: String?].self, from: Data(text.utf8))
        return (decoded ?? [:]).compactMapValues { $0 }
    }

    /// The values of many objects, read in one go; their number equals that of `texts`.
    static func decodeAll(_ texts: [String]) -> [[String: String]] {
        guard texts.contains(where: { $0 != "{}" }) else { return texts.map { _ in [:] } }
        let joined = Data(("[" + texts.joined(separator: ",") + "]").utf8)
        guard let decoded = try? JSONDecoder().decode([[String: String?]].self, from: joined),
            decoded.count == texts.count
        else { return texts.map(decode) }
        return decoded.map { $0.compactMapValues { $0 } }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
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
        bytes.append(UInt8(ascii: "\""))
    }
}
