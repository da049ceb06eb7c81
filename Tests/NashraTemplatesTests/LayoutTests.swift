// SPDX-License-Identifier: Apache-2.0
//
// Claims about layouts: what is refused when they are read, and that nothing of ours passes unescaped.
import NashraCore
import Testing

@testable import NashraTemplates

@Suite struct LayoutTests {
    private func faults(_ text: String, partials: [String: String] = [:]) -> [Diagnostic] {
        let partials = partials.map { ($0, TemplateSource(file: "partials/\($0)", text: $1)) }
        return Layout.make(
            TemplateSource(file: "layout", text: text),
            partials: Dictionary(uniqueKeysWithValues: partials)
        ).diagnostics
    }

    @Test(arguments: [
        "{{{title}}}", "{{&title}}", "{{ { title } }}", "{{=<% %>=}}", "{{% CONTENT_TYPE: TEXT}}", "{{*x}}",
    ])
    func `a tag that could leave something unescaped is refused`(_ tag: String) {
        let found = faults("{{body}}\n <p>\(tag)</p>")
        #expect(found.first?.code == "NSH070")
        #expect(found.first?.line == 2 && found.first?.column == 5)
        #expect(faults("{{body}}{{>x}}", partials: ["x": tag]).first?.file == "partials/x")
    }

    @Test func `an unknown name is refused with the one that was meant`() {
        #expect(faults("{{body}}{{organization}}").first?.remedy == "Did you mean “organisation”?")
        #expect(faults("{{body}}{{t.unsubscribed}}").first?.remedy == "Did you mean “unsubscribe”?")
        #expect(faults("{{body}}{{theme.lnik}}").first?.remedy == "Did you mean “link”?")
        #expect(
            faults("{{body}}{{>fotter}}", partials: ["footer": "x"]).first?.remedy == "Did you mean “footer”?"
        )
    }

    @Test func `the body stands in a layout exactly once, and sections are closed`() {
        #expect(faults("{{title}}").count == 1)
        #expect(faults("{{body}}{{body}}").count == 1)
        #expect(faults("{{body}}{{>x}}", partials: ["x": "{{body}}"]).count == 1)
        #expect(faults("{{body}}{{>x}}", partials: ["x": "{{>y}}", "y": "{{>x}}"]).count == 1)
        #expect(faults("{{body}}{{#report}}").first?.code == "NSH070")
        #expect(faults("{{body}}{{#report}}{{label}}{{/report}}").isEmpty)
    }

    @Test(arguments: MergeTemplateTests.disguises)
    func `an author's title is escaped in a layout by bytes`(_ disguise: String) throws {
        let title = "a\"\(disguise) b<\(disguise)i c'\(disguise) d&"
        let rendering = try Rendering(
            "x",
            title: title,
            layout: "<a title=\"{{title}}\">{{heading}}</a>{{body}}"
        )
        let head = try #require(rendering.html.utf8.split(separator: UInt8(ascii: "\n")).first)
        #expect(head.count { $0 == 0x22 } - 6 <= 2)
        #expect(!rendering.html.contains("<i") && rendering.html.utf8.count { $0 == 0x27 } == 0)
    }

    @Test func `a theme takes colours and typefaces and nothing else`() {
        let made = Theme.make(from: [
            "link": "#123ABC", "ink": "red;x:url(//evil.example)", "font_latin": "Arial\"><script>",
            "lnik": "#000000",
        ])
        #expect(made.theme.values["link"] == "#123ABC")
        #expect(made.theme.values["ink"] == Theme.defaults["ink"])
        #expect(made.faults.map(\.name) == ["font_latin", "ink", "lnik"])
        #expect(made.faults.last?.message.contains("“link”") ?? false)
    }

    @Test func `the fixed words take what is put into them as it is`() {
        let strings = LocaleStrings(language: .arabic, strings: ["why": "من {organisation} إلى {who}"])
        #expect(strings.text("why", ["organisation": "{who}", "who": "س"]) == "من س إلى س")
        #expect(strings.text("absent") == "absent")
    }
}
