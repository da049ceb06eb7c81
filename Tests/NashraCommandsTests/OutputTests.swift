// SPDX-License-Identifier: Apache-2.0
//
// What the command line prints: safe on a terminal, right in a spreadsheet, the same for machines every time.
import Testing

@testable import NashraCommands

struct TerminalTextTests {
    @Test(arguments: [
        ("\u{1B}[2Jعلي", "\\x1b[2Jعلي"), ("a\rb", "a\\rb"), ("a\u{7}b\u{7F}", "a\\x07b\\x7f"),
        ("a\nb\tc", "a\nb\tc"),
        ("\u{9B}31m", "\\u{9b}31m"), ("ab\u{202E}fdp.exe", "ab\\u{202e}fdp.exe"), ("\r\n", "\\r\n"),
        ("\u{2068}مرحبا\u{2069}", "\u{2068}مرحبا\u{2069}"), ("نُشْرَة", "نُشْرَة"), ("", ""),
    ])
    func `controls are spelt out before a terminal sees them`(_ text: String, _ expected: String) {
        #expect(TerminalText.escaped(text) == expected)
    }

    @Test func `a cell keeps neither line ends nor isolates of its own`() {
        #expect(TerminalText.escapedCell("a\n\u{2067}b\t\u{2028}") == "a\\n\\u{2067}b\\t\\u{2028}")
    }

    @Test(arguments: [
        ("abc", 3), ("", 0), ("نشرة", 4), ("نُشْرَةٌ", 4), ("e\u{301}", 1), ("漢字", 4), ("한국", 4), ("ｗ", 2),
        ("é", 1),
        ("👍", 2), ("👍🏽", 2), ("👨‍👩‍👧", 2), ("🇹🇳", 2), ("❤️", 2), ("❤", 1), ("\u{2068}علي\u{2069}", 3),
        ("a\u{200B}b", 2),
        ("लेख", 2),
    ])
    func `text is as wide as a terminal shows it`(_ text: String, _ columns: Int) {
        #expect(TerminalText.width(text) == columns)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢字", 4, "漢…"), ("نُشْرَة", 3, "نُشْ…"), ("ab", 0, ""),
        ("ab", 1, "…"),
    ])
    func `text is cut between characters`(_ text: String, _ columns: Int, _ expected: String) {
        let cut = TerminalText.truncated(text, to: columns)
        #expect(cut == expected)
        #expect(TerminalText.width(cut) <= columns)
    }
}

struct TableTests {
    private let plain = TerminalStyle(isTerminal: false, columns: nil, environment: [:])

    @Test func `columns stand under each other in every script and numbers to the right`() {
        let table = Table(
            ["name", "count", "share", "date"],
            [
                ["محمّد", "12,345", "99.5 %", "2026-11-22"], ["漢字", "7", "0.1 %", "2026-11-23"],
                ["José", "", "-", ""],
            ]
        )
        #expect(
            table.text(for: plain) == """
                name   count   share  date
                محمّد  12,345  99.5 %  2026-11-22
                漢字       7   0.1 %  2026-11-23
                José               -
                """
        )
    }

    @Test func `on a terminal Arabic cells are isolated and others are not`() {
        let terminal = TerminalStyle(isTerminal: true, columns: 80, environment: [:])
        let text = Table(["name", "city"], [["علي", "تونس"], ["Ann", "Bonn"]]).text(for: terminal)
        #expect(text == "name  city\n\u{2068}علي\u{2069}   \u{2068}تونس\u{2069}\nAnn   Bonn")
    }

    @Test func `a table too wide for the terminal is cut in its widest columns`() {
        let terminal = TerminalStyle(isTerminal: true, columns: 30, environment: [:])
        let table = Table(["id", "subject"], [["c-2026-0007", String(repeating: "long ", count: 20)]])
        let lines = table.text(for: terminal).split(separator: "\n")
        #expect(lines.allSatisfy { TerminalText.width($0) <= 30 })
        #expect(lines[1].hasPrefix("c-2026-0007  long long") && lines[1].hasSuffix("…"))
        #expect(table.text(for: plain).contains("long long long long long long long long"))
    }

    @Test func `a hostile cell stays one cell and a ragged row does no harm`() {
        let text = Table(["a", "b"], [["x\u{1B}[0m\ny"], ["1", "2", "3"]]).text(for: plain)
        #expect(text == "a            b\nx\\x1b[0m\\ny\n1            2")
        #expect(Table([], []).text(for: plain).isEmpty)
    }

    @Test func `colour and redrawing follow NO_COLOR, TERM and what the stream is`() {
        let terminal = { TerminalStyle(isTerminal: true, columns: 100, environment: $0) }
        #expect(terminal([:]).hasColor && terminal([:]).canRedraw && terminal([:]).columns == 100)
        #expect(!terminal(["NO_COLOR": "1"]).hasColor && terminal(["NO_COLOR": "1"]).canRedraw)
        #expect(terminal(["NO_COLOR": ""]).hasColor)
        #expect(!terminal(["TERM": "dumb"]).hasColor && !terminal(["TERM": "dumb"]).canRedraw)
        let pipe = TerminalStyle(isTerminal: false, columns: 100, environment: ["COLUMNS": "40"])
        #expect(!pipe.hasColor && !pipe.canRedraw && pipe.columns == nil)
        #expect(TerminalStyle(isTerminal: true, columns: nil, environment: ["COLUMNS": "40"]).columns == 40)
        #expect(TerminalStyle(isTerminal: true, columns: nil, environment: ["COLUMNS": "x"]).columns == 80)
    }
}

struct CSVWriterTests {
    @Test func `fields are quoted, quotes doubled, rows end in CR LF`() {
        let bytes = CSVWriter.document([["اسم", "a\"b"], ["x,y", "l1\r\nl2"], ["", "-12.5"]])
        let expected = "\"اسم\",\"a\"\"b\"\r\n\"x,y\",\"l1\r\nl2\"\r\n\"\",\"-12.5\"\r\n"
        #expect(bytes == Array(expected.utf8))
    }

    @Test(arguments: [
        "=1+1", "=\u{301}1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1",
        "＠x", "-", "+", "-a", "+1.2.3", "'=1", "''+5",
    ])
    func `a field that starts like a formula gets an apostrophe`(_ field: String) {
        #expect(CSVWriter.document([[field]]) == Array("\"'\(field)\"\r\n".utf8))
    }

    @Test(arguments: ["ali@x.example", "'x", "1=1", "a-b", "−5", " =1"])
    func `other fields stay as they are`(_ field: String) {
        #expect(CSVWriter.document([[field]]) == Array("\"\(field)\"\r\n".utf8))
    }
}

struct PromptTests {
    @Test(arguments: [
        ("20000", "20000"), (" 20000\r", "20000"), ("٢٠٠٠٠", "20000"), ("\u{200F}۲۰۰۰۰ ", "20000"), ("", ""),
        ("  ", ""),
        ("c-2026-0007", "c-2026-0007"),
    ])
    func `a typed number is read from any keyboard`(_ typed: String, _ expected: String) {
        #expect(Prompt.normalised(typed) == expected)
    }
}
