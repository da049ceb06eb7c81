// SPDX-License-Identifier: Apache-2.0
//
// `nashra bounces list`: what came back, newest first.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct BouncesListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What came back, newest first."
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: "Only this kind: hard, soft, complaint, auto-reply, delivered, none or unknown.")
    var kind: String?

    @Option(help: "Only those that stand so: counted, repeated, forged, odd or untied.")
    var standing: String?

    @Option(help: "Only those about this campaign.")
    var campaign: String?

    @Option(help: ArgumentHelp("Only those of this last span, such as 24h.", valueName: "span"))
    var since: String?

    @Option(help: "At most so many.")
    var limit = 100

    @Option(help: ArgumentHelp("Only those before this number, for the next page.", valueName: "number"))
    var before: Int64?

    @Flag(help: "How many of each kind, instead of each one.")
    var summary = false

    func validate() throws { try LimitArgument.check(limit) }

    func run() throws {
        let application = try global.open()
        let filter = try filter(application)
        let store = try application.openStoreForReading()
        guard !summary else { return try showSummary(try store.returnedSummary()) }
        let found = try store.returned(filter, before: before.map(ReturnedID.init), limit: limit)
        let list = ReturnedList(bounces: found.map(ReturnedLine.init))
        try global.console.result(list, format: global.format, rows: { list.rows }) {
            list.bounces.isEmpty ? "Nothing came back." : Table(list.header, list.cells).text
        }
        if found.count == limit, let last = found.last {
            global.console.note("There may be more: --before \(last.id.rawValue)")
        }
    }

    private func showSummary(_ summary: ReturnedSummary) throws {
        let shown = ReturnedCounts(counts: summary.lines.map(ReturnedCounts.Line.init))
        try global.console.result(shown, format: global.format, rows: { shown.rows }) {
            shown.counts.isEmpty
                ? "Nothing came back." : Table(shown.rows[0], Array(shown.rows.dropFirst())).text
        }
    }

    private func filter(_ application: Application) throws(UserError) -> ReturnedFilter {
        var filter = ReturnedFilter()
        filter.kind = try WordArgument.parse(kind, "--kind", BounceVerdict.Kind.self)
        filter.standing = try WordArgument.parse(standing, "--standing", RecordedReturn.Standing.self)
        filter.campaign = campaign.map(CampaignName.init)
        if let since {
            let span = try DurationArgument.parse(since, option: "--since")
            filter.since = Timestamp(rawValue: application.clock.now().rawValue - span.milliseconds)
        }
        return filter
    }
}

/// An option that takes one of some words.
enum WordArgument {
    /// The word, or an error that names them all.
    static func parse<Word: RawRepresentable & CaseIterable>(
        _ text: String?,
        _ option: String,
        _ type: Word.Type
    ) throws(UserError) -> Word? where Word.RawValue == String {
        guard let text else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        throw UserError(
            .usage,
            "\(option) \(text) is not known.",
            remedy: Suggestion.nearest(to: text, among: words).map { "Did you mean \($0)?" }
                ?? "Say \(words.joined(separator: ", "))."
        )
    }
}

/// What came back, as lists show it.
struct ReturnedList: Encodable {
    let schema = "nashra.bounces.v1"
    let bounces: [ReturnedLine]

    let header = [
        "number", "received", "kind", "standing", "status", "reason", "campaign", "address", "subject",
    ]

    enum CodingKeys: String, CodingKey { case schema, bounces }

    var cells: [[String]] {
        bounces.map {
            [
                String($0.number), $0.received, $0.kind, $0.standing, $0.status ?? "", $0.reason ?? "",
                $0.campaign ?? "", $0.address ?? "", $0.subject,
            ]
        }
    }

    var rows: [[String]] { [header] + cells }
}

/// One message that came back.
struct ReturnedLine: Encodable {
    let number: Int64
    let received: String
    let kind: String
    let action: String?
    let status: String?
    let reason: String?
    let standing: String
    let event: String?
    let proof: String?
    let campaign: String?
    let address: String?
    let recipients: [String]
    let diagnostic: String?
    let evidence: String
    let rule: String
    let sender: String?
    let subject: String
    let source: String
    let times: Int

    init(_ record: ReturnedRecord) {
        number = record.id.rawValue
        received = record.receivedAt.iso8601
        kind = record.kind.rawValue
        action = record.action?.rawValue
        status = record.status
        reason = record.reason?.rawValue
        standing = record.standing.rawValue
        event = record.event?.rawValue
        proof = record.proof?.rawValue
        campaign = record.campaign?.rawValue
        address = record.address
        recipients = record.recipients
        diagnostic = record.diagnostic
        evidence = record.evidence.rawValue
        rule = record.rule
        sender = record.sender
        subject = record.subject
        source = record.source
        times = record.times
    }
}

/// How many came back.
struct ReturnedCounts: Encodable {
    struct Line: Encodable {
        let kind: String
        let standing: String
        let messages: Int
        let again: Int

        init(_ line: ReturnedSummary.Line) {
            kind = line.kind.rawValue
            standing = line.standing.rawValue
            messages = line.messages
            again = line.again
        }
    }

    let schema = "nashra.bounce-counts.v1"
    let counts: [Line]

    var rows: [[String]] {
        [["kind", "standing", "messages", "again"]]
            + counts.map { [$0.kind, $0.standing, String($0.messages), String($0.again)] }
    }
}
