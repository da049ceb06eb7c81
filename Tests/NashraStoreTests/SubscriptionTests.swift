// SPDX-License-Identifier: Apache-2.0
//
// One person's coming, changing and going: what each step allows, and that each leaves its event.
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Subscriptions {
    private let person = StoreWorld.address("person0")

    /// The person's events as `kind:topic`.
    private func events(_ world: StoreWorld) throws -> [String] {
        try world.texts(
            """
            SELECT e.event || coalesce(':' || t.name, '') FROM subscriber_event e LEFT JOIN topic t ON t.id = e.topic_id
            ORDER BY e.id
            """
        )
    }

    private func world() throws -> StoreWorld {
        let world = try StoreWorld(people: 1)
        try world.store.addTopic(name: "traffic", actor: "test")
        try world.store.addTopic(
            name: "staff",
            title: ["ar": "المنسوبون"],
            visibility: .mandatory,
            actor: "test"
        )
        for topic in ["traffic", "staff"] {
            _ = try world.store.addSubscriber(
                ImportRow(address: person),
                topic: topic,
                source: "نموذج",
                actor: "test"
            )
        }
        return world
    }

    private func reached(_ world: StoreWorld, _ topic: String = "fraud") throws -> Int {
        try world.store.plan(AudienceQuery(topics: [topic]), chain: [.arabic], available: [.arabic]).audience
    }

    @Test func `one person is added with values, topic and an event for each`() throws {
        let world = try StoreWorld()
        let row = ImportRow(address: StoreWorld.address("sara"), name: "سارة", attributes: ["city": "الدوحة"])
        #expect(try world.store.addSubscriber(row, topic: "fraud", source: "نموذج", actor: "op") == .added)
        #expect(
            try world.store.addSubscriber(row, topic: "fraud", source: "نموذج", actor: "op") == .unchanged
        )
        var more = row
        more.name = "سارة القحطاني"
        #expect(try world.store.addSubscriber(more, topic: "fraud", source: "هاتف", actor: "op") == .updated)
        #expect(try events(world) == ["registered", "joined:fraud", "edited"])
        #expect(
            try world.text(
                "SELECT detail ->> '$.\"name.before\"' FROM subscriber_event WHERE event = 'edited'"
            ) == "سارة"
        )
    }

    @Test func `leaving everything keeps mandatory topics, unless an operator forces it`() throws {
        let world = try world()
        let outcome = try world.store.leave(.address(person), source: "asked to leave", actor: "test")
        #expect(outcome.left == ["fraud", "traffic"] && outcome.mandatory == ["staff"])
        #expect(try world.store.subscriber(person)?.subscriber.state == .active, "staff bulletins go on")
        #expect(try reached(world, "staff") == 1 && (try reached(world)) == 0)
        let again = try world.store.leave(.address(person), source: "asked to leave", actor: "test")
        #expect(again.left.isEmpty && again.mandatory == ["staff"])
        let forced = try world.store.leave(
            .address(person),
            source: "court order",
            force: true,
            actor: "test"
        )
        #expect(forced.left == ["staff"] && forced.mandatory.isEmpty)
        #expect(try world.store.subscriber(person)?.subscriber.state == .unsubscribed)
        #expect(try world.text("SELECT detail ->> '$.force' FROM audit ORDER BY id DESC LIMIT 1") == "yes")
    }

    @Test func `leaving one topic leaves the others`() throws {
        let world = try world()
        let outcome = try world.store.leave(
            .address(person),
            topic: "fraud",
            source: "by telephone",
            actor: "test"
        )
        #expect(outcome.left == ["fraud"] && outcome.mandatory.isEmpty && outcome.hasMore)
        #expect(try reached(world) == 0 && (try reached(world, "traffic")) == 1)
        #expect(throws: UserError.self) {
            try world.store.leave(.address(StoreWorld.address("nobody")), source: "x", actor: "test")
        }
        #expect(throws: UserError.self) {
            try world.store.leave(.address(person), topic: "frauds", source: "x", actor: "test")
        }
    }

    @Test func `the token of a delivery leaves the topic of that message and is counted for the campaign`()
        throws
    {
        let world = try world()
        let campaign = try world.freeze()
        let delivery = try #require(try world.due(campaign).first)
        let outcome = try world.store.leave(.delivery(delivery.id), source: "token", actor: "test")
        #expect(outcome.left == ["fraud"])
        #expect(try world.int("SELECT unsubscribed FROM campaign_return") == 1)
        _ = try world.store.leave(.delivery(delivery.id), source: "token", actor: "test")
        #expect(try world.int("SELECT unsubscribed FROM campaign_return") == 1, "twice is once")
        #expect(try reached(world, "traffic") == 1)
    }

    @Test func `who goes altogether leaves mandatory topics too`() throws {
        let world = try world()
        try world.store.removeSubscriber(person, reason: "left the ministry", actor: "test")
        #expect(try reached(world, "staff") == 0)
        #expect(try world.store.subscriber(person)?.subscriber.state == .unsubscribed)
        #expect(try events(world).suffix(4) == ["left:fraud", "left:staff", "left:traffic", "edited"])
    }

    // MARK: values

    @Test func `values are changed, and what they were is kept`() throws {
        let world = try world()
        let changes = SubscriberChanges(name: "نورة", language: .french, set: ["grade": "7"], unset: ["city"])
        #expect(try world.store.editSubscriber(person, changes, source: "letter", actor: "op"))
        #expect(
            try !world.store.editSubscriber(person, changes, source: "letter", actor: "op"),
            "nothing is new"
        )
        let now = try #require(try world.store.subscriber(person)?.subscriber)
        #expect(now.name == "نورة" && now.language == .french && now.attributes == ["grade": "7"])
        let detail = FlatJSON.decode(
            try #require(try world.text("SELECT detail FROM subscriber_event ORDER BY id DESC LIMIT 1"))
        )
        #expect(detail["name.before"] == "نُورَة العتيبي" && detail["attr.city.before"] == "الرياض")
        #expect(detail["attr.grade"] == "7" && detail["attr.grade.before"] == nil)
        _ = try world.store.editSubscriber(person, SubscriberChanges(name: ""), source: "letter", actor: "op")
        #expect(try world.store.subscriber(person)?.subscriber.name == nil)
    }

    @Test func `a state is set by hand only to active and unsubscribed`() throws {
        let world = try world()
        _ = try world.store.editSubscriber(
            person,
            SubscriberChanges(state: .unsubscribed),
            source: "x",
            actor: "op"
        )
        #expect(try reached(world) == 0)
        _ = try world.store.editSubscriber(
            person,
            SubscriberChanges(state: .active),
            source: "x",
            actor: "op"
        )
        #expect(try reached(world) == 1, "the topics are as they were")
        for state in [Subscriber.State.pending, .erased] {
            #expect(throws: UserError.self) {
                try world.store.editSubscriber(
                    person,
                    SubscriberChanges(state: state),
                    source: "x",
                    actor: "op"
                )
            }
        }
    }

    @Test func `a new address keeps the history, takes the person's own word along, and ends open questions`()
        throws
    {
        let world = try world()
        let new = StoreWorld.address("سارة", domain: "بريد.example")
        try world.store.addTopic(name: "weather", actor: "test")
        try world.store.addSuppression(person, reason: .complaint, origin: "ARF", actor: "test")
        try world.store.removeSuppression(person, actor: "test")
        let asked = try world.store.askConfirmation(
            ConfirmationQuestion(row: ImportRow(address: person), topic: "weather", source: "x"),
            actor: "test"
        )
        try world.store.addSuppression(person, reason: .complaint, origin: "ARF", actor: "test")
        world.clock.advance(by: .seconds(60))
        #expect(try world.store.changeAddress(person, to: new, source: "letter", actor: "op"))
        #expect(try world.store.subscriber(person) == nil)
        let detail = try #require(try world.store.subscriber(new))
        #expect(detail.subscriptions.count == 4 && detail.suppression?.reason == .complaint)
        guard case .asked(let question, _) = asked else { throw UserError(.bug, "nobody was asked") }
        #expect(throws: UserError.self, "the token went to the old mailbox") {
            try world.store.confirm(question, actor: "test")
        }
        #expect(try world.store.takeOutbox(limit: 10).isEmpty)
        #expect(try world.store.history(of: new)?.earlier == [person.text])
    }

    @Test func `an address that somebody has, that is suppressed or was erased, is refused`() throws {
        let world = try StoreWorld(people: 2)
        func change(_ new: EmailAddress, _ hashes: [[UInt8]] = []) throws {
            try world.store.changeAddress(person, to: new, erasureHashes: hashes, source: "x", actor: "op")
        }
        #expect(throws: UserError.self) { try change(StoreWorld.address("PERSON1")) }
        let bad = StoreWorld.address("bad")
        try world.store.addSuppression(bad, reason: .hardBounce, origin: "DSN", actor: "test")
        #expect(throws: UserError.self) { try change(bad) }
        try world.run(
            "INSERT INTO erased (hash, erased_at_ms) VALUES (x'\(String(repeating: "05", count: 32))', 1)"
        )
        #expect(throws: UserError.self) {
            try change(StoreWorld.address("new"), [[UInt8](repeating: 5, count: 32)])
        }
        try change(StoreWorld.address("Person0"))
        #expect(
            try world.store.subscriber(person)?.subscriber.address == "Person0@example.org",
            "another spelling"
        )
    }

    // MARK: pauses and frequency

    @Test func `a pause keeps campaigns away from its first moment to its last`() throws {
        let world = try world()
        let start = world.clock.now() + .seconds(100)
        let end = start + .seconds(100)
        let done = try world.store.pause(
            person,
            topic: "fraud",
            from: start,
            until: end,
            source: "x",
            actor: "op"
        )
        #expect(done.paused == ["fraud"])
        #expect(try reached(world) == 1, "it has not begun")
        world.clock.advance(by: .seconds(100))
        #expect(try reached(world) == 0)
        #expect(try reached(world, "traffic") == 1)
        world.clock.advance(by: .seconds(100))
        #expect(try reached(world) == 1, "it is over")
    }

    @Test func `a pause of everything leaves mandatory topics alone, and ends when it is resumed`() throws {
        let world = try world()
        let done = try world.store.pause(person, source: "x", actor: "op")
        #expect(done.paused == ["fraud", "traffic"] && done.mandatory == ["staff"])
        world.clock.advance(by: .seconds(86_400 * 400))
        #expect(try reached(world) == 0 && (try reached(world, "staff")) == 1)
        #expect(try world.store.resume(person, source: "x", actor: "op") == ["fraud", "traffic"])
        #expect(try world.store.resume(person, source: "x", actor: "op") == [])
        #expect(try reached(world) == 1)
        #expect(
            try world.store.pause(person, topic: "staff", force: true, source: "x", actor: "op").paused == [
                "staff"
            ]
        )
        #expect(
            try events(world).suffix(5) == [
                "paused:fraud", "paused:traffic", "resumed:fraud", "resumed:traffic", "paused:staff",
            ]
        )
    }

    @Test func `a pause begun after the freeze is seen at dispatch`() throws {
        let world = try world()
        let campaign = try world.freeze()
        let delivery = try #require(try world.due(campaign).first)
        _ = try world.store.pause(person, source: "x", actor: "op")
        let sender = try TestSender(world, campaign)
        #expect(sender.accept(delivery) != .granted)
        try sender.writer.drain()
        #expect(try world.states(campaign) == [.suppressed: 1])
        #expect(try world.text("SELECT reason FROM delivery") == "paused")
    }

    @Test func `a pause that would end before it begins, or of a stranger's topic, is refused`() throws {
        let world = try world()
        let now = world.clock.now()
        #expect(throws: UserError.self) {
            try world.store.pause(
                person,
                from: now + .seconds(9),
                until: now + .seconds(9),
                source: "x",
                actor: "op"
            )
        }
        try world.store.addTopic(name: "weather", actor: "test")
        let error = #expect(throws: UserError.self) {
            try world.store.pause(person, topic: "weather", source: "x", actor: "op")
        }
        #expect(error?.status == .unknownObject)
    }

    @Test func `how often somebody wants a topic is kept with it`() throws {
        let world = try world()
        #expect(try world.store.setFrequency(person, topic: "fraud", .weekly, source: "x", actor: "op"))
        #expect(try !world.store.setFrequency(person, topic: "fraud", .weekly, source: "x", actor: "op"))
        let topics = try #require(try world.store.subscriber(person)?.subscriptions)
        #expect(topics.map(\.frequency) == [.weekly, .immediate, .immediate])
    }
}
