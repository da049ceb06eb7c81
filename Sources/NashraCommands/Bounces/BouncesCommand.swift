// SPDX-License-Identifier: Apache-2.0
//
// `nashra bounces`: what comes back.
import ArgumentParser
import NashraApp

struct BouncesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bounces",
        abstract: "What comes back: bounces, complaints, replies; taken in, understood, acted on.",
        subcommands: [
            IngestCommand.self, ListenCommand.self, ClassifyCommand.self, BouncesListCommand.self,
            ExplainCommand.self, AlarmsCommand.self,
        ]
    )
}

struct ListenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Take returned mail from a mail system by LMTP, until interrupted.",
        discussion: """
            A message is answered with 250 when it is durable in the spool; what is in the spool is taken in at once.
            Prints one JSON line that says where it listens.

            Example, for Postfix's transport map:
              nashra bounces listen --lmtp /run/nashra/lmtp.sock
              b@moi.example  lmtp:unix:/run/nashra/lmtp.sock
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("A socket's path, or a port of 127.0.0.1; 0 takes any.", valueName: "socket|port")
    )
    var lmtp: String

    func run() throws {
        let desk = try BounceDesk(try global.open())
        try IngestSession(global: global, desk: desk, sends: true).listen(lmtp: lmtp)
    }
}
