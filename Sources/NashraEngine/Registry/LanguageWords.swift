// SPDX-License-Identifier: Apache-2.0
//
// What stands in a column of languages: tags, and the names that people write instead.
// Pure. Tags: RFC 5646, which prefers the two-letter code where there is one.
import NashraCore

/// Reads languages of people.
enum LanguageWords {
    /// The language in a field; `nil` when it is empty.
    ///
    /// It may be a tag such as `ar` or `fr_FR`, a code of three letters, or a name in Arabic, French or English.
    static func language(_ bytes: ArraySlice<UInt8>) throws(RowCheck.Refusal) -> Language? {
        if bytes.count == 2, let tag = Language(rawValue: String(decoding: bytes, as: UTF8.self)) {
            return tag
        }
        guard let text = try RowCheck.text(bytes, called: "language") else { return nil }
        if let tag = names[SearchFolding.fold(text)] ?? Language(rawValue: text) { return tag }
        throw RowCheck.Refusal(reason: "language is not a tag such as ar, en or fr")
    }

    private static let names: [String: Language] = {
        let words: [(Language, [String])] = [
            (.arabic, ["ara", "arabic", "arabe", "عربي", "عربى", "عربية", "العربية", "اللغة العربية"]),
            (
                .english,
                [
                    "eng", "english", "anglais", "إنجليزي", "إنجليزية", "الإنجليزية", "انكليزي", "الانكليزية",
                    "اللغة الإنجليزية",
                ]
            ),
            (.french, ["fra", "fre", "french", "français", "فرنسي", "فرنسية", "الفرنسية", "اللغة الفرنسية"]),
        ]
        var names: [String: Language] = [:]
        for (language, spellings) in words {
            for spelling in spellings { names[SearchFolding.fold(spelling)] = language }
        }
        return names
    }()
}
