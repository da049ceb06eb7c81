// SPDX-License-Identifier: Apache-2.0
//
// `nashra bounces ingest`: returned mail into the store, by one of the ways in which it comes.
import ArgumentParser
import Foundation
import NashraApp
import NashraCore
import NashraEngine

struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Take returned mail in: record it, act on it by the policy, and only then delete it.",
        discussion: """
            Without a way in, those that the configuration names: the spool, bounces.maildir, bounces.mailbox. Probes and
            people's replies that are due are sent on afterwards, unless --no-send.

            Exit status: 0 everything was taken in; 1 something could not be read and stays where it is; 75 somebody
            else is reading there, or the store is locked; with --mta only 0 and 75.

            Examples:
              nashra bounces ingest --maildir /var/mail/bounces --watch
              nashra bounces ingest --imap imaps://bounces@mail.moi.example/INBOX
              nashra bounces ingest --mta --recipient b+token@moi.example < message
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "One message from standard input.")
    var stdin = false

    @Option(help: ArgumentHelp("A Maildir.", valueName: "dir"))
    var maildir: String?

    @Option(help: ArgumentHelp("An mbox file.", valueName: "file"))
    var mbox: String?

    @Option(help: ArgumentHelp("A folder on an IMAP server: imaps://user@host/INBOX.", valueName: "url"))
    var imap: String?

    @Option(help: ArgumentHelp("A mailbox on a POP3 server: pop3s://user@host.", valueName: "url"))
    var pop3: String?

    @Flag(help: "What --mta and LMTP have put into the spool.")
    var spool = false

    @Flag(
        help:
            "For a mail system's pipe: one message from standard input into the spool, and 75 whatever fails."
    )
    var mta = false

    @Option(
        help: ArgumentHelp(
            "Notifications of ses, sendgrid, mailgun, postmark or sparkpost, as JSON in files or - for stdin.",
            valueName: "name"
        )
    )
    var provider: String?

    @Option(help: ArgumentHelp("SendGrid's signature, from its request's header.", valueName: "text"))
    var signature: String?

    @Option(help: ArgumentHelp("SendGrid's timestamp, from its request's header.", valueName: "text"))
    var timestamp: String?

    @Argument(help: ArgumentHelp("With --provider: the files.", valueName: "file"))
    var files: [String] = []

    @Option(help: ArgumentHelp("With --mta or --stdin: whom the envelope names.", valueName: "address"))
    var recipient: String?

    @Flag(help: "With --maildir or --spool: go on with what arrives, until interrupted.")
    var watch = false

    @Flag(help: "With --maildir or --mbox: leave what was recorded where it is.")
    var keep = false

    @Flag(help: "Do not send probes and replies that are due.")
    var noSend = false

    func validate() throws {
        let ways = [
            stdin, maildir != nil, mbox != nil, imap != nil, pop3 != nil, spool, mta, provider != nil,
        ]
        .count { $0 }
        guard ways <= 1 else { throw ValidationError("Name one way in, not \(ways).") }
        if watch, maildir == nil, !spool { throw ValidationError("--watch goes with --maildir or --spool.") }
        if keep, maildir == nil, mbox == nil {
            throw ValidationError("--keep goes with --maildir or --mbox.")
        }
        if recipient != nil, !mta, !stdin { throw ValidationError("--recipient goes with --mta or --stdin.") }
        if provider == nil, !files.isEmpty { throw ValidationError("Files go with --provider.") }
        if provider != nil, files.isEmpty { throw ValidationError("--provider needs files, or - for stdin.") }
        if signature != nil || timestamp != nil {
            guard provider == "sendgrid", signature != nil, timestamp != nil else {
                throw ValidationError("--signature and --timestamp go together, with --provider sendgrid.")
            }
        }
        if let imap, !imap.lowercased().hasPrefix("imap") {
            throw ValidationError("--imap takes imaps://user@host/INBOX.")
        }
        if let pop3, !pop3.lowercased().hasPrefix("pop3") {
            throw ValidationError("--pop3 takes pop3s://user@host.")
        }
    }

    func run() throws {
        guard !mta else { PipeMode.take(directory: global.workspace, recipient: recipient) }
        let desk = try BounceDesk(try global.open())
        let session = IngestSession(global: global, desk: desk, sends: !noSend)
        guard let provider else { return try session.run(ways(desk), watches: watch) }
        try session.run(
            provider: provider,
            files,
            signature.flatMap { signature in
                timestamp.map { NotificationSignature(signature: signature, timestamp: $0) }
            }
        )
    }

    private func ways(_ desk: BounceDesk) -> [BounceWay] {
        if stdin { return [.standardInput(recipient: recipient)] }
        if let maildir { return [.maildir(maildir, keeps: keep)] }
        if let mbox { return [.mbox(mbox, keeps: keep)] }
        if let url = imap ?? pop3 { return [.mailbox(url)] }
        return spool ? [.spool] : desk.configuredWays
    }
}
