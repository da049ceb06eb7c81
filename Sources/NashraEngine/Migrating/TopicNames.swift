// SPDX-License-Identifier: Apache-2.0
//
// Names of other systems' lists become names of topics.
// Pure. A topic's name is lower-case ASCII, digits and inner hyphens.
import Foundation
import NashraCore

/// Gives each list the name of a topic, always the same for the same list.
struct TopicNames {
    /// What the user said: the list's name in lower case, and the topic.
    private let chosen: [String: String]
    private var given: [String: String] = [:]
    private var taken: Set<String>

    /// - Parameter chosen: For a list's name, or the part of it before `@` or the first dot, its topic.
    init(chosen: [String: String]) {
        self.chosen = Dictionary(chosen.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
        taken = Set(chosen.values)
    }

    /// The topic of `list`; a new list gets one that no other has.
    mutating func topic(of list: String) -> String {
        if let known = given[list] { return known }
        let topic = wanted(list) ?? free(Self.slug(Self.short(list)))
        given[list] = topic
        taken.insert(topic)
        return topic
    }

    /// What the user wants, with the name whole or short.
    private func wanted(_ list: String) -> String? {
        chosen[list.lowercased()] ?? chosen[Self.short(list).lowercased()]
    }

    private func free(_ slug: String) -> String {
        guard taken.contains(slug) else { return slug }
        var number = 2
        while taken.contains("\(slug)-\(number)") { number += 1 }
        return "\(slug)-\(number)"
    }

    /// `fraud@lists.example.org` and Mailman's `fraud.lists.example.org` without their domain; others as they are.
    static func short(_ list: String) -> String {
        if let at = list.firstIndex(of: "@") { return String(list[..<at]) }
        let labels = list.split(separator: ".", omittingEmptySubsequences: false)
        let isListID = labels.count >= 3 && labels.allSatisfy { !$0.isEmpty && !$0.contains(" ") }
        return isListID ? String(labels[0]) : list
    }

    /// Lower-case letters, digits and single inner hyphens; Arabic letters as Latin ones; `list` when nothing is left.
    static func slug(_ name: String) -> String {
        var slug = ""
        for scalar in name.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
            if let latin = arabic[scalar] {
                slug += latin
            } else if ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) {
                slug.unicodeScalars.append(scalar)
            } else if !scalar.properties.isDiacritic, scalar.properties.generalCategory != .nonspacingMark,
                !slug.hasSuffix("-")
            {
                slug += "-"
            }
            if slug.utf8.count >= 60 { break }
        }
        let trimmed = slug.drop { $0 == "-" }.reversed().drop { $0 == "-" }.reversed()
        return trimmed.isEmpty ? "list" : String(trimmed)
    }

    /// A rough transliteration: enough to tell lists apart; the title keeps the real name.
    private static let arabic: [Unicode.Scalar: String] = [
        "ا": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r",
        "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f",
        "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "ة": "h", "و": "w", "ي": "y", "ى": "a",
        "ء": "", "پ": "p", "چ": "ch", "گ": "g", "ک": "k", "ی": "y", "ـ": "", "٠": "0", "١": "1", "٢": "2",
        "٣": "3", "٤": "4", "٥": "5", "٦": "6", "٧": "7", "٨": "8", "٩": "9",
    ]
}
