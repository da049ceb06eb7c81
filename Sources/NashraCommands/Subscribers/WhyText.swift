// SPDX-License-Identifier: Apache-2.0
//
// The answer to `why` as one screen.
// Pure but for what stdout is.
import NashraCore
import NashraStore

enum WhyText {
    /// Who it is, what comes next and why, and what was.
    static func screen(_ shown: WhyShown) -> String {
        var parts = [head(shown)]
        if !shown.next.isEmpty { parts.append(next(shown)) }
        if !shown.campaigns.isEmpty {
            parts.append(
                Table(
                    ["campaign", "bulletin", "what it did"],
                    shown.campaigns.map { [$0.campaign, $0.bulletin, $0.text] }
                ).text
            )
            let remedies = shown.campaigns.compactMap { line in line.remedy.map { "\(line.campaign): \($0)" }
            }
            if !remedies.isEmpty { parts.append(remedies.joined(separator: "\n")) }
        }
        if !shown.notes.isEmpty { parts.append(shown.notes.map { "Note: \($0)" }.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    /// A name that runs from right to left stays in its place.
    private static func head(_ shown: WhyShown) -> String {
        var line = isolated(shown.address)
        if let name = shown.name { line += ", \(isolated(name))" }
        if let language = shown.language { line += ", \(language)" }
        switch shown.state {
        case "not-registered": line += ": not in the register"
        case "erased": line += ": asked to be forgotten; nothing but a keyed hash is kept"
        default: line += ": \(shown.state)"
        }
        if !shown.didYouMean.isEmpty {
            line += "\nDid you mean \(shown.didYouMean.map(isolated).joined(separator: " or "))?"
        }
        return line
    }

    private static func next(_ shown: WhyShown) -> String {
        let told = shown.next.filter { $0.joined || $0.reached || shown.next.count <= 3 || $0.topic == nil }
        var rows: [[String]] = []
        var remedies: [String] = []
        for line in told {
            let name = line.topic ?? "(by address)"
            rows.append([
                name, line.reached ? "yes" : "no", line.obstacles.first?.text ?? reached(line, shown),
            ])
            rows += line.obstacles.dropFirst().map { ["", "", "and \($0.text)"] }
            remedies += line.obstacles.compactMap(\.remedy)
        }
        var text = Table([shown.bulletin.map { "bulletin \($0)" } ?? "next bulletin", "gets it", ""], rows)
            .text
        let others = shown.next.filter { line in !told.contains { $0.topic == line.topic } }.compactMap(
            \.topic
        )
        if !others.isEmpty { text += "\nNot subscribed to: \(others.joined(separator: ", "))." }
        if shown.state == "not-registered" {
            remedies.append(
                "if the person asks: nashra subscribers add \(shown.address) --topic TOPIC --confirm"
            )
        }
        var unique: [String] = []
        for remedy in remedies where !unique.contains(remedy) { unique.append(remedy) }
        if !unique.isEmpty {
            text += "\n\nTo change it:\n" + unique.map { "  \($0)" }.joined(separator: "\n")
        }
        return text
    }

    private static func reached(_ line: WhyShown.Next, _ shown: WhyShown) -> String {
        guard line.topic != nil else { return "when a campaign names the address with --to" }
        return shown.bulletinLanguage.map { "in \($0)" } ?? ""
    }

    private static func isolated(_ text: String) -> String {
        let shown = TerminalText.escapedCell(text)
        return Console.outIsTerminal ? TerminalText.isolated(shown) : shown
    }
}
