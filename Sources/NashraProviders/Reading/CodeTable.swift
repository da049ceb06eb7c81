// SPDX-License-Identifier: Apache-2.0
//
// The tables in Rules/: what the providers' own words mean, and the words of the servers that they quote.
// Pure; read once a reading. Rules: docs/providers.md.
import NashraCore

/// The tables.
struct CodeTable: Sendable {
    /// What a provider's word means.
    struct Meaning: Sendable, Hashable {
        /// What came of the message.
        enum Outcome: String, Sendable {
            case permanent, temporary, delayed, complaint, unsubscribe, ignored
            case autoReply = "auto-reply"
        }

        var reason: RefusalReason
        /// Whether it counts before what the other server said.
        var isFirm: Bool
        var outcome: Outcome
    }

    /// The tables that are built in.
    static let standard = CodeTable()

    private var meanings: [String: Meaning] = [:]
    private var phrases: [(text: [UInt8], reason: RefusalReason)] = []

    init() {
        for row in Self.rows(PackageResources.codes_tsv) where row.count >= 5 {
            guard let reason = RefusalReason(rawValue: row[2]),
                let outcome = Meaning.Outcome(rawValue: row[4])
            else { continue }
            meanings["\(row[0]):\(row[1].lowercased())"] = Meaning(
                reason: reason,
                isFirm: row[3] == "firm",
                outcome: outcome
            )
        }
        for row in Self.rows(PackageResources.words_tsv) where row.count >= 2 {
            guard let reason = RefusalReason(rawValue: row[1]) else { continue }
            phrases.append((Array(row[0].utf8), reason))
        }
    }

    /// What a provider's word means; the first of `words` that the table has.
    func meaning(_ provider: Provider, _ words: [String]) -> Meaning? {
        for word in words {
            if let found = meanings["\(provider.rawValue):\(word.lowercased())"] { return found }
        }
        return nil
    }

    /// What a server's words mean, by the first phrase of the table that they hold.
    func reason(ofWords words: String) -> RefusalReason? {
        let text = Array(words.lowercased().utf8.prefix(2048))
        return phrases.first { Self.holds(text, $0.text) }?.reason
    }

    /// Whether `phrase` stands in `text` and no word goes on before or behind it: `rbl` is not in `terrible`.
    private static func holds(_ text: [UInt8], _ phrase: [UInt8]) -> Bool {
        guard let first = phrase.first, text.count >= phrase.count else { return false }
        for start in 0...(text.count - phrase.count) where text[start] == first {
            guard text[start..<(start + phrase.count)].elementsEqual(phrase) else { continue }
            if start == 0 || !isLetter(text[start - 1]) { return true }
        }
        return false
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || byte >= 0x80 }

    /// All rows for the documentation's test: provider, word.
    var words: [String] { meanings.keys.sorted() }

    private static func rows(_ bytes: [UInt8]) -> [[String]] {
        bytes.split(separator: 0x0A).filter { $0.first != UInt8(ascii: "#") }.map { line in
            line.split(separator: 0x09, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }
}
