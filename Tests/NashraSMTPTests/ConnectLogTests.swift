// SPDX-License-Identifier: Apache-2.0
//
// The log of an opening: steps from the commands that pass by, and no password ever looked at.
// Pure.
import NashraCore
import Testing

@testable import NashraSMTP

@Suite struct ConnectLogTests {
    @Test func `steps follow the commands, and a reply belongs to its step`() {
        let log = ConnectLog()
        #expect(log.stage == .connect)
        #expect(log.received(Array("220 أهلا\r\n".utf8)))
        #expect(log.stage == .greeting && log.reply?.text == "أهلا")
        log.sent(Array("EHLO a.example\r\n".utf8))
        #expect(log.stage == .ehlo && log.reply == nil)
        #expect(log.received(Array("250-x\r\n".utf8)) && log.received(Array("250 STARTTLS\r\n".utf8)))
        log.sent(Array("STARTTLS\r\n".utf8))
        #expect(log.stage == .startTLS)
        log.sent(Array("EHLO a.example\r\n".utf8))
        #expect(log.stage == .ehlo)
    }

    @Test func `a password that looks like a command moves nothing, and only a 235 is a login`() {
        let log = ConnectLog()
        log.sent(Array("AUTH LOGIN\r\n".utf8))
        #expect(log.received(Array("334 VXNlcm5hbWU6\r\n".utf8)))
        log.sent(Array("STARTTLS\r\n".utf8))
        log.sent(Array("EHLO bbb\r\n".utf8))
        #expect(log.stage == .auth && !log.isAuthenticated)
        #expect(log.received(Array("235 2.7.0 Ok\r\n".utf8)))
        #expect(log.isAuthenticated)
    }

    @Test func `a server that speaks something else is told from one that is silent`() {
        let log = ConnectLog()
        #expect(!log.received(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)))
        #expect(log.fault == .malformed)
    }
}
