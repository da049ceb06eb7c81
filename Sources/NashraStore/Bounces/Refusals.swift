// SPDX-License-Identifier: Apache-2.0
//
// Refusals by the relay itself: who was turned away while the campaign was sent counts like a bounce.
// Touches the store. Rules: docs/decisions/0007-bounces.md; reference: RFC 3463.
import GRDB
public import NashraCore

/// What the refusals of a campaign led to.
public struct RefusalSummary: Sendable, Hashable {
    /// Refusals that count as hard and were new.
    public var hard = 0
    /// Refusals that count as soft and were new.
    public var soft = 0
    /// People who were suppressed, less those whom an alarm freed again.
    public var suppressed = 0
    /// People who get a probe first.
    public var probed = 0
    /// People whom an alarm keeps from being suppressed.
    public var withheld = 0
    /// Alarms that were raised.
    public var alarms: [Int64] = []
    /// Whether nothing was done because a guard of the sender holds the campaign: its refusals may be our fault.
    public var isHeld = false

    fileprivate mutating func add(_ effect: RecordedReturn.Effect) {
        switch effect {
        case .suppressed: suppressed += 1
        case .probed: probed += 1
        case .withheld: withheld += 1
        case .alarmRaised(let alarm, let lifted):
            alarms.append(alarm)
            suppressed -= lifted
        case .left, .mayNotLeave, .confirmed, .held, .replied: break
        }
    }
}

extension Store {
    /// Lets the refusals of a campaign act on people under the same policy as returned messages.
    ///
    /// Each refusal acts once, however often this is called. Those from before a guard last held the campaign never act: they
    /// are what made it hold.
    ///
    /// - Parameters:
    ///   - campaign: Its row.
    ///   - policy: When they change somebody's state.
    ///   - actor: For the audit.
    /// - Returns: What was new.
    /// - Throws: `inputOutput` or `tryAgain`; what is done by then is done, and a second call goes on.
    public func applyRefusals(
        _ campaign: Int64,
        policy: BouncePolicy,
        actor: String
    ) throws(UserError) -> RefusalSummary {
        var summary = RefusalSummary()
        var last: Int64 = 0
        var isOver = false
        while !isOver {
            let page = try write { db in
                let guarded = try RefusalQueries.guardedUntil(db, campaign)
                guard let since = guarded else { return (rows: 0, last: last, isHeld: true) }
                let acting = try BounceActing(db, store: self, policy: policy, actor: actor)
                let rows = try RefusalQueries.page(db, campaign, since: since, after: last)
                for row in rows {
                    try hooks.check(.statement)
                    try acting.refuse(row, &summary)
                }
                return (rows: rows.count, last: rows.last?["id"] ?? last, isHeld: false)
            }
            summary.isHeld = page.isHeld
            last = page.last
            isOver = page.rows < RefusalQueries.pageSize
        }
        return summary
    }
}

/// One reply to one recipient, as bounces go.
struct Refusal {
    let reason: RefusalReason
    let status: EnhancedStatusCode?

    init(reply: SMTPReply, stage: SMTPStage) {
        reason = RefusalReason(reply: reply, stage: stage)
        status = reply.status
    }

    init(reason: String?, status: String?) {
        self.reason = reason.flatMap(RefusalReason.init) ?? .undefined
        self.status = status.flatMap { EnhancedStatusCode.parse(prefixOf: $0.utf8)?.code }
    }

    /// Without a status code a 550 may mean anything, so only a code can make it hard.
    func event(_ policy: BouncePolicy) -> BounceEvent {
        guard let status, status.category == 5 else { return .soft }
        let kind: BounceVerdict.Kind = policy.hardReasons.contains(reason) ? .hard : .soft
        return policy.event(kind: kind, action: .failed, status: status, reason: reason) ?? .soft
    }
}

extension BounceActing {
    fileprivate func refuse(_ row: Row, _ summary: inout RefusalSummary) throws {
        guard let person = try delivery(row["id"]) else { return }
        let status: String? = row["status"]
        let refusal = Refusal(reason: row["reason"], status: status)
        let event = refusal.event(policy)
        let known = try events(person.id)
        guard !Self.isOld(event, among: known) else { return }
        if event == .hard { summary.hard += 1 } else { summary.soft += 1 }
        let news = BounceNews(
            event: event,
            status: status,
            reason: refusal.reason,
            returned: nil,
            origin: "refusal"
        )
        for effect in try act(news, on: person, known: known) { summary.add(effect) }
    }
}

/// How refusals are read.
enum RefusalQueries {
    static let pageSize = 500

    /// Refusals that speak of the recipient: at RCPT, or after the text with a status of the address or the mailbox.
    static let sql = """
        SELECT id, status, reason FROM delivery
        WHERE id BETWEEN ?1 AND ?2 AND state = 'rejected' AND changed_at_ms > ?3
          AND (stage = 'rcpt' OR (stage IN ('data', 'after-dot') AND (status LIKE '_.1.%' OR status LIKE '_.2.%')))
          AND NOT EXISTS (SELECT 1 FROM bounce b WHERE b.delivery_id = delivery.id AND b.event IN ('hard', 'soft'))
        ORDER BY id LIMIT ?4
        """

    static func page(_ db: Database, _ campaign: Int64, since: Int64, after last: Int64) throws -> [Row] {
        let span = try CampaignQueries.span(db, id: campaign)
        return try Row.fetchAll(
            db,
            sql: sql,
            arguments: [max(span.first, last + 1), span.last, since, pageSize]
        )
    }

    /// When a guard of the sender last held the campaign, 0 for never; `nil` while it does.
    static func guardedUntil(_ db: Database, _ campaign: Int64) throws -> Int64? {
        let current = try CampaignQueries.campaign(db, id: campaign)
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT max(at_ms) FILTER (WHERE actor = 'sender'), max(id) FILTER (WHERE actor = 'sender'), max(id)
                FROM audit WHERE object = ? AND action = 'campaign.paused'
                """,
            arguments: [current.name.rawValue]
        )
        guard let row, let at = row[0] as Int64? else { return 0 }
        let lastIsGuard = (row[1] as Int64?) == (row[2] as Int64?)
        return current.state == .paused && lastIsGuard ? nil : at
    }
}
