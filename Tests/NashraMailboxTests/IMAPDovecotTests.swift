// SPDX-License-Identifier: Apache-2.0
//
// The IMAP source against a real Dovecot on loopback.
import Foundation
import NashraCore
import NashraMailbox
import NashraTestKit
import Testing

@Suite(.withDovecot) struct IMAPDovecotTests {
    private let dovecot: DovecotInstance
    private let user: String

    init() throws {
        dovecot = try #require(DovecotTrait.running)
        user = dovecot.newUser()
    }

    private func url(folder: String = "INBOX") -> String {
        "imap://\(user)@127.0.0.1:\(dovecot.imapPort)/\(folder)"
    }

    private func source(done: String? = nil, folder: String = "INBOX") throws -> IMAPSource {
        IMAPSource(try IMAPSource.Settings(access: access(url(folder: folder)), doneFolder: done))
    }

    @Test func `messages come whole, are kept until they are acknowledged, and then go`() throws {
        let mails = [
            returnedMail(1), returnedMail(2, body: protocolText), returnedMail(3, body: ""),
            returnedMail(4, body: String(repeating: "نص طويل ", count: 20_000) + "\r\n"),
        ]
        for mail in mails { try dovecot.deliver(mail, to: user) }
        let source = try source()
        let first = try source.next(limit: 3)
        let second = try source.next(limit: 3)
        #expect((first + second).map(\.bytes) == mails)
        #expect(Set((first + second).map(\.id)).count == 4)
        #expect(try source.next(limit: 3).isEmpty)
        #expect(try dovecot.messages(of: user).count == 4)
        try source.acknowledge(first.map(\.id))
        source.close()
        #expect(try dovecot.messages(of: user) == [mails[3]])
        #expect(source.takeFindings().isEmpty)
        #expect(source.name == "imap://\(user)@127.0.0.1:\(dovecot.imapPort)/INBOX")
    }

    @Test func `what was not acknowledged comes again, and new mail comes too`() throws {
        try dovecot.deliver(returnedMail(1), to: user)
        let before = try source()
        let seen = try before.next(limit: 10)
        before.close()
        let after = try source()
        #expect(try after.next(limit: 10) == seen)
        #expect(try after.next(limit: 10).isEmpty)
        try dovecot.deliver(returnedMail(2), to: user)
        #expect(try after.next(limit: 10).map(\.bytes) == [returnedMail(2)])
    }

    @Test func `an empty mailbox is no error, nor is a message without content`() throws {
        let source = try source()
        #expect(try source.next(limit: 10).isEmpty)
        try dovecot.deliver([], to: user)
        try dovecot.deliver(returnedMail(1), to: user)
        #expect(try source.next(limit: 10).map(\.bytes) == [[], returnedMail(1)])
    }

    @Test func `a message that somebody else deletes is passed over, and the others come`() throws {
        for number in 1...5 { try dovecot.deliver(returnedMail(number), to: user) }
        let mine = try source()
        let other = try source()
        #expect(try mine.next(limit: 1).map(\.bytes) == [returnedMail(1)])
        let all = try other.next(limit: 10)
        try other.acknowledge([all[1].id, all[3].id])
        let left = try mine.next(limit: 10)
        #expect(left.map(\.bytes) == [3, 5].map { returnedMail($0) }, "\(left.map(\.id))")
        try mine.acknowledge(all.map(\.id))
        #expect(try dovecot.messages(of: user).isEmpty)
        #expect(mine.takeFindings().isEmpty)
    }

    @Test func `unreadable mail is moved to Nashra Unparsed, which is made when it is missing`() throws {
        for number in 1...3 { try dovecot.deliver(returnedMail(number), to: user) }
        let source = try source()
        let mails = try source.next(limit: 10)
        try source.setAside([mails[1].id])
        try source.setAside([mails[2].id])
        #expect(try dovecot.messages(of: user) == [returnedMail(1)])
        #expect(
            try dovecot.messages(of: user, folder: ".Nashra.Unparsed") == [2, 3].map { returnedMail($0) }
        )
    }

    @Test func `acknowledged mail can be moved to a folder with an Arabic name`() throws {
        for number in 1...2 { try dovecot.deliver(returnedMail(number), to: user) }
        let source = try source(done: "Bounces & Co/مرتجع \"٢\"")
        try source.acknowledge(try source.next(limit: 10).map(\.id))
        #expect(try dovecot.messages(of: user).isEmpty)
        let done = "Bounces%20%26%20Co/%D9%85%D8%B1%D8%AA%D8%AC%D8%B9%20%22%D9%A2%22"
        #expect(
            try self.source(folder: done).next(limit: 10).map(\.bytes) == [1, 2].map { returnedMail($0) }
        )
    }

    @Test func `a mailbox larger than one search comes whole and in order`() throws {
        for number in 1...640 { try dovecot.deliver(returnedMail(number), to: user) }
        let source = try source()
        var bodies: [[UInt8]] = []
        while true {
            let mails = try source.next(limit: 400)
            if mails.isEmpty { break }
            bodies += mails.map(\.bytes)
            try source.acknowledge(mails.map(\.id))
        }
        #expect(bodies == (1...640).map { returnedMail($0) })
        #expect(try dovecot.messages(of: user).isEmpty)
    }

    @Test func `a message over the limit is cut, and the next one comes`() throws {
        let line = String(repeating: "y", count: 98) + "\r\n"
        try dovecot.deliver(Array(String(repeating: line, count: 120_000).utf8), to: user)
        try dovecot.deliver(returnedMail(2), to: user)
        let mails = try source().next(limit: 10)
        #expect(mails.map(\.bytes.count) == [ReturnedMail.maximumBytes, returnedMail(2).count])
    }

    @Test func `TLS works by STARTTLS and at once, and a certificate nobody vouches for is refused`() throws {
        try dovecot.deliver(returnedMail(1), to: user)
        var plain = try access(url(), caFile: dovecot.caFile)
        plain.startsTLS = true
        #expect(try IMAPSource(.init(access: plain)).next(limit: 1).map(\.bytes) == [returnedMail(1)])
        let secure = "imaps://\(user)@localhost:\(dovecot.imapsPort)"
        let trusting = try access(secure, caFile: dovecot.caFile)
        #expect(try IMAPSource(.init(access: trusting)).next(limit: 1).map(\.bytes) == [returnedMail(1)])
        let error = #expect(throws: UserError.self) {
            try IMAPSource(.init(access: access(secure))).next(limit: 1)
        }
        #expect(error?.status == .unavailable)
        #expect(error?.remedy.contains("ca_file") == true)
        plain.caFile = nil
        #expect(throws: UserError.self) { try IMAPSource(.init(access: plain)).next(limit: 1) }
    }

    @Test func `a wrong password is our fault and is not shown`() throws {
        let wrong = try access(url(), login: .password(Secret("خطأ-wrong")))
        let error = #expect(throws: UserError.self) { try IMAPSource(.init(access: wrong)).next(limit: 1) }
        #expect(error?.status == .configuration)
        #expect(error?.description.contains("wrong") == false)
    }

    @Test func `an access token opens the mailbox, and an expired one does not`() throws {
        try dovecot.deliver(returnedMail(1), to: user)
        let good = try access(url(), login: .token(Secret(webToken(for: user, expires: 4_000_000_000))))
        #expect(try IMAPSource(.init(access: good)).next(limit: 1).map(\.bytes) == [returnedMail(1)])
        let old = try access(url(), login: .token(Secret(webToken(for: user, expires: 1_000_000_000))))
        let error = #expect(throws: UserError.self) { try IMAPSource(.init(access: old)).next(limit: 1) }
        #expect(error?.status == .configuration)
        #expect(error?.remedy.contains("token") == true)
    }
}

/// Has a Dovecot of its own, because it stops it.
@Test func `a server that was started again is connected to again`() throws {
    let dovecot = try DovecotInstance()
    let user = dovecot.newUser()
    let url = "imap://\(user)@127.0.0.1:\(dovecot.imapPort)"
    for number in 1...3 { try dovecot.deliver(returnedMail(number), to: user) }
    let source = IMAPSource(try .init(access: access(url)))
    let first = try source.next(limit: 1)
    dovecot.stop()
    #expect(throws: UserError.self) { try IMAPSource(.init(access: access(url))).next(limit: 1) }
    try dovecot.start()
    try source.acknowledge(first.map(\.id))
    #expect(try source.next(limit: 10).map(\.bytes) == [2, 3].map { returnedMail($0) })
    #expect(try dovecot.messages(of: user).count == 2)
}
