// SPDX-License-Identifier: Apache-2.0
//
// RFC 4180 rule by rule, and the nasty files that people and programs really make: what Excel, Access, databases,
// mail programs and hands leave behind.
// Sources: RFC 4180 section 2 (numbers in the names); what each program writes is said at the case.
import NashraCSV
import NashraCore
import Testing

struct NastyCSVTests {
    /// A file, its rows or faults, and where such a thing comes from.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let rows: [[String]]

        init(_ name: String, _ text: String, _ rows: [[String]]) {
            (self.name, self.text, self.rows) = (name, text, rows)
        }

        var testDescription: String { name }
    }

    static let rules: [Case] = [
        Case(
            "2.1 records end in CR LF",
            "aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n",
            [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]
        ),
        Case(
            "2.2 the last record may lack its end",
            "aaa,bbb,ccc\r\nzzz,yyy,xxx",
            [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]
        ),
        Case(
            "2.3 a header is a record",
            "البريد,الاسم\r\na@x,سارة\r\n",
            [["البريد", "الاسم"], ["a@x", "سارة"]]
        ),
        Case("2.4 spaces belong to a field", " a , b \r\n", [[" a ", " b "]]),
        Case("2.4 a comma at the end makes an empty field", "a,b,\r\n", [["a", "b", ""]]),
        Case("2.5 fields may be quoted", "\"aaa\",\"bbb\",ccc\r\n", [["aaa", "bbb", "ccc"]]),
        Case(
            "2.6 line ends, quotes and commas in quotes",
            "\"aaa\",\"b\r\nb,b\",\"c\"\"c\"\r\n",
            [["aaa", "b\r\nb,b", "c\"c"]]
        ),
        Case("2.7 a quote in quotes is written twice", "\"\"\"\",\"\"\"\"\"\"\r\n", [["\"", "\"\""]]),
    ]

    static let nasty: [Case] = [
        Case(
            "Excel: sep= with CR LF",
            "sep=;\r\nemail;name\r\na@x;ن,ب\r\n",
            [["email", "name"], ["a@x", "ن,ب"]]
        ),
        Case("Excel: sep= in capitals, tab", "SEP=\t\na\tb,c\n", [["a", "b,c"]]),
        Case("Excel: sep= after a byte order mark", "\u{FEFF}sep=|\na|b\n", [["a", "b"]]),
        Case("a program that quotes even sep=", "\"sep=;\"\na;b,c\n", [["a", "b,c"]]),
        Case("sep= in CR", "sep=;\ra;b\rc;d\r", [["a", "b"], ["c", "d"]]),
        Case("a column that is called sep", "sep\na\n", [["sep"], ["a"]]),
        Case("a column that is called sep=;x", "sep=;x\na\n", [["sep=", "x"], ["a"]]),
        Case(
            "Excel Arabic: semicolons, quoted because of a comma",
            "الاسم;\"المدينة, الحي\"\nسارة;الدوحة\n",
            [["الاسم", "المدينة, الحي"], ["سارة", "الدوحة"]]
        ),
        Case(
            "an Arabic comma separates nothing",
            "email,name\na@x,سارة، العلي\n",
            [["email", "name"], ["a@x", "سارة، العلي"]]
        ),
        Case("a lone quote within a field", "a,6\" pipe,b\n", [["a", "6\" pipe", "b"]]),
        Case("spaces before a quote: the quotes stay", "a, \"b\"\n", [["a", " \"b\""]]),
        Case("empty quotes", "\"\",\"\"\n", [["", ""]]),
        Case("empty lines between rows", "a,b\n\n\r\n\nc,d\n", [["a", "b"], ["c", "d"]]),
        Case(
            "only separators, as Excel leaves them below a table",
            "a,b\n,\n,\n",
            [["a", "b"], ["", ""], ["", ""]]
        ),
        Case(
            "rows shorter and longer than the header",
            "a,b\n1\n1,2,3\n",
            [["a", "b"], ["1"], ["1", "2", "3"]]
        ),
        Case("a comma that wears an accent", "a,\u{301}b\n\"c\"\n", [["a", "\u{301}b"], ["c"]]),
        Case("a quote with a joiner inside", "\"a\u{200D}\",b\n", [["a\u{200D}", "b"]]),
        Case("marks of direction stay", "a\u{200F},b\n", [["a\u{200F}", "b"]]),
        Case("a byte order mark in the middle stays", "a,\u{FEFF}b\n", [["a", "\u{FEFF}b"]]),
        Case("Unicode's line ends end no line", "a\u{2028}b,c\u{85}d\n", [["a\u{2028}b", "c\u{85}d"]]),
        Case("a form feed and a vertical tab end no line", "a\u{C}b,c\u{B}d\n", [["a\u{C}b", "c\u{B}d"]]),
        Case("the old end of a DOS file is a field", "a,b\n\u{1A}", [["a", "b"], ["\u{1A}"]]),
        Case("a backslash escapes nothing", "\"a\\\",b\n", [["a\\", "b"]]),
        Case("apostrophes quote nothing", "'a,b'\n", [["'a", "b'"]]),
        Case("formulas stay as they are", "=1+1,@a,-2\n", [["=1+1", "@a", "-2"]]),
        Case("a header in quotes over several lines", "\"a\nb\",c\n1,2\n", [["a\nb", "c"], ["1", "2"]]),
        Case(
            "a semicolon in the header only once, commas everywhere",
            "name; title,email\nx,y\n",
            [["name; title", "email"], ["x", "y"]]
        ),
        Case(
            "an unknown separator after sep=",
            "sep=:\na:b\n",
            [["1!", "sep= names a separator other than comma, semicolon, tab and |"]]
        ),
        Case(
            "a quote opened and left",
            "a,b\n\"c,d\ne,f\n",
            [["a", "b"], ["2!", "a quote is opened here and never closed"], ["e", "f"]]
        ),
        Case(
            "text behind a closing quote",
            "\"a\"b,c\nd,e\n",
            [["1!", "text follows a closing quote; write a quote within quotes as two"], ["d", "e"]]
        ),
        Case("a NUL", "a,b\nc\0,d\ne,f\n", [["a", "b"], ["2!", "the row holds a NUL byte"], ["e", "f"]]),
        Case(
            "a carriage return alone among line feeds",
            "a,b\nc\rd,e\nf,g\n",
            [["a", "b"], ["2!", "the row holds a carriage return without a line feed"], ["f", "g"]]
        ),
        Case(
            "201 columns",
            "a\n" + String(repeating: ",", count: 200) + "\nb\n",
            [["a"], ["2!", "the row has more than 200 columns"], ["b"]]
        ),
    ]

    @Test(arguments: rules + nasty, [1, 4096])
    func `a nasty file is read as its writer meant it, or says where it cannot be`(_ file: Case, _ piece: Int)
        throws
    {
        let found = try read(Array(file.text.utf8), piece: piece).map { found in
            switch found {
            case .row(_, let fields): fields
            case .fault(let problem, let line): ["\(line)!", CSVFault(problem, line: line).description]
            }
        }
        #expect(found == file.rows)
    }

    @Test func `lines are counted through sep= and quoted line ends`() throws {
        let found = try read("sep=;\r\na;\"b\nc\"\r\nd;e\r\n")
        #expect(found == [.row(line: 2, ["a", "b\nc"]), .row(line: 4, ["d", "e"])])
    }

    @Test func `what was asked for wins over sep=`() throws {
        let found = try read(Array("sep=;\na;b,c\n".utf8), delimiter: .comma)
        #expect(found == [.row(line: 2, ["a;b", "c"])])
    }
}
