// SPDX-License-Identifier: Apache-2.0
//
// `nashra bounces explain`: one returned mail in words: what it is, for whom, why, what it rests on, what follows.
// Changes nothing; uses a workspace's keys and policy when there is one.
import ArgumentParser
import Foundation
import NashraApp
import NashraBounce
import NashraCore

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain one returned mail in words; changes nothing and needs no workspace.",
        discussion: """
            In a workspace it also says to which delivery the mail is tied, and what the policy makes of it.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The mail; - is standard input.", valueName: "file"))
    var file: String

    @Option(help: "The language of the words: ar, en or fr.")
    var lang: String?

    func run() throws {
        let said = try WordArgument.parse(
            lang ?? ProcessInfo.processInfo.environment["NASHRA_LANG"],
            lang == nil ? "NASHRA_LANG" : "--lang",
            ExplainWords.Tongue.self
        )
        let words = ExplainWords(tongue: said ?? .en)
        let examination = try BounceExamination.examine(
            try mail(),
            directory: global.workspace,
            environment: ProcessInfo.processInfo.environment
        )
        guard global.format == .table else {
            var bytes: [UInt8] = []
            if global.format == .csv { CSVWriter.append(BounceLine.header, to: &bytes) }
            global.format == .csv
                ? BounceLine.appendCSV(examination.verdict, file: file, to: &bytes)
                : BounceLine.appendJSON(examination.verdict, file: file, to: &bytes)
            return try StreamWriter.writeResult(bytes)
        }
        try global.console.write(ExplainText(examination: examination, words: words).text)
    }

    private func mail() throws(UserError) -> [UInt8] {
        var found: [UInt8]?
        var fault: String?
        try MailFiles([file]).forEach { (_, bytes) throws(UserError) in
            guard found == nil else {
                throw UserError(
                    .usage,
                    "\(file) is a folder.",
                    remedy: "Name one mail; for many: nashra bounces classify"
                )
            }
            found = bytes
        } onFault: { _, why in
            fault = why
        }
        guard let found else {
            throw UserError(.noInput, "\(file) cannot be read: \(fault ?? "it is empty").")
        }
        return found
    }
}

/// One examination in words, a fact a line.
struct ExplainText {
    let examination: BounceExamination
    let words: ExplainWords

    var text: String {
        let verdict = examination.verdict
        var lines = [(words.what, words.kind(verdict))]
        for recipient in verdict.recipients.prefix(20) { lines.append((words.forWhom, about(recipient))) }
        if verdict.recipients.count > 20 { lines.append(("", "… \(verdict.recipients.count - 20)")) }
        if let reason = verdict.reason {
            let language = Language(rawValue: words.tongue.rawValue) ?? .arabic
            let said = ReasonText.explanation(of: reason, language: language)
            lines.append((words.why, "\(said.title) (\(reason.rawValue)). \(said.text)"))
        }
        if let diagnostic = verdict.recipients.lazy.compactMap(\.diagnostic).first {
            lines.append((words.words, diagnostic))
        }
        lines.append((words.restsOn, words.evidence(verdict.evidence)))
        if !verdict.rule.isEmpty { lines.append(("", words.rule(verdict.rule))) }
        lines.append((words.tiedTo, examination.tie.map(words.tie) ?? words.noKeys))
        lines.append((words.does, action))
        let width = lines.reduce(0) { max($0, TerminalText.width($1.0)) }
        return lines.map { label, text in
            let pad = String(repeating: " ", count: width - TerminalText.width(label))
            let shown = TerminalText.escapedCell(text)
            guard Console.outIsTerminal else { return "\(label)\(pad)  \(shown)" }
            return "\(TerminalText.isolated(label))\(pad)  \(TerminalText.isolated(shown))"
        }.joined(separator: "\n")
    }

    private func about(_ recipient: BounceVerdict.Recipient) -> String {
        let facts = [recipient.action?.rawValue, recipient.status?.description].compactMap(\.self)
        return facts.isEmpty ? recipient.address : "\(recipient.address) (\(facts.joined(separator: ", ")))"
    }

    private var action: String {
        let verdict = examination.verdict
        let event = examination.policy.event(
            kind: verdict.kind,
            action: verdict.action,
            status: verdict.status,
            reason: verdict.reason
        )
        let said = words.action(event, policy: examination.policy, reason: verdict.reason)
        guard event != nil else { return said }
        switch examination.tie {
        case .proven, .probe: return said
        default: return "\(words.condition): \(said.prefix(1).lowercased())\(said.dropFirst())"
        }
    }
}
