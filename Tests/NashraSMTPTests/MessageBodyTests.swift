// SPDX-License-Identifier: Apache-2.0
//
// Messages on their way to the wire: dots, line ends, and what is not let through.
// Pure.
import Testing

@testable import NashraSMTP

@Suite struct MessageBodyTests {
    private func wire(_ text: String) throws -> String {
        var body = MessageBody()
        try body.load(Array(text.utf8))
        return String(decoding: body.wire, as: UTF8.self)
    }

    @Test(arguments: [
        ("a\r\n", "a\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"),
        ("..a\r\n.b\r\nc.\r\n", "...a\r\n..b\r\nc.\r\n.\r\n"),
        ("\r\n\r\n.\r\n", "\r\n\r\n..\r\n.\r\n"), ("نشرة\r\n.نهاية\r\n", "نشرة\r\n..نهاية\r\n.\r\n"),
    ])
    func `dots that begin a line are doubled, and the final dot follows`(_ text: String, _ expected: String)
        throws
    {
        #expect(try wire(text) == expected)
    }

    @Test(arguments: [
        ("", MessageFault.empty), ("a\nb\r\n", .strayLF), ("a\r\n\n", .strayLF), ("a\rb\r\n", .strayCR),
        ("a\r\r\n", .strayCR), ("a", .unterminated), ("a\r\nb", .unterminated), ("a\r", .strayCR),
        ("a\u{0}\r\n", .nul), ("x\n.\r\nMAIL FROM:<evil@x>\r\n", .strayLF), ("x\r.\r\n", .strayCR),
        (String(repeating: "a", count: 999) + "\r\n", .lineTooLong),
        (String(repeating: "a", count: 5000), .lineTooLong),
    ])
    func `what a server could be fooled with is refused`(_ text: String, _ fault: MessageFault) {
        #expect(throws: fault) { try wire(text) }
    }

    @Test func `a line may have 998 bytes`() throws {
        let line = String(repeating: "ن", count: 499) + "\r\n"
        #expect(try wire(line + line) == line + line + ".\r\n")
    }

    @Test func `size leaves out stuffing, and one byte above 127 makes it 8-bit, wherever it stands`() throws
    {
        var body = MessageBody()
        try body.load(Array(".a\r\n".utf8))
        #expect(body.size == 4 && body.isSevenBit && body.dot == 5)
        for place in 0..<40 {
            var bytes = [UInt8](repeating: 0x61, count: 40) + [0x0D, 0x0A]
            bytes[place] = 0xC3
            try body.load(bytes)
            #expect(!body.isSevenBit, "at \(place)")
        }
    }

    @Test func `above 64 kB the body leaves before the intent`() throws {
        var body = MessageBody()
        try body.load(Array(String(repeating: "abc\r\n", count: 13_000).utf8))
        #expect(!body.isLarge)
        try body.load(Array(String(repeating: "abc\r\n", count: 13_108).utf8))
        #expect(body.isLarge)
    }
}
