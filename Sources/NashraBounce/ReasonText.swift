// SPDX-License-Identifier: Apache-2.0
//
// The reasons of refusals, explained for people in the languages of reports.
// Pure; the words are in Rules/reasons.tsv.
public import NashraCore

/// What each ``RefusalReason`` means to an operator.
public enum ReasonText {
    /// A reason in a few words and in one or two sentences: what it means and what can be done about it.
    ///
    /// - Parameters:
    ///   - reason: The reason.
    ///   - language: Arabic, English or French; any other gets English.
    /// - Returns: A title without a full stop, and a text. Plain text in one line each, without controls or bidi marks.
    public static func explanation(
        of reason: RefusalReason,
        language: Language
    ) -> (title: String, text: String) {
        let found = table["\(reason.rawValue)/\(language.rawValue)"] ?? table["\(reason.rawValue)/en"]
        return found ?? (title: reason.rawValue, text: "")
    }

    private static let table = read(PackageResources.reasons_tsv)

    private static func read(_ bytes: [UInt8]) -> [String: (title: String, text: String)] {
        var table: [String: (title: String, text: String)] = [:]
        for row in RuleTable.rows(bytes) where row.count >= 5 {
            table["\(row[0])/\(row[1])"] = (title: row[2], text: row[3])
        }
        return table
    }
}
