// SPDX-License-Identifier: Apache-2.0
//
// What the YAML reader takes, and what it refuses with which place.
import NashraCore
import NashraYAML
import Testing

@Suite struct YAMLDocumentTests {
    private func parse(_ text: String, firstLine: Int = 1) throws(YAMLFault) -> YAMLNode {
        try YAMLDocument.parse(Array(text.utf8), file: "x.yaml", firstLine: firstLine)
    }

    private func fault(_ bytes: [UInt8], firstLine: Int = 1) -> Diagnostic? {
        do throws(YAMLFault) {
            _ = try YAMLDocument.parse(bytes, file: "x.yaml", firstLine: firstLine)
            return nil
        } catch { return error.diagnostic }
    }

    @Test func `every scalar stays the text that was written`() throws {
        let text = "a: no\nb: 22:00\nc: 0x1F\nd: 1e3\ne: ~\nf: 2026-03-01\ng: 'on'\nh: 007\n"
        let root = try parse(text)
        #expect(
            root.entries?.map(\.value.text) == ["no", "22:00", "0x1F", "1e3", "~", "2026-03-01", "on", "007"]
        )
    }

    @Test func `places are those of the file, also after Arabic, CR LF and a byte order mark`() throws {
        let root = try parse("\u{FEFF}اسم: نشرة\r\nkey:\r\n  - one\r\n  - اثنان\r\n")
        let entries = try #require(root.entries)
        #expect(entries[0].key == "اسم")
        #expect(entries[0].keyMark == YAMLMark(line: 1, column: 1))
        #expect(entries[0].value.mark == YAMLMark(line: 1, column: 6))
        #expect(
            entries[1].value.items?.map(\.mark) == [
                YAMLMark(line: 3, column: 5), YAMLMark(line: 4, column: 5),
            ]
        )
        #expect(entries[1].value.items?.last?.text == "اثنان")
    }

    @Test func `front matter keeps the lines of its file`() throws {
        let root = try parse("title: a\nsubject: b\n", firstLine: 2)
        #expect(root.entries?.map(\.keyMark.line) == [2, 3])
        #expect(fault(Array("title: [\n".utf8), firstLine: 2)?.line == 3)
    }

    @Test(arguments: ["", "# only a comment\n", "---\n", "\n\n"])
    func `nothing is an empty mapping`(_ text: String) throws {
        #expect(try parse(text).entries?.isEmpty == true)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let line: Int?
        let column: Int?
        let words: String

        init(_ name: String, _ text: String, _ line: Int?, _ column: Int?, _ words: String) {
            self.init(name, bytes: Array(text.utf8), line, column, words)
        }

        init(_ name: String, bytes: [UInt8], _ line: Int?, _ column: Int?, _ words: String) {
            testDescription = name
            self.bytes = bytes
            self.line = line
            self.column = column
            self.words = words
        }
    }

    static let refused: [Refused] = [
        Refused("tab as indentation", "a:\n\tb: 1\n", 2, 1, "indented with a tab"),
        Refused("invalid UTF-8", bytes: Array("a: b\nc: ن".utf8) + [0xFF], 2, 5, "not UTF-8"),
        Refused("NUL", "a: b\u{0}c\n", 1, 5, "U+0000"),
        Refused("escape", "a: b\n b\u{1B}[0m\n", 2, 3, "U+001B"),
        Refused("line separator", "a: b\u{2028}c\n", 1, 5, "U+2028"),
        Refused("bare carriage return", "a: b\rc: d\n", 1, 5, "carriage return"),
        Refused("anchor", "a: &x 1\n", 1, 4, "anchors and aliases"),
        Refused("alias", "a: &x 1\nb: *x\n", 1, 4, "anchors and aliases"),
        Refused("undefined alias", "a: *x\n", 1, 4, "anchors and aliases"),
        Refused("emphasis that looks like an alias", "a: **b** c\n", 1, 5, "begins with & or *"),
        Refused("tag", "a: !!int 1\n", 1, 4, "tags"),
        Refused("tag on a mapping", "a: !x\n  b: c\n", 1, 4, "tags"),
        Refused(
            "duplicate key",
            "a: 1\nب: 2\na: 3\n",
            3,
            1,
            "“a” stands twice in one mapping, first in line 1"
        ),
        Refused("duplicate key below", "r:\n  url: 1\n  x: y\n  \"url\": 2\n", 4, 3, "first in line 2"),
        Refused("several documents", "a: 1\n---\nb: 2\n", 2, 1, "second document"),
        Refused("open quotes", "a: \"b\nc: d\n", nil, nil, "quotes that begin in line 1"),
        Refused("colon in a plain value", "a: b: c\n", 1, 5, "colon"),
        Refused("wrong indentation", "a:\n  b: 1\n c: 2\n", 3, 2, "indentation"),
        Refused("no colon", "a: 1\nbcd\n", nil, nil, "key: value"),
        Refused("reserved character", "a: @b\n", 1, 4, "may not begin"),
        Refused("a list for a key", "[a, b]: c\n", 1, 1, "key must be a text"),
    ]

    @Test(arguments: refused)
    func `what could surprise is refused with its place`(_ sample: Refused) throws {
        let finding = try #require(fault(sample.bytes), "accepted")
        #expect(finding.message.contains(sample.words), "\(finding)")
        #expect(!finding.remedy.isEmpty, "\(finding)")
        if let line = sample.line { #expect(finding.line == line, "\(finding)") }
        if let column = sample.column { #expect(finding.column == column, "\(finding)") }
    }

    @Test func `more than one mebibyte is refused`() {
        let bytes = Array("a: ".utf8) + [UInt8](repeating: 0x61, count: YAMLDocument.maximumSizeInBytes)
        #expect(fault(bytes)?.message.contains("1 MiB") == true)
    }

    @Test func `a bomb of aliases is refused before it is unfolded`() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 {
            text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n"
        }
        text += "? *a40\n: 1\n"
        #expect(fault(Array(text.utf8))?.message.contains("anchors and aliases") == true)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `nesting is bounded`(_ opening: String) {
        #expect(fault(Array(String(repeating: opening, count: 17).utf8)) != nil)
        #expect(fault(Array(String(repeating: opening, count: 100_000).utf8)) != nil)
        let deep = String(repeating: "[", count: 17) + String(repeating: "]", count: 17)
        #expect(fault(Array(deep.utf8))?.message.contains("nested more than 16") == true)
        let shallow = String(repeating: "[", count: 16) + String(repeating: "]", count: 16)
        #expect(fault(Array(shallow.utf8)) == nil)
    }

    @Test func `random bytes never trap`() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("ab:-?[]{},&*!|>'\"%@# \n\r\t\\xu0".utf8) + [0xD8, 0xA7, 0xFF, 0xE2, 0x80, 0xA8]
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                alphabet[Int.random(in: alphabet.indices, using: &random)]
            }
            if let finding = fault(bytes) { #expect(!finding.message.isEmpty) }
        }
    }
}
