// SPDX-License-Identifier: Apache-2.0
//
// The report of a campaign: its deliveries, in one pass or as they were counted when it finished, and what came back.
// On one unchanging view of the store. Touches the store where a count is kept.
import Foundation
import GRDB
public import NashraCore

extension Store {
    /// What became of a campaign so far.
    ///
    /// - Throws: `unknownObject` when there is no such campaign; `bug` when the states do not add up to the audience.
    public func report(_ name: CampaignName) throws(UserError) -> CampaignReport {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: "\(CampaignQueries.select) WHERE c.name = ?",
                arguments: [name.rawValue]
            )
            guard let row else {
                let names = try String.fetchAll(db, sql: "SELECT name FROM campaign")
                let near = Suggestion.nearest(to: name.rawValue, among: names)
                throw UserError(
                    .unknownObject,
                    "there is no campaign \(name)",
                    remedy: near.map { "Did you mean \($0)?" } ?? "`nashra campaigns list` names them."
                )
            }
            let campaign = try CampaignQueries.campaign(row)
            var report = try ReportCache.kept(db, campaign) ?? ReportCount.report(db, campaign)
            try report.addReturned(db, campaign: campaign.id)
            return report
        }
    }
}

extension CampaignReport {
    /// Adds what came back: one row, counted as it was recorded.
    fileprivate mutating func addReturned(_ db: Database, campaign: Int64) throws {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT hard, soft, delayed, complaints, unsubscribed, replies, auto_replies FROM campaign_return
                WHERE campaign_id = ?
                """,
            arguments: [campaign]
        )
        guard let row else { return }
        delayed = row[2]
        bounces = Bounces(hard: row[0], soft: row[1] + delayed)
        complaints = row[3]
        unsubscribed = row[4]
        replies = row[5]
        autoReplies = row[6]
    }
}

/// The counts of campaigns that have finished.
enum ReportCache {
    /// Counts a campaign that has just finished, for all reports to come.
    ///
    /// What does not add up is not kept: then each report counts, and says so.
    static func keep(_ db: Database, _ campaign: Campaign) throws {
        guard campaign.state == .finished, let report = try? ReportCount.report(db, campaign) else { return }
        try db.execute(
            sql: "INSERT OR REPLACE INTO campaign_count (campaign_id, counts) VALUES (?, ?)",
            arguments: [campaign.id, try JSONEncoder().encode(report)]
        )
    }

    /// Forgets the count of a campaign whose deliveries change again.
    static func drop(_ db: Database, _ campaign: Int64) throws {
        try db.execute(sql: "DELETE FROM campaign_count WHERE campaign_id = ?", arguments: [campaign])
    }

    /// The report as it was counted, without what came back; `nil` when it has to be counted.
    static func kept(_ db: Database, _ campaign: Campaign) throws -> CampaignReport? {
        guard campaign.state == .finished else { return nil }
        let data = try Data.fetchOne(
            db,
            sql: "SELECT counts FROM campaign_count WHERE campaign_id = ?",
            arguments: [campaign.id]
        )
        return data.flatMap { try? JSONDecoder().decode(CampaignReport.self, from: $0) }
    }
}

/// Adds up the deliveries of one campaign.
private struct ReportCount {
    private let campaign: Campaign
    private var texts = TextTable()
    private var kinds: [Kind: Int] = [:]
    /// Milliseconds from the start to acceptance.
    private var waits: [Int64] = []
    private var resent = 0
    private var lastChange: Int64 = 0

    /// Deliveries that count alike; numbers are places in ``texts``, -1 for none.
    private struct Kind: Hashable {
        let state: Int
        let domain: Int
        let language: Int
        let reason: Int
        let status: Int
    }

    private init(campaign: Campaign) { self.campaign = campaign }

    /// Counts a campaign's deliveries, without what came back.
    static func report(_ db: Database, _ campaign: Campaign) throws -> CampaignReport {
        var count = ReportCount(campaign: campaign)
        try count.addDeliveries(db)
        return try count.report()
    }

    private mutating func addDeliveries(_ db: Database) throws {
        let span = try CampaignQueries.span(db, id: campaign.id)
        let start = (campaign.startedAt ?? campaign.createdAt).rawValue
        let rows = try FastStatement(
            db,
            """
            SELECT state, domain, language, reason, status, accepted_at_ms, ambiguous_count, changed_at_ms
            FROM delivery WHERE id BETWEEN ?1 AND ?2
            """
        )
        rows.bind(1, span.first)
        rows.bind(2, span.last)
        defer { rows.reset() }
        while try rows.step() {
            let isAccepted = !rows.isNull(5)
            let kind = Kind(
                state: texts.index(rows.bytes(0)),
                domain: texts.index(rows.bytes(1)),
                language: texts.index(rows.bytes(2)),
                reason: isAccepted || rows.isNull(3) ? -1 : texts.index(rows.bytes(3)),
                status: isAccepted || rows.isNull(4) ? -1 : texts.index(rows.bytes(4))
            )
            kinds[kind, default: 0] += 1
            if isAccepted { waits.append(max(0, rows.int(5) - start)) }
            resent += Int(rows.int(6))
            lastChange = max(lastChange, rows.int(7))
        }
    }

    private mutating func report() throws -> CampaignReport {
        var report = CampaignReport(campaign)
        var domains: [Int: CampaignReport.Group] = [:]
        var languages: [Int: CampaignReport.Group] = [:]
        var reasons: [CampaignReport.Reason] = []
        for (kind, count) in kinds {
            let state = try DeliveryState(stored: texts[kind.state])
            report.deliveries[state.rawValue, default: 0] += count
            add(count, state, to: &domains[kind.domain, default: .init(domain: texts[kind.domain])])
            add(count, state, to: &languages[kind.language, default: .init(language: texts[kind.language])])
            if kind.reason >= 0, state != .queued, state != .inFlight {
                let status = kind.status < 0 ? nil : texts[kind.status]
                reasons.append(.init(reason: texts[kind.reason], status: status, state: state, count: count))
            }
        }
        let sum = report.deliveries.values.reduce(0, +)
        guard sum == campaign.audience else {
            throw UserError(
                .bug,
                "campaign \(campaign.name) has \(sum) deliveries and an audience of \(campaign.audience)",
                remedy: "Keep a copy of the store, and report this."
            )
        }
        report.resent = resent
        report.byDomain = sorted(Array(domains.values), by: \.domain)
        report.byLanguage = sorted(Array(languages.values), by: \.language)
        report.reasons = merged(reasons)
        report.seconds = .init(elapsed: elapsed, toAccept: percentiles())
        return report
    }

    private func add(_ count: Int, _ state: DeliveryState, to group: inout CampaignReport.Group) {
        group.audience += count
        if state == .accepted { group.accepted += count }
        if state == .rejected { group.rejected += count }
    }

    private func sorted(
        _ groups: [CampaignReport.Group],
        by name: KeyPath<CampaignReport.Group, String?>
    ) -> [CampaignReport.Group] {
        groups.sorted { ($1.audience, $0[keyPath: name] ?? "") < ($0.audience, $1[keyPath: name] ?? "") }
    }

    /// One entry per reason, status and state, over all domains and languages.
    private func merged(_ reasons: [CampaignReport.Reason]) -> [CampaignReport.Reason] {
        let keyed = reasons.map {
            (CampaignReport.Reason(reason: $0.reason, status: $0.status, state: $0.state, count: 0), $0.count)
        }
        return Dictionary(keyed, uniquingKeysWith: +).map { key, count in
            var reason = key
            reason.count = count
            return reason
        }.sorted {
            ($1.count, $0.reason, $0.status ?? "", $0.state.rawValue)
                < ($0.count, $1.reason, $1.status ?? "", $1.state.rawValue)
        }
    }

    private var elapsed: Double {
        guard let start = campaign.startedAt?.rawValue else { return 0 }
        return Double(max(0, (campaign.finishedAt?.rawValue ?? lastChange) - start)) / 1_000
    }

    private mutating func percentiles() -> CampaignReport.Percentiles? {
        guard !waits.isEmpty else { return nil }
        waits.sort()
        let count = waits.count
        func at(_ percent: Int) -> Double {
            Double(waits[max(0, (count * percent + 99) / 100 - 1)]) / 1_000
        }
        return .init(p50: at(50), p90: at(90), p99: at(99), max: at(100))
    }
}

/// Gives equal texts equal numbers, without making a String for each row.
private struct TextTable {
    private var texts: [String] = []
    private var bytes: [[UInt8]] = []
    private var slots = [Int32](repeating: -1, count: 64)

    subscript(index: Int) -> String { texts[index] }

    mutating func index(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var slot = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & (slots.count - 1)
        while slots[slot] >= 0 {
            let found = Int(slots[slot])
            if bytes[found].elementsEqual(text) { return found }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(texts.count)
        texts.append(String(decoding: text, as: UTF8.self))
        bytes.append(Array(text))
        if texts.count * 2 > slots.count { grow() }
        return texts.count - 1
    }

    private mutating func grow() {
        let old = bytes
        slots = [Int32](repeating: -1, count: slots.count * 4)
        for (index, text) in old.enumerated() {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            var slot = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index)
        }
    }
}
