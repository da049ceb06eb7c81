// SPDX-License-Identifier: Apache-2.0
//
// The running sink, seen by a client that is not ours: Python's smtplib, and sockets by hand.
// Starts servers on loopback and python3.
import Crypto
import Foundation
import NashraCore
import Testing

@testable import NashraSink

struct ServerTests {
    @Test func `smtplib's message arrives in the Maildir and the ledger with its bytes exact`() throws {
        let folder = try TemporaryFolder()
        let statistics = try withSink {
            $0.maildir = folder.file("mail")
            $0.ledger = folder.file("ledger.jsonl")
        } _: { sink in
            let said = try python(
                """
                c = smtplib.SMTP("127.0.0.1", port, timeout=10)
                m = b"Message-ID: <1@x.example>\\r\\nSubject: x\\r\\n\\r\\n.dot\\r\\n..\\r\\n"
                m += "نشرة".encode() + b"\\r\\n"
                print(c.sendmail("b+1@x.example", ["ali@x.example", "mona@x.example"], m))
                print(c.sendmail("", ["ali@x.example"], m, mail_options=["BODY=8BITMIME"]))
                print(hashlib.sha256(m).hexdigest())
                c.quit()
                """,
                port: sink.port
            )
            #expect(said.prefix(2) == ["{}", "{}"])
            let entries = folder.text("ledger.jsonl").split(separator: "\n").map(String.init)
            try #require(entries.count == 2 && said.count == 3)
            #expect(entries[0].contains("\"recipients\":[\"ali@x.example\",\"mona@x.example\"]"))
            #expect(entries.allSatisfy { $0.contains("\"sha256\":\"\(said[2])\"") })
            #expect(entries.allSatisfy { $0.contains("\"message_id\":\"<1@x.example>\"") })
            #expect(entries[1].hasSuffix("\"connection\":1,\"session_message\":2}"))
            return sink.statistics
        }
        let body = "Message-ID: <1@x.example>\r\nSubject: x\r\n\r\n.dot\r\n..\r\nنشرة\r\n"
        let to = "Delivered-To: ali@x.example\r\n"
        let first = "Return-Path: <b+1@x.example>\r\n\(to)Delivered-To: mona@x.example\r\n\(body)"
        let mails = try folder.messages("mail").map { String(decoding: $0, as: UTF8.self) }
        #expect(mails == [first, "Return-Path: <>\r\n\(to)\(body)"])
        #expect(statistics.messages == 2 && statistics.recipients == 3 && statistics.connections == 1)
        #expect(statistics.bytes == 2 * body.utf8.count)
        #expect(statistics.commands["MAIL"] == 2 && statistics.commands["QUIT"] == 1)
    }

    @Test func `an Arabic address is taken with SMTPUTF8 and stands in the ledger as it is`() throws {
        let folder = try TemporaryFolder()
        try withSink {
            $0.ledger = folder.file("l")
        } _: { sink in
            _ = try python(
                """
                c = smtplib.SMTP("127.0.0.1", port, timeout=10)
                c.ehlo()
                c.sendmail("a@x.example", ["سَالِم@x.example"], b"\\r\\n", mail_options=["SMTPUTF8"])
                """,
                port: sink.port
            )
        }
        #expect(folder.text("l").contains("\"recipients\":[\"سَالِم@x.example\"]"))
    }

    @Test func `pipelined commands are answered in order in one packet`() throws {
        try withSink { sink in
            let said = try python(
                """
                s, f = connect(); reply(f)
                s.sendall(b"EHLO x\\r\\n"); reply(f)
                ok = b"RCPT TO:<b@x.example>\\r\\nDATA\\r\\n"
                s.sendall(b"MAIL FROM:<a@x.example>\\r\\nRCPT TO:<5.1.1@x.example>\\r\\n" + ok)
                import time
                data = s.recv(4096)
                print(len(data.split(b"\\r\\n")) - 1, data.decode().replace("\\r\\n", "|"))
                print(*talk(s, f, b"x\\r\\n.\\r\\nMAIL FROM:<a@x.example>\\r\\nRSET\\r\\nQUIT\\r\\n", 4))
                print(f.read())
                """,
                port: sink.port
            )
            #expect(
                said.first?.hasPrefix("4 250 2.1.0 Ok|550 5.1.1 No such user here|250 2.1.5 Ok|354 ") == true
            )
            #expect(said.dropFirst() == ["250 2.0.0 250 2.1.0 250 2.0.0 221 2.0.0", "b''"])
        }
    }

    @Test func `the delay is one for all pipelined commands and one more for the dot`() throws {
        try withSink {
            $0.replyDelay = .milliseconds(100)
        } _: { sink in
            let said = try python(
                """
                import time
                s, f = connect()
                t = time.monotonic(); reply(f)
                s.sendall(b"EHLO x\\r\\n"); reply(f)
                a = time.monotonic()
                talk(s, f, b"MAIL FROM:<a@x.example>\\r\\nRCPT TO:<b@x.example>\\r\\nDATA\\r\\n", 3)
                b = time.monotonic()
                talk(s, f, b"x\\r\\n.\\r\\n", 1)
                c = time.monotonic()
                print(a - t >= 0.2, b - a >= 0.1, c - b >= 0.1, b - a < 0.2)
                """,
                port: sink.port
            )
            #expect(said.first?.hasPrefix("True True True") == true, "\(said)")
        }
    }

    @Test func `scripted recipients are refused, deferred, dropped and reset`() throws {
        let folder = try TemporaryFolder()
        try withSink {
            $0.ledger = folder.file("l")
        } _: { sink in
            let said = try python(
                """
                def attempt(to):
                    s, f = connect(); reply(f); s.sendall(b"EHLO x\\r\\n"); reply(f)
                    s.sendall(b"MAIL FROM:<a@x.example>\\r\\nRCPT TO:<" + to + b"@x.example>\\r\\nDATA\\r\\n")
                    reply(f); r = reply(f)
                    if r[0] != "2": return r[:9] + ("" if r[:3] != "421" else repr(f.read()))
                    reply(f); s.sendall(b"x\\r\\n.\\r\\n")
                    try: return reply(f)[:9] or "closed"
                    except ConnectionResetError: return "reset"
                for to in "tempfail-ali tempfail-ali full 4.2.1.x 421 drop-1 reset ok".split():
                    print(attempt(to.encode()))
                """,
                port: sink.port
            )
            let expected = [
                "451 4.2.1", "250 2.0.0", "452 4.2.2", "450 4.2.1", "421 4.3.2b''", "closed", "reset",
                "250 2.0.0",
            ]
            #expect(said == expected)
            let statistics = sink.statistics
            #expect(statistics.refused == [451: 1, 452: 1, 450: 1, 421: 1, 554: 3])
            #expect(statistics.messages == 4)
        }
        let kept = folder.text("l").split(separator: "\n")
        #expect(kept.count == 4, "what was dropped or reset after the dot was taken first")
    }

    @Test func `STARTTLS and AUTH work with smtplib and nothing is offered before TLS`() throws {
        let folder = try TemporaryFolder()
        try withSink {
            $0.tls = .startTLS
            $0.certificateFile = folder.file("ca.pem")
            $0.users = ["u": Secret("كلمة")]
            $0.requiresAuth = true
        } _: { sink in
            let said = try python(
                """
                context = ssl.create_default_context(cafile=sys.argv[2])
                for host in ("localhost", "127.0.0.1"):
                    c = smtplib.SMTP(host, port, timeout=10); c.ehlo(); print(c.has_extn("auth"))
                    print(c.starttls(context=context)[0]); c.ehlo(); print(c.esmtp_features["auth"].strip())
                    print(c.mail("a@x.example")[0])
                    try: c.login("u", "wrong")
                    except smtplib.SMTPAuthenticationError as e: print(e.smtp_code)
                    c.user, c.password = "u", "secret"
                    import base64
                    print(c.docmd("AUTH PLAIN", base64.b64encode("\\0u\\0كلمة".encode()).decode())[0])
                    print(c.mail("a@x.example")[0]); c.quit()
                c = smtplib.SMTP("localhost", port, timeout=10); c.ehlo()
                c.starttls(context=context); c.ehlo()
                print(c.docmd("AUTH LOGIN")[0], c.docmd("dQ==")[0])
                print(c.docmd(base64.b64encode("كلمة".encode()).decode())[0])
                """,
                port: sink.port,
                [folder.file("ca.pem")]
            )
            let each = ["False", "220", "PLAIN LOGIN", "530", "535", "235", "250"]
            #expect(said == each + each + ["334 334", "235"])
            #expect(sink.statistics.tlsConnections == 3)
        }
    }

    @Test func `commands injected behind STARTTLS are not obeyed`() throws {
        try withSink {
            $0.tls = .startTLS
        } _: { sink in
            let said = try python(
                """
                s, f = connect(); reply(f); s.sendall(b"EHLO x\\r\\n"); reply(f)
                s.sendall(b"STARTTLS\\r\\nRSET\\r\\n"); print(reply(f)[:3])
                context = ssl.create_default_context(); context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                t = context.wrap_socket(s); t.sendall(b"NOOP\\r\\n"); print(t.recv(100)); print(t.version())
                """,
                port: sink.port
            )
            #expect(said == ["220", "b'250 2.0.0 Ok\\r\\n'", "TLSv1.3"])
            #expect(sink.statistics.commands["RSET"] == nil)
        }
    }

    @Test(arguments: [
        (SinkOptions.Certificate.valid, "ok"), (.wrongHost, "62"), (.expired, "10"),
    ])
    func `implicit TLS shows a certificate that is right or wrong as asked`(
        _ certificate: SinkOptions.Certificate,
        _ expected: String
    ) throws {
        let folder = try TemporaryFolder()
        try withSink {
            $0.tls = .implicit
            $0.certificate = certificate
            $0.certificateFile = folder.file("ca.pem")
        } _: { sink in
            let said = try python(
                """
                context = ssl.create_default_context(cafile=sys.argv[2])
                try:
                    c = smtplib.SMTP_SSL("localhost", port, context=context, timeout=10)
                    c.sendmail("a@x.example", ["b@x.example"], b"x\\r\\n"); c.quit(); print("ok")
                except ssl.SSLCertVerificationError as e: print(e.verify_code)
                """,
                port: sink.port,
                [folder.file("ca.pem")]
            )
            #expect(said == [expected])
            #expect(sink.statistics.messages == (expected == "ok" ? 1 : 0))
        }
    }

    @Test func `a message that smuggles another is one message and is refused`() throws {
        try withSink { sink in
            let said = try python(
                """
                inner = b"MAIL FROM:<evil@x.example>\\r\\nRCPT TO:<b@x.example>\\r\\nDATA\\r\\nhi\\r\\n"
                ends = [b"\\n.\\n", b"\\r.\\r", b"\\n.\\r\\n", b"\\r\\n.\\n", b"\\r\\n.\\r"]
                for end in ends + [b"\\r\\n\\0.\\r\\n"]:
                    s, f = connect(); reply(f); s.sendall(b"EHLO x\\r\\n"); reply(f)
                    talk(s, f, b"MAIL FROM:<a@x.example>\\r\\nRCPT TO:<b@x.example>\\r\\nDATA\\r\\n", 3)
                    print(*talk(s, f, b"a" + end + inner + b"\\r\\n.\\r\\nQUIT\\r\\n", 2))
                """,
                port: sink.port
            )
            #expect(said == Array(repeating: "550 5.6.0 221 2.0.0", count: 5) + ["250 2.0.0 221 2.0.0"])
            #expect(sink.statistics.commands["MAIL"] == 6)
        }
    }

    @Test func `a full house is told so and a client that never reads does not fill the memory`() throws {
        try withSink {
            $0.maximumConnections = 1
        } _: { sink in
            let said = try python(
                """
                s, f = connect(); print(reply(f)[:3])
                t, g = connect(); print(reply(g)[:9], g.read())
                s.settimeout(1); sent = 0
                try:
                    while sent < 64 << 20: sent += s.send(b"NOOP\\r\\n" * 10000)
                except TimeoutError: pass
                print(sent < 64 << 20)
                """,
                port: sink.port
            )
            #expect(said == ["220", "421 4.3.2 b''", "True"])
        }
    }

    @Test func `a message that cannot be kept is not acknowledged`() throws {
        let folder = try TemporaryFolder()
        try withSink {
            $0.maildir = folder.file("mail")
            $0.ledger = "/dev/full"
        } _: { sink in
            let said = try python(
                """
                c = smtplib.SMTP("127.0.0.1", port, timeout=10)
                try: c.sendmail("a@x.example", ["b@x.example"], b"x\\r\\n")
                except smtplib.SMTPDataError as e: print(e.smtp_code)
                """,
                port: sink.port
            )
            #expect(said == ["452"])
            #expect(sink.statistics.messages == 0)
            #expect(sink.statistics.refused == [452: 1])
        }
        #expect(try folder.messages("mail").isEmpty)
    }

    @Test func `each fault of the protocol can be had by a rule`() throws {
        let later = SinkAction.reply(try #require(SinkReply(454, "4.7.0 Later")))
        let never = SinkAction.reply(try #require(SinkReply(554, "5.3.2 Never")))
        let faults: [(SinkStage, SinkAction, String)] = [
            (.connect, .drop, "''"), (.connect, .reset, "reset"), (.greeting, .closing, "421 4.3.2 ''"),
            (.greeting, never, "554 5.3.2"), (.ehlo, .drop, "220 local ''"),
            (.ehlo, later, "220 local 454 4.7.0"),
            (.startTLS, later, "220 local 250 ENHAN 454 4.7.0"),
            (.startTLS, .reset, "220 local 250 ENHAN reset"),
            (.auth, later, "220 local 250 ENHAN 502 5.5.1 454 4.7.0"),
            (.quit, .drop, "220 local 250 ENHAN 502 5.5.1 235 2.7.0 ''"),
        ]
        let sinks = try faults.map { stage, action, _ in
            var options = SinkOptions()
            options.rules = [SinkRule(stage, action)]
            options.tls = stage == .startTLS ? .startTLS : .none
            options.users = ["u": Secret("p")]
            options.allowsPlainTextAuth = true
            return try SinkServer.start(options)
        }
        defer { for sink in sinks { sink.stop() } }
        let said = try python(
            """
            for port in map(int, sys.argv[2:]):
                said = []
                try:
                    s, f = connect()
                    for line in ["", "EHLO x", "STARTTLS", "AUTH PLAIN AHUAcA==", "QUIT"]:
                        if line: s.sendall(line.encode() + b"\\r\\n")
                        r = reply(f)
                        said.append(r.split("\\n")[-1][:9] or repr(r))
                        if not r or line and said[-1][:3] in ("454", "220"): break
                        if said[-1][:1] in "45" and said[-1][:3] != "502":
                            if said[-1][:3] == "421": said.append(repr(f.read().decode()))
                            break
                except ConnectionResetError: said.append("reset")
                print(*said)
            """,
            port: 0,
            sinks.map { String($0.port) }
        )
        #expect(said == faults.map(\.2))
    }

    @Test func `a client that says nothing is let go, stalled or not`() throws {
        try withSink {
            $0.idleTimeout = .seconds(1)
            $0.rules = [SinkRule(.rcpt, match: "stall@x.example", .stall)]
        } _: { sink in
            let said = try python(
                """
                s, f = connect(); print(reply(f)[:3], f.read())
                s, f = connect(); reply(f)
                s.sendall(b"EHLO x\\r\\nMAIL FROM:<a@x.example>\\r\\n")
                s.sendall(b"RCPT TO:<stall@x.example>\\r\\nQUIT\\r\\n")
                reply(f); print(reply(f)[:9], f.read())
                """,
                port: sink.port
            )
            #expect(said == ["220 b''", "250 2.1.0 b''"])
        }
    }

    @Test(arguments: ["0.0.0.0", "192.0.2.1", "::", "127.0.0.256", "128.0.0.1", "moi.example", "", "127.1"])
    func `only loopback is listened on`(_ host: String) {
        var options = SinkOptions()
        options.host = host
        let error = #expect(throws: UserError.self) { try SinkServer.start(options) }
        #expect(error?.status == .usage)
    }

    @Test func `a port that is taken is an error with a remedy and a stopped sink gives its port back`()
        throws
    {
        let sink = try SinkServer.start(SinkOptions())
        var options = SinkOptions()
        options.port = sink.port
        let error = #expect(throws: UserError.self) { try SinkServer.start(options) }
        #expect(error?.status == .unavailable)
        #expect(error?.remedy.contains("--port") == true)
        sink.stop()
        sink.stop()
        try SinkServer.start(options).stop()
    }
}
