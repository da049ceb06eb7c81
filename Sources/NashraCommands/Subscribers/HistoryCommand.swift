// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers history`: all that happened to one person, in order.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract:
            "Tell all that happened to one person: joined, confirmed, changed, mailed, suppressed, and by whom."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The address.") var address: String

    func run() throws {
        let shown = HistoryShown(try global.open().history(of: address))
        try global.console.result(shown, format: global.format, rows: { shown.rows }) { shown.text }
    }
}

/// A history as people and programs read it.
struct HistoryShown: Encodable {
    struct Line: Encodable {
        let at: String
        let what: String
        var topic: String?
        var text = ""
        var source: String?
        var actor: String?
        var consentText: String?
        var campaign: String?
        var importID: Int64?

        enum CodingKeys: String, CodingKey {
            case at, what, topic, text, source, actor
            case consentText = "consent_text"
            case campaign
            case importID = "import"
        }
    }

    let schema = "nashra.history.v1"
    let address: String
    let earlier: [String]
    let state: String?
    let events: [Line]

    init(_ history: PersonHistory) {
        address = history.address
        earlier = history.earlier
        state = history.detail?.subscriber.state.rawValue
        events = history.entries.map(Self.line)
    }

    var rows: [[String]] {
        [["at", "what", "topic", "text", "source", "by", "consent text", "campaign"]]
            + events.map {
                [
                    $0.at, $0.what, $0.topic ?? "", $0.text, $0.source ?? "", $0.actor ?? "",
                    $0.consentText ?? "",
                    $0.campaign ?? "",
                ]
            }
    }

    var text: String {
        var head = "\(address): \(state ?? "not in the register")"
        if !earlier.isEmpty { head += ", before \(earlier.joined(separator: ", "))" }
        return head + "\n\n"
            + Table(
                ["when", "what", "topic", "", "from", "by"],
                events.map {
                    let consent = $0.consentText.map { "agreed to text \($0)" }
                    let text = [$0.text, consent, $0.campaign].compactMap(\.self).filter { !$0.isEmpty }
                    return [
                        $0.at, $0.what, $0.topic ?? "", text.joined(separator: "; "), $0.source ?? "",
                        $0.actor ?? "",
                    ]
                }
            ).text
    }

    // MARK: words

    private static func line(_ entry: HistoryEntry) -> Line {
        let at = entry.at.iso8601
        switch entry.what {
        case .event(let event):
            return Line(
                at: at,
                what: event.detail["pending"] == nil ? event.kind.rawValue : "asked for",
                topic: event.topic,
                text: changes(event.detail),
                source: event.source,
                actor: event.actor,
                consentText: event.consentText
            )
        case .began(let topic, let source):
            return Line(at: at, what: topic == nil ? "registered" : "joined", topic: topic, source: source)
        case .ended(let topic, let reason): return Line(at: at, what: "left", topic: topic, text: reason)
        case .unanswered(let topic):
            return Line(at: at, what: "not confirmed", topic: topic, text: "the time was over")
        case .imported(let change): return line(at, change)
        case .story(let event):
            let told = TraceText.line(event)
            return Line(at: at, what: told.what, text: told.text, campaign: told.campaign)
        }
    }

    private static func line(_ at: String, _ change: HistoryImport) -> Line {
        var detail = change.after
        for (field, value) in change.before { detail["\(field).before"] = value }
        let undone = change.undoneAt.map { "; taken back \($0.iso8601)" } ?? ""
        return Line(
            at: at,
            what: change.what == "values" ? "edited" : change.what,
            topic: change.topic,
            text:
                "import \(change.id) of \(change.file)\(detail.isEmpty ? "" : ": \(changes(detail))")\(undone)",
            source: change.source,
            actor: change.actor,
            importID: change.id
        )
    }

    /// `name: a → b, state: active`: the fields by name, with what they were.
    private static func changes(_ detail: [String: String]) -> String {
        let fields = Set(detail.keys.map { $0.hasSuffix(".before") ? String($0.dropLast(7)) : $0 })
        return fields.subtracting(["pending"]).sorted().map { field in
            let after = detail[field].map { $0.isEmpty ? "nothing" : $0 } ?? "nothing"
            return detail["\(field).before"].map { "\(field): \($0) → \(after)" } ?? "\(field): \(after)"
        }.joined(separator: ", ")
    }
}
