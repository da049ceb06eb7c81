// SPDX-License-Identifier: Apache-2.0
//
// Asks the person at the terminal to type something. Never asks a pipe.
// Writes to stderr, reads from stdin.
import Foundation
import NashraCore

/// A question with a typed answer.
enum Prompt {
    /// What the person types, without white space around it and with its digits as ASCII.
    ///
    /// - Throws: `UserError` when there is no terminal to ask, or the answer does not come.
    static func typed(_ question: String) throws(UserError) -> String {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw UserError(
                .usage,
                "This needs an answer, and there is no terminal to ask on.",
                remedy: "Say --yes, or the option that answers it; `--help` lists them."
            )
        }
        _ = StreamWriter.write(Array(TerminalText.escaped(question).utf8), to: STDERR_FILENO)
        guard let line = readLine(strippingNewline: true) else {
            throw UserError(.interrupted, "No answer came; nothing was done.")
        }
        return normalised(line)
    }

    /// The answer with Arabic digits as ASCII: `٢٠٠٠٠` and `۲۰۰۰۰` mean 20000.
    ///
    /// Bidi marks mean nothing, nor does white space at the ends.
    static func normalised(_ answer: String) -> String {
        var result = ""
        for scalar in answer.unicodeScalars {
            switch scalar.value {
            case 0x0660...0x0669: result += String(scalar.value - 0x0660)
            case 0x06F0...0x06F9: result += String(scalar.value - 0x06F0)
            case 0x061C, 0x200E, 0x200F, 0x2066...0x2069: break
            default: result.unicodeScalars.append(scalar)
            }
        }
        let kept = result.drop { $0.isWhitespace }
        return String(kept.prefix(kept.count - kept.reversed().prefix { $0.isWhitespace }.count))
    }
}
