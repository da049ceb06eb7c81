// SPDX-License-Identifier: Apache-2.0
//
// What came back, read: lists, one message, its bytes, and how many of each kind.
// Reads the store.
import Foundation
import GRDB
public import NashraCore

/// One returned message as the store keeps it.
public struct ReturnedRecord: Sendable, Hashable {
    /// Its row.
    public var id: ReturnedID
    /// SHA-256 of its bytes, or of the provider's event id.
    public var digest: [UInt8]
    /// Where it was found, in words.
    public var source: String
    /// When it came in.
    public var receivedAt: Timestamp
    /// When it was recorded.
    public var recordedAt: Timestamp
    /// How often it came.
    public var times: Int
    /// The verdict on the whole.
    public var kind: BounceVerdict.Kind
    /// What it says about the delivery's own address, or about the recipient that decided: action.
    public var action: BounceVerdict.Action?
    /// The same: the enhanced status code.
    public var status: String?
    /// The same: the reason.
    public var reason: RefusalReason?
    /// What the verdict rests on.
    public var evidence: BounceVerdict.Evidence
    /// The rule that decided.
    public var rule: String
    /// The server's words, or `nil`.
    public var diagnostic: String?
    /// From whom, as the message says; or `nil`.
    public var sender: String?
    /// Its subject.
    public var subject: String
    /// The addresses that it names, the first hundred.
    public var recipients: [String]
    /// What it is for.
    public var purpose: ReturnedEntry.Purpose
    /// How it stands to what was known before; never `duplicate`.
    public var standing: RecordedReturn.Standing
    /// What proves to which delivery it belongs, or `nil`.
    public var proof: ReturnTie.Proof?
    /// What it counts as, or would have counted as when it is `repeated`; `nil` for nothing.
    public var event: BounceEvent?
    /// The delivery that it is tied to, or `nil`.
    public var delivery: DeliveryID?
    /// The campaign of that delivery.
    public var campaign: CampaignName?
    /// The address of that delivery.
    public var address: String?
    /// The probe that it is tied to, or `nil`.
    public var probe: ProbeID?
    /// Whether its bytes are kept.
    public var isKept: Bool
}

/// Which returned messages to list; everything that is `nil` lets all through.
public struct ReturnedFilter: Sendable, Hashable {
    /// With this verdict.
    public var kind: BounceVerdict.Kind?
    /// Standing like this; never `duplicate`.
    public var standing: RecordedReturn.Standing?
    /// Tied to a delivery of this campaign.
    public var campaign: CampaignName?
    /// Recorded at or after this moment.
    public var since: Timestamp?

    /// Makes a filter.
    public init(
        kind: BounceVerdict.Kind? = nil,
        standing: RecordedReturn.Standing? = nil,
        campaign: CampaignName? = nil,
        since: Timestamp? = nil
    ) {
        self.kind = kind
        self.standing = standing
        self.campaign = campaign
        self.since = since
    }
}

/// How many messages came back.
public struct ReturnedSummary: Sendable, Hashable {
    /// Messages by verdict and standing; `again` counts how often one of them came once more.
    public struct Line: Sendable, Hashable {
        /// The verdict.
        public var kind: BounceVerdict.Kind
        /// How they stand.
        public var standing: RecordedReturn.Standing
        /// How many.
        public var messages: Int
        /// How many times more one of them came.
        public var again: Int
    }

    /// One line for each verdict and standing that occurs.
    public var lines: [Line]

    /// How many stand like this.
    ///
    /// Of `duplicate`: how many times one came again.
    public func count(_ standing: RecordedReturn.Standing) -> Int {
        guard standing != .duplicate else { return lines.reduce(0) { $0 + $1.again } }
        return lines.reduce(0) { $0 + ($1.standing == standing ? $1.messages : 0) }
    }

    /// How many have this verdict.
    public func count(_ kind: BounceVerdict.Kind) -> Int {
        lines.reduce(0) { $0 + ($1.kind == kind ? $1.messages : 0) }
    }
}

extension Store {
    /// A page of what came back, newest first.
    ///
    /// - Parameters:
    ///   - filter: Which.
    ///   - last: The last one of the page before; `nil` for the first page.
    ///   - limit: How many at most.
    /// - Returns: The page; fewer than `limit` when it is the last.
    /// - Throws: `unknownObject` for a campaign that does not exist.
    public func returned(
        _ filter: ReturnedFilter = ReturnedFilter(),
        before last: ReturnedID? = nil,
        limit: Int = 100
    ) throws(UserError) -> [ReturnedRecord] {
        try read { db in
            var arguments: StatementArguments = ["last": last?.rawValue ?? Int64.max, "limit": limit]
            if let name = filter.campaign {
                arguments += ["campaign": try ReturnedQueries.campaign(db, name)]
            }
            if let standing = filter.standing { arguments += ["standing": standing.rawValue] }
            if let kind = filter.kind { arguments += ["kind": kind.rawValue] }
            if let since = filter.since { arguments += ["since": since.rawValue] }
            return try Row.fetchAll(db, sql: ReturnedQueries.page(filter), arguments: arguments)
                .map(ReturnedQueries.record)
        }
    }

    /// One returned message; `nil` when there is none with that row.
    public func returned(_ id: ReturnedID) throws(UserError) -> ReturnedRecord? {
        try read { db in
            try Row.fetchOne(db, sql: "\(ReturnedQueries.select) WHERE r.id = ?", arguments: [id.rawValue])
                .map(ReturnedQueries.record)
        }
    }

    /// The bytes of a returned message; `nil` when they are not kept.
    public func returnedBytes(_ id: ReturnedID) throws(UserError) -> [UInt8]? {
        try read { db in
            try Data.fetchOne(
                db,
                sql: "SELECT bytes FROM returned_bytes WHERE returned_id = ?",
                arguments: [id.rawValue]
            ).map { [UInt8]($0) }
        }
    }

    /// How many messages came back, of each kind.
    public func returnedSummary() throws(UserError) -> ReturnedSummary {
        try read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT kind, standing, messages, again FROM returned_count")
            return ReturnedSummary(
                lines: rows.map {
                    ReturnedSummary.Line(
                        kind: BounceVerdict.Kind(rawValue: $0[0]) ?? .unknown,
                        standing: RecordedReturn.Standing(rawValue: $0[1]) ?? .untied,
                        messages: $0[2],
                        again: $0[3]
                    )
                }
            )
        }
    }
}

/// How returned messages are read.
enum ReturnedQueries {
    static let select = """
        SELECT r.id, r.digest, r.source, r.received_at_ms, r.recorded_at_ms, r.times, r.kind, r.action, r.status,
            r.reason, r.evidence, r.rule, r.diagnostic, r.sender, r.subject, r.recipients, r.purpose, r.standing,
            r.proof, r.event, r.delivery_id, c.name AS campaign, d.address, r.probe_id,
            EXISTS (SELECT 1 FROM returned_bytes x WHERE x.returned_id = r.id) AS kept
        FROM returned r LEFT JOIN campaign c ON c.id = r.campaign_id LEFT JOIN delivery d ON d.id = r.delivery_id
        """

    /// The statement for a page; it names only the arguments that the filter needs.
    static func page(_ filter: ReturnedFilter) -> String {
        var parts = ["r.id < :last"]
        if filter.campaign != nil { parts.append("r.campaign_id = :campaign") }
        if filter.standing != nil { parts.append("r.standing = :standing") }
        if filter.kind != nil { parts.append("r.kind = :kind") }
        if filter.since != nil {
            // Rows are added in the order of time: the first one at that moment is where the page must end.
            parts.append(
                """
                r.id >= coalesce((SELECT s.id FROM returned s INDEXED BY returned_by_time
                    WHERE s.recorded_at_ms >= :since ORDER BY s.recorded_at_ms, s.id LIMIT 1), 9223372036854775807)
                """
            )
        }
        return "\(select) WHERE \(parts.joined(separator: " AND ")) ORDER BY r.id DESC LIMIT :limit"
    }

    static func campaign(_ db: Database, _ name: CampaignName) throws -> Int64 {
        let id = try Int64.fetchOne(
            db,
            sql: "SELECT id FROM campaign WHERE name = ?",
            arguments: [name.rawValue]
        )
        guard let id else {
            let names = try String.fetchAll(db, sql: "SELECT name FROM campaign")
            throw UserError(
                .unknownObject,
                "there is no campaign \(name)",
                remedy: Suggestion.nearest(to: name.rawValue, among: names).map { "Did you mean \($0)?" }
                    ?? "`nashra campaigns list` names them."
            )
        }
        return id
    }

    static func record(_ row: Row) -> ReturnedRecord {
        ReturnedRecord(
            id: ReturnedID(rawValue: row["id"]),
            digest: [UInt8](row["digest"] as Data),
            source: row["source"],
            receivedAt: Timestamp(rawValue: row["received_at_ms"]),
            recordedAt: Timestamp(rawValue: row["recorded_at_ms"]),
            times: row["times"],
            kind: BounceVerdict.Kind(rawValue: row["kind"]) ?? .unknown,
            action: (row["action"] as String?).flatMap(BounceVerdict.Action.init),
            status: row["status"],
            reason: (row["reason"] as String?).flatMap(RefusalReason.init),
            evidence: BounceVerdict.Evidence(rawValue: row["evidence"]) ?? .none,
            rule: row["rule"],
            diagnostic: row["diagnostic"],
            sender: row["sender"],
            subject: row["subject"],
            recipients: FlatJSON.decodeList(row["recipients"]),
            purpose: ReturnedEntry.Purpose(rawValue: row["purpose"]) ?? .report,
            standing: RecordedReturn.Standing(rawValue: row["standing"]) ?? .untied,
            proof: (row["proof"] as String?).flatMap(ReturnTie.Proof.init),
            event: (row["event"] as String?).flatMap(BounceEvent.init),
            delivery: (row["delivery_id"] as Int64?).map(DeliveryID.init),
            campaign: (row["campaign"] as String?).map(CampaignName.init),
            address: row["address"],
            probe: (row["probe_id"] as Int64?).map(ProbeID.init),
            isKept: row["kept"]
        )
    }
}
