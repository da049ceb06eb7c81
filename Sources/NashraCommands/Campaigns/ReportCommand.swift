// SPDX-License-Identifier: Apache-2.0
//
// `nashra report`: what became of a campaign.
import ArgumentParser
import NashraApp
import NashraCore

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Say what became of a campaign, from the ledger; it always adds up."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The campaign, such as c-2026-0007.")
    var campaign: String

    func run() throws {
        try ReportText.print(try global.open().report(campaign), on: global)
    }
}

/// A report as people read it.
enum ReportText {
    /// Prints it in the form that was asked for.
    static func print(_ report: CampaignReport, on global: GlobalOptions) throws {
        try global.console.result(report, format: global.format, rows: { rows(report) }) { table(report) }
    }

    /// The report for a terminal.
    static func table(_ report: CampaignReport) -> String {
        var parts = [heading(report), states(report)]
        parts.append(groups("language", report.byLanguage.map { ($0.language ?? "", $0) }))
        let domains = report.byDomain.prefix(10).map { (DomainName.uLabels($0.domain ?? ""), $0) }
        parts.append(groups("domain", domains))
        if report.byDomain.count > 10 {
            parts[parts.count - 1] += "\n… and \(report.byDomain.count - 10) more; --format csv has all."
        }
        if !report.reasons.isEmpty {
            parts.append(
                Table(
                    ["reason", "status", "state", "count"],
                    report.reasons.map {
                        [$0.reason, $0.status ?? "", $0.state.rawValue, Quantity.grouped($0.count)]
                    }
                ).text
            )
        }
        return parts.joined(separator: "\n\n")
    }

    private static func heading(_ report: CampaignReport) -> String {
        let why = report.pauseReason.map { ": \($0)" } ?? ""
        var lines = [
            "Campaign \(report.campaign), bulletin \(report.bulletin) revision \(report.revision): "
                + report.state.rawValue + why,
            "Audience \(Quantity.grouped(report.audience)), elapsed \(Quantity.time(report.seconds.elapsed))",
        ]
        if let times = report.seconds.toAccept {
            let all = [("half", times.p50), ("90 %", times.p90), ("99 %", times.p99), ("all", times.max)]
            lines.append(
                "Accepted by the relay after: "
                    + all.map { "\($0.0) \(Quantity.time($0.1))" }.joined(separator: ", ")
            )
        }
        if report.resent > 0 {
            lines.append("Sent once more because the first one's fate was unknown: \(report.resent)")
        }
        let back = cameBack(report)
        if !back.isEmpty { lines.append("Came back: \(back)") }
        return lines.joined(separator: "\n")
    }

    /// What came back since, without what did not.
    private static func cameBack(_ report: CampaignReport) -> String {
        returns(report).filter { $0.1 > 0 }.map { "\($0.0) \(Quantity.grouped($0.1))" }.joined(
            separator: ", "
        )
    }

    private static func returns(_ report: CampaignReport) -> [(String, Int)] {
        [
            ("hard", report.bounces.hard), ("soft", report.bounces.soft),
            ("of these delayed", report.delayed),
            ("complaints", report.complaints), ("unsubscribed", report.unsubscribed),
            ("replies", report.replies), ("automatic replies", report.autoReplies),
        ]
    }

    private static func states(_ report: CampaignReport) -> String {
        let rows = DeliveryState.allCases.map { state in
            let count = report.deliveries[state.rawValue] ?? 0
            let share = report.audience > 0 ? 1_000 * Double(count) / Double(report.audience) : 0
            let tenths = Int(share.rounded())
            return [state.rawValue, Quantity.grouped(count), "\(tenths / 10).\(tenths % 10) %"]
        }
        return Table(
            ["state", "recipients", "share"],
            rows + [["sum", Quantity.grouped(sum(report)), ""]]
        ).text
    }

    private static func sum(_ report: CampaignReport) -> Int { report.deliveries.values.reduce(0, +) }

    private static func groups(_ title: String, _ groups: [(String, CampaignReport.Group)]) -> String {
        Table(
            [title, "audience", "accepted", "rejected"],
            groups.map { name, group in
                [
                    name, Quantity.grouped(group.audience), Quantity.grouped(group.accepted),
                    Quantity.grouped(group.rejected),
                ]
            }
        ).text
    }

    /// Header and rows: one line per figure.
    static func rows(_ report: CampaignReport) -> [[String]] {
        var rows = [["campaign", "group", "name", "measure", "value"]]
        func add(_ group: String, _ name: String, _ measure: String, _ value: Int) {
            rows.append([report.campaign, group, name, measure, String(value)])
        }
        add("all", "", "audience", report.audience)
        for state in DeliveryState.allCases {
            add("all", "", state.rawValue, report.deliveries[state.rawValue] ?? 0)
        }
        for (name, count) in returns(report) { add("came back", "", name, count) }
        for (kind, groups) in [("language", report.byLanguage), ("domain", report.byDomain)] {
            for group in groups {
                let name = group.language ?? group.domain ?? ""
                add(kind, name, "audience", group.audience)
                add(kind, name, "accepted", group.accepted)
                add(kind, name, "rejected", group.rejected)
            }
        }
        for reason in report.reasons {
            add("reason", "\(reason.reason) \(reason.status ?? "")", reason.state.rawValue, reason.count)
        }
        return rows
    }
}
