// SPDX-License-Identifier: Apache-2.0
//
// Claims about left-to-right islands in Arabic, and about the plain-text part.
import NashraCore
import Testing

@testable import NashraTemplates

@Suite struct IslandTests {
    private func islands(_ text: String) -> [String] {
        LTRIslands.pieces(of: text).filter(\.isIsland).map(\.text)
    }

    @Test(arguments: [
        ("زوروا https://moi.example/a?b=c. شكرًا", "https://moi.example/a?b=c"),
        ("راسلوا (awareness@moi.example)", "awareness@moi.example"),
        ("اتصلوا على +966 11 401 1111، الآن", "+966 11 401 1111"),
        ("الرقم 555-0119", "555-0119"),
        ("ثغرة CVE-2026-0001؛", "CVE-2026-0001"),
        ("ملف invoice.pdf", "invoice.pdf"),
        ("الوسم TLP:AMBER+STRICT", "TLP:AMBER+STRICT"),
        ("يوم 2026-03-01", "2026-03-01"),
        ("العنوان 192.0.2.1:8080", "192.0.2.1:8080"),
        ("hxxps://evil[.]example", "hxxps://evil[.]example"),
    ])
    func `what must run left to right is found without the punctuation around it`(
        _ text: String,
        _ island: String
    ) {
        #expect(islands(text) == [island])
    }

    @Test(arguments: ["نص عربي فقط", "كلمة Windows وحدها", "العدد 50 فقط", "خصم 50%", "(أ)", "- . : /", ""])
    func `what needs no help is left alone`(_ text: String) { #expect(islands(text) == []) }

    @Test func `the pieces joined are the text, whatever it is`() {
        var random = SystemRandomNumberGenerator()
        let alphabet: [Unicode.Scalar] = Array("aZ09+-./:@#()[] ,\n\"مﷺ\u{301}\u{200F}é😀".unicodeScalars)
        for _ in 0..<500 {
            let text = String(
                String.UnicodeScalarView((0..<40).compactMap { _ in alphabet.randomElement(using: &random) })
            )
            #expect(LTRIslands.pieces(of: text).map(\.text).joined() == text)
        }
    }
}

@Suite struct PlainTextTests {
    @Test func `Arabic lines begin with a mark of direction and links stand on their own lines`() throws {
        let text = try Rendering(MailHTMLTests.everything, .arabic).text
        #expect(
            text.contains("\n\u{200F}فقرة مهمة ومؤكدة ومحذوفة رابط [1]\n[1] https://moi.example/a?x=1&y=2\n")
        )
        #expect(text.contains("\n\u{200F}• بند\n\u{200F}• بند \u{200E}a.exe\u{200E}\n"))
        #expect(text.contains("\n\u{200F}3. ثلاثة\n\u{200F}4. أربعة\n"))
        #expect(text.contains("\n\u{200F}> \u{200F}اقتباس\n"))
        #expect(text.contains("\n\u{200F}• أ — 1\n\u{200F}   ب — 2\n"))
    }

    @Test func `English text carries no marks of direction`() throws {
        let text = try Rendering("Dear {{name|reader}},\n\n- one\n  two\n\n1. a\n\n   b").text
        #expect(!text.unicodeScalars.contains { [0x200E, 0x200F].contains($0.value) })
        #expect(text.contains("Dear Ali,\n\n• one two\n\n1. a\n\n   b\n"))
        #expect(text.contains("\n-- \n") && text.hasSuffix("\n") && !text.contains("\r"))
    }

    @Test func `an address that is its own text is not said twice`() throws {
        let text = try Rendering(
            "[a@moi.example](mailto:a@moi.example) [555-0119](tel:5550119) <https://moi.example/x>"
        ).text
        #expect(text.contains("a@moi.example 555-0119 [1]\n[1] https://moi.example/x\n"))
    }

    @Test func `no HTML and no token is left in the text`() throws {
        let text = try Rendering(MailHTMLTests.everything + "\n\n{{name|x}} a & b", .arabic).text
        #expect(!text.contains("<") && text.contains("Ali a & b"))
        #expect(!text.unicodeScalars.contains { (0xE000...0xF8FF).contains($0.value) })
    }
}
