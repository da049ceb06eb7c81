// SPDX-License-Identifier: Apache-2.0
//
// The dialogue, byte by byte, without a socket.
import NashraCore
import Testing

@testable import NashraSink

struct SessionTests {
    private let start = "EHLO x\r\nMAIL FROM:<a@b.example>\r\n"

    @Test func `a whole dialogue in one packet gets its replies in order`() {
        var session = SinkSession.forTests()
        let said = session.answers(
            to: "HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
                + "Subject: x\r\n\r\nمرحبا\r\n.\r\nQUIT\r\n"
        )
        #expect(
            said == ["250 local", "250 2.1.0", "250 2.1.5", "354 End w", "keep", "221 2.0.0", "end close"]
        )
    }

    @Test func `a dialogue in pieces of any size says the same`() {
        let text = start + "RCPT TO:<c@d.example>\r\nDATA\r\n.hidden\r\n..\r\n.\r\nRSET\r\nfoo\r\n"
        var session = SinkSession.forTests()
        let expected = session.answers(to: text)
        for size in 1..<text.utf8.count {
            var session = SinkSession.forTests()
            let bytes = Array(text.utf8)
            var said: [String] = []
            for from in stride(from: 0, to: bytes.count, by: size) {
                said += session.answers(to: Array(bytes[from..<min(bytes.count, from + size)]))
            }
            #expect(said == expected, "pieces of \(size)")
        }
    }

    @Test func `EHLO offers what the options ask for and STARTTLS only once`() {
        var session = SinkSession.forTests {
            $0.tls = .startTLS
            $0.users = ["منصور": Secret("سر")]
        }
        session.receive(Array("EHLO x\r\n".utf8))
        guard case .say(let plain, _)? = session.takeSteps().first else {
            Issue.record("no reply")
            return
        }
        let text = String(decoding: plain, as: UTF8.self)
        for word in ["PIPELINING", "8BITMIME", "SIZE 33554432", "SMTPUTF8", "DSN", "STARTTLS"] {
            #expect(text.contains("250-\(word)\r\n"))
        }
        #expect(text.hasSuffix("250 ENHANCEDSTATUSCODES\r\n"))
        #expect(!text.contains("AUTH"), "AUTH is offered under TLS only")
        #expect(session.answers(to: "STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n") == ["220 2.0.0", "tls"])
        session.didStartTLS()
        #expect(
            session.answers(to: "MAIL FROM:<a@b.example>\r\n") == ["503 5.5.1"],
            "everything was forgotten"
        )
        #expect(session.answers(to: "EHLO x\r\n").contains("250-AUTH "))
        #expect(session.answers(to: "STARTTLS\r\n") == ["502 5.5.1"])
    }

    @Test(arguments: [
        ("DATA\r\n", "503 5.5.1"), ("RCPT TO:<a@b.example>\r\n", "503 5.5.1"),
        ("MAIL FROM:<a@b.example>\r\n", "250 2.1.0"),
        ("MAIL FROM: <a@b.example>\r\n", "501 5.1.3"), ("MAIL FROM:a@b.example\r\n", "501 5.1.3"),
        ("MAIL FROM:<a@b.example> SIZE=33554433\r\n", "552 5.3.4"),
        ("MAIL FROM:<a@b> SIZE=x\r\n", "501 5.5.4"),
        ("MAIL FROM:<a@b.example> FOO=1\r\n", "555 5.5.4"), ("MAIL FROM:<a@b.example> =\r\n", "501 5.5.4"),
        ("MAIL FROM:<مثال@b.example>\r\n", "553 5.6.7"),
        ("MAIL FROM:<مثال@b.example> SMTPUTF8\r\n", "250 2.1.0"),
        ("MAIL FROM:<\"a b>\"@b.example> BODY=8BITMIME RET=HDRS ENVID=x\r\n", "250 2.1.0"),
        ("MAIL FROM:<@r.example:a@b.example>\r\n", "250 2.1.0"),
        ("MAIL FROM:<a b@b.example>\r\n", "501 5.1.3"),
        ("MAIL FROM:<a@b.example>\n", "500 5.5.2"), ("NOOP\r\r\n", "500 5.5.2"),
        ("NO\u{0}OP\r\n", "500 5.5.2"),
        ("VRFY x\r\n", "252 2.1.5"), ("HELP\r\n", "214 2.0.0"), ("noop\r\n", "250 2.0.0"),
        ("BDAT 1\r\n", "500 5.5.2"),
        ("EHLO\r\n", "501 5.5.4"), ("AUTH PLAIN\r\n", "502 5.5.1"), ("\r\n", "500 5.5.2"),
    ])
    func `each command gets its reply after EHLO`(_ line: String, _ expected: String) {
        var session = SinkSession.forTests()
        _ = session.answers(to: "EHLO x\r\n")
        #expect(session.answers(to: line) == [expected])
    }

    @Test func `DATA without a valid recipient is refused and the message is not read as one`() {
        var session = SinkSession.forTests()
        _ = session.answers(to: start)
        #expect(session.answers(to: "RCPT TO:<5.1.1@d.example>\r\nDATA\r\n") == ["550 5.1.1", "554 5.5.1"])
        #expect(session.answers(to: "RSET\r\nDATA\r\n") == ["250 2.0.0", "503 5.5.1"])
    }

    @Test func `a bare line feed in a message is refused and in a lenient sink kept`() {
        let text = start + "RCPT TO:<c@d.example>\r\nDATA\r\na\n.\nRCPT TO:<x@y.example>\r\n.\r\n"
        var strict = SinkSession.forTests()
        #expect(strict.answers(to: text).last == "550 5.6.0")
        var lenient = SinkSession.forTests { $0.isLenient = true }
        #expect(lenient.answers(to: text).last == "keep")
    }

    @Test func `a line too long is refused once and the next one read`() {
        var session = SinkSession.forTests()
        let long = String(repeating: "x", count: 300_000)
        #expect(session.answers(to: "EHLO \(long)\r\nNOOP\r\n") == ["500 5.5.2", "250 2.0.0"])
    }

    @Test func `a client that talks nonsense is shown the door`() {
        var session = SinkSession.forTests()
        let said = session.answers(to: String(repeating: "GET / HTTP/1.1\r\n", count: 200))
        #expect(said.count == 101)
        #expect(said.suffix(2) == ["421 4.7.0", "end close"])
    }

    @Test func `rules at every stage take the place of the usual reply`() {
        for stage in SinkStage.allCases where ![.connect, .greeting, .startTLS, .auth].contains(stage) {
            let reply = SinkReply(451, "4.7.9 \(stage.rawValue)").map(SinkAction.reply) ?? .drop
            var session = SinkSession.forTests { $0.rules = [SinkRule(stage, reply, times: 1)] }
            let text = start + "RCPT TO:<c@d.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
            #expect(session.answers(to: text).filter { $0 == "451 4.7.9" }.count == 1, "\(stage)")
        }
    }

    @Test func `a rule may drop, reset, stall or close before the greeting`() {
        for (action, end) in [(SinkAction.drop, "drop"), (.reset, "reset"), (.stall, "stall")] {
            var session = SinkSession.forTests { $0.rules = [SinkRule(.connect, action)] }
            session.open()
            #expect(session.answers(to: "EHLO x\r\n") == ["end \(end)"])
        }
        var session = SinkSession.forTests { $0.rules = [SinkRule(.greeting, .closing)] }
        session.open()
        #expect(session.answers(to: "EHLO x\r\n") == ["421 4.3.2", "end close"])
    }

    @Test func `no bytes whatever make the session trap`() {
        var random = SplitMix(state: 20)
        let words = [
            "EHLO x\r\n", "MAIL FROM:<", "RCPT TO:<", "@", ">", "\r\n", "DATA\r\n", ".\r\n", "\n.\n",
            "AUTH PLAIN ",
            "AUTH LOGIN\r\n", "=", "*\r\n", "STARTTLS\r\n", "SIZE=", "9999999999999999999999", "\"", "\\",
            "5.1.1", "é",
        ].map { Array($0.utf8) }
        for _ in 0..<300 {
            var session = SinkSession.forTests {
                $0.users = ["u": Secret("p")]
                $0.allowsPlainTextAuth = true
                $0.sizeLimit = 5000
            }
            session.open()
            for _ in 0..<60 {
                var bytes = words[Int(random.next() % UInt64(words.count))]
                if random.next() % 3 == 0 {
                    bytes = (0..<random.next() % 50).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                }
                session.receive(bytes)
                _ = session.takeSteps()
            }
            session.close()
        }
    }
}

/// A generator that gives the same numbers on every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
