// SPDX-License-Identifier: Apache-2.0
//
// Campaigns as people read them.
// Pure.
import NashraApp
import NashraCore

enum CampaignText {
    private static let header = ["campaign", "bulletin", "state", "audience", "created", "finished", "why"]

    /// Header and rows.
    static func rows(_ list: CampaignList) -> [[String]] {
        [header]
            + list.campaigns.map {
                [
                    $0.campaign, $0.bulletin, $0.state.rawValue, String($0.audience), $0.created,
                    $0.finished ?? "",
                    $0.pauseReason ?? "",
                ]
            }
    }

    /// The list, newest first.
    static func table(_ list: CampaignList) -> String {
        guard !list.campaigns.isEmpty else {
            return "No campaign yet. The first: nashra send BULLETIN --to topic:NAME"
        }
        return Table(header, Array(rows(list).dropFirst())).text
    }

    /// One campaign, a fact a line.
    static func one(_ detail: CampaignDetail) -> String {
        let line = detail.campaign
        var lines = [
            "Campaign   \(line.campaign), bulletin \(line.bulletin) revision \(line.revision)",
            "State      \(line.state.rawValue)\(line.pauseReason.map { ": \($0)" } ?? "")",
            "Audience   \(Quantity.people(line.audience)) of \(detail.audienceText)",
            "From       \(detail.from)",
            "Frozen     \(line.created)",
        ]
        if let started = line.started { lines.append("Started    \(started)") }
        if let finished = line.finished { lines.append("Finished   \(finished)") }
        if let expires = detail.expires { lines.append("Valid      until \(expires)") }
        if let next = detail.nextDue { lines.append("Next due   \(next)") }
        let states = DeliveryState.allCases.compactMap { state in
            detail.deliveries[state.rawValue].flatMap {
                $0 > 0 ? "\(state.rawValue) \(Quantity.grouped($0))" : nil
            }
        }
        lines.append("Deliveries \(states.joined(separator: ", "))")
        return lines.joined(separator: "\n")
    }
}
