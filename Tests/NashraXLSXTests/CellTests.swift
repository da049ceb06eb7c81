// SPDX-License-Identifier: Apache-2.0
//
// Numbers, days and texts of cells come out as a person sees them.
import Testing

@testable import NashraXLSX

struct CellTests {
    @Test(arguments: [
        ("44927.0", "44927"), ("1E+5", "100000"), ("9.66501234567E+11", "966501234567"), ("0", "0"),
        ("-0.0", "0"),
        ("1.1000000000000001", "1.1"), ("0.30000000000000004", "0.3"), ("5.25", "5.25"),
        ("-12.5E-3", "-0.0125"),
        ("999999999999999.9", "1000000000000000"), ("123456789012345678", "123456789012346000"),
        ("1e-7", "0.0000001"),
        ("007", "7"), (".5", "0.5"), ("+3", "3"), ("1E400", "1" + String(repeating: "0", count: 400)),
    ])
    func `a number has no exponent, no point zero and fifteen digits`(_ given: String, _ shown: String) {
        #expect(CellNumber(given.utf8)?.text == shown)
    }

    @Test(arguments: ["", "-", "1.2.3", "1e", "e5", "1e401", "٥", "0x10", "1,5", "NaN", " 1"])
    func `what is no number is not read as one`(_ given: String) {
        #expect(CellNumber(given.utf8) == nil)
    }

    @Test func `days are counted from 1900 or from 1904, and 29 February 1900 never was`() {
        let moments: [(Double, Bool, String?)] = [
            (1, false, "1900-01-01"), (59, false, "1900-02-28"), (60, false, nil), (61, false, "1900-03-01"),
            (44_927, false, "2023-01-01"), (45_351, false, "2024-02-29"),
            (46_053.604166666664, false, "2026-01-31T14:30:00"),
            (45_000.9999999, false, "2023-03-16"), (0, true, "1904-01-01"), (43_465, true, "2023-01-01"),
            (2_958_465, false, "9999-12-31"),
        ]
        for (days, from1904, text) in moments {
            #expect(CellDate.text(days: days, from1904: from1904) == text)
        }
        #expect(CellDate.time(days: 0.604166666666667) == "14:30:00")
        #expect(CellDate.time(days: 0.999999999) == "00:00:00")
        #expect(CellNumber("2958466".utf8)?.days == nil)
        #expect(CellNumber("-1".utf8)?.days == nil)
    }

    @Test(arguments: [
        ("dd/mm/yyyy", NumberKind.date), ("[$-2010401]d/mm/yyyy;@", .date), ("B2yyyy/mm/dd", .date),
        ("mmm", .date),
        ("[h]:mm:ss", .plain), ("h:mm AM/PM", .time), ("General", .plain), ("0.00E+00", .plain),
        ("#,##0.00", .plain),
        ("\"day\" 0", .plain), ("0\\d", .plain), ("[Red]0;[Blue]yy", .plain), ("0000000000", .padded(10)),
        ("0", .plain),
        ("_(* #,##0_);_(* (#,##0)", .plain), ("\"unclosed", .plain), ("[", .plain), ("", .plain),
        ("\\", .plain),
    ])
    func `a format code tells days, times and leading zeros`(_ code: String, _ kind: NumberKind) {
        #expect(NumberKind(code: code) == kind)
    }

    @Test func `a column is told by its letters`() {
        let references: [(String, Int?)] = [
            ("A1", 1), ("Z9", 26), ("AA10", 27), ("XFD1048576", 16_384), ("XFE1", nil), ("12", nil),
            ("", nil), ("c3", 3),
            ("AAAAAAAAAAAAAAAA1", nil),
        ]
        for (reference, column) in references {
            #expect(CellReference.column(Array(reference.utf8)[...]) == column, "\(reference)")
        }
    }

    @Test func `controls that workbooks write by number are decoded`() {
        let text = "a_x000D_\nb_x005F_x000D_ _x00_ _xZZZZ_ _xD800_ _x0000_ م"
        let expected = "a\r\nb_x000D_ _x00_ _xZZZZ_ _xD800_ _x0000_ م"
        #expect(RichText.unescaped(Array(text.utf8)) == Array(expected.utf8))
    }
}
