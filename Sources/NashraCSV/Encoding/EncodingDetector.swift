// SPDX-License-Identifier: Apache-2.0
//
// Draws the conclusion from a survey: byte order mark, then UTF-8, then UTF-16, then the single-byte encoding whose
// reading looks most like words. Windows-1256 gives every byte a meaning, so that a score has to decide.
// Pure. docs/import-files.md, "Encodings".

/// Finds out encodings.
public enum EncodingDetector {
    /// The encoding of a file, or `nil` when nothing that is known here gives its bytes a meaning.
    public static func detect(_ survey: EncodingSurvey) -> EncodingFinding? {
        var finding = byMark(survey) ?? byUTF16(survey) ?? byUTF8(survey) ?? byLetters(survey)
        if let encoding = finding?.encoding { finding?.sample = sample(survey, as: encoding) }
        return finding
    }

    /// Some words beyond ASCII as an encoding has them, or the beginning when there are none.
    public static func sample(_ survey: EncodingSurvey, as encoding: TextEncoding) -> String {
        guard let decoder = try? TextDecoder(encoding) else { return "" }
        let isWide = encoding.name.hasPrefix("UTF-16") || encoding.name.hasPrefix("UTF-32")
        let bytes =
            isWide || survey.upperCount == 0
            ? Array(survey.head.prefix(isWide ? 256 : 64))
            : Array((survey.pureWords.prefix(160) + survey.mixedWords.prefix(160)))
        return Printable.text(decoder.text(bytes.map { !isWide && $0 == 0x0A ? 0x20 : $0 }), limit: 60)
    }

    private static func byMark(_ survey: EncodingSurvey) -> EncodingFinding? {
        let marks: [([UInt8], TextEncoding)] = [
            ([0xFF, 0xFE, 0x00, 0x00], .other("UTF-32LE")), ([0x00, 0x00, 0xFE, 0xFF], .other("UTF-32BE")),
            ([0xEF, 0xBB, 0xBF], .utf8), ([0xFF, 0xFE], .utf16LittleEndian), ([0xFE, 0xFF], .utf16BigEndian),
        ]
        guard let (_, encoding) = marks.first(where: { survey.head.starts(with: $0.0) }) else { return nil }
        let evidence = "it begins with the byte order mark of \(encoding)"
        return EncodingFinding(
            encoding,
            .certain,
            evidence: evidence,
            warning: encoding == .utf8 ? damage(survey.utf8) : ""
        )
    }

    /// Every list of addresses holds ASCII: every second byte of it is NUL.
    private static func byUTF16(_ survey: EncodingSurvey) -> EncodingFinding? {
        let (even, odd) = survey.nulls
        let pairs = survey.size / 2
        guard max(even, odd) * 10 >= pairs, max(even, odd) > 0, min(even, odd) * 20 < max(even, odd) else {
            return nil
        }
        let encoding: TextEncoding = odd > even ? .utf16LittleEndian : .utf16BigEndian
        let place = odd > even ? "second" : "first"
        return EncodingFinding(
            encoding,
            pairs < 8 ? .guess : .likely,
            evidence: "the \(place) byte is zero in \(max(even, odd)) of \(pairs) pairs"
        )
    }

    private static func byUTF8(_ survey: EncodingSurvey) -> EncodingFinding? {
        guard survey.utf8.firstBreak == nil else { return nil }
        guard survey.utf8.characters > 0 else {
            return EncodingFinding(.utf8, .certain, evidence: "all of it is ASCII")
        }
        return EncodingFinding(
            .utf8,
            .certain,
            evidence: "its \(survey.utf8.characters) characters beyond ASCII are all whole in UTF-8",
            warning: damage(survey.utf8)
        )
    }

    /// Whether text was read in a wrong encoding before it was saved as UTF-8.
    private static func damage(_ utf8: UTF8Check) -> String {
        guard utf8.characters >= 8 else { return "" }
        let most = max(utf8.arabicAsWestern, utf8.arabicAsArabic, utf8.frenchAsWestern)
        guard most * 100 >= utf8.characters * 35 else { return "" }
        return "the text seems to have been read in a wrong encoding before it was saved: "
            + "export it again from where it comes"
    }

    private static func byLetters(_ survey: EncodingSurvey) -> EncodingFinding? {
        let candidates = [TextEncoding.windows1256, .windows1252, .iso8859Part6].filter {
            hasMeaning($0, survey)
        }
        let scored = candidates.map { ($0, plausibility(survey, as: $0)) }
            .sorted { ($0.1.score, rank($0.0, survey)) > ($1.1.score, rank($1.0, survey)) }
        guard let (best, worth) = scored.first, worth.average >= 0 else { return nil }
        let rival = scored.dropFirst().first { !agree(best, $0.0, survey) }
        let margin = rival.map { worth.score - $0.1.score } ?? 100
        let perLetter = margin / Double(max(1, worth.count))
        let isLikely = margin >= 10 && perLetter >= 0.4 && worth.count >= 4 && worth.average > 0.25
        let evidence: String
        if let rival {
            evidence =
                "its \(survey.upperCount) bytes beyond ASCII make words as \(best), "
                + "\(isLikely ? "" : "only a little ")better than as \(rival.0)"
        } else {
            evidence = "its \(survey.upperCount) bytes beyond ASCII mean the same in all that they can be"
        }
        return EncodingFinding(best, isLikely ? .likely : .guess, evidence: evidence)
    }

    /// Whether every byte of a file means something in an encoding.
    private static func hasMeaning(_ encoding: TextEncoding, _ survey: EncodingSurvey) -> Bool {
        let upper = encoding.upperHalf ?? []
        return !zip(upper, survey.upper).contains { $0.0 == 0 && $0.1 > 0 }
    }

    /// Which of two equal readings gets its name: the Arabic one when there are words of Arabic.
    private static func rank(_ encoding: TextEncoding, _ survey: EncodingSurvey) -> Int {
        switch encoding {
        case .windows1256: hasLongWord(survey.pureWords) ? 2 : 1
        case .windows1252: hasLongWord(survey.pureWords) ? 1 : 2
        default: 0
        }
    }

    /// Whether one of some words has three letters and more; French has none of them without ASCII.
    private static func hasLongWord(_ words: [UInt8]) -> Bool {
        words.split(separator: 0x0A).contains { $0.count >= 3 }
    }

    /// What the words of a file are worth in an encoding.
    static func plausibility(_ survey: EncodingSurvey, as encoding: TextEncoding) -> Plausibility {
        guard let decoder = try? TextDecoder(encoding) else { return Plausibility("") }
        return Plausibility(decoder.text(survey.pureWords + survey.mixedWords))
    }

    /// Whether two encodings of single bytes give a file the same text.
    static func agree(_ one: TextEncoding, _ other: TextEncoding, _ survey: EncodingSurvey) -> Bool {
        if one == other { return true }
        guard let first = one.upperHalf, let second = other.upperHalf else { return false }
        return survey.upper.indices.allSatisfy { index in
            survey.upper[index] == 0 || (first[index] == second[index] && first[index] != 0)
        }
    }
}
