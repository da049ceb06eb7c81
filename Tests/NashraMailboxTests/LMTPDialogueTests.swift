// SPDX-License-Identifier: Apache-2.0
//
// The LMTP dialogue as transcripts, and what hostile bytes make of it. No socket.
import Foundation
import Testing

@testable import NashraMailbox

/// A dialogue whose messages are kept, or refused, as a test wants.
struct Rehearsal {
    var dialogue: LMTPDialogue
    var said = ""
    var messages: [LMTPMessage] = []
    var isClosed = false
    var failures: (LMTPMessage) -> [String?] = { $0.recipients.map { _ in nil } }

    init(_ limits: LMTPDialogue.Limits = .init()) {
        dialogue = LMTPDialogue(host: "nashra.example", limits: limits)
        carryOut()
        said = ""
    }

    /// Receives `bytes` and returns what was said to them.
    mutating func hear(_ bytes: [UInt8]) -> String {
        said = ""
        dialogue.receive(bytes)
        carryOut()
        return said
    }

    mutating func hear(_ text: String) -> String { hear(Array(text.utf8)) }

    /// The codes of the replies, one for each.
    mutating func codes(_ text: String) -> [String] {
        hear(text).split(separator: "\r\n").filter { $0.dropFirst(3).first != "-" }.map {
            String($0.prefix(9))
        }
    }

    private mutating func carryOut() {
        while true {
            let actions = dialogue.takeActions()
            guard !actions.isEmpty else { return }
            for action in actions {
                switch action {
                case .say(let bytes): said += text(bytes)
                case .close: isClosed = true
                case .keep(let message):
                    messages.append(message)
                    dialogue.finish(failures(message))
                }
            }
        }
    }
}

@Suite struct LMTPDialogueTests {
    static let opening = "LHLO mx.example\r\n"
    static let transaction = "MAIL FROM:<>\r\nRCPT TO:<b+1@x.example>\r\nDATA\r\n"

    @Test func `one message as Postfix hands it over`() {
        var rehearsal = Rehearsal()
        let offers = """
            250-nashra.example\r
            250-PIPELINING\r
            250-ENHANCEDSTATUSCODES\r
            250-8BITMIME\r
            250-SMTPUTF8\r
            250 SIZE 10485760\r

            """
        #expect(rehearsal.hear(Self.opening) == offers)
        let commands = """
            MAIL FROM:<> SIZE=321 BODY=8BITMIME\r
            RCPT TO:<b+1@x.example>\r
            RCPT TO:<b+2@x.example>\r
            DATA\r

            """
        #expect(
            rehearsal.hear(commands) == """
                250 2.1.0 Sender noted\r
                250 2.1.5 Recipient noted\r
                250 2.1.5 Recipient noted\r
                354 End with <CRLF>.<CRLF>\r

                """
        )
        #expect(
            rehearsal.hear("Subject: نص\r\n\r\n..\r\n.\r\nQUIT\r\n")
                == "250 2.0.0 Kept\r\n250 2.0.0 Kept\r\n221 2.0.0 Goodbye\r\n"
        )
        #expect(rehearsal.isClosed)
        #expect(
            rehearsal.messages == [
                LMTPMessage(
                    recipients: ["b+1@x.example", "b+2@x.example"],
                    bytes: Array("Subject: نص\r\n\r\n.\r\n".utf8)
                )
            ]
        )
    }

    @Test func `250 is said to those whose copy is kept, and 451 to the others`() {
        var rehearsal = Rehearsal()
        rehearsal.failures = { _ in [nil, "no room\r\non the disk ن"] }
        _ = rehearsal.hear(
            Self.opening + "MAIL FROM:<>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"
        )
        #expect(
            rehearsal.hear("x\r\n.\r\n")
                == "250 2.0.0 Kept\r\n451 4.3.0 no room??on the disk ??\r\n451 4.3.0 not kept\r\n"
        )
    }

    @Test func `nothing is read while a message is being kept`() {
        var dialogue = LMTPDialogue(host: "h")
        dialogue.receive(Array("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@x>\r\nDATA\r\n".utf8))
        _ = dialogue.takeActions()
        dialogue.receive(Array("x\r\n.\r\nNOOP\r\n".utf8))
        #expect(
            dialogue.takeActions() == [.keep(LMTPMessage(recipients: ["a@x"], bytes: Array("x\r\n".utf8)))]
        )
        dialogue.receive(Array("NOOP\r\n".utf8))
        #expect(dialogue.takeActions().isEmpty)
        dialogue.finish([nil])
        #expect(
            dialogue.takeActions() == [
                .say(Array("250 2.0.0 Kept\r\n250 2.0.0 Fine\r\n250 2.0.0 Fine\r\n".utf8))
            ]
        )
    }

    @Test(arguments: [
        ("MAIL FROM:<>\r\n", "503 5.5.1"), ("HELO x\r\n", "500 5.5.1"), ("EHLO x\r\n", "500 5.5.1"),
        ("LHLO\r\n", "501 5.5.4"), ("NOOP\r\n", "250 2.0.0"), ("VRFY x\r\n", "252 2.1.5"),
        ("\r\n", "500 5.5.2"),
        ("RSET\r\n", "250 2.0.0"), ("STARTTLS\r\n", "502 5.5.1"), ("نعم\r\n", "500 5.5.2"),
        ("NOOP\n", "500 5.5.2"),
        ("NO\rOP\r\n", "500 5.5.2"), ("NO\0OP\r\n", "500 5.5.2"),
    ])
    func `before the greeting`(command: String, code: String) {
        var rehearsal = Rehearsal()
        #expect(rehearsal.codes(command) == [code])
    }

    @Test(arguments: [
        ("DATA\r\n", ["503 5.5.1"]), ("RCPT TO:<a@x>\r\n", ["503 5.5.1"]),
        ("MAIL FROM:<>\r\nDATA\r\n", ["250 2.1.0", "503 5.5.1"]),
        ("MAIL FROM:<>\r\nMAIL FROM:<>\r\n", ["250 2.1.0", "503 5.5.1"]),
        ("MAIL FROM:<>\r\nRSET\r\nRCPT TO:<a@x>\r\n", ["250 2.1.0", "250 2.0.0", "503 5.5.1"]),
        ("MAIL FROM:<> SIZE=10485761\r\n", ["552 5.3.4"]),
        ("MAIL FROM:<> SIZE=99999999999999999999\r\n", ["552 5.3.4"]),
        ("MAIL FROM:<> SIZE=x\r\n", ["501 5.5.4"]), ("MAIL FROM:<> SIZE=10485760\r\n", ["250 2.1.0"]),
        ("MAIL FROM:<> BODY=BINARYMIME\r\n", ["555 5.5.4"]), ("MAIL FROM:<> RET=HDRS\r\n", ["555 5.5.4"]),
        ("mail from: <a@x> body=7bit smtputf8\r\n", ["250 2.1.0"]), ("MAIL FROM:a@x\r\n", ["501 5.5.4"]),
        ("MAIL FROM:<a@x\r\n", ["501 5.5.4"]), ("MAIL FROM:<\"a>b\"@x>\r\n", ["250 2.1.0"]),
        ("MAIL FROM:<ن@x>\r\n", ["553 5.1.7"]), ("MAIL FROM:<ن@x> SMTPUTF8\r\n", ["250 2.1.0"]),
        ("MAIL FROM:<>\r\nRCPT TO:<>\r\n", ["250 2.1.0", "553 5.1.3"]),
        ("MAIL FROM:<>\r\nRCPT TO:<a b@x>\r\n", ["250 2.1.0", "553 5.1.3"]),
        ("MAIL FROM:<>\r\nRCPT TO:<a@x> NOTIFY=NEVER\r\n", ["250 2.1.0", "555 5.5.4"]),
        ("MAIL FROM:<>\r\nRCPT TO:<ن@x>\r\n", ["250 2.1.0", "553 5.1.3"]),
        ("MAIL FROM:<>\r\nRCPT TO:<a@x>\r\nDATA now\r\n", ["250 2.1.0", "250 2.1.5", "501 5.5.4"]),
    ])
    func `after the greeting`(commands: String, codes: [String]) {
        var rehearsal = Rehearsal()
        _ = rehearsal.hear(Self.opening)
        #expect(rehearsal.codes(commands) == codes)
    }

    @Test func `the hundred and first recipient is put off, and the others get the message`() {
        var rehearsal = Rehearsal()
        _ = rehearsal.hear(Self.opening + "MAIL FROM:<>\r\n")
        let codes = rehearsal.codes((0...100).map { "RCPT TO:<b+\($0)@x>\r\n" }.joined())
        #expect(codes.count == 101)
        #expect(codes.prefix(100).allSatisfy { $0 == "250 2.1.5" })
        #expect(codes.last == "452 4.5.3")
        #expect(rehearsal.codes("DATA\r\nx\r\n.\r\n").count == 101)
        #expect(rehearsal.messages.first?.recipients.count == 100)
    }

    @Test func `a message that is too large is refused for each recipient, and the next one is taken`() {
        var rehearsal = Rehearsal(.init(message: 10))
        _ = rehearsal.hear(Self.opening + "MAIL FROM:<>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n")
        #expect(rehearsal.codes("12345678901\r\n.\r\n") == ["552 5.3.4", "552 5.3.4"])
        #expect(rehearsal.messages.isEmpty)
        #expect(rehearsal.codes(Self.transaction + "12345678\r\n.\r\n").last == "250 2.0.0")
        #expect(rehearsal.messages.count == 1)
    }

    @Test func `a message without end costs no memory and then the connection`() {
        var rehearsal = Rehearsal(.init(message: 1000, excess: 100_000))
        _ = rehearsal.hear(Self.opening + Self.transaction)
        var said = ""
        for _ in 0..<200 where !rehearsal.isClosed {
            said = rehearsal.hear([UInt8](repeating: 0x61, count: 1000))
        }
        #expect(said == "421 4.3.1 This message never ends\r\n")
        #expect(rehearsal.isClosed)
    }

    @Test func `lines are bounded, and too many errors end it`() {
        var rehearsal = Rehearsal()
        #expect(rehearsal.codes("NOOP " + String(repeating: "x", count: 4089) + "\r\n") == ["250 2.0.0"])
        #expect(rehearsal.codes("NOOP " + String(repeating: "x", count: 4090) + "\r\n") == ["500 5.5.2"])
        #expect(
            rehearsal.codes(String(repeating: "x", count: 1 << 20) + "\r\nNOOP\r\n") == [
                "500 5.5.2", "250 2.0.0",
            ]
        )
        #expect(
            rehearsal.codes(String(repeating: "x\r\n", count: 30)).suffix(2) == ["500 5.5.2", "421 4.7.0"]
        )
        #expect(rehearsal.isClosed)
        #expect(rehearsal.hear("NOOP\r\n").isEmpty)
    }

    @Test(arguments: [
        "\n.\n", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r.\r", "\r\n..\r\n", "\r\n.\r\r\n", "\n..\n",
    ])
    func `no other line end ends a message, so nothing can be smuggled in`(end: String) {
        var rehearsal = Rehearsal()
        _ = rehearsal.hear(Self.opening + Self.transaction)
        let smuggled = "a\(end)MAIL FROM:<evil@x>\r\nRCPT TO:<victim@x>\r\nDATA\r\nb"
        #expect(rehearsal.hear(smuggled).isEmpty)
        #expect(rehearsal.codes("\r\n.\r\n") == ["250 2.0.0"])
        #expect(rehearsal.messages.count == 1)
        // Only a dot behind CR LF was stuffed.
        let kept =
            end.utf8.starts(with: "\r\n.".utf8)
            ? "\r\n" + end.unicodeScalars.dropFirst(3).map(String.init).joined() : end
        #expect(
            rehearsal.messages.first?.bytes
                == Array("a\(kept)MAIL FROM:<evil@x>\r\nRCPT TO:<victim@x>\r\nDATA\r\nb\r\n".utf8)
        )
    }

    @Test func `a message of every byte comes out as it went in, in pieces of any size`() {
        var dice = Dice(seed: 3)
        for round in 0..<300 {
            let alphabet: [UInt8] = [0x0D, 0x0A, 0x2E, 0x00, 0xD9, 0x86, 0x61]
            var message = (0..<dice.next(60)).map { _ in alphabet[dice.next(alphabet.count)] }
            if message.suffix(2) != [0x0D, 0x0A] { message += [0x0D, 0x0A] }
            var wire: [UInt8] = []
            var before: [UInt8] = [0x0D, 0x0A]
            for byte in message {
                if byte == 0x2E, before == [0x0D, 0x0A] { wire.append(0x2E) }
                wire.append(byte)
                before = [before[1], byte]
            }
            var rehearsal = Rehearsal()
            _ = rehearsal.hear(Self.opening + Self.transaction)
            wire += Array(".\r\n".utf8)
            var said = ""
            while !wire.isEmpty {
                let count = min(wire.count, 1 + dice.next(7))
                said += rehearsal.hear(Array(wire[..<count]))
                wire.removeFirst(count)
            }
            #expect(said == "250 2.0.0 Kept\r\n", "round \(round)")
            #expect(rehearsal.messages.map(\.bytes) == [message], "round \(round)")
        }
    }

    @Test func `random dialogues never trap, and pieces make no difference`() {
        let words = [
            "LHLO x\r\n", "MAIL FROM:<a@x>", "MAIL FROM:<>", "RCPT TO:<b@x>", "DATA\r\n", ".", "\r\n", "\n",
            "\r", "\0",
            "QUIT", "RSET\r\n", " SIZE=5", "<", ">", "\"", "\\", "ن",
            "MAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\n", "\r\n.\r\n",
        ]
        let limits = LMTPDialogue.Limits(line: 40, message: 50, excess: 10_000, recipients: 3, errors: 8)
        for seed in 0..<2000 {
            var dice = Dice(seed: UInt64(seed))
            let bytes = Array((0..<dice.next(60)).map { _ in words[dice.next(words.count)] }.joined().utf8)
            var whole = Rehearsal(limits)
            let said = whole.hear(bytes)
            var pieces = Rehearsal(limits)
            var saidInPieces = ""
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(1 + dice.next(9))
                rest = rest.dropFirst(piece.count)
                saidInPieces += pieces.hear(Array(piece))
            }
            #expect(said == saidInPieces, "seed \(seed)")
            #expect(whole.messages == pieces.messages, "seed \(seed)")
            #expect(whole.messages.allSatisfy { !$0.recipients.isEmpty && $0.bytes.count <= 50 })
        }
    }
}
