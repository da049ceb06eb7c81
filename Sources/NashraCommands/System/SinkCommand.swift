// SPDX-License-Identifier: Apache-2.0
//
// `nashra sink`: an SMTP server on loopback for trying things out.
// Reads options; the server is NashraSink's.
import ArgumentParser
import Dispatch
import Foundation
import NashraCore
import NashraSink

struct SinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sink",
        abstract: "Run an SMTP server on loopback that keeps every mail and misbehaves on request.",
        discussion: """
            Prints one JSON line with its port, then serves until it is interrupted. What an address makes it do:
              tempfail@, tempfail-ali@    451 the first time, then accepts       full@      452, mailbox full
              5.1.1@, 5.1.1.someone@      550 with that status                   slow@      two seconds at the dot
              drop@                       takes the mail, drops the reply        reset@     resets after the dot
              421@                        421 at RCPT, and closes
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The port on 127.0.0.1; 0 takes any.", valueName: "n"))
    var port = 2525

    @Option(help: ArgumentHelp("Keep messages in this Maildir.", valueName: "dir"))
    var maildir: String?

    @Option(help: ArgumentHelp("Append one JSON line for every accepted message.", valueName: "file"))
    var ledger: String?

    @Option(help: ArgumentHelp("Rules, one JSON object a line.", valueName: "file"))
    var script: String?

    @Option(help: ArgumentHelp("Send each reply this much later, such as 20ms.", valueName: "time"))
    var delay: String?

    @Flag(help: "Keep nothing; the default without --maildir.")
    var discard = false

    @Flag(help: "Offer STARTTLS, with a certificate of its own.")
    var tls = false

    @Flag(help: "Speak TLS from the first byte.")
    var implicitTls = false

    @Option(help: ArgumentHelp("Write the certificate here, for the relay's ca_file.", valueName: "file"))
    var certificate: String?

    @Flag(help: "Do not offer STARTTLS; the default without --tls.")
    var noStarttls = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Offer AUTH and accept this; may be repeated.", valueName: "name:password")
    )
    var user: [String] = []

    @Flag(help: "Offer AUTH without TLS too.")
    var allowPlainAuth = false

    func run() throws {
        let server = try SinkServer.start(try options())
        let line = SinkLine(port: server.port, maildir: maildir, ledger: ledger)
        try StreamWriter.writeResult(try JSONOutput.encode(line) + [UInt8(ascii: "\n")])
        waitForInterruption()
        server.stop()
        let statistics = server.statistics
        global.console.note(
            "sink: \(statistics.messages) messages to \(statistics.recipients) recipients over "
                + "\(statistics.connections) connections"
        )
    }

    private func options() throws(UserError) -> SinkOptions {
        var options = SinkOptions()
        options.port = port
        options.maildir = discard ? nil : maildir
        options.ledger = ledger
        options.certificateFile = certificate
        options.allowsPlainTextAuth = allowPlainAuth
        if implicitTls { options.tls = .implicit } else if tls, !noStarttls { options.tls = .startTLS }
        if let script { options.rules = try ScriptFile.load(script) }
        if let delay { options.replyDelay = try DurationArgument.parse(delay, option: "--delay") }
        for entry in user {
            guard let colon = entry.firstIndex(of: ":") else {
                throw UserError(.usage, "--user \(entry) has no colon.", remedy: "Say --user name:password.")
            }
            options.users[String(entry[..<colon])] = Secret(String(entry[entry.index(after: colon)...]))
        }
        return options
    }

    private func waitForInterruption() {
        let ended = DispatchSemaphore(value: 0)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { ended.signal() }
            source.resume()
            return source
        }
        ended.wait()
        for source in sources { source.cancel() }
    }
}

/// The first line of a sink.
private struct SinkLine: Encodable {
    let schema = "nashra.sink.v1"
    let port: Int
    let maildir: String?
    let ledger: String?
}
