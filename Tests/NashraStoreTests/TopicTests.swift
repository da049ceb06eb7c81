// SPDX-License-Identifier: Apache-2.0
//
// Topics that change, and people who are looked for.
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct TopicsAndSearch {
    // MARK: topics

    @Test func `topics are edited, archived and opened again, with their people`() throws {
        let world = try StoreWorld(people: 1)
        let edited = try world.store.editTopic(
            "fraud",
            title: ["ar": "التحذيرات", "en": ""],
            visibility: .private,
            actor: "op"
        )
        #expect(edited.title == ["ar": "التحذيرات"] && edited.visibility == .private)
        #expect(try world.store.topic(named: "fraud")?.subscribers == 1)
        try world.store.archiveTopic("fraud", actor: "op")
        #expect(throws: UserError.self) {
            try world.store.addSubscriber(
                ImportRow(address: StoreWorld.address("person0")),
                topic: "fraud",
                source: "x",
                actor: "op"
            )
        }
        #expect(try world.store.unarchiveTopic("fraud", actor: "op"))
        #expect(try !world.store.unarchiveTopic("fraud", actor: "op"))
        #expect(try world.store.subscriberCount(SubscriberFilter(topic: "fraud")) == 1)
        #expect(throws: UserError.self) {
            try world.store.editTopic("frauds", visibility: .public, actor: "op")
        }
    }

    // MARK: search

    @Test func `people are found by name however it is spelled, and by address and domain`() throws {
        let world = try StoreWorld(people: 30)
        func find(_ text: String, _ filter: SubscriberFilter = SubscriberFilter()) throws -> Int {
            try world.store.subscribers(matching: text, filter, limit: 100).total
        }
        #expect(try find("نورة") == 10)
        #expect(try find("نـوره") == 10, "tatweel and ha")
        #expect(try find("éloise") == 10)
        #expect(try find("PERSON1") == 11)
        #expect(try find("") == 30)
        #expect(try find("nobody") == 0)
        #expect(try find("نورة", SubscriberFilter(language: .french)) == 0)
        let (page, total) = try world.store.subscribers(matching: "نورة", limit: 4)
        #expect(page.count == 4 && total == 10)
        let rest = try world.store.subscribers(matching: "نورة", after: page.last?.id, limit: 100)
        #expect(rest.page.count == 6)
        #expect(try world.store.subscriberCount(SubscriberFilter(domain: "example.org")) == 30)
        #expect(try world.store.subscriberCount(SubscriberFilter(domain: "example.com")) == 0)
        #expect(try world.store.subscriberCount(SubscriberFilter(isPending: true)) == 0)
    }
}
