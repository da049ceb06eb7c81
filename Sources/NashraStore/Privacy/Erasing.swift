// SPDX-License-Identifier: Apache-2.0
//
// Forgetting one person: every row that holds something of her is emptied, in one transaction, and nothing is counted
// differently afterwards. What remains is a keyed hash, so that she is not mailed when a file brings her back.
// Touches the store. What a table holds: PersonalData. Rules: docs/decisions/0010-privacy.md.
import Foundation
import GRDB
public import NashraCore

/// What erasing a person did.
public struct Erasure: Sendable, Hashable {
    /// The row in the register, or `nil` for somebody who was not in it.
    public var subscriber: SubscriberID?
    /// What stands where the address stood.
    public var label: String
    /// Deliveries that were under way and are not sent.
    public var stopped: Int
    /// Rows that were emptied or removed, by table; tables without any are missing.
    public var rows: [String: Int]
    /// Kept letters of other people that name the address still, by the number of the returned message.
    public var mentionedIn: [ReturnedID]
    /// The person's addresses, to look for in files.
    public var search: AddressSearch

    /// Hashes nothing of the search, which follows from the person.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(label)
        hasher.combine(rows)
    }

    /// Whether two erasures did the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.label == right.label && left.rows == right.rows && left.stopped == right.stopped
    }
}

extension Store {
    /// Erases the person with an address, for ever.
    ///
    /// - Parameters:
    ///   - address: One of her addresses. It need not be in the register: deliveries and suppressions are emptied too.
    ///   - hash: Makes the keyed hash of an address key, 32 bytes; what it gives is kept.
    ///   - isSending: Whether a process of this machine sends now; then a message that is being handed over is waited for.
    ///   - actor: Who does it, for the audit, which names the number and not the address.
    /// - Returns: What was done; `nil` when nothing is held about the address, and then nothing is done.
    /// - Throws: `tryAgain` while a message to the person is being handed over; `inputOutput` when the store cannot be
    ///   written.
    public func erase(
        _ address: EmailAddress,
        hash: (String) -> [UInt8],
        isSending: Bool,
        actor: String
    ) throws(UserError) -> Erasure? {
        try write { db in
            let scope = try PersonScope(db, address, isThorough: true)
            let eraser = Eraser(db, scope, now: clock.now(), isThorough: true)
            if isSending { try eraser.refuseInFlight() }
            let erasure = try eraser.run()
            guard !erasure.rows.isEmpty else { return nil }
            for key in scope.keys { try ErasedPeople.remember(db, hash(key), at: clock.now()) }
            try eraser.record(erasure, store: self, action: "subscriber.erase", actor: actor)
            return erasure
        }
    }
}

/// The steps of forgetting one person, inside a transaction of its caller.
struct Eraser {
    private let db: Database
    private let scope: PersonScope
    private let now: Timestamp
    private let isThorough: Bool
    private let arguments: StatementArguments
    private let isAlone: Bool

    init(_ db: Database, _ scope: PersonScope, now: Timestamp, isThorough: Bool) {
        self.db = db
        self.scope = scope
        self.now = now
        self.isThorough = isThorough
        isAlone = (try? Self.isAlone(db, scope)) ?? false
        var arguments = scope.arguments
        _ = arguments.append(
            contentsOf: [
                "label": scope.label, "now": now.rawValue, "isAlone": isAlone, "domain": scope.domain,
            ]
        )
        self.arguments = arguments
    }

    /// Whether nobody else is known at the person's domain, which then names the person.
    private static func isAlone(_ db: Database, _ scope: PersonScope) throws -> Bool {
        let other = try Int64.fetchOne(
            db,
            sql: "SELECT id FROM subscriber WHERE domain = ? AND id IS NOT ? LIMIT 1",
            arguments: [scope.domain, scope.id]
        )
        guard other == nil else { return false }
        // Single addresses are in no register, but in the counts of finished campaigns.
        let kept = try Row.fetchAll(
            db,
            sql: """
                SELECT k.counts, count(*) FROM delivery d JOIN campaign_count k ON k.campaign_id = d.campaign_id
                WHERE d.id IN (SELECT value FROM json_each(:deliveries)) GROUP BY d.campaign_id
                """,
            arguments: scope.arguments
        )
        return kept.allSatisfy { row in
            let report = try? JSONDecoder().decode(CampaignReport.self, from: row[0] as Data)
            let group = report?.byDomain.first { $0.domain == scope.domain }
            return (group?.audience ?? 0) <= row[1] as Int
        }
    }

    /// Refuses while another process hands a message to the person over: its result would bring words about her back.
    func refuseInFlight() throws {
        let id = try Int64.fetchOne(
            db,
            sql: """
                SELECT id FROM delivery
                WHERE id IN (SELECT value FROM json_each(:deliveries)) AND state = 'in_flight' LIMIT 1
                """,
            arguments: arguments
        )
        guard id != nil else { return }
        throw UserError(
            .tryAgain,
            "A message to this person is being handed over at this moment; nothing was erased.",
            remedy: "Try again in a minute."
        )
    }

    /// Empties everything.
    func run() throws -> Erasure {
        let stopped = try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM delivery
                WHERE id IN (SELECT value FROM json_each(:deliveries)) AND state IN ('queued', 'deferred')
                """,
            arguments: arguments
        )
        var rows: [String: Int] = [:]
        let mentioned = isThorough ? try otherLetters() : []
        try holdBack()
        let counts = isAlone ? try renameDomain() : 0
        rows["domain_return"] = counts
        rows["campaign"] = try rewriteAudiences()
        // What names her in passing is found by the address, so it goes before the address does.
        let passing = try emptyAudits()
        for table in PersonalData.tables {
            guard let statement = table.erasure else { continue }
            try db.execute(sql: statement, arguments: arguments)
            rows[table.name] = db.changesCount
        }
        rows["audit", default: 0] += passing
        return Erasure(
            subscriber: scope.id.map(SubscriberID.init),
            label: scope.label,
            stopped: stopped ?? 0,
            rows: rows.filter { $0.value > 0 },
            mentionedIn: mentioned,
            search: scope.search
        )
    }

    /// Leaves the trace that somebody was erased, which names nobody.
    func record(_ erasure: Erasure, store: Store, action: String, actor: String) throws {
        if let id = scope.id {
            try SubscriberEvents.record(
                db,
                .erased,
                subscriber: id,
                source: action,
                actor: scope.texts.contains(actor) ? scope.label : actor,
                at: now
            )
        }
        var detail = erasure.rows.mapValues { String($0) }
        if erasure.stopped > 0 { detail["stopped"] = String(erasure.stopped) }
        try store.audit(db, actor: actor, action: action, object: scope.label, detail: detail)
    }

    /// Letters of people we know that name this person.
    private func otherLetters() throws -> [ReturnedID] {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT returned_id, bytes FROM returned_bytes WHERE of_stranger = 0
                AND returned_id NOT IN (SELECT value FROM json_each(:letters))
                """,
            arguments: arguments
        )
        var found: [ReturnedID] = []
        let search = scope.search
        while let row = try rows.next() {
            if search.isNamed(in: [UInt8](row[1] as Data)) { found.append(ReturnedID(rawValue: row[0])) }
        }
        return found
    }

    /// A message whose fate is unknown must not be sent again by settling it later: the register says so for those who
    /// are in it, a suppression of what stands in the address's place for the others.
    private func holdBack() throws {
        guard scope.id == nil else { return }
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO suppression (address_key, reason, origin, created_by, created_at_ms)
                SELECT :label || '-' || id, 'operator', 'erased', 'erasure', :now FROM delivery
                WHERE id IN (SELECT value FROM json_each(:deliveries)) AND state IN ('in_flight', 'ambiguous')
                """,
            arguments: arguments
        )
    }

    /// Takes the domain of somebody who is alone there out of counts by domain; the counts stay.
    private func renameDomain() throws -> Int {
        let campaigns =
            "(SELECT campaign_id FROM delivery WHERE id IN (SELECT value FROM json_each(:deliveries)))"
        var changed = 0
        for table in ["domain_return", "alarm"] {
            try db.execute(
                sql: """
                    UPDATE \(table) SET domain = :label || '.invalid'
                    WHERE campaign_id IN \(campaigns) AND domain = :domain
                    """,
                arguments: arguments
            )
            changed += db.changesCount
        }
        let kept = try Row.fetchAll(
            db,
            sql: "SELECT campaign_id, counts FROM campaign_count WHERE campaign_id IN \(campaigns)",
            arguments: arguments
        )
        for row in kept {
            guard var report = try? JSONDecoder().decode(CampaignReport.self, from: row[1] as Data) else {
                continue
            }
            report.byDomain = report.byDomain.map { group in
                guard group.domain == scope.domain else { return group }
                var group = group
                group.domain = "\(scope.label).invalid"
                return group
            }.sorted { ($1.audience, $0.domain ?? "") < ($0.audience, $1.domain ?? "") }
            try db.execute(
                sql: "UPDATE campaign_count SET counts = ? WHERE campaign_id = ?",
                arguments: [try JSONEncoder().encode(report), row[0] as Int64]
            )
        }
        return changed
    }

    /// Takes the address out of the audiences that were asked for by it; they are words between spaces.
    private func rewriteAudiences() throws -> Int {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT id, audience_text FROM campaign WHERE \(PersonScope.anyNeedle(in: "audience_text"))",
            arguments: arguments
        )
        var changed = 0
        for row in rows {
            let words = (row[1] as String).split(separator: " ", omittingEmptySubsequences: false)
            let search = scope.search
            let kept = words.map { search.isNamed(in: String($0)) ? Substring(scope.label) : $0 }
            guard kept != words else { continue }
            try db.execute(
                sql: "UPDATE campaign SET audience_text = ? WHERE id = ?",
                arguments: [kept.joined(separator: " "), row[0] as Int64]
            )
            changed += 1
        }
        return changed
    }

    /// Empties the details of audit entries about something else that name the person.
    private func emptyAudits() throws -> Int {
        guard isThorough else { return 0 }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT id, detail FROM audit WHERE \(PersonScope.anyNeedle(in: "detail"))
                AND object NOT IN (SELECT value FROM json_each(:texts))
                """,
            arguments: arguments
        )
        var changed = 0
        let search = scope.search
        for row in rows where search.isNamed(in: row[1]) {
            try db.execute(sql: "UPDATE audit SET detail = '{}' WHERE id = ?", arguments: [row[0] as Int64])
            changed += 1
        }
        return changed
    }
}
