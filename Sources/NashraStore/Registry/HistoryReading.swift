// SPDX-License-Identifier: Apache-2.0
//
// Gathers one person's history: events, imports, questions, and the story of the mail, each asked by its own key.
// Reads the store.
import GRDB
public import NashraCore

extension Store {
    /// All that happened to a person; `nil` when nothing is recorded about the address.
    public func history(of address: EmailAddress) throws(UserError) -> PersonHistory? {
        let detail = try subscriber(address)
        let earlier = try detail.map { found throws(UserError) in
            try read { db in try HistoryReading(db, found, now: clock.now()).earlierAddresses() }
        }
        var entries: [HistoryEntry] = []
        for text in [address.text] + (earlier ?? []) {
            guard let known = try? EmailAddress.parse(text), let story = try story(of: known) else {
                continue
            }
            entries += HistoryReading.mail(story)
        }
        if let detail {
            entries += try read { db in try HistoryReading(db, detail, now: clock.now()).entries() }
        }
        guard detail != nil || !entries.isEmpty else { return nil }
        return PersonHistory(
            detail: detail,
            address: detail?.subscriber.address ?? address.text,
            earlier: earlier ?? [],
            entries: HistoryReading.ordered(entries)
        )
    }
}

/// The look for one person in the register.
private struct HistoryReading {
    private let db: Database
    private let detail: SubscriberDetail
    private let now: Timestamp

    init(_ db: Database, _ detail: SubscriberDetail, now: Timestamp) {
        self.db = db
        self.detail = detail
        self.now = now
    }

    private var id: Int64 { detail.subscriber.id.rawValue }

    func earlierAddresses() throws -> [String] {
        try SubscriberEvents.all(db, of: id).compactMap { $0.detail["address.before"] }
    }

    func entries() throws -> [HistoryEntry] {
        let events = try SubscriberEvents.all(db, of: id)
        return try events.map { HistoryEntry(at: $0.at, what: .event($0)) } + beginnings(events) + imports()
            + unanswered()
    }

    /// What is in the rows and in no event: people and subscriptions of imports, and of the time before events.
    private func beginnings(_ events: [SubscriberEvent]) throws -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        let person = detail.subscriber
        if !events.contains(where: { $0.kind == .registered }) {
            let registered = try detail.importID.flatMap { try origin($0, what: "registered") }
            entries.append(.init(at: person.createdAt, what: registered ?? .began(topic: nil, source: "")))
        }
        for topic in detail.subscriptions {
            let mine = events.filter { $0.topic == topic.topic }
            if !mine.contains(where: { $0.kind == .joined && $0.at <= topic.consentAt }) {
                let joined = try topic.importID.flatMap { try origin($0, what: "joined", topic: topic.topic) }
                entries.append(
                    .init(
                        at: topic.consentAt,
                        what: joined ?? .began(topic: topic.topic, source: topic.source)
                    )
                )
            }
            if let end = topic.endedAt, !mine.contains(where: { $0.kind == .left && $0.at == end }) {
                entries.append(
                    .init(at: end, what: .ended(topic: topic.topic, reason: topic.endedReason ?? ""))
                )
            }
        }
        return entries
    }

    private func origin(_ id: Int64, what: String, topic: String? = nil) throws -> HistoryEntry.What? {
        try Row.fetchOne(db, sql: "SELECT * FROM import WHERE id = ?", arguments: [id]).map { row in
            .imported(Self.imported(row, what: what, topic: topic))
        }
    }

    /// What imports changed; what they began is told by ``beginnings(_:)``.
    private func imports() throws -> [HistoryEntry] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT i.*, c.what, c.before, c.after, t.name AS topic
                FROM import_change c INDEXED BY import_change_by_subscriber JOIN import i ON i.id = c.import_id
                LEFT JOIN topic t ON t.id = c.topic_id WHERE c.subscriber_id = ? ORDER BY i.id
                """,
            arguments: [id]
        ).map { row in
            var change = Self.imported(row, what: row["what"], topic: row["topic"])
            change.before = FlatJSON.decode(row["before"])
            change.after = FlatJSON.decode(row["after"])
            let at: Int64 = row["started_at_ms"]
            return HistoryEntry(at: Timestamp(rawValue: at), what: .imported(change))
        }
    }

    private static func imported(_ row: Row, what: String, topic: String?) -> HistoryImport {
        HistoryImport(
            id: row["id"],
            file: row["file"],
            source: row["source"],
            actor: row["actor"],
            what: what,
            topic: topic,
            before: [:],
            after: [:],
            undoneAt: (row["undone_at_ms"] as Int64?).map(Timestamp.init)
        )
    }

    private func unanswered() throws -> [HistoryEntry] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT c.expires_at_ms, t.name FROM confirmation c INDEXED BY confirmation_by_subscriber
                JOIN topic t ON t.id = c.topic_id
                WHERE c.subscriber_id = ? AND c.confirmed_at_ms IS NULL AND c.expires_at_ms <= ?
                """,
            arguments: [id, now.rawValue]
        ).map { HistoryEntry(at: Timestamp(rawValue: $0[0]), what: .unanswered(topic: $0[1])) }
    }

    // MARK: the mail

    /// What the story tells that the register does not.
    static func mail(_ story: Story) -> [HistoryEntry] {
        story.events.compactMap { event in
            switch event.what {
            case .registered, .subscribed, .left: return nil
            case .audit(let entry) where isTold(entry.action): return nil
            default: return HistoryEntry(at: event.at, what: .story(event))
            }
        }
    }

    /// Whether an event of the person says the same.
    private static func isTold(_ action: String) -> Bool {
        [
            "subscriber.add", "subscriber.ask", "subscriber.edit", "subscriber.readdress",
            "subscriber.remove",
            "subscription.end", "subscription.confirm",
        ].contains(action)
    }

    /// By time; of one moment in the order in which they were recorded.
    static func ordered(_ entries: [HistoryEntry]) -> [HistoryEntry] {
        func rank(_ what: HistoryEntry.What) -> Int {
            switch what {
            case .began: 0
            case .imported: 1
            case .event: 2
            case .ended, .unanswered: 3
            case .story: 4
            }
        }
        return entries.enumerated().sorted {
            ($0.element.at.rawValue, rank($0.element.what), $0.offset)
                < ($1.element.at.rawValue, rank($1.element.what), $1.offset)
        }.map(\.element)
    }
}
