// SPDX-License-Identifier: Apache-2.0
//
// `bounces ingest --mta`: whatever happens, arguments included, a mail system hears 0 or 75.
// Rules: pipe(8) of Postfix. Any other status returns the message, and a returned message has no sender to go to.
import Foundation
import NashraApp
import NashraCore

/// The command line when a mail system calls.
enum PipeMode {
    /// Whether these arguments come from a mail system, whatever else is wrong with them.
    static func isAsked(_ arguments: [String]) -> Bool {
        arguments.contains("--mta") && arguments.contains("bounces") && arguments.contains("ingest")
    }

    /// Takes one message into the spool and ends the process.
    static func take(directory: String?, recipient: String?) -> Never {
        end(
            Application.takeFromPipe(
                directory: directory,
                recipient: recipient,
                environment: ProcessInfo.processInfo.environment,
                clock: SystemClock()
            )
        )
    }

    /// Ends the process for a failure before anything was read.
    static func fail(_ why: String) -> Never { end(Application.pipeFailure(why)) }

    private static func end(_ answer: (status: Int32, text: String)) -> Never {
        _ = StreamWriter.write(Array(answer.text.utf8), to: STDOUT_FILENO)
        exit(answer.status)
    }
}
