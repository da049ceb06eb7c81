// SPDX-License-Identifier: Apache-2.0
//
// Queries for segments: read, printed, read again, and compiled to SQL.
// Rules: the doc comments of SegmentParser and SegmentExpression; no literal of a query stands in SQL.
import Foundation
import NashraCore
import NashraSegments

// libFuzzer's driver is built without the store, which brings a database along.
#if canImport(NashraStore)
import NashraStore
#endif

/// Reads damaged queries.
struct SegmentSubject: Subject {
    private let examples: [[UInt8]]

    /// Takes the queries of `queries.txt` in a folder, one a line.
    init(folder: String) throws {
        let file = URL(filePath: folder).appending(path: "queries.txt")
        examples = try Data(contentsOf: file).split(separator: 0x0A).filter { $0.first != UInt8(ascii: "#") }
            .map { Array($0) }
        guard !examples.isEmpty else { throw Fault("\(file.path) has no example") }
    }

    func input(_ random: inout SplitMix) -> [UInt8] {
        let damaged = Self.damage(random.pick(examples), with: Self.vocabulary, others: examples, &random)
        guard random.oneIn(100) else { return damaged }
        let long = Array(
            repeatElement(damaged, count: 1 + random.below(300)).joined(separator: Array(" or ".utf8))
        )
        return Array(long.prefix(32 << 10))
    }

    func read(_ bytes: [UInt8]) throws(Fault) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let expression: SegmentExpression
        do throws(SegmentFault) {
            expression = try SegmentParser.parse(text, vocabulary: Self.names)
        } catch {
            try check(error, of: text)
            return "refused"
        }
        try Fault.unless(expression.terms.count <= SegmentParser.maximumTerms, "too many terms")
        let canonical = expression.text
        let hasBreaks = canonical.unicodeScalars.contains {
            $0.value < 0x20 || (0x2028...0x2029).contains($0.value)
        }
        try Fault.unless(!hasBreaks, "a canonical text of two lines")
        let again: SegmentExpression
        do throws(SegmentFault) {
            again = try SegmentParser.parse(canonical: canonical, vocabulary: Self.names)
        } catch { throw Fault("a canonical text is refused: \(error)") }
        try Fault.unless(again == expression, "a canonical text is another query")
        try Fault.unless(again.text == canonical, "a canonical text has another one")
        try compile(expression)
        return expression.terms.count > 1 ? "several terms" : "one term"
    }

    private func compile(_ expression: SegmentExpression) throws(Fault) {
        #if canImport(NashraStore)
        let question = SegmentQuestion(
            expression,
            timeZone: "Asia/Riyadh",
            at: Timestamp(rawValue: 1_795_338_000_000)
        )
        let sql = SegmentSQL(question)
        try Fault.unless(sql.condition.utf8.allSatisfy { $0 < 0x80 }, "SQL that is not ASCII")
        try Fault.unless(!sql.condition.contains("zq"), "a name of the query stands in SQL")
        #endif
    }

    private func check(_ fault: SegmentFault, of text: String) throws(Fault) {
        try Fault.unless(fault.offset <= text.unicodeScalars.count, "a fault's offset")
        try Fault.unless(fault.line >= 1 && fault.column >= 1, "a fault's place")
        try Fault.unless(fault.column <= text.count + 1, "a fault's column")
        try Fault.unless(fault.excerpt.utf8.count <= 8_192, "a fault's excerpt")
        try Fault.unless(!fault.message.isEmpty, "a fault without words")
    }

    /// Some names are known and some are not.
    private static let names = SegmentVocabulary(
        schema: AttributeSchema([
            .init(name: "zqgrade", kind: .number, label: ["ar": "الدرجة"]),
            .init(name: "zqcomma", kind: .number, decimalMark: .comma),
            .init(name: "zqdue", kind: .date), .init(name: "zqstaff", kind: .bool), .init(name: "zqcity"),
            .init(name: "zqsize", kind: .enumeration(["small", "كبير"]), spellings: ["small": ["صغير"]]),
        ]),
        attributes: .init(contains: { $0.hasPrefix("zq") }, all: { ["zqshoe"] }),
        topics: .init(contains: { $0 != "frad" }, all: { ["fraud"] })
    )

    private static let vocabulary: [[UInt8]] =
        [
            " and ", " or ", " not ", "(", ")", ",", "،", "=", "!=", "<", "<=", ">", ">=", "≥", " in (",
            " is known",
            " is empty", " between ", " contains ", " starts with ", " ends with ", " before ", " after ",
            "today",
            "30 days ago", "99999 days ago", "2026-01-31", "2026-02-30", "\"", "\\", "\\\"", "«", "»", "“",
            "”",
            "language", "name", "address", "domain", "state", "joined", "attr.", "attr.\"", "attr.zq",
            "zqgrade",
            "zqcomma", "zqdue", "zqstaff", "zqsize", "zqcity", "subscribed to ", "received ", "bounced",
            "suppressed",
            "أَحْمَد", "ـ", "الدرجة", "٥", "1,234", "1.234", "-0", "1e9", "ar", "active", "a@example.org",
            "ß@EXAMPLE.org", "xn--", "مثال.إختبار", "\u{202E}", "\u{2066}", "\u{200F}", "\u{200D}",
            "\u{FEFF}",
            "\u{2028}", "\t", "\n", "\r\n", "\0", "e\u{301}", "🎉", "👨‍👩‍👧", "((((((((((((((((", "not not not ",
        ].map { Array($0.utf8) }
}
