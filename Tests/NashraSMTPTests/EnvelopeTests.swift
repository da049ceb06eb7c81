// SPDX-License-Identifier: Apache-2.0
//
// Whom a message is from and for, as the relay is told it, and what is never told to one.
// Pure.
import NashraCore
import Testing

@testable import NashraSMTP

@Suite struct EnvelopeTests {
    @Test func `an address in Arabic needs SMTPUTF8 and says so`() throws {
        try expect(
            hello + """
                T: علي@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900 SMTPUTF8
                C: RCPT TO:<علي@moi.example>
                C: DATA
                S: 250 Ok
                S: 250 Ok
                S: 354 go on
                I: granted
                C: <body and dot>
                S: 250 Ok
                = accepted 250 Ok (open)
                """
        )
        try expect(plainHello + "T: علي@moi.example\n= rcpt/recipient/give-up (open)")
    }

    @Test func `BODY=8BITMIME is said only when needed, and 8-bit is not sent where it is not offered`()
        throws
    {
        let eightBit = Replay(isSevenBit: false)
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900 BODY=8BITMIME
                C: RCPT TO:<ali@moi.example>
                C: DATA
                X: lost
                = mail/connection/retry (closed)
                """,
            with: eightBit
        )
        try expect(plainHello + "T: ali@moi.example\n= mail/campaign/ask-operator (open)", with: eightBit)
    }

    @Test func `a message that nothing may answer has no sender`() throws {
        try expect(
            hello + """
                T: إدارة@moi.example
                C: MAIL FROM:<> SIZE=900 SMTPUTF8
                C: RCPT TO:<إدارة@moi.example>
                C: DATA
                S: 250 Ok
                S: 250 Ok
                S: 354 go on
                I: granted
                C: <body and dot>
                S: 250 Ok
                = accepted 250 Ok (open)
                """,
            with: Replay(sender: "")
        )
    }

    @Test func `a message above the server's SIZE is nobody's fault and is not sent`() throws {
        try expect(
            hello + "T: ali@moi.example\n= mail/campaign/ask-operator (open)",
            with: Replay(size: 1_000_001)
        )
    }

    @Test(arguments: [
        " ", "a@b>\r\nRCPT TO:<x@y", "a b@c", "\"a\"@b", "مرسل@moi.example",
        String(repeating: "a", count: 255),
    ])
    func `a sender that is not fit for the wire never reaches it`(_ sender: String) throws {
        try expect(
            hello + "T: ali@moi.example\n= mail/campaign/ask-operator (open)",
            with: Replay(sender: sender)
        )
    }
}
