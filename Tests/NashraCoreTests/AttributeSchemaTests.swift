// SPDX-License-Identifier: Apache-2.0
//
// Typed values: what people write becomes one form, and what could mean two things is refused.
import NashraCore
import Testing

@Suite struct AttributeSchemaTests {
    private let schema = AttributeSchema([
        .init(name: "grade", kind: .number), .init(name: "pay", kind: .number, decimalMark: .comma),
        .init(name: "count", kind: .number, decimalMark: .point),
        .init(name: "born", kind: .date), .init(name: "hired", kind: .date, dateOrder: .monthFirst),
        .init(name: "on_duty", kind: .bool), .init(name: "note", kind: .string),
        .init(
            name: "city",
            kind: .enumeration(["Doha", "Al Khor", "الوكرة"]),
            spellings: ["Doha": ["الدوحة", "Ad-Dawhah"], "Al Khor": ["الخور"]]
        ),
    ])

    @Test(arguments: [
        ("5", "5"), ("05", "5"), ("5.0", "5"), ("5.250", "5.25"), ("-5.25", "-5.25"), ("\u{2212}5", "-5"),
        ("+5", "5"),
        ("٥", "5"), ("٥٫٢٥", "5.25"), ("۵", "5"), ("١٬٢٣٤٫٥", "1234.5"), ("1 234,5", "1234.5"),
        ("1\u{202F}234\u{202F}567", "1234567"), ("1,234,567", "1234567"), ("1.234.567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"), ("1'234.5", "1234.5"), ("1’234", "1234"), ("5,25", "5.25"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"), (".5", "0.5"), (",5", "0.5"), ("-0", "0"), ("0.000", "0"),
        ("1.234", "1.234"),
        ("123456789012345", "123456789012345"), (" 5 ", "5"), ("\u{200F}٥\u{200E}", "5"), ("\u{00A0}5", "5"),
        ("0000000000000000005", "5"), ("", ""), ("   ", ""), ("\u{200F}", ""),
    ])
    func `a number has one form, however it is written`(given: String, canonical: String) throws {
        #expect(try schema.canonical(given, for: "grade") == canonical)
        #expect(try schema.canonical(canonical, for: "grade") == canonical)
    }

    @Test(arguments: [
        "five", "5a", "5-", "--5", "1,23,456", "1.2.3", "1,234,56", "12,34,567", "1 23", "1 2 3", "5.", "5,",
        ",", "-", "+",
        "1..2", "1,,2", "1.234,567.8", "5%", "$5", "٥ ريال", "0x10", "NaN", "inf", "1234567890123456",
        "0.1234567890123456",
        "1e5", "1.5E+10", "1,234", "999,999", "1 234.567.8", "½", "٢½", "1/2",
    ])
    func `what is no number, or could be two, is refused`(given: String) {
        let fault = #expect(throws: AttributeFault.self) { try schema.canonical(given, for: "grade") }
        #expect(fault?.name == "grade")
        #expect(fault?.description.hasPrefix("grade ") == true)
        #expect(fault?.description.contains(given) == false || given.count < 6, "the value is told")
    }

    @Test func `the schema decides what a comma means`() throws {
        #expect(try schema.canonical("1,234", for: "pay") == "1.234")
        #expect(try schema.canonical("1,234", for: "count") == "1234")
        #expect(try schema.canonical("1.234", for: "count") == "1.234")
        #expect(try schema.canonical("1.234", for: "pay") == "1.234")
        #expect(try schema.canonical("1.234,5", for: "pay") == "1234.5")
        #expect(try schema.canonical("12.5", for: "pay") == "12.5")
    }

    @Test(arguments: [
        ("2026-01-31", "2026-01-31"), ("31/01/2026", "2026-01-31"), ("31.01.2026", "2026-01-31"),
        ("31-01-2026", "2026-01-31"), ("1/2/2026", "2026-02-01"), ("2026/1/2", "2026-01-02"),
        ("٣١/٠١/٢٠٢٦", "2026-01-31"), ("٢٠٢٦-٠١-٣١", "2026-01-31"), ("۳۱/۰۱/۲۰۲۶", "2026-01-31"),
        ("\u{200F}٣١\u{200F}/٠١\u{200F}/٢٠٢٦", "2026-01-31"), ("31؍01؍2026", "2026-01-31"),
        ("2026-01-31T00:00:00", "2026-01-31"), ("2026-01-31 08:30:00", "2026-01-31"),
        ("2026-01-31T23:59:59.999Z", "2026-01-31"), ("2026-01-31T00:00:00+03:00", "2026-01-31"),
        ("31/01/2026 08:30", "2026-01-31"), ("29/02/2024", "2024-02-29"), (" 2026-01-31 ", "2026-01-31"),
        ("", ""),
    ])
    func `a day has one form, and the day comes first`(given: String, canonical: String) throws {
        #expect(try schema.canonical(given, for: "born") == canonical)
        #expect(try schema.canonical(canonical, for: "born") == canonical)
    }

    @Test(arguments: [
        "29/02/2026", "31/04/2026", "01/31/2026", "0/1/2026", "31/01/26", "31/1", "2026", "2026-13-01",
        "1447-07-12",
        "12/07/1447", "44957", "tomorrow", "31 janvier 2026", "2026-01-31 noon", "2026-01-31T", "31/01/20266",
        "2026-001-01",
        "-2026-01-31", "2026--01", "31//2026", "2026-01-31T08:00:00; drop", "99999-01-01",
    ])
    func `what is no day of the calendar is refused`(given: String) {
        #expect(throws: AttributeFault.self) { try schema.canonical(given, for: "born") }
    }

    @Test func `the schema decides whether the month comes first`() throws {
        #expect(try schema.canonical("01/31/2026", for: "hired") == "2026-01-31")
        #expect(try schema.canonical("03/04/2026", for: "hired") == "2026-03-04")
        #expect(try schema.canonical("03/04/2026", for: "born") == "2026-04-03")
        #expect(try schema.canonical("2026/03/04", for: "hired") == "2026-03-04")
        let fault = #expect(throws: AttributeFault.self) { try schema.canonical("31/01/2026", for: "hired") }
        #expect(fault?.reason.contains("month comes first") == true)
    }

    @Test(arguments: [
        ("نعم", "true"), ("نَعَم", "true"), ("لا", "false"), ("oui", "true"), ("Non", "false"), ("YES", "true"),
        ("no", "false"),
        ("1", "true"), ("0", "false"), ("١", "true"), ("٠", "false"), ("TRUE", "true"), ("FAUX", "false"),
        ("vrai", "true"),
        ("صحيح", "true"), ("خطأ", "false"), (" Yes\u{00A0}", "true"), ("", ""),
    ])
    func `yes and no are understood in three languages`(given: String, canonical: String) throws {
        #expect(try schema.canonical(given, for: "on_duty") == canonical)
    }

    @Test(arguments: ["2", "maybe", "-", "x", "ربما", "yes no", "نعم لا", "01"])
    func `what is neither yes nor no is refused`(given: String) {
        #expect(throws: AttributeFault.self) { try schema.canonical(given, for: "on_duty") }
    }

    @Test(arguments: [
        ("Doha", "Doha"), ("doha", "Doha"), ("DOHA ", "Doha"), ("الدوحة", "Doha"), ("الدَّوحه", "Doha"),
        ("الدوحـة", "Doha"),
        ("ad-dawhah", "Doha"), ("al khor", "Al Khor"), ("الخور", "Al Khor"), ("الوكره", "الوكرة"),
        ("\u{200F}الوكرة", "الوكرة"),
    ])
    func `a word of an enumeration is found in any spelling`(given: String, canonical: String) throws {
        #expect(try schema.canonical(given, for: "city") == canonical)
    }

    @Test func `a word that is none of them is refused, with those that are`() {
        let fault = #expect(throws: AttributeFault.self) { try schema.canonical("Riyadh", for: "city") }
        #expect(fault?.description == "city is not one of: Doha, Al Khor, الوكرة")
    }

    @Test func `texts and what is not declared stay as they are`() throws {
        for text in [" Any Text ", "٥", "أحمد", "2026", ""] {
            #expect(try schema.canonical(text, for: "note") == text)
            #expect(try schema.canonical(text, for: "unheard_of") == text)
            #expect(try AttributeSchema.none.canonical(text, for: "grade") == text)
        }
        #expect(schema.attribute("unheard_of") == nil)
        #expect(schema.attribute("city")?.kind.word == "enum")
    }

    @Test func `attributes can be added later`() throws {
        var schema = AttributeSchema.none
        schema.attributes.append(.init(name: "grade", kind: .number))
        #expect(try schema.canonical("٥", for: "grade") == "5")
    }
}
