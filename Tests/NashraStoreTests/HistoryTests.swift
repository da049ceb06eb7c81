// SPDX-License-Identifier: Apache-2.0
//
// A person's history: everything once, in order, with source, actor and the words that were agreed to.
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Histories {
    private let sara = StoreWorld.address("sara")

    /// What an entry says, in one word each.
    private func word(_ entry: HistoryEntry) -> String {
        switch entry.what {
        case .event(let event): event.topic.map { "\(event.kind.rawValue) \($0)" } ?? event.kind.rawValue
        case .began(let topic, _): topic.map { "began \($0)" } ?? "began"
        case .ended(let topic, _): "ended \(topic)"
        case .imported(let change): "import \(change.what) of \(change.file)"
        case .unanswered(let topic): "unanswered \(topic)"
        case .story(let event):
            switch event.what {
            case .frozen: "frozen"
            case .attempt: "attempt"
            case .suppressed: "suppressed"
            case .suppressionEnded: "lifted"
            case .audit(let entry): "audit \(entry.action)"
            default: "other"
            }
        }
    }

    @Test func `a whole life is told in order, each thing once`() throws {
        let world = try StoreWorld()
        func later() { world.clock.advance(by: .seconds(60)) }
        try world.store.keepConsentText(ConsentText(version: "2026-1", texts: [.arabic: "أوافق"]))
        let asked = try world.store.askConfirmation(
            ConfirmationQuestion(
                row: ImportRow(address: sara, name: "سارة"),
                topic: "fraud",
                consentText: "2026-1",
                source: "المعرض"
            ),
            actor: "op"
        )
        guard case .asked(let question, _) = asked else { throw UserError(.bug, "nobody was asked") }
        later()
        _ = try world.store.confirm(question, actor: "op")
        later()
        let campaign = try world.freeze()
        let delivery = try #require(try world.due(campaign).first)
        let sender = try TestSender(world, campaign)
        later()
        #expect(sender.accept(delivery) == .granted)
        try sender.writer.drain()
        later()
        _ = try world.store.pause(sara, source: "هاتف", actor: "op")
        later()
        try world.store.addSuppression(sara, reason: .complaint, origin: "ARF", actor: "op")
        later()
        _ = try world.store.leave(.address(sara), source: "هاتف", actor: "op")
        let history = try #require(try world.store.history(of: sara))
        #expect(
            history.entries.map(word) == [
                "registered", "joined fraud", "asked fraud", "confirmed fraud", "joined fraud", "edited",
                "frozen",
                "attempt", "paused fraud", "suppressed", "left fraud", "edited",
            ]
        )
        let confirmed = history.entries.compactMap { entry -> SubscriberEvent? in
            if case .event(let event) = entry.what, event.kind == .confirmed { event } else { nil }
        }
        #expect(confirmed.map(\.consentText) == ["2026-1"] && confirmed.map(\.source) == ["المعرض"])
        #expect(history.entries.map(\.at) == history.entries.map(\.at).sorted())
    }

    @Test func `a question without an answer is told when its time is over`() throws {
        let world = try StoreWorld()
        _ = try world.store.askConfirmation(
            ConfirmationQuestion(row: ImportRow(address: sara), topic: "fraud", source: "x"),
            actor: "op"
        )
        #expect(
            try world.store.history(of: sara)?.entries.map(word) == [
                "registered", "joined fraud", "asked fraud",
            ]
        )
        world.clock.advance(by: .seconds(8 * 86_400))
        #expect(try world.store.history(of: sara)?.entries.last.map(word) == "unanswered fraud")
    }

    @Test func `people of the time before events have a beginning, and of imports the file`() throws {
        let world = try StoreWorld(people: 2)
        try world.run(
            """
            INSERT INTO import (id, file, digest, format, source, actor, state, started_at_ms)
            VALUES (3, 'قائمة.csv', zeroblob(32), 'csv', 'الوزارة', 'op', 'finished', 1795338000000);
            UPDATE subscriber SET import_id = 3 WHERE id = 2; UPDATE subscription SET import_id = 3 WHERE subscriber_id = 2;
            INSERT INTO import_change (import_id, subscriber_id, what, before, after)
            VALUES (3, 1, 'values', '{"name":"نورة"}', '{"name":"نورة العتيبي"}');
            """
        )
        let first = try #require(try world.store.history(of: StoreWorld.address("person0")))
        #expect(first.entries.map(word) == ["began", "began fraud", "import values of قائمة.csv"])
        let second = try #require(try world.store.history(of: StoreWorld.address("person1")))
        #expect(second.entries.map(word) == ["import registered of قائمة.csv", "import joined of قائمة.csv"])
        #expect(second.detail?.importFile == "قائمة.csv")
    }

    @Test func `the mail of an address that was changed stays in the history`() throws {
        let world = try StoreWorld(people: 1)
        _ = try world.freeze()
        let old = StoreWorld.address("person0")
        try world.store.changeAddress(old, to: sara, source: "letter", actor: "op")
        let history = try #require(try world.store.history(of: sara))
        #expect(history.entries.map(word).contains("frozen"))
        #expect(history.earlier == [old.text])
    }

    @Test func `nobody has no history, a stranger's suppression is one`() throws {
        let world = try StoreWorld()
        #expect(try world.store.history(of: sara) == nil)
        try world.store.addSuppression(sara, reason: .operator, origin: "letter", actor: "op")
        let history = try #require(try world.store.history(of: sara))
        #expect(history.detail == nil && history.entries.map(word) == ["suppressed"])
    }

    @Test func `one person is found among many without a walk`() throws {
        let world = try StoreWorld()
        for sql in [
            "SELECT 1 FROM subscriber_event e INDEXED BY subscriber_event_by_subscriber WHERE e.subscriber_id = 1",
            "SELECT 1 FROM import_change c INDEXED BY import_change_by_subscriber WHERE c.subscriber_id = 1",
            "\(SubscriberQueries.select) WHERE s.address_key = 'a'",
        ] {
            let plan = try world.plan(sql)
            #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(sql): \(plan)")
        }
    }
}
