// SPDX-License-Identifier: Apache-2.0
//
// Bodies and whole messages: short lines, no byte that a relay may change, and Python decodes what went in.
import NashraCore
import NashraMIME
import NashraTestKit
import Testing

@Test(arguments: [
    ("", ""), ("a=b", "a=3Db"), ("a \nb\t\r\nc ", "a=20\r\nb=09\r\nc=20"), (".\n..\na.", "=2E\r\n=2E.\r\na."),
    ("From here\nFrom\nA From ", "=46rom here\r\nFrom\r\nA From=20"), ("ش", "=D8=B4"),
    ("a\rb\r\r\n", "a\r\nb\r\n\r\n"),
    (" ", "=20"), ("\0\u{7F}", "=00=7F"),
])
func `quoted-printable is exact`(_ text: String, _ encoded: String) {
    #expect(String(decoding: QuotedPrintable.encode(Array(text.utf8)), as: UTF8.self) == encoded)
}

@Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("ش", "2LQ="),
])
func `base64 is exact`(_ text: String, _ encoded: String) {
    #expect(String(decoding: Base64Lines.encode(Array(text.utf8)), as: UTF8.self) == encoded)
}

@Test func `base64 breaks lines after 76 characters and not after the last`() {
    for count in [56, 57, 58, 113, 114, 115, 5_700] {
        let lines = lines(Base64Lines.encode([UInt8](repeating: 0xFB, count: count)))
        #expect(lines.dropLast().allSatisfy { $0.count == 76 })
        #expect((1...76).contains(lines.last?.count ?? 0))
    }
}

@Test func `a soft break falls at every column and no line is longer than 76`() {
    for padding in 0..<90 {
        for tail in ["=", "ش", " \nb", "x\n", ".", " "] {
            let text = String(repeating: "a", count: padding) + tail + String(repeating: "b", count: 90)
            #expect(lines(QuotedPrintable.encode(Array(text.utf8))).allSatisfy { $0.count <= 76 })
        }
    }
}

@Test func `the shorter encoding is chosen`() {
    let arabic = Array(String(repeating: "احذر الرسائل. ", count: 200).utf8)
    let english = Array(String(repeating: "<p style=\"margin:0\">Do not share it.</p>\n", count: 200).utf8)
    let french = Array(String(repeating: "Ne partagez jamais votre code à usage unique. ", count: 200).utf8)
    #expect(BodyEncoding.choose(for: arabic) == .base64)
    #expect(BodyEncoding.choose(for: english) == .quotedPrintable)
    #expect(BodyEncoding.choose(for: french) == .quotedPrintable)
    #expect(BodyEncoding.choose(for: []) == .quotedPrintable)
}

@Test func `bodies of every script come back from Python as they went in`() throws {
    var random = SplitMix(state: 3)
    var sent: [(text: String, html: String)] = []
    var messages: [[UInt8]] = []
    for _ in 0..<150 {
        let text = body(&random)
        let html = "<p>" + body(&random)
        sent.append((text, html))
        messages.append(
            try MessageWriter.alternative(
                headers: HeaderBlock(),
                boundary: "=_nashra_x",
                text: (BodyEncoding.allCases.randomElement(using: &random) ?? .base64).encode(
                    Array(text.utf8)
                ),
                html: (BodyEncoding.allCases.randomElement(using: &random) ?? .base64).encode(
                    Array(html.utf8)
                )
            )
        )
    }
    for (message, sent) in zip(zip(messages, try PythonMail.read(messages)), sent) {
        #expect(message.1.defects.isEmpty)
        #expect(message.1.types == ["multipart/alternative", "text/plain", "text/html"])
        #expect(message.1.text.map { Array($0.utf8) } == CanonicalText.crlf(Array(sent.text.utf8)))
        #expect(message.1.html.map { Array($0.utf8) } == CanonicalText.crlf(Array(sent.html.utf8)))
        #expect(lines(message.0).allSatisfy { $0.count <= 76 && $0.first != UInt8(ascii: ".") })
        #expect(message.0.allSatisfy { $0 < 0x7F && ($0 >= 0x20 || $0 == 13 || $0 == 10 || $0 == 9) })
    }
}

/// Lines of random text with every kind of line end, and lines that mail systems disturb.
private func body(_ random: inout SplitMix) -> String {
    let ends = ["\n", "\r\n", "\r", " \n", "\t\r\n", "\n.\n", "\nFrom me\n", "\n\n"]
    return (0..<Int.random(in: 0...8, using: &random)).reduce(into: "") { text, _ in
        text += Samples.text(&random, length: 150) + (ends.randomElement(using: &random) ?? "")
    }
}

@Test func `canonical text has CR LF only and is left alone when it is right`() {
    let cases = [
        "": "", "a": "a", "a\nb": "a\r\nb", "a\r\nb": "a\r\nb", "\r": "\r\n", "\r\r\n\n": "\r\n\r\n\r\n",
        "\n\r": "\r\n\r\n",
    ]
    for (text, right) in cases { #expect(CanonicalText.crlf(Array(text.utf8)) == Array(right.utf8)) }
    #expect(CanonicalText.crlf(Array("a\r\n\u{301}".utf8)) == Array("a\r\n\u{301}".utf8))
}

@Test(arguments: [
    "", "=_", "nashra", "=_a\r\nb", "=_a b", "=_\"", "=_ش", "=_" + String(repeating: "a", count: 69),
])
func `a boundary that a body could hold or a header could not is refused`(_ boundary: String) {
    let body = BodyEncoding.base64.encode([1])
    #expect(throws: WireFault.badBoundary) {
        try MessageWriter.alternative(headers: HeaderBlock(), boundary: boundary, text: body, html: body)
    }
}

@Test(arguments: [
    ("a\nb\r\n", WireFault.strayLineBreak(at: 1)), ("a\rb\r\n", .strayLineBreak(at: 1)),
    ("a\r\n\r", .strayLineBreak(at: 3)),
    ("a\r\n\n", .strayLineBreak(at: 3)), ("\r\r\n", .strayLineBreak(at: 0)), ("a\0", .nul(at: 1)),
    ("x\r\n" + String(repeating: "a", count: 999) + "\r\n", .lineTooLong(at: 3)),
])
func `a message that could break the dialogue is refused`(_ text: String, _ fault: WireFault) {
    #expect(throws: fault) { try MessageWriter.check(Array(text.utf8)) }
}

@Test func `a line of 998 bytes is allowed`() throws {
    try MessageWriter.check(Array((String(repeating: "a", count: 998) + "\r\n").utf8))
    try MessageWriter.check([])
}

@Test(
    arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (1_790_068_500_999, "Tue, 22 Sep 2026 09:15:00 +0000"),
        (951_782_399_000, "Mon, 28 Feb 2000 23:59:59 +0000"),
        (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (4_107_542_399_000, "Sun, 28 Feb 2100 23:59:59 +0000"),
        (4_107_542_400_000, "Mon, 01 Mar 2100 00:00:00 +0000"),
    ] as [(Int64, String)]
)
func `dates are in English and in UTC`(_ milliseconds: Int64, _ text: String) {
    #expect(MailDate.text(Timestamp(rawValue: milliseconds)) == text)
}
