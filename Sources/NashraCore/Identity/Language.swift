// SPDX-License-Identifier: Apache-2.0
//
// The languages of bulletins, and which way they are written.
// Pure. Tags: RFC 5646, of which we use the primary subtag only.

/// A language of a bulletin or a subscriber: a primary subtag of RFC 5646 in lower case, such as `ar`.
public struct Language: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// Two or three lower-case letters.
    public let rawValue: String

    /// Which way a line runs.
    public enum Direction: String, Sendable, Codable {
        case rightToLeft = "rtl"
        case leftToRight = "ltr"
    }

    /// Takes a tag such as `ar`, `AR`, `ar-SA` or `fr_FR`, and keeps its primary subtag.
    ///
    /// - Returns: `nil` unless it begins with two or three ASCII letters followed by `-`, `_` or the end.
    public init?(rawValue: String) {
        let primary = rawValue.utf8.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        guard (2...3).contains(primary.count),
            primary.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) })
        else { return nil }
        self.rawValue = String(decoding: primary, as: UTF8.self).lowercased()
    }

    private init(unchecked: String) { rawValue = unchecked }

    /// Arabic.
    public static let arabic = Language(unchecked: "ar")
    /// English.
    public static let english = Language(unchecked: "en")
    /// French.
    public static let french = Language(unchecked: "fr")

    /// The direction of the script that the language is usually written in.
    public var direction: Direction {
        Self.rightToLeftTags.contains(rawValue) ? .rightToLeft : .leftToRight
    }

    /// What it is, for people.
    public var description: String { rawValue }

    private static let rightToLeftTags: Set<String> = [
        "ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi",
    ]
}
