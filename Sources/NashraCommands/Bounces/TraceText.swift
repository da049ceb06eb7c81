// SPDX-License-Identifier: Apache-2.0
//
// One person's story in words: one line for each thing that happened, the oldest first.
// Pure.
import NashraCore
import NashraStore

/// A story as people and programs read it.
struct TraceShown: Encodable {
    /// One thing that happened.
    struct Line: Encodable {
        let at: String
        let campaign: String?
        let what: String
        let text: String
        let status: String?
        let reason: String?
        let returned: Int64?
    }

    let schema = "nashra.trace.v1"
    let address: String
    let name: String?
    let language: String?
    let state: String?
    let suppressed: String?
    let events: [Line]

    enum CodingKeys: String, CodingKey { case schema, address, name, language, state, suppressed, events }

    init(_ story: Story) {
        address = story.address
        name = story.subscriber?.name
        language = story.subscriber?.language?.rawValue
        state = story.subscriber?.state.rawValue
        suppressed = story.suppression?.reason.rawValue
        events = story.events.map(TraceText.line)
    }

    /// Header and rows.
    var rows: [[String]] {
        [["at", "campaign", "what", "text", "status", "reason"]]
            + events.map {
                [$0.at, $0.campaign ?? "", $0.what, $0.text, $0.status ?? "", $0.reason ?? ""]
            }
    }

    /// Who it is, and the timeline.
    ///
    /// A name that runs from right to left stays in its place.
    var text: String {
        var head = "\(address)"
        if let name {
            let shown = TerminalText.escapedCell(name)
            head += ", " + (Console.outIsTerminal ? TerminalText.isolated(shown) : shown)
        }
        if let state { head += ": \(state)" } else { head += ": not in the register" }
        head += suppressed.map { ", suppressed (\($0))" } ?? ""
        return head + "\n\n"
            + Table(
                ["when", "campaign", "what", ""],
                events.map { [$0.at, $0.campaign ?? "", $0.what, $0.text] }
            ).text
    }
}

/// The words of a story.
enum TraceText {
    /// One event.
    static func line(_ event: StoryEvent) -> TraceShown.Line {
        let words = words(event.what)
        return TraceShown.Line(
            at: event.at.iso8601,
            campaign: event.campaign?.rawValue,
            what: words.what,
            text: words.text,
            status: words.status,
            reason: words.reason,
            returned: words.returned
        )
    }

    private struct Words {
        var what: String
        var text = ""
        var status: String?
        var reason: String?
        var returned: Int64?
    }

    private static func words(_ what: StoryEvent.What) -> Words {
        switch what {
        case .registered: Words(what: "registered")
        case .subscribed(let topic, let source): Words(what: "joined", text: "\(topic), from \(source)")
        case .left(let topic, let reason): Words(what: "left", text: "\(topic): \(reason)")
        case .frozen(let delivery): frozen(delivery)
        case .attempt(let attempt): self.attempt(attempt)
        case .refused(let event, let status, let reason, let inARow):
            Words(
                what: "refused",
                text: "counted as \(event.rawValue)\(row(inARow))",
                status: status,
                reason: reason?.rawValue
            )
        case .returned(let record, let inARow): returned(record, inARow)
        case .reply(let record):
            Words(
                what: "reply",
                text: "from \(record.sender ?? "nobody"): \(record.subject)",
                returned: record.id.rawValue
            )
        case .probeAsked(let id): Words(what: "probe", text: "probe \(id.rawValue) is asked for")
        case .probeSent(let id): Words(what: "probe sent", text: "probe \(id.rawValue)")
        case .probeEnded(let id, let how): Words(what: "probe \(how)", text: "probe \(id.rawValue)")
        case .suppressed(let spell): suppressed(spell)
        case .suppressionEnded(let spell): freed(spell)
        case .withheld(let alarm):
            Words(what: "withheld", text: "not suppressed while alarm \(alarm) is not decided")
        case .audit(let entry):
            Words(
                what: entry.action,
                text: "by \(entry.actor)"
                    + (entry.detail.isEmpty
                        ? ""
                        : ": "
                            + entry.detail.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                            .joined(separator: ", "))
            )
        }
    }

    private static func frozen(_ delivery: StoryDelivery) -> Words {
        let topic = delivery.topic.map { " through \($0)" } ?? ""
        let why = delivery.reason.map { " (\($0))" } ?? ""
        return Words(
            what: "to be mailed",
            text:
                "bulletin \(delivery.bulletin) in \(delivery.language)\(topic); now \(delivery.state.rawValue)\(why)"
        )
    }

    private static func attempt(_ attempt: StoryAttempt) -> Words {
        let reply = [attempt.code.map(String.init), attempt.reply].compactMap(\.self).joined(separator: " ")
        let isMailed = attempt.outcome == "accepted"
        return Words(
            what: isMailed ? "mailed" : attempt.outcome,
            text: "\(isMailed ? "accepted by" : "by") \(attempt.relay)\(reply.isEmpty ? "" : ": \(reply)")",
            status: isMailed ? nil : attempt.status,
            reason: isMailed ? nil : attempt.reason
        )
    }

    private static func returned(_ record: ReturnedRecord, _ inARow: Int?) -> Words {
        let counted = record.standing == .counted
        var text = [record.status, record.reason?.rawValue].compactMap(\.self).joined(separator: " ")
        if let diagnostic = record.diagnostic { text += text.isEmpty ? diagnostic : ": \(diagnostic)" }
        if record.probe != nil { text += " (the probe)" }
        return Words(
            what: counted
                ? (record.event?.rawValue ?? record.kind.rawValue)
                : "\(record.kind.rawValue), \(record.standing.rawValue)",
            text: text + row(inARow),
            status: record.status,
            reason: record.reason?.rawValue,
            returned: record.id.rawValue
        )
    }

    private static func suppressed(_ spell: SuppressionSpell) -> Words {
        let note = spell.note.isEmpty ? "" : ": \(spell.note)"
        let scope = spell.scope == .everywhere ? "" : ", \(spell.scope) only"
        let expires = spell.expires.map { ", until \($0.iso8601)" } ?? ""
        return Words(
            what: "suppressed",
            text: "\(spell.reason.rawValue), \(spell.origin)\(note), by \(spell.by)\(scope)\(expires)",
            reason: spell.reason.rawValue,
            returned: spell.returned?.rawValue
        )
    }

    private static func freed(_ spell: SuppressionSpell) -> Words {
        let why = spell.endedWhy.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
        return Words(
            what: spell.end == .replaced ? "replaced" : spell.end == .expired ? "expired" : "lifted",
            text: spell.end == .expired
                ? "its time was over"
                : "\(spell.end?.rawValue ?? "ended") by \(spell.endedBy ?? "nobody")\(why)",
            reason: spell.reason.rawValue
        )
    }

    private static func row(_ count: Int?) -> String {
        guard let count, count > 0 else { return "" }
        return count == 1 ? "; the first in a row" : "; \(count) in a row"
    }
}
