// SPDX-License-Identifier: Apache-2.0
//
// Every rule trips where it should, and a good bulletin trips none.
import Foundation
import NashraCore
import NashraTemplates
import Testing

@testable import NashraBulletins

@Suite struct LintTests {
    /// A rule's name, what is spoiled, and what is then found.
    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        var old: String
        var new: String
        var found: [String]
        var testDescription: String { "\(found) \(new.prefix(40))" }

        init(_ file: String, _ old: String, _ new: String, _ found: String...) {
            (self.file, self.old, self.new, self.found) = (file, old, new, found)
        }
    }

    @Test func `a good bulletin has no findings`() throws {
        let desk = try Desk()
        #expect(try desk.findings() == [])
        #expect(try desk.check().rendered?.variants.keys.sorted() == ["ar", "en"])
    }

    static let cases: [Case] = [
        Case("ar.md", "{{city|", "{{town|", "NSH001 ar.md:9"),
        Case("ar.md", "{{city|مدينتكم}}", "{{city}}", "NSH002 ar.md:9"),
        Case("en.md", "{{name|reader}}", "{{name|reader", "NSH003 en.md:7"),
        Case("ar.md", "كثيرين", "كث\u{E001}يرين", "NSH004 ar.md:9"),
        Case("ar.md", "كثيرين", "كث&#xE001;يرين", "NSH004 ar.md:9"),
        Case("ar.md", "title: \"احذروا رسائل تنتحل اسم الوزارة\"\n", "", "NSH012 ar.md:1"),
        Case("ar.md", "subject: \"تنبيه: رسائل تنتحل اسم الوزارة\"", "subject: \" \"", "NSH012 ar.md:3"),
        Case(
            "en.md",
            "subject: \"Alert: ",
            "subject: \"Alert, and please read all of it to the end: ",
            "NSH013 en.md:3"
        ),
        Case("ar.md", "subject: \"تنبيه", "subject: \"TLP:GREEN تنبيه", "NSH014 ar.md:3"),
        Case("ar.md", "كثيرين", "كث\u{202E}يرين", "NSH020 ar.md:9"),
        Case("ar.md", "كثيرين", "كث&#8238;يرين", "NSH020 ar.md:9"),
        Case("en.md", "title: \"Messages", "title: \"\\u202EMessages", "NSH020 en.md:2"),
        Case("bulletin.yaml", "\"خط البلاغات\"", "\"خط \\u202Aالبلاغات\"", "NSH020 bulletin.yaml:17"),
        Case("en.md", "many in", "\u{2067}many in", "NSH021 en.md:9"),
        Case("en.md", "many in", "many\u{2069} in", "NSH021 en.md:9"),
        Case("en.md", "Dear", "<b>Dear</b>", "NSH030 en.md:7", "NSH030 en.md:7"),
        Case("en.md", "https://moi", "http://moi", "NSH031 en.md:14"),
        Case("en.md", "https://moi.example/guide?n={{name|x}}", "/guide", "NSH031 en.md:14"),
        Case(
            "en.md",
            "https://moi.example/guide",
            "https://moi.example.evil.example/guide",
            "NSH032 en.md:14"
        ),
        Case("en.md", "https://moi.example/guide", "https://evilmoi.example/guide", "NSH032 en.md:14"),
        Case("en.md", "https://moi.example/guide?n={{name|x}}", "https://{{name|x}}/", "NSH032 en.md:14"),
        Case(
            "bulletin.yaml",
            "https://www.moi.example/genuine",
            "https://evil.example/",
            "NSH032 bulletin.yaml:23"
        ),
        Case("bulletin.yaml", "https://moi.example/report", "javascript:alert(1)", "NSH031 bulletin.yaml:19"),
        Case("en.md", "## Do", "![](https://moi.example/a.png)", "NSH033 en.md:11"),
        Case(
            "bulletin.yaml",
            "expires: \"2026-04-01\"",
            "expires: \"2026-03-01\"",
            "NSH050 bulletin.yaml:13"
        ),
        Case(
            "bulletin.yaml",
            "expires: \"2026-04-01\"",
            "expires: \"2026-02-01\"",
            "NSH051 bulletin.yaml:13"
        ),
        Case("bulletin.yaml", "severity:", "severty:", "NSH060 bulletin.yaml:5"),
        Case("bulletin.yaml", "kind: alert", "kind: alrt", "NSH060 bulletin.yaml:3"),
        Case("bulletin.yaml", "tlp: GREEN", "tlp: green", "NSH060 bulletin.yaml:6"),
        Case("bulletin.yaml", "nashra: \"1\"", "nashra: \"2\"", "NSH060 bulletin.yaml:1"),
        Case(
            "bulletin.yaml",
            "phone: \"+999 55 501 19\"",
            "phone: \"٩٩٩\"",
            "NSH060 bulletin.yaml:18",
            "NSH060 bulletin.yaml:18"
        ),
        Case("ar.md", "preheader:", "preheadr:", "NSH060 ar.md:4"),
        Case("ar.md", "summary: \"رسائل مزيفة.\"\n---", "summary: \"رسائل مزيفة.\"", "NSH060 ar.md:1"),
        Case("bulletin.yaml", "supersedes:", "layout: offical\nsupersedes:", "NSH070 bulletin.yaml:14"),
        Case("bulletin.yaml", "\"2026-014\"", "\"2026-015\"", "NSH063 bulletin.yaml"),
    ]

    @Test(arguments: cases)
    func `each rule finds its fault, at its line, and nothing else`(_ example: Case) throws {
        let desk = try Desk()
        try desk.spoil(example.file, example.old, example.new)
        #expect(try desk.findings() == example.found)
    }

    @Test(arguments: [
        ("كثيرين", "\u{2067}كثيرين\u{2069}"), ("كثيرين", "كثيرين\u{200F}"), ("كثيرين", "كثيرين &#x645;"),
        ("[دليلنا](https://moi.example", "[دليلنا](https://www.MOI.example"),
        ("[دليلنا](https://moi.example/guide?n={{name|x}})", "[x](mailto:a@evil.example) [y](tel:999)"),
        ("## افعلوا", "![لافتة](https://moi.example/a.png)"), ("{{city|مدينتكم}}", "\\{{city}}"),
    ])
    func `what is right is not found`(_ old: String, _ new: String) throws {
        let desk = try Desk()
        try desk.spoil("ar.md", old, new)
        #expect(try desk.findings() == [])
    }

    @Test func `a missing language is a warning while another stands in, else an error`() throws {
        let desk = try Desk()
        desk.organisation.languages = [.arabic, .english, .french]
        #expect(try desk.findings() == ["NSH010 "])
        #expect(try desk.check().rendered != nil)
        desk.organisation.languages = [.french]
        #expect(try desk.findings() == ["NSH011 "])
        #expect(try desk.check().rendered == nil)
    }

    @Test func `a mail that clients would cut is a warning, then an error`() throws {
        let desk = try Desk()
        try desk.write("en.md", Desk.english + String(repeating: "0123456789 abcdef ", count: 4_300))
        #expect(try desk.findings() == ["NSH040 en.md"])
        #expect(try desk.check().rendered != nil)
        try desk.write("en.md", Desk.english + String(repeating: "0123456789 abcdef ", count: 6_000))
        #expect(try desk.findings() == ["NSH041 en.md"])
    }

    @Test func `a file that no language owns, and one that is not text, are found`() throws {
        let desk = try Desk()
        try desk.write("arabic-draft.md", "x")
        #expect(try desk.findings() == ["NSH062 arabic-draft.md"])
        try FileManager.default.removeItem(atPath: desk.folder + "/arabic-draft.md")
        try Data([0x2D, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: desk.folder + "/en.md"))
        #expect(try desk.findings() == ["NSH061 en.md"])
    }

    @Test func `several faults are found in one run`() throws {
        let desk = try Desk()
        try desk.spoil("bulletin.yaml", "lane: urgent", "lane: urgnt")
        try desk.spoil("ar.md", "preheader:", "preheadr:")
        try desk.spoil("en.md", "many in", "many\u{202E} in")
        #expect(try desk.findings() == ["NSH060 bulletin.yaml:7", "NSH060 ar.md:4", "NSH020 en.md:9"])
    }

    @Test func `every rule is explained in docs and docs explain no other`() throws {
        let path = Desk.repository + "/docs/lint.md"
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        let explained = text.split(separator: "\n").compactMap { line in
            line.hasPrefix("| NSH") ? String(line.dropFirst(2).prefix(6)) : nil
        }
        #expect(explained == LintRule.allCases.map(\.rawValue))
        for rule in LintRule.allCases {
            #expect(text.contains("| \(rule.rawValue) | \(rule.severity.rawValue) |"), "\(rule.rawValue)")
        }
    }
}
