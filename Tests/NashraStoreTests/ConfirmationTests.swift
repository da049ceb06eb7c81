// SPDX-License-Identifier: Apache-2.0
//
// Double opt-in in the store: nobody is in a topic before the yes, nobody is asked too often, and a yes counts once.
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct Confirmations {
    private let day: Duration = .seconds(86_400)

    private func question(
        _ local: String,
        topic: String = "fraud",
        _ change: (inout ConfirmationQuestion) -> Void = { _ in }
    ) -> ConfirmationQuestion {
        var question = ConfirmationQuestion(
            row: ImportRow(address: StoreWorld.address(local), name: "سارة القحطاني", language: .arabic),
            topic: topic,
            source: "نموذج ورقي"
        )
        change(&question)
        return question
    }

    private func ask(
        _ world: StoreWorld,
        _ local: String,
        topic: String = "fraud",
        _ change: (inout ConfirmationQuestion) -> Void = { _ in }
    ) throws -> ConfirmationID {
        guard
            case .asked(let id, _) = try world.store.askConfirmation(
                question(local, topic: topic, change),
                actor: "test"
            )
        else { throw UserError(.bug, "nobody was asked") }
        return id
    }

    private func audience(_ world: StoreWorld) throws -> Int {
        try world.store.plan(
            AudienceQuery(topics: ["fraud"]),
            chain: [.arabic, .english],
            available: [.arabic, .english]
        ).audience
    }

    @Test func `who is asked is in nothing until the yes, and then in the topic with time, source and words`()
        throws
    {
        let world = try StoreWorld()
        try world.store.keepConsentText(
            ConsentText(version: "2026-1", texts: [.arabic: "أوافق", .english: "I agree"])
        )
        let id = try ask(world, "sara") { $0.consentText = "2026-1" }
        let before = try #require(try world.store.subscriber(StoreWorld.address("sara")))
        #expect(before.subscriber.state == .pending)
        #expect(before.subscriptions.map(\.isPending) == [true])
        #expect(try audience(world) == 0)
        #expect(try world.store.topic(named: "fraud")?.subscribers == 0)
        world.clock.advance(by: .seconds(3_600))
        let answer = try world.store.confirm(id, actor: "test")
        #expect(!answer.isRepeated && answer.topic == "fraud" && answer.suppressed == nil)
        let after = try #require(try world.store.subscriber(StoreWorld.address("sara")))
        #expect(after.subscriber.state == .active)
        let topic = try #require(after.subscriptions.first)
        #expect(!topic.isPending && topic.consentAt == world.clock.now())
        #expect(topic.source == "نموذج ورقي" && topic.consentText == "2026-1")
        #expect(try audience(world) == 1)
        #expect(try world.store.consentText("2026-1")?.texts[.arabic] == "أوافق")
    }

    @Test func `the same token again says that it was taken before, also after its time and after leaving`()
        throws
    {
        let world = try StoreWorld()
        let id = try ask(world, "sara")
        let first = try world.store.confirm(id, actor: "test")
        _ = try world.store.leave(.address(StoreWorld.address("sara")), source: "by telephone", actor: "test")
        world.clock.advance(by: day * 400)
        let again = try world.store.confirm(id, actor: "test")
        #expect(again.isRepeated && again.confirmedAt == first.confirmedAt)
        #expect(try audience(world) == 0, "who has left since stays out")
    }

    @Test func `a yes after its time changes nothing and says how to ask again`() throws {
        let world = try StoreWorld()
        let id = try ask(world, "sara")
        world.clock.advance(by: day * 7 + .seconds(60))
        let error = #expect(throws: UserError.self) { try world.store.confirm(id, actor: "test") }
        #expect(error?.status == .notPermitted)
        #expect(error?.remedy.contains("--confirm") == true)
        #expect(try audience(world) == 0)
        #expect(throws: UserError.self) {
            try world.store.confirm(ConfirmationID(rawValue: 99), actor: "test")
        }
    }

    @Test func `one person is asked once a day and three times a month, and is told when again`() throws {
        let world = try StoreWorld()
        _ = try ask(world, "sara")
        let tooSoon = #expect(throws: UserError.self) { try ask(world, "sara") }
        #expect(tooSoon?.status == .tryAgain)
        #expect(
            tooSoon?.remedy.contains((world.clock.now() + day).iso8601) == true,
            "\(tooSoon?.remedy ?? "")"
        )
        world.clock.advance(by: day - .seconds(1))
        #expect(throws: UserError.self) { try ask(world, "sara") }
        world.clock.advance(by: .seconds(1))
        _ = try ask(world, "sara")
        world.clock.advance(by: day)
        _ = try ask(world, "sara")
        world.clock.advance(by: day)
        #expect(throws: UserError.self, "a fourth in 30 days") { try ask(world, "sara") }
        _ = try ask(world, "noura")
        world.clock.advance(by: day * 28)
        _ = try ask(world, "sara")
        #expect(try world.int("SELECT count(*) FROM confirmation") == 5)
    }

    @Test func `everybody together is asked so often an hour, whoever asks`() throws {
        let world = try StoreWorld()
        let few: (inout ConfirmationQuestion) -> Void = { $0.limits = ConfirmationLimits(perHour: 5) }
        for index in 0..<5 { _ = try ask(world, "person\(index)", few) }
        let error = #expect(throws: UserError.self) { try ask(world, "sixth", few) }
        #expect(error?.status == .tryAgain)
        #expect(
            try world.store.subscriber(StoreWorld.address("sixth")) == nil,
            "nothing is left of a refused question"
        )
        world.clock.advance(by: .seconds(3_600))
        _ = try ask(world, "sixth", few)
    }

    @Test func `a question about a known person changes nobody before the yes`() throws {
        let world = try StoreWorld(people: 1)
        try world.store.addTopic(name: "traffic", actor: "test")
        let person = StoreWorld.address("person0")
        let id = try ask(world, "person0", topic: "traffic") { $0.row.name = "somebody else" }
        #expect(try world.store.subscriber(person)?.subscriber.name == "نُورَة العتيبي")
        #expect(try audience(world) == 1, "the other topic goes on")
        #expect(try world.store.askConfirmation(question("person0"), actor: "test") == .subscribed)
        _ = try world.store.confirm(id, actor: "test")
        #expect(try world.store.subscriber(person)?.subscriptions.count == 2)
    }

    @Test func `who left stays out while asked, and is back after the own yes`() throws {
        let world = try StoreWorld(people: 1)
        let person = StoreWorld.address("person0")
        _ = try world.store.leave(.address(person), source: "by telephone", actor: "test")
        try world.store.addSuppression(person, reason: .unsubscribe, origin: "mail", actor: "test")
        let id = try ask(world, "person0")
        #expect(try world.store.subscriber(person)?.subscriptions.first?.endedAt != nil)
        _ = try world.store.confirm(id, actor: "test")
        #expect(try world.store.subscriber(person)?.suppression == nil)
        #expect(try audience(world) == 1)
    }

    @Test(arguments: [SuppressionReason.complaint, .hardBounce, .operator])
    func `nobody is asked who complained or whose mailbox does not work`(_ reason: SuppressionReason) throws {
        let world = try StoreWorld()
        try world.store.addSuppression(
            StoreWorld.address("sara"),
            reason: reason,
            origin: "test",
            actor: "test"
        )
        let error = #expect(throws: UserError.self) { try ask(world, "sara") }
        #expect(error?.status == .notPermitted)
    }

    @Test func `strangers join public topics only, and nobody is asked about mandatory ones`() throws {
        let world = try StoreWorld()
        try world.store.addTopic(name: "staff", visibility: .mandatory, actor: "test")
        try world.store.addTopic(name: "press", visibility: .private, actor: "test")
        #expect(throws: UserError.self) { try ask(world, "sara", topic: "staff") }
        #expect(throws: UserError.self) { try ask(world, "sara", topic: "press") { $0.asker = .stranger } }
        _ = try ask(world, "sara", topic: "press")
        _ = try ask(world, "noura") { $0.asker = .stranger }
    }

    @Test func `who was erased is asked only when the person asks for it, and is known again after the yes`()
        throws
    {
        let world = try StoreWorld()
        let hash = [UInt8](repeating: 5, count: 32)
        try world.run(
            "INSERT INTO erased (hash, erased_at_ms) VALUES (x'\(String(repeating: "05", count: 32))', 1)"
        )
        #expect(throws: UserError.self) { try ask(world, "sara") { $0.erasureHashes = [hash] } }
        let row = ImportRow(address: StoreWorld.address("sara"))
        let added = try world.store.addSubscriber(
            row,
            topic: "fraud",
            source: "operator",
            actor: "test",
            erasureHashes: [hash]
        )
        guard case .refused = added else { throw UserError(.bug, "an erased person was added: \(added)") }
        let id = try ask(world, "sara") {
            $0.erasureHashes = [hash]
            $0.again = true
        }
        #expect(try world.store.erasedCount() == 1, "not before the yes")
        _ = try world.store.confirm(id, actor: "test")
        #expect(try world.store.erasedCount() == 0)
        #expect(try world.int("SELECT count(*) FROM confirmation WHERE erased_hash IS NOT NULL") == 0)
    }

    @Test func `the outbox hands out what is needed for the mail, and withdraws what is needed no more`()
        throws
    {
        let world = try StoreWorld()
        try world.store.keepConsentText(ConsentText(version: "v1", texts: [.arabic: "أوافق"]))
        let sara = try ask(world, "sara") { $0.consentText = "v1" }
        let noura = try ask(world, "noura")
        let late = try ask(world, "late") { $0.lifetime = .seconds(3_600) }
        _ = try world.store.confirm(noura, actor: "test")
        let hurt = try ask(world, "hurt")
        try world.store.addSuppression(
            StoreWorld.address("hurt"),
            reason: .complaint,
            origin: "ARF",
            actor: "test"
        )
        world.clock.advance(by: .seconds(3_700))
        let taken = try world.store.takeOutbox(limit: 10)
        #expect(taken.count == 1)
        guard case .confirmation(let request) = try #require(taken.first).work else {
            throw UserError(.bug, "not a question")
        }
        #expect(request.id == sara && request.topic == "fraud" && request.title["ar"] == "الاحتيال")
        #expect(request.consent == [.arabic: "أوافق"] && request.language == .arabic)
        let states = try world.store.confirmations(open: false, limit: 10)
        #expect(states.first { $0.id == late }?.words == "its time is over")
        #expect(states.first { $0.id == noura }?.words == "it is confirmed")
        #expect(states.first { $0.id == hurt }?.words == "the address is suppressed")
        #expect(try world.store.confirmations(open: true, limit: 10).map(\.id) == [hurt, sara])
    }

    @Test func `asking again takes the mail back that has not left`() throws {
        let world = try StoreWorld()
        _ = try ask(world, "sara")
        world.clock.advance(by: day)
        let second = try ask(world, "sara")
        let works = try world.store.takeOutbox(limit: 10).map(\.work)
        #expect(works.count == 1)
        guard case .confirmation(let request) = try #require(works.first) else { return }
        #expect(request.id == second)
    }

    @Test func `words that people agreed to are never changed under their version`() throws {
        let world = try StoreWorld()
        try world.store.keepConsentText(ConsentText(version: "1", texts: [.arabic: "أوافق"]))
        try world.store.keepConsentText(
            ConsentText(version: "1", texts: [.arabic: "أوافق", .french: "J’accepte"])
        )
        let error = #expect(throws: UserError.self) {
            try world.store.keepConsentText(ConsentText(version: "1", texts: [.arabic: "أوافق على كل شيء"]))
        }
        #expect(error?.remedy.contains("new version") == true)
        #expect(try world.store.consentText("1")?.texts.count == 2)
        #expect(throws: UserError.self) { try ask(world, "sara") { $0.consentText = "2" } }
    }
}
