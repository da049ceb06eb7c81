// SPDX-License-Identifier: Apache-2.0
//
// The register: importing twice is importing once, and nobody who left comes back by a file.
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Registry {
    private func row(_ local: String, name: String? = nil, city: String? = nil) -> ImportRow {
        ImportRow(
            address: StoreWorld.address(local),
            name: name,
            language: .arabic,
            attributes: city.map { ["city": $0] } ?? [:]
        )
    }

    @Test func `importing twice is importing once`() throws {
        let world = try StoreWorld()
        let rows = (0..<300).map(StoreWorld.person)
        #expect(
            try world.store.importBatch(rows, topic: "fraud", source: "a.csv").allSatisfy { $0 == .added }
        )
        #expect(
            try world.store.importBatch(rows, topic: "fraud", source: "a.csv").allSatisfy { $0 == .unchanged }
        )
        #expect(try world.store.subscriberCount(SubscriberFilter(topic: "fraud")) == 300)
        #expect(try world.store.topic(named: "fraud")?.subscribers == 300)
    }

    @Test func `the same address in another case is the same person`() throws {
        let world = try StoreWorld()
        let outcomes = try world.store.importBatch(
            [row("Noura", name: "نورة"), row("noura", name: "نورة")],
            topic: "fraud",
            source: "a.csv"
        )
        #expect(outcomes == [.added, .unchanged])
    }

    @Test func `new values replace old ones, and those not given stay`() throws {
        let world = try StoreWorld()
        _ = try world.store.importBatch(
            [row("a", name: "ليلى", city: "جدة")],
            topic: "fraud",
            source: "a.csv"
        )
        let more = ImportRow(address: StoreWorld.address("a"), attributes: ["unit": "\"7\"\n\\"])
        #expect(try world.store.importBatch([more], topic: "fraud", source: "b.csv") == [.updated])
        let person = try #require(try world.store.subscriber(StoreWorld.address("a"))?.subscriber)
        #expect(person.name == "ليلى")
        #expect(person.language == .arabic)
        #expect(person.attributes == ["city": "جدة", "unit": "\"7\"\n\\"])
    }

    @Test func `who left is not subscribed again by a file, but is when asked in person`() throws {
        let world = try StoreWorld()
        _ = try world.store.importBatch([row("a", name: "ليلى")], topic: "fraud", source: "a.csv")
        try world.store.removeSubscriber(StoreWorld.address("a"), reason: "asked by telephone", actor: "test")
        let again = try world.store.importBatch([row("a", name: "ليلى")], topic: "fraud", source: "a.csv")
        #expect(again == [.unsubscribed])
        #expect(try world.store.topic(named: "fraud")?.subscribers == 0)
        let detail = try #require(try world.store.subscriber(StoreWorld.address("a")))
        #expect(detail.subscriber.state == .unsubscribed)
        #expect(detail.subscriptions.map(\.endedReason) == ["asked by telephone"])
        let asked = try world.store.addSubscriber(
            row("a"),
            topic: "fraud",
            source: "in person",
            actor: "test"
        )
        #expect(asked == .updated)
        #expect(try world.store.topic(named: "fraud")?.subscribers == 1)
    }

    @Test func `who left one topic stays out of that one only`() throws {
        let world = try StoreWorld()
        try world.store.addTopic(name: "traffic", actor: "test")
        _ = try world.store.importBatch([row("a")], topic: "fraud", source: "a.csv")
        try world.run("UPDATE subscription SET ended_at_ms = 5, ended_reason = 'one-click'")
        #expect(try world.store.importBatch([row("a")], topic: "fraud", source: "a.csv") == [.unsubscribed])
        #expect(try world.store.importBatch([row("a")], topic: "traffic", source: "a.csv") == [.updated])
    }

    @Test func `a suppressed address is registered and stays suppressed`() throws {
        let world = try StoreWorld()
        let address = StoreWorld.address("a")
        #expect(try world.store.addSuppression(address, reason: .complaint, origin: "ARF", actor: "test"))
        #expect(try !world.store.addSuppression(address, reason: .operator, origin: "again", actor: "test"))
        #expect(try world.store.importBatch([row("a")], topic: "fraud", source: "a.csv") == [.suppressed])
        #expect(try world.store.subscriber(address)?.suppression?.reason == .complaint)
        #expect(try world.store.suppressions().map(\.addressKey) == [address.key])
        #expect(try world.store.removeSuppression(address, actor: "test"))
        #expect(try !world.store.removeSuppression(address, actor: "test"))
    }

    @Test func `a dry run says the same and leaves no trace`() throws {
        let world = try StoreWorld(people: 2)
        let rows = (0..<5).map(StoreWorld.person)
        let said = try world.store.importBatch(rows, topic: "fraud", source: "a.csv", dryRun: true)
        #expect(said == [.unchanged, .unchanged, .added, .added, .added])
        #expect(try world.store.subscriberCount() == 2)
    }

    @Test func `an unknown topic is told with the nearest name`() throws {
        let world = try StoreWorld()
        let error = #expect(throws: UserError.self) {
            try world.store.importBatch([], topic: "frauds", source: "a.csv")
        }
        #expect(error?.status == .unknownObject)
        #expect(error?.remedy == "Did you mean fraud?")
    }

    @Test func `people are listed page by page, by topic, language and state`() throws {
        let world = try StoreWorld(people: 30)
        var seen: [String] = []
        var last: SubscriberID?
        while true {
            let page = try world.store.subscribers(SubscriberFilter(language: .arabic), after: last, limit: 4)
            seen += page.map(\.address)
            guard page.count == 4 else { break }
            last = page.last?.id
        }
        #expect(seen == stride(from: 0, to: 30, by: 3).map { "person\($0)@example.org" })
        #expect(try world.store.subscriberCount(SubscriberFilter(topic: "fraud", state: .active)) == 30)
        #expect(try world.store.subscribers(SubscriberFilter(state: .pending)).isEmpty)
    }

    @Test(arguments: ["", "Fraud", "-a", "a-", "a b", "احتيال", String(repeating: "a", count: 65)])
    func `a topic's name is plain`(_ name: String) throws {
        let world = try StoreWorld()
        let error = #expect(throws: UserError.self) { try world.store.addTopic(name: name, actor: "test") }
        #expect(error?.status == .badData)
    }

    @Test func `a topic's name is taken once, and an archived topic is closed`() throws {
        let world = try StoreWorld(people: 1)
        #expect(throws: UserError.self) { try world.store.addTopic(name: "fraud", actor: "test") }
        #expect(try world.store.topic(named: "fraud")?.title["ar"] == "الاحتيال")
        try world.store.archiveTopic("fraud", actor: "test")
        #expect(throws: UserError.self) { try world.freeze() }
        #expect(try world.store.topics().map(\.name) == ["fraud"])
    }

    @Test func `what was done is told, and cannot be changed`() throws {
        let world = try StoreWorld(people: 1)
        try world.store.removeSubscriber(StoreWorld.address("person0"), reason: "طلب", actor: "cli:هدى")
        let newest = try #require(try world.store.auditEntries().first)
        #expect(newest.action == "subscriber.remove")
        #expect(newest.actor == "cli:هدى")
        #expect(newest.detail == ["reason": "طلب"])
        for sql in ["DELETE FROM audit", "UPDATE audit SET actor = 'nobody'"] {
            #expect(throws: (any Error).self) { try world.run(sql) }
        }
    }

    @Test func `flat objects survive every character`() throws {
        let values = ["a\"b": "\u{1}\u{1F}\t\r\n\\\"/", "ا": "e\u{301}\u{202E}", "": "😀"]
        #expect(FlatJSON.decode(FlatJSON.encode(values)) == values)
        for text in ["{\"a\":null,\"b\":\"ب\"}", "{\"b\":\"ب\"}", "{ \"b\" : \"ب\" }", "{\"b\":\"\\u0628\"}"]
        {
            #expect(FlatJSON.decode(text) == ["b": "ب"])
        }
        for text in [
            "", "{", "{}", "[]", "{\"a\"", "{\"a\":", "{\"a\":n", "{\"a\":\"", "{\"a\":\"b\"",
        ] {
            #expect(FlatJSON.decode(text).isEmpty)
        }
    }
}
