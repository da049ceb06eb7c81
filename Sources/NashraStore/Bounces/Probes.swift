// SPDX-License-Identifier: Apache-2.0
//
// Probes: short messages that learn whether an address works before soft bounces suppress it.
// Touches the store. Rules: docs/decisions/0007-bounces.md; the idea is VERP probes, as Mailman sends them.
import GRDB
public import NashraCore

/// A probe as its row says.
struct ProbeRow {
    enum State: String { case queued, sent, bounced, passed, cancelled }

    let id: Int64
    let delivery: Int64
    let key: String
    let state: State
    /// Whether it can have left: it was sent, or somebody tried and did not come back to say so.
    let wasHandedOver: Bool
}

extension Store {
    /// Lets probes pass that did not bounce for as long as the policy waits; recordReturned(_:policy:actor:) does so too.
    ///
    /// - Returns: How many passed.
    @discardableResult
    public func settleProbes(policy: BouncePolicy, actor: String) throws(UserError) -> Int {
        try write { db in
            try BounceActing(db, store: self, policy: policy, actor: actor).passProbes()
        }
    }
}

extension BounceActing {
    func probe(_ id: Int64) throws -> ProbeRow? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT p.id, p.delivery_id, p.address_key, p.state, p.sent_at_ms IS NOT NULL OR o.attempts > 0
                FROM probe p JOIN outbox o ON o.probe_id = p.id WHERE p.id = ?
                """,
            arguments: [id]
        )
        guard let row, let state = ProbeRow.State(rawValue: row[3]) else { return nil }
        return ProbeRow(id: row[0], delivery: row[1], key: row[2], state: state, wasHandedOver: row[4])
    }

    /// Ends a probe that bounced: the person is condemned, unless somebody freed the address since.
    ///
    /// A delay ends nothing. A probe that passed and bounces later has bounced.
    func endProbe(_ probe: ProbeRow, _ news: BounceNews, _ person: TiedDelivery) throws
        -> [RecordedReturn.Effect]
    {
        guard news.event == .hard || news.event == .soft, probe.state != .cancelled else { return [] }
        guard news.event == .hard || policy.countsAgainstPerson(news.reason) else {
            try close(probe, .cancelled, returned: news.returned)
            return []
        }
        try close(probe, .bounced, returned: news.returned)
        var effects: [RecordedReturn.Effect] = []
        let history = BounceHistory(news: .probeBounced(isHard: news.event == .hard), now: now)
        for case .suppress(let reason) in policy.decide(history) {
            try condemn(person, reason, news, &effects)
        }
        return effects
    }

    /// Ends a probe, and what of it still waits in the outbox.
    func close(_ probe: ProbeRow, _ state: ProbeRow.State, returned: Int64? = nil) throws {
        try db.execute(
            sql: "UPDATE probe SET state = ?, ended_at_ms = ?, returned_id = ? WHERE id = ?",
            arguments: [state.rawValue, now.rawValue, returned, probe.id]
        )
        try db.execute(
            sql: """
                UPDATE outbox SET state = 'failed', ended_at_ms = ?, words = 'the probe is not needed any more'
                WHERE probe_id = ? AND state = 'queued'
                """,
            arguments: [now.rawValue, probe.id]
        )
        try suppressing.audit("probe.\(state.rawValue)", probe.key, [:])
    }

    /// Withdraws the probe to an address that somebody decided about, if one is under way.
    func cancelProbe(_ key: String) throws {
        let id = try Int64.fetchOne(
            db,
            sql: "SELECT id FROM probe WHERE address_key = ? AND state IN ('queued', 'sent')",
            arguments: [key]
        )
        guard let id, let probe = try probe(id) else { return }
        try close(probe, .cancelled)
    }

    func passProbes() throws -> Int {
        let ids = try Int64.fetchAll(
            db,
            sql: "SELECT id FROM probe INDEXED BY probe_waiting WHERE state = 'sent' AND sent_at_ms <= ?",
            arguments: [(now - policy.probeWait).rawValue]
        )
        for id in ids {
            guard let probe = try probe(id) else { continue }
            try close(probe, .passed)
        }
        return ids.count
    }
}

extension Timestamp {
    /// An earlier moment.
    static func - (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(rawValue: left.rawValue - right.milliseconds)
    }
}
