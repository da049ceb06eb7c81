// SPDX-License-Identifier: Apache-2.0
//
// A random register: in the store, and in memory for an evaluator that knows no SQL.
import Foundation
import GRDB
import NashraCore
import NashraSegments
import NashraTestKit

@testable import NashraStore

/// Random numbers that are the same for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }
}

/// A person as the evaluator sees one.
struct SegmentPerson {
    struct Membership {
        var joined: Timestamp
        var isCurrent: Bool
    }

    var id: Int64
    var address: String
    var domain: String
    var name: String?
    var language: String?
    var state: String
    var joined: Timestamp
    var attributes: [String: String]
    var memberships: [String: Membership] = [:]
    var received: Set<String> = []
    var isBounced = false
    var isSuppressed = false
}

/// The words of random registers and queries: none of them stands in any SQL text of ours.
enum SegmentWords {
    static let names = [
        "أَحْمَد الدُّوسري", "احمد الدوسري", "أحـمد", "فاطِمة", "فاطمه ٧٧", "Zoë Quixote", "ZOE QUIXOTE",
        "x'; DROP TABLE subscriber; --", "100% \"جداً\" \\ :q0", "ﻣﺤﻤﺪ", "🎉 عيد", "",
    ]
    static let languages = ["ar", "zx", "qx"]
    static let domains = ["wzara.example", "quux.example", "xn--mgbh0fb.example"]
    static let topics = ["zq-tahdhir", "zq-murur", "zq-ihtiyal"]
    static let bulletins = ["7026-9014", "نشرة 7"]
    static let schema = AttributeSchema([
        .init(name: "wqgrade", kind: .number), .init(name: "wqdue", kind: .date),
        .init(name: "wqstaff", kind: .bool),
        .init(name: "wqsize", kind: .enumeration(["zqsmall", "zqlarge"])),
        .init(name: "wqcity"),
    ])
    /// Nobody declared these.
    static let undeclared = ["wqshoe", "wq رقم \"الموظف\""]
    static let numbers = ["-8123.5", "8123", "8123.25", "9000", "9417.75"]
    static let dates = ["2025-02-28", "2026-03-29", "2026-10-25", "2026-11-22", "2027-01-01"]
    static let vocabulary = SegmentVocabulary(
        schema: schema,
        attributes: .init(undeclared),
        topics: .init(topics),
        bulletins: .init(bulletins)
    )
}

/// A register and its people.
struct SegmentPopulation {
    let people: [SegmentPerson]
    let now: Timestamp

    init(_ world: StoreWorld, count: Int, random: inout SeededRandom) throws {
        now = world.clock.now()
        var people = (0..<count).map { Self.person($0, now: world.clock.now(), &random) }
        for index in people.indices {
            for topic in SegmentWords.topics where random.oneIn(2) {
                people[index].memberships[topic] = .init(
                    joined: Self.moment(world.clock.now(), &random),
                    isCurrent: !random.oneIn(3)
                )
            }
            for bulletin in SegmentWords.bulletins where random.oneIn(2) {
                people[index].received.insert(bulletin)
            }
            people[index].isBounced = random.oneIn(4)
            people[index].isSuppressed = random.oneIn(4)
        }
        self.people = people
        try world.store.pool.write { [people] db in
            try Self.insert(people, db, now: world.clock.now(), &random)
        }
    }

    /// Around the edges of days in several time zones, and anywhere.
    private static func moment(_ now: Timestamp, _ random: inout SeededRandom) -> Timestamp {
        let date = CalendarDate(random.pick(SegmentWords.dates)) ?? CalendarDate(year: 2026, month: 1, day: 1)
        let midnight = (date?.midnightUTC ?? now).rawValue
        let edge = random.pick([0, -1, 1, 3_600_000, -10_800_000, -10_800_001, -3_600_000, 43_200_000])
        return Timestamp(rawValue: midnight + Int64(edge))
    }

    private static func person(_ index: Int, now: Timestamp, _ random: inout SeededRandom) -> SegmentPerson {
        var attributes: [String: String] = [:]
        let odd = ["zq", "8123,5", "1e4", "٩٠٠٠", "8123.", ".5", "2026-02-30", "12345678901234567", "TRUE"]
        func set(_ name: String, _ values: [String]) {
            if !random.oneIn(4) { attributes[name] = random.pick(random.oneIn(5) ? odd : values) }
        }
        set("wqgrade", SegmentWords.numbers)
        set("wqdue", SegmentWords.dates)
        set("wqstaff", ["true", "false"])
        set("wqsize", ["zqsmall", "zqlarge"])
        set("wqcity", SegmentWords.names)
        for name in SegmentWords.undeclared {
            set(name, SegmentWords.numbers + SegmentWords.dates + SegmentWords.names)
        }
        let domain = random.pick(SegmentWords.domains)
        return SegmentPerson(
            id: Int64(index + 1),
            address: "zq\(index).p@\(domain)",
            domain: domain,
            name: random.oneIn(5) ? nil : random.pick(SegmentWords.names),
            language: random.oneIn(5) ? nil : random.pick(SegmentWords.languages),
            state: random.pick(["active", "active", "pending", "unsubscribed", "erased"]),
            joined: moment(now, &random),
            attributes: attributes.filter { !$0.value.isEmpty }
        )
    }

    // MARK: The store

    private static func insert(
        _ people: [SegmentPerson],
        _ db: Database,
        now: Timestamp,
        _ random: inout SeededRandom
    ) throws {
        for (index, topic) in SegmentWords.topics.enumerated() {
            try db.execute(
                sql: "INSERT INTO topic (id, name, created_at_ms) VALUES (?, ?, 1)",
                arguments: [100 + index, topic]
            )
        }
        for (index, bulletin) in SegmentWords.bulletins.enumerated() {
            try db.execute(
                sql: """
                    INSERT INTO bulletin (id, number, created_at_ms) VALUES (:id, :number, 1);
                    INSERT INTO bulletin_revision VALUES (:id, 1, 'h', x'00', 1);
                    INSERT INTO campaign (id, name, year, number, bulletin_id, revision, settings, audience_text,
                        audience_count, first_delivery_id, last_delivery_id, created_at_ms)
                    VALUES (:id, :number, 2026, :id, :id, 1, '{}', 't', 1, 1, 1, 1);
                    """,
                arguments: ["id": index + 1, "number": bulletin]
            )
        }
        for person in people { try insert(person, db, now: now, &random) }
    }

    private static func insert(
        _ person: SegmentPerson,
        _ db: Database,
        now: Timestamp,
        _ random: inout SeededRandom
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO subscriber (id, address, address_key, domain, name, language, attributes, state,
                    created_at_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
                """,
            arguments: [
                person.id, person.address, person.address, person.domain, person.name, person.language,
                FlatJSON.encode(person.attributes), person.state, person.joined.rawValue,
            ]
        )
        for (index, topic) in SegmentWords.topics.enumerated() {
            guard let membership = person.memberships[topic] else { continue }
            let isEnded = !membership.isCurrent && random.oneIn(2)
            try db.execute(
                sql: """
                    INSERT INTO subscription (subscriber_id, topic_id, source, consent_at_ms, ended_at_ms, ended_reason,
                        is_pending) VALUES (?, ?, 's', ?, ?, ?, ?)
                    """,
                arguments: [
                    person.id, 100 + index, membership.joined.rawValue, isEnded ? 5 : nil,
                    isEnded ? "r" : nil,
                    !membership.isCurrent && !isEnded,
                ]
            )
        }
        try insertDeliveries(person, db, &random)
        // One that is over, and one for a topic only, suppress nobody everywhere.
        let expiry: Int64? = person.isSuppressed ? (random.oneIn(2) ? nil : now.rawValue + 1) : now.rawValue
        guard person.isSuppressed || random.oneIn(2) else { return }
        try db.execute(
            sql: """
                INSERT INTO suppression (address_key, topic_id, reason, origin, created_at_ms, expires_at_ms)
                VALUES (?, ?, 'operator', 'o', 1, ?)
                """,
            arguments: [person.address, person.isSuppressed ? 0 : random.pick([0, 100]), expiry]
        )
    }

    private static func insertDeliveries(
        _ person: SegmentPerson,
        _ db: Database,
        _ random: inout SeededRandom
    ) throws {
        for (index, bulletin) in SegmentWords.bulletins.enumerated() {
            let isReceived = person.received.contains(bulletin)
            let isBounced = person.isBounced && index == 0
            guard isReceived || isBounced || random.oneIn(2) else { continue }
            try db.execute(
                sql: """
                    INSERT INTO delivery (campaign_id, subscriber_id, address, address_key, domain, language, merge, state,
                        next_at_ms, changed_at_ms, accepted_at_ms) VALUES (?, ?, 'a', ?, 'd', 'ar', '{}', ?, 1, 1, ?)
                    """,
                arguments: [
                    index + 1, person.id, person.address, isReceived ? "accepted" : "rejected",
                    isReceived ? 1 : nil,
                ]
            )
            try db.execute(
                sql: "INSERT INTO bounce (delivery_id, event, campaign_id, at_ms) VALUES (?, ?, ?, 1)",
                arguments: [db.lastInsertedRowID, isBounced ? "hard" : "soft", index + 1]
            )
        }
    }
}
