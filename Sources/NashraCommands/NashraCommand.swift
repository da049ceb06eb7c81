// SPDX-License-Identifier: Apache-2.0
//
// The command `nashra`: its nouns and verbs, and how every error becomes an exit status.
// Reads arguments; everything else is done by the commands.
public import ArgumentParser
import Foundation
import NashraCore

/// The whole command line.
public struct NashraCommand: ParsableCommand {
    /// Its name, its help and its subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "nashra",
        abstract: "Deliver security-awareness bulletins by e-mail, and account for every recipient.",
        discussion: """
            A first send:
              nashra init W --name "Awareness" --sender bulletin@moi.example --relay smtp://127.0.0.1:2525
              nashra topics add public --workspace W
              nashra subscribers import people.csv --topic public --workspace W
              nashra send 2026-001 --to topic:public --dry-run --workspace W
              nashra send 2026-001 --to topic:public --workspace W

            Exit status: 0 ok; 1 finished, with failures; 64 usage; 65 bad data; 66 no such input;
            67 unknown object; 69 relay unavailable; 70 a bug; 73 cannot create; 74 I/O; 75 try again later;
            77 not permitted; 78 configuration; 130 interrupted, can be resumed.
            """,
        version: Version.current.text,
        subcommands: [
            InitCommand.self, DemoCommand.self, SendCommand.self, ReportCommand.self, CampaignsCommand.self,
            BulletinCommand.self, SubscribersCommand.self, ImportsCommand.self, TopicsCommand.self,
            SegmentsCommand.self, SuppressionsCommand.self,
            BouncesCommand.self, RepliesCommand.self, TraceCommand.self, WhyCommand.self, PrivacyCommand.self,
            SinkCommand.self, ConfigCommand.self, VersionCommand.self,
        ]
    )

    /// Made by the parser.
    public init() {}

    /// Parses the process's arguments, runs the command and ends the process.
    public static func runAndExit() -> Never {
        signal(SIGPIPE, SIG_IGN)
        let isPipe = PipeMode.isAsked(CommandLine.arguments)
        do {
            var command = try parseAsRoot()
            try command.run()
            Foundation.exit(ExitStatus.ok.rawValue)
        } catch  where isPipe {
            PipeMode.fail((error as? UserError)?.message ?? message(for: error))
        } catch let error as UserError {
            Console.standard.fail(error)
            Foundation.exit(error.status.rawValue)
        } catch let end as CommandEnd {
            Foundation.exit(end.status.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}

/// A command has said everything and ends with a status other than 0.
struct CommandEnd: Error {
    let status: ExitStatus
}
