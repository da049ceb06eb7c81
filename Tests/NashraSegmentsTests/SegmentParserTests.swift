// SPDX-License-Identifier: Apache-2.0
//
// What a query means, and what is said about one that means nothing.
import NashraCore
import Testing

@testable import NashraSegments

struct SegmentParserTests {
    static let vocabulary = SegmentVocabulary(
        schema: AttributeSchema([
            .init(name: "grade", kind: .number, label: ["ar": "الدرجة"]),
            .init(name: "city", label: ["ar": "المدينة", "fr": "ville"]),
            .init(name: "due", kind: .date),
            .init(name: "staff", kind: .bool, label: ["ar": "موظف"]),
            .init(name: "size", kind: .enumeration(["small", "large"]), spellings: ["small": ["صغير"]]),
        ]),
        attributes: .init(["shoe", "Employee number"]),
        topics: .init(["fraud", "traffic"]),
        bulletins: .init(["2026-014"])
    )

    static func parse(_ text: String) throws(SegmentFault) -> SegmentExpression {
        try SegmentParser.parse(text, vocabulary: vocabulary)
    }

    static func fault(_ text: String) -> SegmentFault? {
        do throws(SegmentFault) {
            _ = try parse(text)
            return nil
        } catch { return error }
    }

    @Test func `the example of the documentation is read whole`() throws {
        let text = """
            language = ar and city in (Doha, "Al Khor") and subscribed to fraud and joined after 2026-01-01 \
            and not received 2026-014 and attr.grade >= 5
            """
        let expected = """
            language = ar and attr.city in (Doha, "Al Khor") and subscribed to fraud and joined after 2026-01-01 \
            and not received 2026-014 and attr.grade >= 5
            """
        let parsed = try Self.parse(text)
        #expect(parsed.text == expected)
        #expect(parsed.terms.count == 6)
    }

    @Test(arguments: [
        ("LANGUAGE = AR", "language = ar"),
        ("language != ar-SA", "language != ar"),
        ("not language = ar", "language != ar"),
        ("not not name is known", "name is known"),
        ("name is not known", "name is empty"),
        ("name is not empty", "name is known"),
        ("name not contains أحمد", "not name contains أحمد"),
        ("(language = ar)", "language = ar"),
        ("(language = ar and name is known) and bounced", "language = ar and name is known and bounced"),
        ("bounced or suppressed and subscribed", "bounced or suppressed and subscribed"),
        ("(bounced or suppressed) and subscribed", "(bounced or suppressed) and subscribed"),
        ("not (bounced or suppressed)", "not (bounced or suppressed)"),
        ("المدينة = الدوحة", "attr.city = الدوحة"),
        ("ville in («Al Khor»، “Saint Denis”)", "attr.city in (\"Al Khor\", \"Saint Denis\")"),
        ("city in (Doha)", "attr.city = Doha"),
        ("city not in (Doha, Doha)", "attr.city != Doha"),
        ("city not in (Doha, الدوحة)", "attr.city not in (Doha, الدوحة)"),
        ("city = \"and\"", "attr.city = \"and\""),
        ("city = \"a \\\"b\\\" \\\\\"", "attr.city = \"a \\\"b\\\" \\\\\""),
        ("grade>=٥", "attr.grade >= 5"),
        ("grade ≥ 05.50", "attr.grade >= 5.5"),
        ("grade between -1 and 1", "attr.grade between -1 and 1"),
        ("attr.shoe > 41", "attr.shoe > 41"),
        ("attr.shoe = 41", "attr.shoe = 41"),
        ("attr.\"Employee number\" <= 7", "attr.\"Employee number\" <= 7"),
        ("due < 31/01/2026", "attr.due before 2026-01-31"),
        ("due between 30 days ago and today", "attr.due between 30 days ago and today"),
        ("created >= 1 day ago", "joined >= 1 days ago"),
        ("staff = نعم", "attr.staff = true"),
        ("size in (صغير, LARGE)", "attr.size in (small, large)"),
        ("state = Active", "state = active"),
        ("domain ends with .gov.sa", "domain ends with .gov.sa"),
        ("domain = وزارة.السعودية", "domain = وزارة.السعودية"),
        ("address = Someone@Example.ORG", "address = someone@example.org"),
        ("subscribed to fraud after 2026-01-01", "subscribed to fraud after 2026-01-01"),
        ("\u{200F}name contains \u{202B}\"أحمد\"\u{202C}", "name contains أحمد"),
        (
            "name starts with \"عبد ال\" or name ends with ي",
            "name starts with \"عبد ال\" or name ends with ي"
        ),
    ])
    func `a query has one canonical form, which reads as itself`(_ text: String, _ canonical: String) throws {
        let parsed = try Self.parse(text)
        #expect(parsed.text == canonical)
        #expect(try Self.parse(parsed.text) == parsed)
    }

    @Test(arguments: [
        ("", 1, "the query ends", "Possible: language"),
        ("lnaguage = ar", 1, "is no field", "Did you mean language?"),
        ("language = ar and citty = Doha", 19, "is no field", "Did you mean city?"),
        ("language = ar city = Doha", 15, "where and, or or the end", "quotes"),
        ("staff >= true", 7, "is true or false, for which >= is not possible", "Possible: =, !=, in"),
        ("city > Doha", 6, "is a text, for which > is not possible", "contains"),
        ("language contains a", 10, "one of some words", "Possible: =, !=, in, is known"),
        ("grade >= five", 10, "is not a number", ""),
        ("attr.shoe > big", 13, "only numbers and days", "config/attributes.yaml"),
        ("size = smal", 8, "is not one of", "Did you mean small?"),
        ("subscribed to frad", 15, "there is no topic frad", "Did you mean fraud?"),
        ("received 2026-041", 10, "there is no bulletin 2026-041", "2026-014"),
        ("attr.shoo = 1", 1, "nobody has an attribute shoo", "Did you mean shoe?"),
        ("state = erased", 9, "no state", "active"),
        ("name contains \"abc", 15, "no closing quote", ""),
        ("name contains \"\"", 15, "nothing to look for", ""),
        ("name = \"ـ\"", 8, "an empty text", "is empty"),
        ("(language = ar", 1, "never closed", ""),
        ("language = ar)", 14, "never opened", ""),
        ("joined after tomorrow", 14, "no day", "30 days ago"),
        ("joined after 2026-02-30", 14, "no day", ""),
        ("city in Doha", 9, "stands after in", "in (a, b)"),
        ("city in (Al Khor)", 13, "a comma or )", "quotes"),
        ("city = and", 8, "word of the language", "quotes"),
        ("name = \"a\tb\"", 10, "control character", ""),
        ("أُسْرَة = 1", 1, "is no field", ""),
        ("name = أَحْمَد or x = 1", 16, "is no field", ""),
    ])
    func `a fault is told with its column and what is possible there`(
        _ text: String,
        _ column: Int,
        _ message: String,
        _ remedy: String
    ) throws {
        let fault = try #require(Self.fault(text))
        #expect(fault.line == 1)
        #expect(fault.column == column, "\(fault)")
        #expect(fault.message.contains(message), "\(fault)")
        #expect(fault.remedy.contains(remedy), "\(fault)")
    }

    @Test func `a caret stands below the place, and brackets around it where text runs from right to left`()
        throws
    {
        let plain = try #require(Self.fault("language = ar and\n  citty = Doha"))
        #expect(plain.line == 2 && plain.column == 3)
        #expect(plain.excerpt == "      citty = Doha\n      ^^^^^")
        let arabic = try #require(Self.fault("city = الدوحة and نوع = 1"))
        #expect(
            arabic.excerpt
                == "    \u{2068}city = الدوحة and \u{2069}⟦\u{2068}نوع\u{2069}⟧\u{2068} = 1\u{2069}"
        )
    }

    @Test func `limits hold for depth, terms and length`() throws {
        let deep = String(repeating: "(", count: 16) + "bounced" + String(repeating: ")", count: 16)
        #expect(try Self.parse(deep) == .term(.bounced))
        #expect(Self.fault("(\(deep))")?.message.contains("deeper than 16") == true)
        #expect(Self.fault(String(repeating: "(", count: 8_000))?.message.contains("deeper than 16") == true)
        let many = Array(repeating: "bounced", count: 200).joined(separator: " or ")
        #expect(try Self.parse(many).terms.count == 200)
        #expect(Self.fault("\(many) or bounced")?.message.contains("more than 200 terms") == true)
        #expect(try Self.parse(String(repeating: "not ", count: 2_000) + "bounced") == .term(.bounced))
        #expect(Self.fault(String(repeating: "أ", count: 4_097))?.message.contains("8192 bytes") == true)
    }
}
