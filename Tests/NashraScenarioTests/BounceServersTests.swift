// SPDX-License-Identifier: Apache-2.0
//
// Reports of real mail systems: Postfix, Exim and OpenSMTPD are refused by a real Postfix, and what they write about it
// is understood.
// Starts them on loopback, as root; the packages are those of Scripts/bootstrap --tests.
import Foundation
import NashraTestKit
import Testing

@Suite struct BounceServersTests {
    /// What one refusal looks like and has to be understood as.
    struct Refusal: Sendable {
        let name: String
        let reply: String
        let kind: String
        let status: String
        let reason: String

        var recipient: String { "\(name)@refuse.example" }
    }

    static let refusals = [
        Refusal(
            name: "unknown",
            reply: "550 5.1.1 <unknown@refuse.example>: User unknown in virtual mailbox table",
            kind: "hard",
            status: "5.1.1",
            reason: "unknown-user"
        ),
        Refusal(
            name: "full",
            reply: "552 5.2.2 The mailbox is over its quota",
            kind: "soft",
            status: "5.2.2",
            reason: "mailbox-full"
        ),
        Refusal(
            name: "listed",
            reply: "554 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org",
            kind: "soft",
            status: "5.7.1",
            reason: "reputation"
        ),
    ]

    /// What one report was understood as.
    struct Line {
        let recipient: String
        let kind: String
        let action: String
        let status: String
        let reason: String
    }

    /// The server that refuses, and that keeps what the others report in its mailbox.
    private func refusing() throws -> PostfixInstance {
        var setup = PostfixInstance.Setup()
        setup.hostName = "mx.refuse.example"
        for refusal in Self.refusals { setup.refusals[refusal.recipient] = refusal.reply }
        setup.refusals["busy@refuse.example"] = "452 4.2.2 The mailbox is full at the moment"
        setup.headerRefusals = [("^X-Spam-Test: yes", "5.7.1 Message content rejected: it looks like spam")]
        setup.maildirs = [(#"^b\+.*@bounces\.example$"#, "box"), (#"@refuse\.example$"#, "kept")]
        return try PostfixInstance(setup)
    }

    private func letter(
        _ reporter: String,
        _ name: String,
        domain: String = "refuse.example",
        header: String = ""
    )
        -> MailSystem.Letter
    {
        MailSystem.Letter(
            from: "b+\(reporter)-\(name)@bounces.example",
            to: ["\(name)@\(domain)"],
            """
            From: =?utf-8?b?2KfZhNiq2YjYudmK2Kk=?= <bulletin@moi.example>\r
            To: \(name)@\(domain)\r
            Subject: =?utf-8?b?2KrZhtio2YrZhw==?=\r
            Message-ID: <\(reporter)-\(name)@moi.example>\r
            Content-Type: text/plain; charset=utf-8\r
            \(header)\r
            احذروا الرسائل المزيفة\r

            """
        )
    }

    private func letters(_ reporter: String) -> [MailSystem.Letter] {
        Self.refusals.map { letter(reporter, $0.name) } + [
            letter(reporter, "busy"), letter(reporter, "spam", header: "X-Spam-Test: yes\r\n"),
            letter(reporter, "welcome"),
        ]
    }

    private func classify(_ folder: URL) throws -> [Line] {
        let process = Process()
        process.executableURL = World.program
        process.arguments = ["bounces", "classify", "--format", "json", folder.path]
        let output = try Running(process, folder: FileManager.default.temporaryDirectory, input: "").finish()
        try #require(output.status == 0, "\(output)")
        return try output.out.split(separator: "\n").flatMap { text -> [Line] in
            let line = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
            return (line["recipients"] as? [String] ?? [""]).map { recipient in
                Line(
                    recipient: recipient,
                    kind: line["kind"] as? String ?? "",
                    action: line["action"] as? String ?? "",
                    status: line["status"] as? String ?? "",
                    reason: line["reason"] as? String ?? ""
                )
            }
        }
    }

    /// Waits for the reports of one mail system and checks those that all of them write.
    private func check(_ server: PostfixInstance, reports: Int) throws -> [Line] {
        let box = server.maildir("box").appending(path: "new")
        _ = try MailSystem.wait(for: reports, filesIn: box)
        let lines = try classify(box)
        #expect(lines.count == reports, "\(lines)")
        for refusal in Self.refusals {
            let line = try #require(
                lines.first { $0.recipient == refusal.recipient },
                "\(refusal.name): \(lines)"
            )
            #expect(line.kind == refusal.kind, "\(line)")
            #expect(line.action == "failed", "\(line)")
            #expect(line.status == refusal.status, "\(line)")
            #expect(line.reason == refusal.reason, "\(line)")
        }
        let content = try #require(lines.first { $0.recipient == "spam@refuse.example" }, "\(lines)")
        #expect(content.kind == "soft", "\(content)")
        #expect(content.status == "5.7.1", "\(content)")
        #expect(content.reason == "content-refused", "\(content)")
        let delayed = try #require(lines.first { $0.action == "delayed" }, "\(lines)")
        #expect(delayed.recipient == "busy@refuse.example", "\(delayed)")
        #expect(delayed.kind == "soft", "\(delayed)")
        #expect(delayed.reason == "mailbox-full", "\(delayed)")
        #expect(!lines.contains { $0.recipient == "welcome@refuse.example" })
        return lines
    }

    @Test func `what Postfix reports about refusals, delays and its own decisions is understood`() throws {
        let server = try refusing()
        var setup = PostfixInstance.Setup()
        setup.hostName = "relay.example"
        setup.transports = [
            ("later.example", "closed:"),
            ("refuse.example", "smtp:[127.0.0.1]:\(server.port)"),
            ("bounces.example", "smtp:[127.0.0.1]:\(server.port)"),
        ]
        // Taken at first, and returned by Postfix itself when the program that should deliver it says no.
        setup.services = [
            "closed unix - n n - - pipe user=nobody argv=/bin/sh -c {echo 5.2.1 The account is disabled; exit 69}"
        ]
        setup.main = ["delay_warning_time = 1s", "maximal_queue_lifetime = 4s"]
        let relay = try PostfixInstance(setup)
        try MailSystem.submit(
            letters("p") + [letter("p", "closed", domain: "later.example")],
            port: relay.port
        )
        let lines = try check(server, reports: 7)
        let expired = try #require(
            lines.first { $0.recipient == "busy@refuse.example" && $0.action == "failed" }
        )
        #expect(expired.kind == "soft")
        #expect(expired.reason == "mailbox-full")
        let closed = try #require(lines.first { $0.recipient == "closed@later.example" })
        #expect(closed.kind == "soft")
        #expect(closed.status == "5.2.1")
        #expect(closed.reason == "suspended")
    }

    @Test func `what Exim reports about refusals, delays and unknown domains is understood`() throws {
        let server = try refusing()
        let exim = try EximInstance(
            nextHop: server.port,
            domains: ["refuse.example", "bounces.example"],
            patient: ["busy@refuse.example"]
        )
        let strange = letter("x", "someone", domain: "no-such-domain.example")
        try MailSystem.submit(letters("x") + [strange], port: exim.port)
        let lines = try check(server, reports: 6)
        let domain = try #require(lines.first { $0.recipient == "someone@no-such-domain.example" })
        #expect(domain.kind == "hard")
        #expect(domain.action == "failed")
    }

    @Test func `what OpenSMTPD reports about refusals and delays is understood`() throws {
        let server = try refusing()
        let smtpd = try OpenSMTPDInstance(nextHop: server.port)
        try MailSystem.submit(letters("o"), port: smtpd.port)
        let lines = try check(server, reports: 6)
        // It calls that a delay too when it gives up.
        let busy = lines.filter { $0.recipient == "busy@refuse.example" }
        #expect(busy.map(\.kind) == ["soft", "soft"])
    }
}
