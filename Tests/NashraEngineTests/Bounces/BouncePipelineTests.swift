// SPDX-License-Identifier: Apache-2.0
//
// From the source to the store and on to the relay: recorded before it is let go, sent on as it came, never lost.
// Touches a temporary folder and loopback.
import Foundation
import Logging
import NashraCore
import NashraKeys
import NashraStore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraEngine

@Suite struct BouncePipelineTests {
    private let issuer = "awareness@moi.example"

    /// A world whose campaign was accepted for everybody, and its envelope senders.
    private func sent(_ locals: [String]) throws -> (
        world: SendWorld, campaign: Campaign, deliveries: [DeliveryID]
    ) {
        let world = try SendWorld(locals)
        let campaign = try world.freeze()
        let deliveries = try world.due(campaign).map(\.id)
        #expect(try world.send(campaign) == .finished)
        return (world, campaign, deliveries)
    }

    private func address(_ delivery: DeliveryID) throws -> String {
        try Compose.keyring().envelopeSender(for: delivery, domain: "bounces.moi.example")
    }

    private func pipeline(_ world: SendWorld, policy: BouncePolicy = .standard) throws -> BouncePipeline {
        let forward = try EmailAddress.parse(issuer)
        return BouncePipeline(
            store: world.store,
            reader: ReturnReader(keyring: try Compose.keyring()),
            policy: policy,
            actor: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            issuer: { _ in forward }
        )
    }

    private func outbox(_ world: SendWorld, _ relay: ListeningRelay) throws -> OutboxService {
        OutboxService(
            store: world.store,
            transport: relay,
            keyring: try Compose.keyring(),
            clock: world.clock,
            schedule: .standard,
            policy: .standard,
            actor: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test func `a message is let go only after it is in the store, and comes again when letting go fails`()
        throws
    {
        let (world, _, deliveries) = try sent(["one", "two"])
        let mails = try deliveries.map { Returned.bounce(to: try address($0)) }
        let source = ScriptedSource(mails)
        let store = world.store
        source.onAcknowledge = { () throws(UserError) in
            #expect(try store.returned().count == 2)
            throw UserError(.inputOutput, "the disk is gone")
        }
        var summary = IngestSummary()
        #expect(throws: UserError.self) {
            try pipeline(world).run(source, stop: StopSignal(), into: &summary)
        }
        #expect(summary.suppressed == 2)
        let again = ScriptedSource(mails)
        var second = IngestSummary()
        try pipeline(world).run(again, stop: StopSignal(), into: &second)
        #expect(second.duplicates == 2)
        #expect(second.suppressed == 0)
        #expect(again.done == ["0", "1"])
    }

    @Test func `a store that fails lets nothing go, whichever operation fails`() throws {
        let (world, _, deliveries) = try sent(["one", "two", "three"])
        let mails = try deliveries.map { Returned.bounce(to: try address($0)) }
        for operation in 1...40 {
            let count = Mutex(0)
            let hasFailed = Mutex(false)
            try world.openStore { _ in
                let isHit = count.withLock { value in
                    value += 1
                    return value == operation
                }
                if isHit { hasFailed.withLock { $0 = true } }
                return isHit ? 10 : nil
            }
            let source = ScriptedSource(mails)
            var summary = IngestSummary()
            let fault: UserError?
            do throws(UserError) {
                try pipelineOrBug(world).run(source, stop: StopSignal(), into: &summary)
                fault = nil
            } catch {
                fault = error
            }
            guard hasFailed.withLock({ $0 }) else {
                #expect(fault == nil)
                break
            }
            #expect(fault != nil, "operation \(operation)")
            #expect(source.done.isEmpty, "operation \(operation)")
            try world.openStore()
        }
        #expect(try world.store.suppressions().count == 3)
        #expect(try world.store.returned().count == 3)
    }

    private func pipelineOrBug(_ world: SendWorld) throws(UserError) -> BouncePipeline {
        do { return try pipeline(world) } catch { throw UserError(.bug, "\(error)") }
    }

    @Test func `unreadable reports and letters are set aside, the rest is let go`() throws {
        let (world, _, deliveries) = try sent(["one"])
        let source = ScriptedSource([
            Returned.bounce(to: try address(deliveries[0])), Returned.letter(), Array("x".utf8),
        ])
        var summary = IngestSummary()
        try pipeline(world).run(source, stop: StopSignal(), into: &summary)
        #expect(source.aside == ["1"])
        #expect(source.done == ["0", "2"])
        #expect(summary.read == 3)
    }

    @Test func `a reply goes to the issuer as it came, without a sender, once`() throws {
        let (world, campaign, deliveries) = try sent(["one"])
        let name = try Compose.keyring().messageID(for: deliveries[0], domain: "moi.example")
        let letter = Returned.letter(answers: name, text: "سؤال: هل هذه الرسالة منكم؟")
        var summary = IngestSummary()
        try pipeline(world).run(ScriptedSource([letter]), stop: StopSignal(), into: &summary)
        #expect(summary.replies == 1)
        let relay = ListeningRelay()
        let service = try outbox(world, relay)
        #expect(try service.run(stop: StopSignal()).sent == 1)
        #expect(try service.run(stop: StopSignal()).sent == 0)
        let taken = try #require(relay.taken.first)
        #expect(taken.envelope.sender.isEmpty)
        #expect(taken.envelope.recipient.text == issuer)
        #expect(taken.text.hasPrefix("Resent-Date: "))
        #expect(taken.text.contains("X-Nashra-Forwarded: \(campaign.name)\r\n"))
        #expect(
            taken.text.hasSuffix("هل هذه الرسالة منكم؟\r\n\r\n")
                || taken.text.hasSuffix("هل هذه الرسالة منكم؟\r\n")
        )
        #expect(ForwardedReply.isOurs(taken.message))
        #expect(try world.store.replies().first?.forwarding == .sent)
    }

    @Test func `a reply that no relay takes as it is goes whole as an attachment`() throws {
        let (world, _, deliveries) = try sent(["one"])
        let name = try Compose.keyring().messageID(for: deliveries[0], domain: "moi.example")
        let long = Returned.letter(answers: name, text: String(repeating: "ا", count: 2_000) + "\u{0}")
        var summary = IngestSummary()
        try pipeline(world).run(ScriptedSource([long]), stop: StopSignal(), into: &summary)
        let relay = ListeningRelay()
        #expect(try outbox(world, relay).run(stop: StopSignal()).sent == 1)
        let taken = try #require(relay.taken.first)
        #expect(taken.text.contains("Content-Type: application/octet-stream; name=\"reply.eml\""))
        let body = try #require(
            taken.text.split(separator: "base64\r\n\r\n").last?.split(separator: "\r\n--").first
        )
        let decoded = Data(base64Encoded: String(body).replacing("\r\n", with: ""))
        #expect(decoded.map { [UInt8]($0) } == long)
    }

    @Test func `a relay that takes no 8-bit text gets the attachment instead`() throws {
        let (world, _, deliveries) = try sent(["one"])
        let name = try Compose.keyring().messageID(for: deliveries[0], domain: "moi.example")
        var summary = IngestSummary()
        try pipeline(world).run(
            ScriptedSource([Returned.letter(answers: name)]),
            stop: StopSignal(),
            into: &summary
        )
        let refused = DeliveryFailure(
            stage: .mail,
            scope: .campaign,
            remedy: .askOperator,
            detail: "no 8BITMIME"
        )
        let relay = ListeningRelay([.failed(refused)])
        #expect(try outbox(world, relay).run(stop: StopSignal()).sent == 1)
        #expect(relay.taken.count == 2)
        #expect(relay.taken.last?.text.contains("reply.eml") == true)
    }

    @Test func `a probe is short, in the person's language, and its own bounce decides`() throws {
        let (world, _, deliveries) = try sent(["one"])
        var policy = BouncePolicy.standard
        policy.softCampaigns = 1
        policy.softSpan = .zero
        policy.probe = true
        var summary = IngestSummary()
        let soft = Returned.bounce(to: try address(deliveries[0]), status: "5.2.2", about: "one@example.org")
        try pipeline(world, policy: policy).run(ScriptedSource([soft]), stop: StopSignal(), into: &summary)
        #expect(summary.probes == 1)
        #expect(summary.suppressed == 0)
        let relay = ListeningRelay()
        #expect(try outbox(world, relay).run(stop: StopSignal()).sent == 1)
        let probe = try #require(relay.taken.first)
        #expect(probe.envelope.sender.hasPrefix("p+"))
        #expect(probe.envelope.recipient.text == "one@example.org")
        #expect(probe.text.contains("Content-Language: ar\r\n"))
        #expect(probe.text.contains("Auto-Submitted: auto-generated\r\n"))
        #expect(probe.text.contains("List-Unsubscribe: <https://"))
        #expect(probe.message.count < 3_000)
        let hard = Returned.bounce(to: probe.envelope.sender, about: "one@example.org")
        try pipeline(world, policy: policy).run(ScriptedSource([hard]), stop: StopSignal(), into: &summary)
        #expect(summary.suppressed == 1)
        #expect(try world.store.suppressions().first?.addressKey == "one@example.org")
    }

    @Test func `a relay that is away puts the outbox off, and nothing of it is lost`() throws {
        let (world, _, deliveries) = try sent(["one", "two"])
        let mails = try deliveries.map {
            Returned.letter(
                answers: try Compose.keyring().messageID(for: $0, domain: "moi.example"),
                text: "رد \($0)"
            )
        }
        var summary = IngestSummary()
        try pipeline(world).run(ScriptedSource(mails), stop: StopSignal(), into: &summary)
        let away = try outbox(world, ListeningRelay(isAway: true)).run(stop: StopSignal())
        #expect(away.deferred == 2)
        #expect(away.sent == 0)
        #expect(try outbox(world, ListeningRelay()).run(stop: StopSignal()).sent == 0)
        world.clock.advance(by: .seconds(3_600))
        let relay = ListeningRelay()
        #expect(try outbox(world, relay).run(stop: StopSignal()).sent == 2)
        #expect(relay.taken.count == 2)
    }
}
