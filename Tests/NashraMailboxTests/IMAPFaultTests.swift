// SPDX-License-Identifier: Apache-2.0
//
// The IMAP source against servers that drop, stall and lie.
import NashraCore
import NashraMailbox
import NashraTestKit
import Synchronization
import Testing

@Suite struct IMAPFaultTests {
    typealias Act = ScriptedMailServer.Act

    private func source(_ server: ScriptedMailServer) throws -> IMAPSource {
        IMAPSource(try .init(access: hasty("imap://127.0.0.1:\(server.port)")))
    }

    private func deletions(_ server: ScriptedMailServer) -> [String] {
        server.lines.filter { line in ["STORE", "EXPUNGE", "MOVE"].contains { line.contains($0) } }
    }

    @Test func `an honest small server is understood, words of the protocol in a body included`() throws {
        let small = SmallIMAP([returnedMail(1, body: protocolText), returnedMail(2)])
        let server = small.start()
        defer { server.stop() }
        let source = try source(server)
        let mails = try source.next(limit: 10)
        #expect(mails.map(\.bytes) == [returnedMail(1, body: protocolText), returnedMail(2)])
        #expect(try source.next(limit: 10).isEmpty)
        try source.acknowledge([mails[0].id])
        #expect(small.state.withLock { $0.messages.keys.sorted() } == [2])
        #expect(server.connections == 1)
    }

    @Test(arguments: ["drop", "stall", "shorter", "longer", "other"])
    func `a message that never comes right is a finding, stays, and stops no other`(_ fault: String) throws {
        let small = SmallIMAP((1...3).map { returnedMail($0) }) { _, command, state in
            guard command == "UID FETCH 2 BODY[]", let bytes = state.messages[2] else { return nil }
            let size = bytes.count
            switch fault {
            case "drop":
                return [.line("* 2 FETCH (UID 2 BODY[] {\(size)}"), .bytes(Array(bytes.prefix(20))), .close]
            case "stall":
                return [.line("* 2 FETCH (UID 2 BODY[] {\(size)}"), .bytes(Array(bytes.prefix(20))), .stall]
            case "shorter":
                // The rest of the message, read as protocol, ends the command.
                let rest = Array("\r\n{tag} OK\r\n".utf8)
                return [.line("* 2 FETCH (UID 2 BODY[] {10}"), .bytes(bytes + rest), .line("{tag} OK")]
            case "longer":
                return [
                    .line("* 2 FETCH (UID 2 BODY[] {\(size + 50)}"), .bytes(bytes), .line(")"),
                    .line("{tag} OK"), .close,
                ]
            default:
                return [
                    .line("* 2 FETCH (UID 3 BODY[] {\(size)}"), .bytes(bytes), .line(")"), .line("{tag} OK"),
                ]
            }
        }
        let server = small.start()
        defer { server.stop() }
        let source = try source(server)
        let mails = try source.next(limit: 10)
        #expect(mails.map(\.bytes) == [1, 3].map { returnedMail($0) })
        let findings = source.takeFindings()
        #expect(findings.count == 1)
        #expect(findings.first?.message.hasPrefix("message 2 could not be fetched") == true)
        #expect(source.takeFindings().isEmpty)
        try source.acknowledge(mails.map(\.id))
        #expect(small.state.withLock { $0.messages.keys.sorted() } == [2])
    }

    @Test
    func `a flag that another client changes meanwhile, or an answer without content, costs no message`()
        throws
    {
        let small = SmallIMAP((1...3).map { returnedMail($0) }) { connection, command, state in
            guard let bytes = state.messages[2] else { return nil }
            switch (connection, command) {
            case (1, "UID FETCH 2 BODY[]"):
                return [
                    .line("* 3 FETCH (FLAGS (\\Seen))"), .line("* 2 FETCH (UID 2 BODY[] {\(bytes.count)}"),
                    .bytes(bytes), .line(")"), .line("{tag} OK"),
                ]
            case (2, "UID FETCH 3 BODY[]"): return [.line("* 3 FETCH (UID 3 BODY[] NIL)"), .line("{tag} OK")]
            default: return nil
            }
        }
        let server = small.start()
        defer { server.stop() }
        let source = try source(server)
        #expect(try source.next(limit: 10).map(\.bytes) == (1...3).map { returnedMail($0) })
        #expect(source.takeFindings().isEmpty)
    }

    @Test func `a server that fails for every message is an error, and nothing is deleted`() throws {
        let small = SmallIMAP((1...9).map { returnedMail($0) }) { _, command, _ in
            command.hasPrefix("UID FETCH") ? [.close] : nil
        }
        let server = small.start()
        defer { server.stop() }
        let error = #expect(throws: UserError.self) { try source(server).next(limit: 10) }
        #expect(error?.status == .unavailable)
        #expect(deletions(server).isEmpty)
    }

    @Test func `what was fetched before a fault is handed out before the error`() throws {
        let small = SmallIMAP((1...9).map { returnedMail($0) }) { connection, command, _ in
            connection > 1 || command == "UID FETCH 3 BODY[]" ? [.close] : nil
        }
        let server = small.start()
        defer { server.stop() }
        let source = try source(server)
        #expect(try source.next(limit: 10).map(\.bytes) == [1, 2].map { returnedMail($0) })
        #expect(throws: UserError.self) { try source.next(limit: 10) }
    }

    @Test(
        arguments: ["", "CAPABILITY", "AUTHENTICATE", "SELECT", "NOOP", "UID SEARCH"],
        [Act.close, .stall]
    )
    func `a server that drops or stalls at any step is unavailable, within the time allowed`(
        _ step: String,
        _ fault: ScriptedMailServer.Act
    ) throws {
        let small = SmallIMAP([returnedMail(1)]) { _, command, _ in
            step.isEmpty ? (command.isEmpty ? [fault] : nil) : (command.hasPrefix(step) ? [fault] : nil)
        }
        let server = small.start()
        defer { server.stop() }
        let clock = ContinuousClock()
        let start = clock.now
        let hasty = try hasty("imap://127.0.0.1:\(server.port)", total: .milliseconds(500))
        let error = #expect(throws: UserError.self) { try IMAPSource(.init(access: hasty)).next(limit: 10) }
        #expect(error?.status == .unavailable)
        #expect(clock.now - start < .seconds(10))
        #expect(deletions(server).isEmpty)
    }

    @Test func `a connection lost while deleting is made again, and the same messages go`() throws {
        let small = SmallIMAP((1...3).map { returnedMail($0) }) { connection, command, _ in
            connection == 1 && command.hasPrefix("UID STORE") ? [.close] : nil
        }
        let server = small.start()
        defer { server.stop() }
        let source = try source(server)
        let mails = try source.next(limit: 2)
        try source.acknowledge(mails.map(\.id))
        #expect(small.state.withLock { $0.messages.keys.sorted() } == [3])
        #expect(try source.next(limit: 2).map(\.bytes) == [returnedMail(3)])
    }

    @Test func `a folder made anew is an error, deletes nothing, and is read from the start`() throws {
        let small = SmallIMAP((1...3).map { returnedMail($0) }) { connection, command, state in
            guard connection == 1, command.hasPrefix("UID STORE") else { return nil }
            // Restored from a backup meanwhile: the numbers mean other messages.
            state.uidValidity = 78
            state.messages = [1: returnedMail(11), 2: returnedMail(12)]
            return [.close]
        }
        let server = small.start()
        defer { server.stop() }
        let source = try source(server)
        let old = try source.next(limit: 2).map(\.id)
        let error = #expect(throws: UserError.self) { try source.acknowledge(old) }
        #expect(error?.status == .tryAgain)
        #expect(try source.next(limit: 10).map(\.bytes) == [11, 12].map { returnedMail($0) })
        let again = #expect(throws: UserError.self) { try source.acknowledge(old) }
        #expect(again?.status == .tryAgain)
        #expect(small.state.withLock { $0.messages.count } == 2)
    }

    @Test func `without UIDPLUS nobody else's deleted messages are expunged`() throws {
        let small = SmallIMAP((1...3).map { returnedMail($0) })
        small.state.withLock {
            $0.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN"
            $0.deleted = [3]
        }
        let server = small.start()
        defer { server.stop() }
        let source = try source(server)
        let mails = try source.next(limit: 10)
        #expect(mails.count == 2)
        try source.acknowledge([mails[0].id])
        #expect(small.state.withLock { $0.messages.count } == 3)
        #expect(small.state.withLock { $0.deleted } == [1, 3])
        small.state.withLock { $0.deleted = [1] }
        try source.acknowledge([mails[1].id])
        #expect(small.state.withLock { $0.messages.count } == 3, "1 is marked, and not by this call")
        small.state.withLock { $0.deleted = [] }
        try source.acknowledge(mails.map(\.id))
        #expect(small.state.withLock { $0.messages.keys.sorted() } == [3])
    }

    @Test func `a flood of lines ends the session`() throws {
        let small = SmallIMAP([returnedMail(1)]) { _, command, _ in
            let flood = Array("* OK \(String(repeating: "x", count: 990))\r\n".utf8)
            return command.hasPrefix("UID SEARCH") ? (0..<2000).map { _ in .bytes(flood) } : nil
        }
        let server = small.start()
        defer { server.stop() }
        let error = #expect(throws: UserError.self) { try source(server).next(limit: 10) }
        #expect(error?.status == .unavailable)
    }

    @Test func `a gap of millions of numbers costs a few searches`() throws {
        let small = SmallIMAP([])
        small.state.withLock {
            $0.messages = [
                5: returnedMail(5), 4_000_000_000: returnedMail(6), 4_294_967_295: returnedMail(7),
            ]
        }
        let server = small.start()
        defer { server.stop() }
        let source = try source(server)
        #expect(try source.next(limit: 10).map(\.bytes) == [5, 6, 7].map { returnedMail($0) })
        #expect(try source.next(limit: 10).isEmpty)
        #expect(server.lines.filter { $0.contains("SEARCH") }.count < 20)
    }

    @Test func `a mailbox in use is to be tried again, and words of the server are shown tamed`() throws {
        let small = SmallIMAP([]) { _, command, _ in
            command.hasPrefix("AUTHENTICATE") ? [.line("{tag} NO [INUSE] مشغول \u{1B}[31m\u{202E}")] : nil
        }
        let server = small.start()
        defer { server.stop() }
        let error = #expect(throws: UserError.self) { try source(server).next(limit: 10) }
        #expect(error?.status == .tryAgain)
        #expect(error?.message.contains("مشغول") == true)
        #expect(error?.message.unicodeScalars.contains("\u{1B}") == false)
        #expect(error?.message.unicodeScalars.contains("\u{202E}") == false)
    }

    @Test func `a server that knows the LOGIN command only is logged in to`() throws {
        let small = SmallIMAP([returnedMail(1)])
        small.state.withLock { $0.capabilities = "IMAP4rev1" }
        let server = small.start()
        defer { server.stop() }
        #expect(try source(server).next(limit: 10).count == 1)
        #expect(server.lines.contains { $0.contains("LOGIN bounces geheim") })
    }

    @Test func `without STARTTLS no password leaves for another host, whatever the name resolves to`() throws
    {
        let small = SmallIMAP([returnedMail(1)])
        let server = small.start()
        defer { server.stop() }
        var access = try hasty("imap://127.0.0.1:\(server.port)")
        access.startsTLS = true
        let error = #expect(throws: UserError.self) { try IMAPSource(.init(access: access)).next(limit: 10) }
        #expect(error?.status == .unavailable)
        #expect(error?.remedy.contains("imaps://") == true)
        #expect(server.lines.allSatisfy { !$0.contains("AUTHENTICATE") && !$0.contains("LOGIN") })
        #expect(
            try MailboxAccess(url: MailboxURL("imap://u@mail.example.org"), login: .password(Secret("x")))
                .startsTLS
        )
    }
}
