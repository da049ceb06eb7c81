// SPDX-License-Identifier: Apache-2.0
//
// The encodings that tables come in, and what people call them.
// Pure, but for asking iconv whether it knows a name.
public import NashraCore

/// How the bytes of a text stand for characters.
public enum TextEncoding: Sendable, Hashable, CustomStringConvertible {
    case utf8
    case utf16LittleEndian
    case utf16BigEndian
    /// Arabic Windows; its French letters stand where Windows-1252 has them.
    case windows1256
    /// Western Windows, with ISO-8859-1 in it.
    case windows1252
    /// Arabic of ISO; what Windows-1256 is often taken for.
    case iso8859Part6
    /// One that iconv knows, by its name in capitals.
    case other(String)

    /// Its name as `--encoding` takes it, such as windows-1256.
    public var name: String {
        switch self {
        case .utf8: "UTF-8"
        case .utf16LittleEndian: "UTF-16LE"
        case .utf16BigEndian: "UTF-16BE"
        case .windows1256: "windows-1256"
        case .windows1252: "windows-1252"
        case .iso8859Part6: "ISO-8859-6"
        case .other(let name): name
        }
    }

    /// Its name.
    public var description: String { name }

    /// The encoding of a name; capitals, hyphens and underscores make no difference.
    ///
    /// `UTF-16` without a byte order is not one encoding and not among these; ``EncodingSurvey`` knows the order.
    ///
    /// - Parameter name: As people write it, such as `cp1256`, `utf8`, `latin1` or any name that iconv knows.
    /// - Throws: ``UserError`` with status `usage` when nobody knows the name.
    public init(named name: String) throws(UserError) {
        let key = Self.key(name)
        if let known = Self.names[key] {
            self = known
            return
        }
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy {
                ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x3A)
                    || "-_.()".utf8.contains($0)
            }
        guard name.utf8.count <= 40, isPlain, Iconv.knows(name) else {
            throw UserError(
                .usage,
                "--encoding \(Printable.text(name, limit: 40)): no such encoding is known here",
                remedy: "Take UTF-8, UTF-16LE, UTF-16BE, windows-1256, windows-1252, ISO-8859-6 "
                    + "or a name out of 'iconv --list', such as IBM864 or UTF-32."
            )
        }
        self = .other(
            String(decoding: name.utf8.map { $0 >= 0x61 && $0 <= 0x7A ? $0 - 32 : $0 }, as: UTF8.self)
        )
    }

    /// Whether a name means UTF-16 in the order that the file itself tells.
    static func isUTF16(_ name: String) -> Bool { ["utf16", "unicode"].contains(key(name)) }

    private static func key(_ name: String) -> String {
        let kept = name.utf8.filter { $0 != 0x2D && $0 != 0x5F && $0 != 0x20 }
        return String(decoding: kept.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }, as: UTF8.self)
    }

    private static let names: [String: TextEncoding] = [
        "utf8": .utf8, "utf8bom": .utf8, "usascii": .utf8, "ascii": .utf8,
        "utf16le": .utf16LittleEndian, "unicodelittle": .utf16LittleEndian, "ucs2le": .utf16LittleEndian,
        "utf16be": .utf16BigEndian, "unicodebig": .utf16BigEndian, "ucs2be": .utf16BigEndian,
        "windows1256": .windows1256, "cp1256": .windows1256, "1256": .windows1256,
        "windows1252": .windows1252, "cp1252": .windows1252, "1252": .windows1252,
        "iso88591": .windows1252, "latin1": .windows1252,
        "iso88596": .iso8859Part6, "arabic": .iso8859Part6, "asmo708": .iso8859Part6,
    ]

    /// For an encoding of one byte per character that is ours: what each byte from 0x80 on is; 0 for nothing.
    var upperHalf: [UInt16]? {
        switch self {
        case .windows1256: SingleByteTables.windows1256
        case .windows1252: SingleByteTables.windows1252
        case .iso8859Part6: SingleByteTables.iso8859Part6
        case .utf8, .utf16LittleEndian, .utf16BigEndian, .other: nil
        }
    }
}
