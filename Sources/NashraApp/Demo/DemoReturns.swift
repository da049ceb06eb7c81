// SPDX-License-Identifier: Apache-2.0
//
// What the demonstration's made-up people and their servers send back: bounces, complaints, vacation notes, replies, and
// a few forgeries, to the addresses that the sink was told.
// Reads the sink's ledger, writes a Maildir. Forms: RFC 3464, RFC 5965, RFC 3834.
import Foundation
public import NashraCore

/// Mails that come back to the demonstration.
struct DemoReturns {
    /// One line of the sink's ledger.
    private struct Line: Decodable {
        let mailFrom: String
        let recipients: [String]
        let messageID: String

        enum CodingKeys: String, CodingKey {
            case mailFrom = "mail_from"
            case recipients
            case messageID = "message_id"
        }
    }

    /// What comes back, in turns; one in ten is forged.
    private enum Turn: CaseIterable {
        case unknown, full, unknownToo, complaint, moved, vacation, reply, delayed, blocked, forged
    }

    private let lines: [Line]

    /// Picks some dozens of the mails that the sink took, at most one in twenty.
    init(ledger: String) throws(UserError) {
        guard let bytes = FileManager.default.contents(atPath: ledger) else {
            throw UserError(.inputOutput, "The sink's ledger \(ledger) cannot be read.")
        }
        let all = bytes.split(separator: 0x0A)
        let step = max(20, all.count / 60)
        lines = stride(from: 0, to: all.count, by: step).compactMap {
            try? JSONDecoder().decode(Line.self, from: Data(all[$0]))
        }
    }

    /// Writes the mails into a Maildir.
    ///
    /// - Returns: How many there are.
    func write(to maildir: String) throws(UserError) -> Int {
        do {
            for part in ["tmp", "new", "cur"] {
                try FileManager.default.createDirectory(
                    atPath: "\(maildir)/\(part)",
                    withIntermediateDirectories: true
                )
            }
            for (index, line) in lines.enumerated() {
                let mail = mail(line, Turn.allCases[index % Turn.allCases.count], number: index)
                let name = "\(1_790_000_000 + index).demo"
                try Data(mail.utf8).write(to: URL(fileURLWithPath: "\(maildir)/new/\(name)"))
            }
        } catch {
            throw UserError(.cannotCreate, "\(maildir) cannot be written: \(error.localizedDescription)")
        }
        return lines.count
    }

    private func mail(_ line: Line, _ turn: Turn, number: Int) -> String {
        switch turn {
        case .unknown, .unknownToo: bounce(line, "5.1.1", "failed", "550 5.1.1 User unknown", number)
        case .moved: bounce(line, "5.1.6", "failed", "551 5.1.6 Mailbox has moved", number)
        case .full: bounce(line, "5.2.2", "failed", "552 5.2.2 Mailbox full", number)
        case .blocked: bounce(line, "5.7.1", "failed", "554 5.7.1 Message content rejected", number)
        case .delayed: bounce(line, "4.4.1", "delayed", "connect to mx: Connection timed out", number)
        case .forged: bounce(forged(line), "5.1.1", "failed", "550 5.1.1 User unknown", number)
        case .complaint:
            report(
                line,
                "feedback-report",
                "Feedback-Type: abuse\nUser-Agent: Demo-FBL/1.0\nVersion: 1\n"
                    + "Original-Rcpt-To: \(line.recipients.first ?? "")\n",
                number
            )
        case .vacation:
            """
            From: <\(line.recipients.first ?? "")>
            To: <\(line.mailFrom)>
            Subject: Automatic reply: out of office
            Auto-Submitted: auto-replied
            In-Reply-To: \(line.messageID)
            Message-ID: <vacation-\(number)@mail.example>

            I am away. أنا في إجازة حتى الأحد.

            """
        case .reply:
            """
            From: <\(line.recipients.first ?? "")>
            To: <bulletin@moi.example>
            Subject: Re: bulletin
            In-Reply-To: \(line.messageID)
            Message-ID: <reply-\(number)@mail.example>
            Content-Type: text/plain; charset=utf-8

            شكرا لكم، وصلتني رسالة مثلها أمس.

            """
        }
    }

    private func bounce(_ line: Line, _ status: String, _ action: String, _ words: String, _ number: Int)
        -> String
    {
        report(
            line,
            "delivery-status",
            """
            Reporting-MTA: dns; mx.mail.example

            Final-Recipient: rfc822; \(line.recipients.first ?? "")
            Action: \(action)
            Status: \(status)
            Diagnostic-Code: smtp; \(words)

            """,
            number
        )
    }

    private func report(_ line: Line, _ type: String, _ fields: String, _ number: Int) -> String {
        """
        Return-Path: <>
        From: MAILER-DAEMON@mx.mail.example
        To: <\(line.mailFrom)>
        Subject: Report about your mail
        Message-ID: <report-\(number)@mx.mail.example>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=\(type); boundary="=_d"

        --=_d
        Content-Type: text/plain

        This is a report about your mail.
        --=_d
        Content-Type: message/\(type)

        \(fields)
        --=_d
        Content-Type: text/rfc822-headers

        Message-ID: \(line.messageID)

        --=_d--

        """
    }

    /// Somebody who does not have the key, trying.
    private func forged(_ line: Line) -> Line {
        let wrong = line.mailFrom.utf8.dropFirst(2).prefix(1).elementsEqual("a".utf8) ? "b+b" : "b+a"
        return Line(
            mailFrom: wrong + line.mailFrom.dropFirst(3),
            recipients: line.recipients,
            messageID: "<elsewhere@mail.example>"
        )
    }
}

extension Demo {
    /// Lets some of the mails come back, into a Maildir.
    ///
    /// - Returns: The Maildir, and how many mails wait there.
    public func comeBack() throws(UserError) -> (maildir: String, count: Int) {
        let maildir = traces[0]
        return (maildir, try DemoReturns(ledger: traces[1]).write(to: maildir))
    }

    /// What the demonstration leaves beside mails and workspace.
    public var traces: [String] { ["\(folder)/bounces", Self.ledger(in: folder)] }

    static func ledger(in folder: String) -> String { "\(folder)/sink.jsonl" }
}
