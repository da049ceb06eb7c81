// SPDX-License-Identifier: Apache-2.0
//
// Claims about the HTML of mails: direction, structure, and what never gets in.
import NashraCore
import Testing

@testable import NashraTemplates

@Suite struct MailHTMLTests {
    static let everything = """
        # أول

        فقرة **مهمة** و*مؤكدة* و~~محذوفة~~ [رابط](https://moi.example/a?x=1&y=2)

        - بند
        - بند `a.exe`

        3. ثلاثة
        4. أربعة

        > اقتباس

        | أ | ب |
        |:--|--:|
        | 1 | 2 |

        ```
        curl https://moi.example
        ```

        ---
        ## ثانٍ
        """

    @Test func `every block says its direction as attribute and as style`() throws {
        for (language, dir) in [(Language.arabic, "rtl"), (.english, "ltr")] {
            let html = try Rendering(Self.everything, language).html
            for name in ["<p", "<h2", "<h3", "<ul", "<ol", "<li", "<td", "<th"] {
                let tags = html.split(separator: "<").map { "<" + $0 }.filter { $0.hasPrefix(name + " ") }
                #expect(!tags.isEmpty, "\(name)")
                for tag in tags {
                    #expect(tag.contains("dir=\"\(dir)\"") && tag.contains("direction:\(dir)"), "\(tag)")
                }
            }
        }
    }

    @Test func `sides are physical and mirrored in Arabic`() throws {
        let arabic = try Rendering(Self.everything, .arabic).html
        let english = try Rendering(Self.everything, .english).html
        #expect(arabic.contains("padding-right:26px") && !arabic.contains("padding-left:26px"))
        #expect(english.contains("padding-left:26px") && !english.contains("padding-right:26px"))
        #expect(arabic.contains("border-right:4px") && english.contains("border-left:4px"))
        #expect(arabic.contains("text-align:left\">2</td>") && english.contains("text-align:right\">2</td>"))
        for html in [arabic, english] {
            for word in [
                "inline-start", "inline-end", "text-align:start", "<bdi", "italic", "letter-spacing",
            ] {
                #expect(!html.contains(word), "\(word)")
            }
        }
    }

    @Test func `the highest heading of the body is an h2, and levels keep their order`() throws {
        #expect(try Rendering("# a\n\n## b").html.contains("<h3"))
        let html = try Rendering("## a\n\n### b\n\n###### c").html
        #expect(html.contains("<h2") && html.contains("<h3") && html.contains("<h4") && !html.contains("<h1"))
    }

    @Test func `a table has header cells with a scope and ordered lists keep their number`() throws {
        let html = try Rendering(Self.everything, .arabic).html
        #expect(html.split(separator: "scope=\"col\"").count == 3)
        #expect(html.contains("<ol start=\"3\""))
    }

    @Test func `code runs left to right and Arabic emphasis is bold, not slanted`() throws {
        let html = try Rendering(Self.everything, .arabic).html
        #expect(html.contains("<code dir=\"ltr\""))
        #expect(html.contains("<pre class=\"soft\" dir=\"ltr\""))
        #expect(html.contains("<em style=\"font-style:normal;font-weight:bold\">مؤكدة</em>"))
    }

    @Test func `what an author writes cannot become markup`() throws {
        let html = try Rendering("a < b & c > d \" ' \\<b\\> `<i>` [x](https://moi.example/\"onclick=)").html
        #expect(html.contains("a &lt; b &amp; c &gt; d &quot; &#39; &lt;b&gt;"))
        #expect(html.contains("&lt;i&gt;"))
        #expect(!html.contains("\"onclick"))
    }

    @Test func `raw HTML is an error with its line, a comment is dropped`() throws {
        let rendering = try Rendering("نص\n\n<div>x</div>\n\nنص <b>y</b>")
        #expect(rendering.diagnostics.map(\.code) == ["NSH030", "NSH030", "NSH030"])
        #expect(rendering.diagnostics.compactMap(\.line) == [3, 5, 5])
        #expect(rendering.variant == nil)
        #expect(try Rendering("نص <!-- لاحقًا -->\n\n<!-- x -->\n").diagnostics.isEmpty)
    }

    @Test(arguments: [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "http://moi.example/",
        "//moi.example/",
        "vbscript:x", "https:moi.example", "https://a@moi.example/", "https://moi.example\\@evil.example/",
        "https://{{name|x}}.example/",
    ])
    func `a link that nobody should follow loses its address`(_ url: String) throws {
        #expect(!(try Rendering("[x](<\(url)>)").html.contains("href")))
    }

    @Test func `an international domain becomes A-labels and a path is percent-encoded`() throws {
        let html = try Rendering("[x](https://مثال.example/صفحة?a=b%20c)").html
        #expect(html.contains("href=\"https://xn--mgbh0fb.example/%D8%B5%D9%81%D8%AD%D8%A9?a=b%20c\""))
    }

    @Test(arguments: MergeTemplateTests.disguises)
    func `a name cannot break out of any place`(_ disguise: String) throws {
        let name = "x\"\(disguise)><\(disguise)script>'\(disguise)&"
        let body =
            "{{name|y}} **{{name|y}}** [{{name|y}}](https://moi.example/?n={{name|y}}) `{{name|y}}`\n\n"
            + "> {{name|y}}\n\n| {{name|y}} |\n|---|\n| {{name|y}} |\n\n    {{name|y}}\n\n"
            + "![{{name|y}}](https://moi.example/x)"
        func shape(_ html: String) -> [Int] {
            [0x3C, 0x3E, 0x22, 0x27].map { byte in html.utf8.count { $0 == byte } }
        }
        let quiet = try Rendering(body, .arabic, title: "{{name|y}}", values: ["name": "z"])
        let hostile = try Rendering(body, .arabic, title: "{{name|y}}", values: ["name": name])
        #expect(hostile.variant?.html.segments.count { if case .slot = $0 { true } else { false } } == 12)
        #expect(shape(quiet.html) == shape(hostile.html))
        #expect(hostile.html.contains("?n=x%22"))
    }

    @Test func `no text is so odd that rendering stops`() throws {
        let alphabet = Array("*_`~[]()<>!#|-+>\\\n\n  {}1.:&;\"'aمﷺ\u{301}\u{200F}\u{0}😀".unicodeScalars)
        for language in [Language.arabic, .english] {
            for _ in 0..<150 {
                let scalars = (0..<120).compactMap { _ in alphabet.randomElement() }
                let rendering = try Rendering(String(String.UnicodeScalarView(scalars)), language)
                #expect(rendering.variant != nil || !rendering.diagnostics.isEmpty)
            }
        }
    }

    @Test func `nesting without end and text without end are refused, not followed`() throws {
        #expect(
            try Rendering(String(repeating: "> ", count: 5_000) + "x").diagnostics.map(\.code) == ["NSH034"]
        )
        #expect(try Rendering(String(repeating: "**", count: 5_000) + "x").diagnostics.count <= 1)
        #expect(try Rendering(String(repeating: "نص ", count: 60_000)).diagnostics.map(\.code) == ["NSH034"])
    }
}
