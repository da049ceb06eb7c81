// SPDX-License-Identifier: Apache-2.0
//
// Suppressing because of failures, and what stands in its way: alarms about a domain or a campaign, and the hold.
// Touches the store, inside a transaction of its caller. Rules: docs/decisions/0007-bounces.md.
import GRDB
import NashraCore

extension BounceActing {
    /// Suppresses a person because of failures, unless too many of the same domain or campaign fail.
    func condemn(
        _ person: TiedDelivery,
        _ reason: SuppressionReason,
        _ news: BounceNews,
        _ effects: inout [RecordedReturn.Effect]
    ) throws {
        var change = TallyChange()
        change.condemned = 1
        let campaign = try tally(person.campaign, change)
        let domain = try tallyDomain(person, news)
        // The row that says so is the delivery's own; a probe's bounce belongs to the soft one that asked for it.
        let event: BounceEvent = news.origin == Self.probeOrigin ? .soft : news.event
        if let alarm = try standingAlarm(person) {
            try withhold(person.id, event, alarm)
            effects.append(.withheld(address: person.address, alarm: alarm))
            return
        }
        try suppress(person, reason, news, &effects)
        try checkDomain(person, domain, campaign, &effects)
        try checkCampaign(person, campaign, &effects)
    }

    /// The origin of what a probe tells.
    static let probeOrigin = "probe"

    // MARK: alarms

    private struct DomainTally {
        let condemned: Int
        let unknown: Int
        var deliveries: Int
    }

    private func tallyDomain(_ person: TiedDelivery, _ news: BounceNews) throws -> DomainTally {
        let statement = try FastStatement(db, BounceSQL.tallyDomain)
        statement.bind(1, person.campaign)
        statement.bind(2, person.domain)
        statement.bind(3, news.reason == .domainUnknown ? 1 : 0)
        guard try statement.step() else { throw UserError(.bug, "a domain's counts have no row") }
        let tally = DomainTally(
            condemned: Int(statement.int(0)),
            unknown: Int(statement.int(1)),
            deliveries: Int(statement.int(2))
        )
        try statement.run()
        return tally
    }

    private func standingAlarm(_ person: TiedDelivery) throws -> Int64? {
        let statement = try FastStatement(db, BounceSQL.standingAlarm)
        statement.bind(1, person.campaign)
        statement.bind(2, person.domain)
        defer { statement.reset() }
        return try statement.step() ? statement.int(0) : nil
    }

    private func hasAlarm(_ campaign: Int64, _ domain: String) throws -> Bool {
        let statement = try FastStatement(db, BounceSQL.anyAlarm)
        statement.bind(1, campaign)
        statement.bind(2, domain)
        defer { statement.reset() }
        return try statement.step()
    }

    func withhold(_ delivery: Int64, _ event: BounceEvent, _ alarm: Int64) throws {
        let statement = try FastStatement(db, BounceSQL.withhold)
        statement.bind(1, alarm)
        statement.bind(2, delivery)
        statement.bind(3, event.rawValue)
        try statement.run()
    }

    private func checkDomain(
        _ person: TiedDelivery,
        _ domain: DomainTally,
        _ campaign: CampaignTally,
        _ effects: inout [RecordedReturn.Effect]
    ) throws {
        let isUnknown = domain.unknown > policy.domainUnknownMaximum
        guard isUnknown || domain.condemned >= max(5, policy.domainMinimum) else { return }
        let deliveries =
            domain.deliveries > 0
            ? domain.deliveries
            : try countDomains(person, isCounted: campaign.hasDomains, atLeast: domain.condemned)
        let isShare =
            domain.condemned >= max(5, policy.domainMinimum)
            && Double(domain.condemned) >= policy.domainShare * Double(deliveries)
        guard isUnknown || isShare, try !hasAlarm(person.campaign, person.domain) else { return }
        try raise(
            AlarmCause(
                campaign: person.campaign,
                domain: person.domain,
                cause: isUnknown ? .domainUnknown : .share,
                condemned: domain.condemned,
                deliveries: deliveries
            ),
            &effects
        )
    }

    /// How many deliveries of the campaign went to the person's domain.
    ///
    /// All its domains are counted at once, in one pass over the campaign; those with fewer than five are left out, because
    /// no alarm can be about them.
    private func countDomains(_ person: TiedDelivery, isCounted: Bool, atLeast: Int) throws -> Int {
        guard !isCounted else { return atLeast }
        let counts = try domainCounts(person.campaign)
        let write = try FastStatement(db, BounceSQL.domainDeliveries)
        for (domain, count) in counts where count >= 5 {
            write.bind(1, person.campaign)
            write.bind(2, domain)
            write.bind(3, count)
            try write.run()
        }
        try db.execute(
            sql: "UPDATE campaign_return SET has_domains = 1 WHERE campaign_id = ?",
            arguments: [person.campaign]
        )
        return max(counts[person.domain] ?? 0, atLeast)
    }

    /// Counted here and not by SQLite, which would sort a million rows to group them.
    private func domainCounts(_ campaign: Int64) throws -> [String: Int] {
        let span = try CampaignQueries.span(db, id: campaign)
        let rows = try FastStatement(db, "SELECT domain FROM delivery WHERE id BETWEEN ?1 AND ?2")
        rows.bind(1, span.first)
        rows.bind(2, span.last)
        defer { rows.reset() }
        var counts: [String: Int] = [:]
        while try rows.step() { counts[rows.text(0) ?? "", default: 0] += 1 }
        return counts
    }

    private func checkCampaign(
        _ person: TiedDelivery,
        _ campaign: CampaignTally,
        _ effects: inout [RecordedReturn.Effect]
    ) throws {
        guard campaign.condemned >= max(20, policy.campaignMinimum), policy.campaignShare > 0 else { return }
        let accepted = try accepted(
            person.campaign,
            seen: campaign.acceptedSeen,
            enough: Double(campaign.condemned) / policy.campaignShare
        )
        guard Double(campaign.condemned) >= policy.campaignShare * Double(accepted),
            try !hasAlarm(person.campaign, "")
        else { return }
        try raise(
            AlarmCause(
                campaign: person.campaign,
                domain: "",
                cause: .share,
                condemned: campaign.condemned,
                deliveries: max(accepted, campaign.condemned)
            ),
            &effects
        )
    }

    private struct AlarmCause {
        let campaign: Int64
        let domain: String
        let cause: Alarm.Cause
        let condemned: Int
        let deliveries: Int
    }

    /// Raises an alarm and takes back what it would have withheld.
    private func raise(_ cause: AlarmCause, _ effects: inout [RecordedReturn.Effect]) throws {
        try db.execute(
            sql: """
                INSERT INTO alarm (campaign_id, domain, cause, condemned, deliveries, raised_at_ms)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                cause.campaign, cause.domain, cause.cause.rawValue, cause.condemned, cause.deliveries,
                now.rawValue,
            ]
        )
        let alarm = db.lastInsertedRowID
        let lifted = try takeBack(cause, alarm)
        try db.execute(sql: "UPDATE alarm SET lifted = ? WHERE id = ?", arguments: [lifted, alarm])
        try suppressing.audit(
            "alarm.raise",
            try name(cause.campaign).rawValue,
            [
                "alarm": String(alarm), "domain": cause.domain, "cause": cause.cause.rawValue,
                "condemned": String(cause.condemned), "deliveries": String(cause.deliveries),
                "lifted": String(lifted),
            ]
        )
        effects.append(.alarmRaised(alarm, lifted: lifted))
    }

    private func takeBack(_ cause: AlarmCause, _ alarm: Int64) throws -> Int {
        let isWhole = cause.domain.isEmpty
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT address_key, delivery_id, reason FROM suppression_history
                WHERE campaign_id = :c AND \(isWhole ? "" : "domain = :d AND") ended_at_ms IS NULL
                  AND created_at_ms >= :since AND reason IN ('hard_bounce', 'soft_bounce')
                """,
            arguments: ["c": cause.campaign, "since": (now - policy.alarmWindow).rawValue]
                + (isWhole ? [:] : ["d": cause.domain])
        )
        var lifted = 0
        for row in rows {
            guard try suppressing.lift(row[0], how: "alarm", why: "alarm \(alarm)") else { continue }
            lifted += 1
            // Either row may be the one that condemned: the other is not there, or waits for the same answer.
            try withhold(row[1], .hard, alarm)
            try withhold(row[1], .soft, alarm)
        }
        return lifted
    }

    // MARK: the hold

    /// Pauses a campaign that is still being sent when too much of it comes back.
    func hold(
        _ campaign: Int64,
        _ tally: CampaignTally,
        _ effects: inout [RecordedReturn.Effect]
    ) throws {
        let hard = tally.hard
        guard hard >= max(1, policy.holdMinimum), hard >= 2 * tally.heldAtHard, policy.holdShare > 0 else {
            return
        }
        let enough = Double(hard) / policy.holdShare
        guard Double(tally.acceptedSeen) < enough, try isSending(campaign) else { return }
        let accepted = try accepted(campaign, seen: tally.acceptedSeen, enough: enough)
        guard Double(hard) > policy.holdShare * Double(accepted) else { return }
        let reason =
            "\(hard) of \(accepted) messages that the relay accepted came back as undeliverable"
            + " (\(Self.percent(hard, of: accepted)) %, more than \(Self.percent(policy.holdShare)) %)"
        try db.execute(
            sql: "UPDATE campaign SET state = 'paused', pause_reason = ? WHERE id = ?",
            arguments: [reason, campaign]
        )
        try db.execute(
            sql: "UPDATE campaign_return SET held_at_hard = hard WHERE campaign_id = ?",
            arguments: [campaign]
        )
        let name = try name(campaign)
        try suppressing.audit("campaign.paused", name.rawValue, ["reason": reason])
        effects.append(.held(name, reason: reason))
    }

    private func isSending(_ campaign: Int64) throws -> Bool {
        let statement = try FastStatement(db, "SELECT 1 FROM campaign WHERE id = ?1 AND state = 'sending'")
        statement.bind(1, campaign)
        defer { statement.reset() }
        return try statement.step()
    }

    /// How many of a campaign's deliveries are accepted; at least `enough` is all that is asked, so the look ends there.
    ///
    /// The number only grows, so what was seen once is never counted again before it is too little.
    private func accepted(_ campaign: Int64, seen: Int, enough: Double) throws -> Int {
        guard Double(seen) <= enough else { return seen }
        let span = try CampaignQueries.span(db, id: campaign)
        let count =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM (SELECT 1 FROM delivery WHERE id BETWEEN ? AND ? AND state = 'accepted' LIMIT ?)
                    """,
                arguments: [span.first, span.last, Int(min(enough * 2, 1e15)) + 2]
            ) ?? 0
        try db.execute(
            sql: "UPDATE campaign_return SET accepted_seen = ? WHERE campaign_id = ?",
            arguments: [count, campaign]
        )
        return count
    }

    /// A share in per cent with one digit after the point, which is left out when it is 0.
    private static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1_000).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }

    private static func percent(_ part: Int, of whole: Int) -> String {
        percent(whole > 0 ? min(Double(part) / Double(whole), 10) : 1)
    }
}
