// SPDX-License-Identifier: Apache-2.0
//
// Mails that come back, made for one recipient of one campaign, and the folders in which they wait.
// Writes into the world's own folder.
import Foundation

/// What the sink accepted for one recipient: all that a remote server knows of our mail.
struct SentMail {
    let recipient: String
    let sender: String
    let messageID: String

    init?(_ line: [String: Any]) {
        guard let recipient = (line["recipients"] as? [String])?.first,
            let sender = line["mail_from"] as? String,
            let messageID = line["message_id"] as? String
        else { return nil }
        self.recipient = recipient
        self.sender = sender
        self.messageID = messageID
    }

    private func report(_ type: String, _ part: String, subject: String, to: String) -> String {
        """
        Return-Path: <>
        Date: Sun, 22 Nov 2026 10:00:00 +0000
        From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
        Subject: \(subject)
        To: \(to)
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=\(type); boundary="=_r1"
        Message-ID: <\(UUID().uuidString)@mx.example.org>

        --=_r1
        Content-Type: text/plain; charset=utf-8

        هذا تقرير عن رسالتكم. This is a report about your mail.

        \(part)
        --=_r1
        Content-Type: text/rfc822-headers

        From: bulletin@moi.example
        To: \(recipient)
        Subject: =?utf-8?B?2KrZhtio2YrZhw==?=
        Message-ID: \(messageID)

        --=_r1--

        """
    }

    /// A delivery status notification, RFC 3464.
    func bounce(_ status: String, action: String = "failed", words: String = "", to: String? = nil) -> String
    {
        report(
            "delivery-status",
            """
            --=_r1
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.example.org

            Final-Recipient: rfc822; \(recipient)
            Action: \(action)
            Status: \(status)
            Diagnostic-Code: smtp; \(status.hasPrefix("4") ? "450" : "550") \(status) \(words)

            """,
            subject: "Undelivered Mail Returned to Sender",
            to: to ?? sender
        )
    }

    /// An abuse report, RFC 5965.
    func complaint() -> String {
        report(
            "feedback-report",
            """
            --=_r1
            Content-Type: message/feedback-report

            Feedback-Type: abuse
            User-Agent: Example-FBL/1.0
            Version: 1
            Original-Rcpt-To: \(recipient)

            """,
            subject: "Abuse report",
            to: sender
        )
    }

    /// What a person writes back.
    func reply(_ text: String) -> String {
        """
        Return-Path: <\(recipient)>
        Date: Sun, 22 Nov 2026 11:00:00 +0300
        From: =?utf-8?B?2LPYp9ix2Kk=?= <\(recipient)>
        To: bulletin@moi.example
        Subject: Re: =?utf-8?B?2KrZhtio2YrZhw==?=
        In-Reply-To: \(messageID)
        References: \(messageID)
        Message-ID: <\(UUID().uuidString)@example.org>
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        \(text)

        """
    }

    /// A vacation note.
    func vacation() -> String {
        """
        Return-Path: <>
        Date: Sun, 22 Nov 2026 11:00:00 +0300
        From: <\(recipient)>
        To: <\(sender)>
        Subject: Automatic reply: out of office
        Auto-Submitted: auto-replied
        In-Reply-To: \(messageID)
        Message-ID: <\(UUID().uuidString)@example.org>

        I am away until Sunday. أنا في إجازة.

        """
    }
}

extension World {
    /// Sends a bulletin to everybody and gives the campaign's name.
    func send(_ bulletin: String, environment: [String: String] = [:]) throws -> String {
        let sent = try run(
            ["send", bulletin, "--to", "topic:public", "--yes", "--format", "json"],
            environment: environment
        )
        guard let name = try sent.json()["campaign"] as? String else { throw WorldError(text: "\(sent)") }
        return name
    }

    /// Puts mails into a Maildir, which it makes.
    func deliver(_ mails: [String], to name: String = "bounces") throws -> String {
        let maildir = folder.appending(path: name)
        for part in ["tmp", "new", "cur"] {
            try FileManager.default.createDirectory(
                at: maildir.appending(path: part),
                withIntermediateDirectories: true
            )
        }
        for (index, mail) in mails.enumerated() {
            let file = "1790000000.M\(1_000_000 + index)P1_\(UUID().uuidString).host"
            try Data(mail.utf8).write(to: maildir.appending(path: "new/\(file)"))
        }
        return maildir.path
    }

    /// How many mails wait in a Maildir.
    func waiting(_ name: String = "bounces") throws -> Int {
        try ["new", "cur"].reduce(0) {
            let path = folder.appending(path: "\(name)/\($1)").path
            return try $0 + FileManager.default.contentsOfDirectory(atPath: path).count
        }
    }

    /// Takes in what waits in a Maildir and gives the summary's figures.
    func ingest(_ maildir: String, environment: [String: String] = [:]) throws -> [String: Int] {
        let done = try run(
            ["bounces", "ingest", "--maildir", maildir, "--format", "json"],
            environment: environment
        )
        guard done.status == 0 else { throw WorldError(text: "\(done)") }
        return try done.json().compactMapValues { $0 as? Int }
    }

    /// Every row that says how somebody stands.
    func standing() throws -> [String] {
        let database = workspace.appending(path: "var/nashra.db").path
        let tables = [
            "SELECT address_key, state FROM subscriber", "SELECT * FROM subscription",
            "SELECT * FROM suppression", "SELECT * FROM suppression_history", "SELECT * FROM bounce",
            "SELECT * FROM alarm", "SELECT * FROM probe", "SELECT * FROM outbox", "SELECT * FROM reply",
            "SELECT id, state, pause_reason FROM campaign", "SELECT * FROM campaign_return",
            "SELECT id, state FROM delivery",
        ]
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            for query in sys.argv[2:]:
                print(query)
                for row in db.execute(query + " ORDER BY 1, 2"): print(row)
            """
        return try python(script, [database] + tables).split(separator: "\n").map(String.init)
    }

    /// Runs a script with the system's Python.
    func python(_ script: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script] + arguments
        process.currentDirectoryURL = folder
        let output = try Running(process, folder: folder, input: "").finish()
        guard output.status == 0 else { throw WorldError(text: "\(output)") }
        return output.out
    }
}
