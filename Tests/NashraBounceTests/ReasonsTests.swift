// SPDX-License-Identifier: Apache-2.0
//
// Every reason is explained in every language of reports.
import NashraCore
import Testing

@testable import NashraBounce

@Suite struct `Reasons explained` {
    @Test(arguments: RefusalReason.allCases, [Language.arabic, .english, .french])
    func `each reason has a title and a text in each language`(_ reason: RefusalReason, _ language: Language)
    {
        let (title, text) = ReasonText.explanation(of: reason, language: language)
        #expect((4...60).contains(title.count), "\(title)")
        #expect((40...320).contains(text.count), "\(text)")
        #expect(!title.hasSuffix(".") && text.hasSuffix("."))
        let isArabic = title.unicodeScalars.contains { (0x600...0x6FF).contains($0.value) }
        #expect(isArabic == (language == .arabic))
        for scalar in (title + text).unicodeScalars {
            let value = scalar.value
            let isStray =
                value < 0x20 || (0x7F...0x9F).contains(value) || (0x200B...0x200F).contains(value)
                || (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value) || value == 0x61C
                || value == 0xFEFF || value == 0xFFFD
            #expect(!isStray, "U+\(String(value, radix: 16)) in \(reason) \(language)")
        }
    }

    @Test func `titles and texts differ, and the table holds nothing else`() {
        let rows = RuleTable.rows(PackageResources.reasons_tsv)
        #expect(rows.count == RefusalReason.allCases.count * 3)
        #expect(rows.allSatisfy { $0.count == 5 && RefusalReason(rawValue: $0[0]) != nil && !$0[4].isEmpty })
        #expect(Set(rows.map { $0[2] }).count == rows.count)
        #expect(Set(rows.map { $0[3] }).count == rows.count)
    }

    @Test func `another language gets English`() throws {
        let turkish = try #require(Language(rawValue: "tr"))
        let (title, _) = ReasonText.explanation(of: .mailboxFull, language: turkish)
        #expect(title == "Mailbox full")
    }
}
