// SPDX-License-Identifier: Apache-2.0
//
// Replies out of bytes: what is read, what is bounded, what is made safe.
// Pure.
import NashraCore
import Testing

@testable import NashraSMTP

@Suite struct ReplyReaderTests {
    private func read(_ bytes: [UInt8]) throws -> [SMTPReply] {
        var reader = ReplyReader()
        reader.append(bytes)
        var replies: [SMTPReply] = []
        while let raw = try reader.next() { replies.append(reader.reply(raw)) }
        return replies
    }

    private func read(_ text: String) throws -> [SMTPReply] { try read(Array(text.utf8)) }

    @Test func `lines of one reply are joined, and its status is taken out of each`() throws {
        let replies = try read(
            "550-5.1.1 The account\r\n550-5.1.1 does not exist\r\n550 5.1.1 see https://x.example\r\n"
        )
        #expect(
            replies == [
                SMTPReply(
                    code: 550,
                    status: EnhancedStatusCode(5, 1, 1),
                    text: "The account does not exist see https://x.example"
                )
            ]
        )
    }

    @Test func `a bare LF ends a line too, and a code may stand alone`() throws {
        #expect(try read("250 a\n250\r\n354-b\n354 c\n").map(\.description) == ["250 a", "250", "354 b c"])
    }

    @Test func `a status of another class than the code is only text`() throws {
        #expect(try read("250 5.1.1 odd\r\n") == [SMTPReply(code: 250, text: "5.1.1 odd")])
    }

    @Test func `the last line's code counts`() throws {
        #expect(try read("250-fine\r\n451 or not\r\n").map(\.code) == [451])
    }

    @Test(arguments: ["25", "250x a", "abc", "199 a", "600 a", "1000", " 250 a", "", "２５０ a", "250\ta"])
    func `what is no reply is a fault`(_ line: String) {
        #expect(throws: ReplyFault.malformed) { try read("\(line)\r\n") }
    }

    @Test func `a line may have 2,048 bytes and no more, whether or not its end has come`() throws {
        let fits = "250 " + String(repeating: "a", count: 2042) + "\r\n"
        #expect(try read(fits).count == 1)
        #expect(throws: ReplyFault.lineTooLong) {
            try read("250 " + String(repeating: "a", count: 2044) + "\r\n")
        }
        #expect(throws: ReplyFault.lineTooLong) { try read("250 " + String(repeating: "a", count: 2044)) }
    }

    @Test func `a reply may have 100 lines and no more`() throws {
        let line = "250-a\r\n"
        #expect(try read(String(repeating: line, count: 99) + "250 a\r\n").count == 1)
        #expect(throws: ReplyFault.tooManyLines) {
            try read(String(repeating: line, count: 100) + "250 a\r\n")
        }
    }

    @Test func `text is cut to 1,024 bytes between characters`() throws {
        let replies = try read(
            "550-\(String(repeating: "م", count: 600))\r\n550 \(String(repeating: "م", count: 600))\r\n"
        )
        #expect(replies.first?.text == String(repeating: "م", count: 512))
    }

    @Test func `controls, bidi controls and broken UTF-8 cannot reach a terminal`() throws {
        let bytes =
            Array("550 a\u{1B}[31m\u{07}\u{202E}ب\u{2066}\u{85}".utf8) + [0xFF, 0x62, 0x0D, 0x0D, 0x0A]
        #expect(try read(bytes).first?.text == "a [31m  ب  \u{FFFD}b ")
    }

    @Test func `cut at every byte, the replies are the same`() throws {
        let bytes = Array("220 أهلا\r\n250-PIPELINING\n250 x\r\n421 4.3.2 bye\r\n".utf8)
        let whole = try read(bytes)
        for cut in 0...bytes.count {
            var reader = ReplyReader()
            var replies: [SMTPReply] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                reader.append(part)
                while let raw = try reader.next() { replies.append(reader.reply(raw)) }
            }
            #expect(replies == whole, "cut at \(cut)")
            #expect(reader.isEmpty)
        }
    }

    @Test func `EHLO keywords are read whatever their case, and old AUTH forms too`() {
        let lines = [
            "relay PIPELINING", "pipelining", "Size 35882577", "8BitMime", "auth=LOGIN plain", "DSN",
            "smtputf8",
        ]
        let offer = RelayOffer(lines: lines.map { ArraySlice($0.utf8) })
        #expect(offer.pipelining && offer.eightBitMIME && offer.dsn && offer.smtpUTF8 && offer.size)
        #expect(!offer.enhancedStatusCodes)
        #expect(offer.largestMessage == 35_882_577)
        #expect(offer.authMechanisms == ["LOGIN", "PLAIN"])
    }

    @Test func `the first line of the reply to EHLO offers nothing, and SIZE 0 is no limit`() {
        let offer = RelayOffer(lines: ["PIPELINING", "SIZE 0"].map { ArraySlice($0.utf8) })
        #expect(!offer.pipelining)
        #expect(offer.size && offer.largestMessage == nil)
    }
}
