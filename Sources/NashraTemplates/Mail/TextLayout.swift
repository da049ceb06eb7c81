// SPDX-License-Identifier: Apache-2.0
//
// The plain-text part around a bulletin's text: the same things in the same order as the HTML layout.
// Pure. In code and not in Mustache, because empty lines and line ends matter here more than tags.
import NashraCore

/// Builds the plain-text part.
struct TextLayout {
    let frame: MailFrame
    let strings: LocaleStrings
    let direction: Language.Direction
    /// The token of the unsubscribe address.
    let unsubscribe: String

    /// The whole part.
    ///
    /// - Parameters:
    ///   - title: The title, with tokens.
    ///   - body: The text of the body, laid out already.
    /// - Returns: The part, with LF, ending in one.
    func text(title: String, body: String) -> String {
        let sections = [head(title), [body], report, references, foot]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
            + "\n"
    }

    private var plain: PlainText { PlainText(direction: direction) }

    private func head(_ title: String) -> [String] {
        var lines: [String] = []
        let marking = [frame.tlp, frame.tlpMeaning, frame.classification].compactMap { $0 }
        if !marking.isEmpty { lines.append(plain.line(plain.marked(marking.joined(separator: " · ")))) }
        let issuer = [frame.organisation, frame.department].compactMap { $0 }.joined(separator: " · ")
        lines.append(plain.line(plain.marked(issuer)))
        let kind = [frame.kind, frame.severity].compactMap { $0 }.joined(separator: " · ")
        lines.append(plain.line(plain.marked("\(kind) · \(strings.text("number")) \(frame.number)")))
        lines.append(plain.line(plain.marked(frame.date)))
        lines += [frame.replaces, frame.validUntil].compactMap { $0 }.map { plain.line(plain.marked($0)) }
        return lines + [""] + plain.heading(plain.marked(title), rule: "=")
    }

    private var report: [String] {
        guard !frame.report.isEmpty else { return [] }
        return plain.heading(strings.text("report_heading"), rule: "-")
            + frame.report.flatMap { line in
                switch line.contact {
                case .phone(let number), .mail(let number):
                    [plain.line("• \(plain.marked(line.label)): ") + isolated(number)]
                case .url(let url):
                    [plain.line("• \(plain.marked(line.label)):"), LinkAddress(url).href ?? url]
                }
            }
    }

    private var references: [String] {
        guard !frame.references.isEmpty else { return [] }
        return plain.heading(strings.text("references_heading"), rule: "-")
            + frame.references.flatMap {
                [plain.line("• \(plain.marked($0.title)):"), LinkAddress($0.url).href ?? $0.url]
            }
    }

    private var foot: [String] {
        // "-- " on its own line begins a signature (RFC 3676 section 4.3): readers fold or grey what follows.
        var lines = ["-- "]
        let why = LayoutValues(frame: frame, strings: strings, theme: .standard, direction: direction).why
        lines.append(plain.line(plain.marked(why)))
        if frame.mayUnsubscribe {
            lines.append(plain.line(strings.text("unsubscribe") + ":"))
            lines.append(unsubscribe)
        }
        if let contact = frame.contact {
            lines.append(plain.line("\(strings.text("questions")) ") + isolated(contact))
        }
        if let address = frame.address { lines.append(plain.line(plain.marked(address))) }
        return lines
    }

    private func isolated(_ text: String) -> String {
        direction == .rightToLeft ? "\u{200E}\(text)\u{200E}" : text
    }
}
