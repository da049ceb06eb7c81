// SPDX-License-Identifier: Apache-2.0
//
// Acts on news about one person: gathers the history, asks the policy, carries out what it says.
// Touches the store, inside a transaction of its caller. Rules: docs/decisions/0007-bounces.md.
import GRDB
import NashraCore

/// One event of a delivery, or of the probe that its bounce asked for.
struct BounceNews {
    var event: BounceEvent
    var status: String?
    var reason: RefusalReason?
    /// The message that came back, or `nil`: the relay refused the recipient itself.
    var returned: Int64?
    /// Who or what tells it, for people: `bounce`, `complaint`, `probe`, `refusal`.
    var origin: String
}

/// How many events of each kind to add to a campaign's counts.
struct TallyChange {
    var hard = 0
    var soft = 0
    var delayed = 0
    var complaints = 0
    var unsubscribed = 0
    var replies = 0
    var autoReplies = 0
    var delivered = 0
    var condemned = 0

    init() {}

    /// The change that an event makes to the counts of returned messages; of several about the delivery's fate only
    /// the gravest is counted.
    init(_ event: BounceEvent, before: BounceEvent?) {
        switch before {
        case .soft: soft = -1
        case .delayed: delayed = -1
        default: break
        }
        switch event {
        case .hard: hard = 1
        case .soft: soft += 1
        case .delayed: delayed += 1
        case .complaint: complaints = 1
        case .autoReply: autoReplies = 1
        case .delivered: delivered = 1
        case .unsubscribe: break
        }
        if event.gravity == 0 { (soft, delayed) = (0, 0) }
    }
}

/// Where a campaign's counts stand.
struct CampaignTally {
    let hard: Int
    let condemned: Int
    let acceptedSeen: Int
    let heldAtHard: Int
    let hasDomains: Bool
}

/// The statements and the rules of one transaction.
final class BounceActing {
    let db: Database
    let store: Store
    let policy: BouncePolicy
    let now: Timestamp
    let suppressing: Suppressing
    private let deliveryStatement: FastStatement
    private let eventsStatement: FastStatement
    private let eventStatement: FastStatement
    private let tallyStatement: FastStatement
    private let mailingsStatement: FastStatement
    private let liftedStatement: FastStatement
    private let probesStatement: FastStatement
    private var names: [Int64: CampaignName] = [:]

    init(_ db: Database, store: Store, policy: BouncePolicy, actor: String) throws {
        self.db = db
        self.store = store
        self.policy = policy
        now = store.clock.now()
        suppressing = try Suppressing(db, actor: actor, now: now)
        deliveryStatement = try FastStatement(db, BounceSQL.delivery)
        eventsStatement = try FastStatement(db, BounceSQL.events)
        eventStatement = try FastStatement(db, BounceSQL.event)
        tallyStatement = try FastStatement(db, BounceSQL.tally)
        mailingsStatement = try FastStatement(db, BounceSQL.mailings)
        liftedStatement = try FastStatement(db, BounceSQL.lifted)
        probesStatement = try FastStatement(db, BounceSQL.probes)
    }

    var actor: String { suppressing.actor }

    func delivery(_ id: Int64) throws -> TiedDelivery? { try TiedDelivery.find(deliveryStatement, id: id) }

    /// The name of a campaign, for people.
    func name(_ campaign: Int64) throws -> CampaignName {
        if let known = names[campaign] { return known }
        let text = try String.fetchOne(
            db,
            sql: "SELECT name FROM campaign WHERE id = ?",
            arguments: [campaign]
        )
        guard let text else { throw CampaignQueries.missing(campaign) }
        let name = CampaignName(rawValue: text)
        names[campaign] = name
        return name
    }

    /// What is known of a delivery already.
    func events(_ delivery: Int64) throws -> Set<BounceEvent> {
        eventsStatement.bind(1, delivery)
        var events: Set<BounceEvent> = []
        while try eventsStatement.step() {
            if let event = eventsStatement.text(0).flatMap(BounceEvent.init) { events.insert(event) }
        }
        return events
    }

    /// Whether an event tells nothing new: it is known, or a graver one is.
    static func isOld(_ event: BounceEvent, among known: Set<BounceEvent>) -> Bool {
        known.contains(event) || (event.gravity > 0 && known.contains { $0.gravity > event.gravity })
    }

    /// Records a new event of a delivery and does what follows.
    ///
    /// - Parameters:
    ///   - news: What happened; it is not old.
    ///   - person: To whose delivery.
    ///   - known: What was known before.
    /// - Returns: What changed.
    /// - Throws: What the store throws.
    func act(_ news: BounceNews, on person: TiedDelivery, known: Set<BounceEvent>) throws
        -> [RecordedReturn.Effect]
    {
        var history = BounceHistory(news: .event(news.event, sentAt: person.at), now: now)
        var inARow: Int?
        let counts =
            news.event == .soft && policy.countsAgainstPerson(news.reason, status: status(news.status))
        if counts || news.event == .hard { history.liftedAt = try liftedAt(person.key) }
        if counts {
            history.mailings = try mailings(person)
            (history.isProbed, history.probePassedAt) = try probes(person.key)
            inARow = policy.softRun(history).count
        }
        try write(news, of: person, inARow: inARow)
        var effects: [RecordedReturn.Effect] = []
        if news.returned != nil {
            let before = known.max { $0.gravity < $1.gravity }
            let tally = try tally(person.campaign, TallyChange(news.event, before: before))
            if news.event == .hard { try hold(person.campaign, tally, &effects) }
        }
        guard news.event != .soft || counts else { return effects }
        for action in policy.decide(history) { try carryOut(action, news, person, &effects) }
        return effects
    }

    private func carryOut(
        _ action: BounceAction,
        _ news: BounceNews,
        _ person: TiedDelivery,
        _ effects: inout [RecordedReturn.Effect]
    ) throws {
        try store.hooks.check(.statement)
        switch action {
        case .suppress(let reason) where reason.isInferred:
            try condemn(person, reason, news, &effects)
        case .suppress(let reason): try suppress(person, reason, news, &effects)
        case .probe: try askProbe(person, &effects)
        case .leaveTopic: try leaveTopic(person, news, &effects)
        case .leaveAll: try leaveAll(person, &effects)
        }
    }

    /// Suppresses the person's address, with a note that says why.
    func suppress(
        _ person: TiedDelivery,
        _ reason: SuppressionReason,
        _ news: BounceNews,
        _ effects: inout [RecordedReturn.Effect]
    ) throws {
        let cause = SuppressionCause(
            delivery: person,
            returned: news.returned,
            origin: news.origin,
            note: try note(person, news)
        )
        guard try suppressing.suppress(person.key, reason, cause) else { return }
        effects.append(.suppressed(address: person.address, reason))
    }

    private func note(_ person: TiedDelivery, _ news: BounceNews) throws -> String {
        var words = [news.status, news.reason?.rawValue].compactMap { $0 }.joined(separator: " ")
        if !words.isEmpty { words += ", " }
        words += "campaign \(try name(person.campaign))"
        if let returned = news.returned { words += ", returned message \(returned)" }
        return words
    }

    private func status(_ text: String?) -> EnhancedStatusCode? {
        text.flatMap { EnhancedStatusCode.parse(prefixOf: $0.utf8)?.code }
    }

    private func write(_ news: BounceNews, of person: TiedDelivery, inARow: Int?) throws {
        eventStatement.bind(1, person.id)
        eventStatement.bind(2, news.event.rawValue)
        eventStatement.bind(3, person.campaign)
        eventStatement.bind(4, news.returned)
        eventStatement.bind(5, news.status)
        eventStatement.bind(6, news.reason?.rawValue)
        eventStatement.bind(7, inARow)
        eventStatement.bind(8, now.rawValue)
        try eventStatement.run()
    }

    /// Adds to a campaign's counts.
    @discardableResult
    func tally(_ campaign: Int64, _ change: TallyChange) throws -> CampaignTally {
        let numbers = [
            change.hard, change.soft, change.delayed, change.complaints, change.unsubscribed, change.replies,
            change.autoReplies, change.delivered, change.condemned,
        ]
        tallyStatement.bind(1, campaign)
        for (index, number) in numbers.enumerated() { tallyStatement.bind(Int32(index + 2), number) }
        guard try tallyStatement.step() else { throw UserError(.bug, "a campaign's counts have no row") }
        let tally = CampaignTally(
            hard: Int(tallyStatement.int(0)),
            condemned: Int(tallyStatement.int(1)),
            acceptedSeen: Int(tallyStatement.int(2)),
            heldAtHard: Int(tallyStatement.int(3)),
            hasDomains: tallyStatement.int(4) != 0
        )
        try tallyStatement.run()
        return tally
    }

    // MARK: one person's history

    func liftedAt(_ key: String) throws -> Timestamp? {
        liftedStatement.bind(1, key)
        defer { liftedStatement.reset() }
        guard try liftedStatement.step() else { return nil }
        return liftedStatement.optionalInt(0).map(Timestamp.init)
    }

    func probes(_ key: String) throws -> (isProbed: Bool, passedAt: Timestamp?) {
        probesStatement.bind(1, key)
        defer { probesStatement.reset() }
        guard try probesStatement.step() else { return (false, nil) }
        return (probesStatement.int(0) != 0, probesStatement.optionalInt(1).map(Timestamp.init))
    }

    /// What became of the campaigns that mailed a person, newest first, back to the last success before `person`'s own,
    /// which ends in a soft bounce now.
    private func mailings(_ person: TiedDelivery) throws -> [BounceHistory.Mailing] {
        let rows = mailingsStatement
        rows.bind(1, person.key)
        defer { rows.reset() }
        var mailings: [BounceHistory.Mailing] = []
        while try rows.step() {
            let at = Timestamp(rawValue: rows.int(3))
            let fate = rows.int(0) == person.id ? .soft : fate(rows)
            mailings.append(.init(at: at, fate: fate))
            // Campaigns may overlap, so what is newer than ours is read whole.
            if rows.int(1) < person.campaign, fate == .quiet, now - at >= policy.settledAfter { break }
        }
        return mailings
    }

    private func fate(_ row: FastStatement) -> BounceHistory.Fate {
        if row.int(4) != 0 { return .hard }
        if row.int(6) != 0 {
            let reason = row.text(7).flatMap(RefusalReason.init)
            return policy.countsAgainstPerson(reason, status: status(row.text(8))) ? .soft : .open
        }
        if row.int(5) != 0 { return .open }
        return row.text(2) == DeliveryState.accepted.rawValue ? .quiet : .open
    }
}
