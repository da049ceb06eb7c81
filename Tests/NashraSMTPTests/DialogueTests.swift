// SPDX-License-Identifier: Apache-2.0
//
// The dialogue, as transcripts: every line we write, and what comes out.
// Pure. Each transcript is also replayed with the server's bytes cut at every place.
import NashraCore
import Testing

@testable import NashraSMTP

@Suite struct DialogueTests {
    @Test func `a message costs two writes when the relay pipelines, and the next one needs no RSET`() throws
    {
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<ali@moi.example>
                C: DATA
                S: 250 2.1.0 Ok
                S: 250 2.1.5 Ok
                S: 354 End data with <CR><LF>.<CR><LF>
                I: granted
                C: <body and dot>
                S: 250 2.0.0 Ok: queued as 4C3
                = accepted 250 2.0.0 Ok: queued as 4C3 (open)
                T: huda@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<huda@moi.example>
                C: DATA
                S: 250 Ok
                S: 250 Ok
                S: 354 go on
                I: granted
                C: <body and dot>
                S: 250 تم القبول
                = accepted 250 تم القبول (open)
                """
        )
    }

    @Test func `without PIPELINING each command waits for its reply, and a refusal spares the rest`() throws {
        try expect(
            plainHello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example>
                S: 250 Ok
                C: RCPT TO:<ali@moi.example>
                S: 550 5.1.1 no such user
                = rcpt/recipient/give-up 550 5.1.1 no such user (open)
                T: huda@moi.example
                C: RSET
                S: 250 Ok
                C: MAIL FROM:<b+k4@bounces.example>
                S: 250 Ok
                C: RCPT TO:<huda@moi.example>
                S: 250 Ok
                C: DATA
                S: 354 go on
                I: granted
                C: <body and dot>
                S: 250 Ok
                = accepted 250 Ok (open)
                """
        )
    }

    @Test func `a refused recipient costs one RSET, which leaves with the next message's commands`() throws {
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<ali@moi.example>
                C: DATA
                S: 250 Ok
                S: 450-4.2.0 greylisted,
                S: 450 4.2.0 come back later
                S: 554 5.5.1 no valid recipients
                = rcpt/recipient/retry 450 4.2.0 greylisted, come back later (open)
                T: huda@moi.example
                C: RSET
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<huda@moi.example>
                C: DATA
                S: 250 reset
                S: 250 Ok
                S: 250 Ok
                S: 354 go on
                I: granted
                C: <body and dot>
                S: 250 Ok
                = accepted 250 Ok (open)
                """
        )
    }

    @Test func `DATA granted although the one recipient was refused gets a lone dot that counts for nothing`()
        throws
    {
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<ali@moi.example>
                C: DATA
                S: 250 Ok
                S: 550 5.1.1 unknown
                S: 354 go on
                C: .
                S: 250 Ok
                = rcpt/recipient/give-up 550 5.1.1 unknown (open)
                T: huda@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<huda@moi.example>
                C: DATA
                S: 550 5.7.1 sender refused
                S: 503 no MAIL
                S: 503 no RCPT
                = mail/campaign/ask-operator 550 5.7.1 sender refused (open)
                """
        )
    }

    @Test
    func `a lone dot is never written when the recipient was taken, because it would send an empty mail`()
        throws
    {
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<ali@moi.example>
                C: DATA
                S: 550 sender refused
                S: 250 Ok
                S: 354 go on
                = mail/campaign/ask-operator 550 sender refused (closed)
                """
        )
    }

    @Test func `an unanswered lone dot leaves the refusal as it is`() throws {
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<ali@moi.example>
                C: DATA
                S: 250 Ok
                S: 552 5.2.2 too many
                S: 354 go on
                C: .
                X: silence
                = rcpt/recipient/retry 552 5.2.2 too many (closed)
                """
        )
    }

    @Test(arguments: [
        ("S: 421 4.3.2 closing", "mail/connection/retry 421 4.3.2 closing"),
        ("S: 250 Ok\nS: 421 closing", "rcpt/connection/retry 421 closing"),
        ("S: 250 Ok\nS: 250 Ok\nS: 421 closing", "data/connection/retry 421 closing"),
        ("S: 250 Ok\nS: 550 5.1.1 unknown\nS: 421 closing", "rcpt/recipient/give-up 550 5.1.1 unknown"),
        ("S: 354 what", "mail/connection/retry 354 what"),
        ("S: 250 Ok\nS: 250 Ok\nS: 250 what", "data/connection/retry 250 what"),
        ("S: 250 Ok\nS: 250 Ok\nS: 451 4.3.0 later", "data/relay/retry 451 4.3.0 later"),
        ("S: 530 5.7.0 login first", "mail/configuration/ask-operator 530 5.7.0 login first"),
        ("S: 250 Ok\nX: silence", "rcpt/connection/retry"),
        ("S: HTTP/1.1 400 Bad Request", "mail/connection/retry"),
    ])
    func `replies before the body that are not the usual ones`(_ replies: String, _ result: String) throws {
        let open = result.hasPrefix("data/relay") || result.hasPrefix("mail/configuration")
        var replies = replies
        if result.hasPrefix("mail/configuration") { replies += "\nS: 503 no\nS: 503 no" }
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<ali@moi.example>
                C: DATA
                \(replies)
                = \(result) (\(open ? "open" : "closed"))
                """
        )
    }

    @Test(arguments: [
        ("S: 451 4.3.0 later", "after-dot/relay/retry 451 4.3.0 later (open)"),
        ("S: 554 5.7.1 محتوى مرفوض", "after-dot/recipient/give-up 554 5.7.1 محتوى مرفوض (open)"),
        ("S: 421 4.3.2 closing", "after-dot/connection/retry 421 4.3.2 closing (closed)"),
        ("X: silence", "after-dot/ambiguous/resolve (closed)"),
        ("X: reset", "after-dot/ambiguous/resolve (closed)"),
        ("S: 354 what", "after-dot/ambiguous/resolve 354 what (closed)"),
        ("S: 25", "after-dot/ambiguous/resolve (closed)"),
        ("X: dot is out", "after-dot/ambiguous/resolve (closed)"),
        ("X: early", "body/connection/retry (closed)"),
    ])
    func `what comes instead of a 250 after the dot`(_ reply: String, _ result: String) throws {
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<ali@moi.example>
                C: DATA
                S: 250 Ok
                S: 250 Ok
                S: 354 go on
                I: granted
                C: <body and dot>
                \(reply)
                = \(result)
                """
        )
    }

    @Test func `when the intent says no, the dot is not written and the connection ends`() throws {
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=900
                C: RCPT TO:<ali@moi.example>
                C: DATA
                S: 250 Ok
                S: 250 Ok
                S: 354 go on
                I: refused
                = withdrawn (closed)
                """
        )
    }

    @Test(arguments: [
        ("I: granted\nC: <dot>\nS: 250 Ok", "accepted 250 Ok (open)"),
        ("S: 552 5.3.4 too big", "body/recipient/give-up 552 5.3.4 too big (closed)"),
        ("S: 452 4.3.1 disk full", "body/relay/retry 452 4.3.1 disk full (closed)"),
        ("S: 421 4.3.2 closing", "body/connection/retry 421 4.3.2 closing (closed)"),
        ("S: 250 Ok already", "body/connection/retry 250 Ok already (closed)"),
        ("X: early", "body/connection/retry (closed)"),
        ("I: granted\nC: <dot>\nX: early", "before-dot/connection/retry (closed)"),
        ("I: granted\nC: <dot>\nX: dot is out", "after-dot/ambiguous/resolve (closed)"),
    ])
    func `a large body leaves before the intent, and a server that has seen enough is heard`(
        _ rest: String,
        _ result: String
    ) throws {
        try expect(
            hello + """
                T: ali@moi.example
                C: MAIL FROM:<b+k4@bounces.example> SIZE=90000
                C: RCPT TO:<ali@moi.example>
                C: DATA
                S: 250 Ok
                S: 250 Ok
                S: 354 go on
                C: <body>
                \(rest)
                = \(result)
                """,
            with: Replay(size: 90_000, isLarge: true)
        )
    }

    @Test func `a 421 that waited in the socket charges nobody`() throws {
        try expect(
            hello + """
                S: 421 4.4.2 idle for too long
                T: ali@moi.example
                = mail/connection/retry 421 4.4.2 idle for too long (closed)
                """
        )
    }

    @Test(arguments: [
        ("S: 502 5.5.2 what", "ehlo/connection/retry 502 5.5.2 what"),
        ("S: 451 4.3.0 later", "ehlo/connection/retry 451 4.3.0 later"),
        ("X: silence", "ehlo/connection/retry"),
    ])
    func `a refused EHLO ends the connection`(_ reply: String, _ result: String) throws {
        try expect("C: EHLO sender.example\n\(reply)\n= \(result) (closed)")
    }
}
