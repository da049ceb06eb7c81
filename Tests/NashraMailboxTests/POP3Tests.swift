// SPDX-License-Identifier: Apache-2.0
//
// The POP3 source against a real Dovecot on loopback.
import NashraCore
import NashraMailbox
import NashraTestKit
import Testing

@Suite(.withDovecot) struct POP3DovecotTests {
    private let dovecot: DovecotInstance
    private let user: String

    init() throws {
        dovecot = try #require(DovecotTrait.running)
        user = dovecot.newUser()
    }

    private var url: String { "pop3://\(user)@127.0.0.1:\(dovecot.pop3Port)" }

    @Test func `messages come whole, and go when the session ends`() throws {
        let mails = [
            returnedMail(1), returnedMail(2, body: protocolText), returnedMail(3, body: ""),
            returnedMail(4, body: "."),
            returnedMail(5, body: "\r\n.\r\n..\r\n.x\r\n"),
            returnedMail(6, body: String(repeating: "نص ", count: 30_000)),
        ]
        for mail in mails { try dovecot.deliver(mail, to: user) }
        let source = try POP3Source(access(url))
        let first = try source.next(limit: 4)
        try source.acknowledge(first.map(\.id))
        let second = try source.next(limit: 4)
        // POP3 ends every message with a line's end.
        let whole = mails.map { $0.suffix(2) == [13, 10] ? $0 : $0 + [13, 10] }
        #expect((first + second).map(\.bytes) == whole)
        #expect(try dovecot.messages(of: user).count == 6)
        #expect(try source.next(limit: 4).isEmpty)
        #expect(try dovecot.messages(of: user).count == 2)
        try source.acknowledge(second.map(\.id))
        source.close()
        #expect(try dovecot.messages(of: user).isEmpty)
        #expect(source.takeFindings().isEmpty)
    }

    @Test func `what was not acknowledged comes again, and new mail comes too`() throws {
        try dovecot.deliver(returnedMail(1), to: user)
        let before = try POP3Source(access(url))
        let seen = try before.next(limit: 10)
        before.close()
        let after = try POP3Source(access(url))
        #expect(try after.next(limit: 10) == seen)
        #expect(try after.next(limit: 10).isEmpty)
        try dovecot.deliver(returnedMail(2), to: user)
        #expect(try after.next(limit: 10).map(\.bytes) == [returnedMail(2)])
    }

    @Test func `an empty mailbox is no error`() throws {
        #expect(try POP3Source(access(url)).next(limit: 10).isEmpty)
    }

    @Test func `unreadable mail stays, is not handed out again, and is a finding`() throws {
        try dovecot.deliver(returnedMail(1), to: user)
        let source = try POP3Source(access(url))
        try source.setAside(source.next(limit: 10).map(\.id))
        #expect(try source.next(limit: 10).isEmpty)
        #expect(try source.next(limit: 10).isEmpty)
        source.close()
        #expect(try dovecot.messages(of: user).count == 1)
        #expect(source.takeFindings().map(\.severity) == [.warning])
    }

    @Test func `a message over the limit is cut, what was acknowledged still goes`() throws {
        try dovecot.deliver(returnedMail(1), to: user)
        let line = String(repeating: "y", count: 98) + "\r\n"
        try dovecot.deliver(Array(String(repeating: line, count: 120_000).utf8), to: user)
        try dovecot.deliver(returnedMail(3), to: user)
        let source = try POP3Source(access(url))
        let first = try source.next(limit: 1)
        try source.acknowledge(first.map(\.id))
        let rest = try source.next(limit: 10)
        #expect(rest.map(\.bytes.count) == [ReturnedMail.maximumBytes, returnedMail(3).count])
        try source.acknowledge(rest.map(\.id))
        #expect(try source.next(limit: 10).isEmpty)
        #expect(try dovecot.messages(of: user).isEmpty)
    }

    @Test func `TLS works by STLS and at once, and is verified`() throws {
        try dovecot.deliver(returnedMail(1), to: user)
        var plain = try access(url, caFile: dovecot.caFile)
        plain.startsTLS = true
        let first = try POP3Source(plain)
        #expect(try first.next(limit: 1).map(\.bytes) == [returnedMail(1)])
        first.close()
        let secure = "pop3s://\(user)@localhost:\(dovecot.pop3sPort)"
        let second = try POP3Source(access(secure, caFile: dovecot.caFile))
        #expect(try second.next(limit: 1).map(\.bytes) == [returnedMail(1)])
        second.close()
        let error = #expect(throws: UserError.self) { try POP3Source(access(secure)).next(limit: 1) }
        #expect(error?.status == .unavailable)
    }

    @Test func `a wrong password is our fault, a token opens`() throws {
        let wrong = try access(url, login: .password(Secret("خطأ")))
        let error = #expect(throws: UserError.self) { try POP3Source(wrong).next(limit: 1) }
        #expect(error?.status == .configuration)
        try dovecot.deliver(returnedMail(1), to: user)
        let good = try access(url, login: .token(Secret(webToken(for: user, expires: 4_000_000_000))))
        #expect(try POP3Source(good).next(limit: 1).count == 1)
    }
}

@Suite struct POP3FaultTests {
    typealias Act = ScriptedMailServer.Act

    /// Two messages, and one thing wrong; names are the messages' numbers with a letter.
    private func server(_ fault: @escaping @Sendable (Int, String) -> [Act]?) -> ScriptedMailServer {
        ScriptedMailServer { connection, line in
            if let acts = fault(connection, line) { return acts }
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case nil: return [.line("+OK ready")]
            case "CAPA": return [.line("+OK"), .line("SASL PLAIN"), .line("UIDL"), .line(".")]
            case "UIDL": return [.line("+OK"), .line("1 a"), .line("2 b"), .line(".")]
            case "AUTH" where words.count == 2: return [.line("+ ")]
            case "RETR":
                return [.line("+OK"), .bytes(returnedMail(words.last == "1" ? 1 : 2)), .line(".")]
            case "QUIT": return [.line("+OK"), .close]
            default: return [.line("+OK")]
            }
        }
    }

    private func source(_ server: ScriptedMailServer, total: Duration = .seconds(4)) throws -> POP3Source {
        try POP3Source(hasty("pop3://127.0.0.1:\(server.port)", total: total))
    }

    @Test func `a message that breaks off is fetched again, not taken for whole`() throws {
        let server = server { connection, line in
            connection == 1 && line == "RETR 2"
                ? [.line("+OK"), .bytes(Array(returnedMail(2).prefix(40))), .close] : nil
        }
        defer { server.stop() }
        let source = try source(server)
        #expect(try source.next(limit: 10).map(\.bytes) == [1, 2].map { returnedMail($0) })
        #expect(source.takeFindings().isEmpty)
        source.close()
        #expect(server.connections == 2)
        #expect(!server.lines.contains { $0.hasPrefix("DELE") })
    }

    @Test func `a message that always breaks off is a finding, and the others are kept and deleted`() throws {
        let server = server { _, line in
            line == "RETR 1" ? [.line("+OK"), .bytes(Array(returnedMail(1).prefix(40))), .close] : nil
        }
        defer { server.stop() }
        let source = try source(server)
        let mails = try source.next(limit: 10)
        #expect(mails.map(\.id) == ["b"])
        #expect(source.takeFindings().count == 1)
        try source.acknowledge(["b"])
        #expect(try source.next(limit: 10).isEmpty)
        #expect(server.lines.filter { $0.hasPrefix("DELE") } == ["DELE 2"])
        #expect(server.lines.last == "QUIT")
    }

    @Test(arguments: [
        ("", Act.close), ("CAPA", .close), ("AUTH", .close), ("UIDL", .close), ("UIDL", .stall),
    ])
    func `a server that drops or stalls while it is opened is unavailable`(
        _ step: String,
        _ fault: ScriptedMailServer.Act
    ) throws {
        let server = server { _, line in
            (step.isEmpty ? line.isEmpty : line.hasPrefix(step)) ? [fault] : nil
        }
        defer { server.stop() }
        let error = #expect(throws: UserError.self) {
            try source(server, total: .milliseconds(500)).next(limit: 10)
        }
        #expect(error?.status == .unavailable)
    }

    @Test func `numbers of an old session are never deleted in a new one`() throws {
        let server = server { connection, line in
            switch (connection, line) {
            case (1, "DELE 2"): [.close]
            // Meanwhile somebody else deleted the first message and one came.
            case (2, "UIDL"): [.line("+OK"), .line("1 b"), .line("2 c"), .line(".")]
            default: nil
            }
        }
        defer { server.stop() }
        let source = try source(server)
        try source.acknowledge(source.next(limit: 10).map(\.id))
        source.close()
        #expect(server.lines.filter { $0.hasPrefix("DELE") } == ["DELE 1", "DELE 2", "DELE 1"])
    }

    @Test func `deletions the server does not confirm are an error and are made again`() throws {
        let server = server { connection, line in
            connection == 1 && line == "QUIT" ? [.line("-ERR [SYS/TEMP] لاحقا"), .close] : nil
        }
        defer { server.stop() }
        let source = try source(server)
        try source.acknowledge(source.next(limit: 10).map(\.id))
        let error = #expect(throws: UserError.self) { try source.next(limit: 10) }
        #expect(error?.status == .tryAgain)
        #expect(try source.next(limit: 10).isEmpty)
        #expect(server.lines.filter { $0.hasPrefix("DELE") }.count == 4)
    }

    @Test func `a locked mailbox is to be tried again`() throws {
        let server = server { _, line in line.hasPrefix("AUTH") ? [.line("-ERR [IN-USE] مقفل")] : nil }
        defer { server.stop() }
        let error = #expect(throws: UserError.self) { try source(server).next(limit: 10) }
        #expect(error?.status == .tryAgain)
    }

    @Test(arguments: ["1", "x y", "0 a", "1 a b", "99999999999 a"])
    func `a listing without lasting names is an error`(_ line: String) throws {
        let server = server { _, command in command == "UIDL" ? [.line("+OK"), .line(line), .line(".")] : nil
        }
        defer { server.stop() }
        let error = #expect(throws: UserError.self) { try source(server).next(limit: 10) }
        #expect(error?.status == .unavailable)
        let old = self.server { _, command in command == "UIDL" ? [.line("-ERR what")] : nil }
        defer { old.stop() }
        let missing = #expect(throws: UserError.self) { try source(old).next(limit: 10) }
        #expect(missing?.message.contains("UIDL") == true)
    }
}
