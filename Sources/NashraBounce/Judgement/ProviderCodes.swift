// SPDX-License-Identifier: Apache-2.0
//
// Codes of single providers inside a reply, from Rules/provider-codes.tsv: Yahoo's TSS04, Orange's OFR_104, Apple's HM08.
// Pure.
import NashraCore

/// What providers' own codes mean.
struct ProviderCodes: Sendable {
    /// A row of the table.
    struct Row: Sendable {
        var name: String
        var reason: RefusalReason
        /// What the refusing host's name, or the words, must hold; empty for a code that nobody else uses.
        var within: String
    }

    private var whole: [[UInt8]: Row] = [:]
    private var prefixes: [[UInt8]: Row] = [:]
    private var prefixLengths: [Int] = []

    /// Reads the table that is built in.
    init() {
        var lengths: Set<Int> = []
        for row in RuleTable.rows(PackageResources.provider_codes_tsv) where row.count >= 4 {
            guard let reason = RefusalReason(rawValue: row[1]) else { continue }
            let entry = Row(name: row[0], reason: reason, within: row[2])
            var code = row[0].utf8.map(\.asciiLowercased)
            if code.last == UInt8(ascii: "*") {
                code.removeLast()
                prefixes[code] = entry
                lengths.insert(code.count)
            } else {
                whole[code] = entry
            }
        }
        prefixLengths = lengths.sorted(by: >)
    }

    /// The first known code in folded words, when it counts there.
    ///
    /// - Parameters:
    ///   - folded: The words, folded.
    ///   - remote: The refusing host, folded; may be empty.
    /// - Returns: Its row, or `nil`.
    func match(_ folded: [UInt8], remote: [UInt8]) -> Row? {
        var start = 0
        while start < folded.count {
            guard Self.isWord(folded[start]) else {
                start += 1
                continue
            }
            var end = start
            var telling = false
            while end < folded.count, Self.isWord(folded[end]) {
                telling = telling || folded[end].isASCIIDigit || folded[end] == UInt8(ascii: ":")
                end += 1
            }
            if telling, end - start >= 3, end - start <= 24, let row = row(Self.trimmed(folded[start..<end]))
            {
                if row.within.isEmpty || ByteSearch.find(row.within, in: remote) != nil
                    || ByteSearch.find(row.within, in: folded) != nil
                {
                    return row
                }
            }
            start = end
        }
        return nil
    }

    private func row(_ word: ArraySlice<UInt8>) -> Row? {
        if let row = whole[Array(word)] { return row }
        if let plain = Self.withoutMachine(word), let row = whole[plain] ?? prefixes[Array(plain.prefix(4))] {
            return row
        }
        for length in prefixLengths where length < word.count {
            guard let row = prefixes[Array(word.prefix(length))] else { continue }
            if word.dropFirst(length).allSatisfy({
                $0.isASCIIDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }) {
                return row
            }
        }
        return nil
    }

    /// `ofr_104` of `ofr004_104`; `nil` for a word of another form.
    private static func withoutMachine(_ word: ArraySlice<UInt8>) -> [UInt8]? {
        guard let bar = word.firstIndex(of: UInt8(ascii: "_")), bar >= word.startIndex + 3,
            word.prefix(3).allSatisfy(\.isASCIILetter), word[(bar + 1)...].allSatisfy(\.isASCIIDigit)
        else { return nil }
        return Array(word.prefix(3)) + Array(word[bar...])
    }

    private static func trimmed(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var word = word
        while let last = word.last, !last.isASCIIDigit, !last.isASCIILetter { word = word.dropLast() }
        return word
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || byte.isASCIILetter || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
