// SPDX-License-Identifier: Apache-2.0
//
// The confirmation mail as Python reads it, and the whole way: asked, sent, answered by mail or by token, subscribed.
// Touches a temporary folder and starts python3.
import Foundation
import Logging
import NashraCore
import NashraKeys
import NashraStore
import NashraTestKit
import Testing

@testable import NashraEngine

@Suite struct ConfirmationMails {
    private func settings(url: String? = nil, mailbox: String? = "confirm+{token}@moi.example") throws
        -> ConfirmationSettings
    {
        ConfirmationSettings(
            from: try EmailAddress.parse("bulletin@moi.example"),
            fromName: ["ar": "التوعية الأمنية", "en": "Awareness", "fr": "Sensibilisation"],
            replyTo: try EmailAddress.parse("office@moi.example"),
            envelopeDomain: "bounces.moi.example",
            messageIDDomain: "moi.example",
            organisation: ["ar": "وزارة الداخلية", "en": "Ministry & <Interior>", "fr": "Ministère"],
            chain: [.arabic, .english, .french],
            url: url,
            mailbox: mailbox
        )
    }

    /// The question of the outbox about a topic with these titles, number 1 in its store.
    private func request(
        _ language: Language,
        local: String = "sara",
        title: [String: String] = ["ar": "الاحتيال", "en": "Fraud <alerts>"]
    ) throws -> ConfirmationRequest {
        let world = try SendWorld([])
        try world.store.editTopic("fraud", title: title, actor: "test")
        let consent: [Language: String] = [
            .arabic: "أوافق على أن تصلني النشرات.", .english: "I agree & understand.",
        ]
        try world.store.keepConsentText(ConsentText(version: "1", texts: consent))
        let row = ImportRow(
            address: try EmailAddress.parse("\(local)@بريد.example"),
            name: "<b>anything</b>",
            language: language
        )
        _ = try world.store.askConfirmation(
            ConfirmationQuestion(row: row, topic: "fraud", consentText: "1", source: "المعرض"),
            actor: "test"
        )
        guard case .confirmation(let request) = try #require(try world.store.takeOutbox(limit: 1).first).work
        else {
            throw UserError(.bug, "not a question")
        }
        return request
    }

    private func mail(_ language: Language, _ settings: ConfirmationSettings) throws -> (
        PythonMail, ComposedMessage
    ) {
        let message = try ConfirmationMail(keyring: Compose.keyring(), settings: settings).compose(
            request(language)
        )
        let read = try PythonMail.read([message.bytes])
        return (try #require(read.first), message)
    }

    /// The token in a text.
    private func token(_ text: String) throws -> String {
        let start = try #require(text.range(of: "v1.c."))
        return String(text[start.lowerBound...].prefix { !$0.isWhitespace && !"@<>\"".contains($0) })
    }

    @Test func `the mail asks in Arabic, in both parts, and holds nothing that a stranger typed`() throws {
        let (mail, message) = try mail(.arabic, settings())
        #expect(mail.defects.isEmpty, "\(mail.defects)")
        #expect(mail.types == ["multipart/alternative", "text/plain", "text/html"])
        #expect(mail.header("Subject") == "تأكيد الاشتراك: الاحتيال")
        #expect(mail.header("Auto-Submitted") == "auto-generated")
        #expect(mail.header("Content-Language") == "ar")
        #expect(mail.header("List-Unsubscribe") == nil, "there is nothing to leave yet")
        #expect(mail.mailboxes["to"]?.map(\.name) == [""], "no name: it may be anybody's words")
        #expect(mail.mailboxes["reply-to"]?.map(\.address) == ["office@moi.example"])
        let text = try #require(mail.text)
        let html = try #require(mail.html)
        let expected = try Compose.keyring().confirmationToken(
            for: ConfirmationID(rawValue: 1),
            expires: Timestamp(rawValue: 1_795_942_800_000)
        )
        for part in [text, html] {
            #expect(part.contains("وزارة الداخلية") && part.contains("أوافق على أن تصلني النشرات."))
            #expect(try token(part) == expected)
            #expect(part.contains("2026-11-29"))
        }
        #expect(html.contains("dir=\"rtl\"") && html.contains("href=\"mailto:confirm+v1.c."))
        let sender = message.envelope.sender
        #expect(try Compose.keyring().confirmation(fromEnvelope: sender)?.rawValue == 1)
        #expect(message.messageID == mail.header("Message-ID"))
    }

    @Test(arguments: ["ar", "en", "fr", "de"])
    func `every language has its words, others take the workspace's first`(_ tag: String) throws {
        let (mail, _) = try mail(
            #require(Language(rawValue: tag)),
            settings(url: "https://moi.example/confirm/{token}")
        )
        #expect(mail.defects.isEmpty)
        #expect(mail.header("Content-Language") == (tag == "de" ? "ar" : tag))
        let text = try #require(mail.text)
        #expect(text.contains("https://moi.example/confirm/v1.c.") && text.contains("confirm+v1.c."))
        #expect(
            mail.header("Subject")?.hasPrefix(
                ["en": "Please confirm: ", "fr": "Veuillez confirmer"][tag] ?? "تأكيد"
            ) == true
        )
    }

    @Test func `names and titles are escaped in HTML, and cannot break a header`() throws {
        let (mail, _) = try mail(.english, settings())
        #expect(mail.html?.contains("Ministry &amp; &lt;Interior&gt;") == true)
        #expect(mail.html?.contains("<alerts>") == false)
        #expect(mail.text?.contains("Ministry & <Interior>") == true)
        let bad = try request(.english, title: ["en": "Fraud\r\nBcc: all@moi.example"])
        #expect(throws: UserError.self) {
            try ConfirmationMail(keyring: Compose.keyring(), settings: settings()).compose(bad)
        }
    }

    @Test func `without a page and a mailbox the mail asks to be answered, and the token works by hand`()
        throws
    {
        let (mail, _) = try mail(.french, settings(mailbox: nil))
        let token = try token(#require(mail.text))
        #expect(try Compose.keyring().confirmation(fromToken: token)?.confirmation.rawValue == 1)
        #expect(mail.text?.contains("répondez à ce message") == true)
        #expect(mail.html?.contains("mailto:") == false)
    }

    @Test func `the same question has the same bytes at every try`() throws {
        let composer = ConfirmationMail(keyring: try Compose.keyring(), settings: try settings())
        #expect(try composer.compose(request(.arabic)) == composer.compose(request(.arabic)))
    }

    @Test func `an address with letters of any script is written to as it is`() throws {
        let composer = ConfirmationMail(keyring: try Compose.keyring(), settings: try settings())
        let message = try composer.compose(request(.arabic, local: "سارة"))
        #expect(message.envelope.recipient.needsSMTPUTF8)
        #expect(String(decoding: message.bytes, as: UTF8.self).contains("To: سارة@"))
    }

    // MARK: the whole way

    private func ask(_ world: SendWorld, _ local: String) throws -> ConfirmationID {
        let row = ImportRow(
            address: try EmailAddress.parse("\(local)@example.org"),
            name: "سارة",
            language: .arabic
        )
        let asked = try world.store.askConfirmation(
            ConfirmationQuestion(row: row, topic: "fraud", source: "المعرض"),
            actor: "test"
        )
        guard case .asked(let id, _) = asked else { throw UserError(.bug, "nobody was asked") }
        return id
    }

    private func send(_ world: SendWorld) throws -> ListeningRelay {
        let relay = ListeningRelay()
        let service = OutboxService(
            store: world.store,
            transport: relay,
            keyring: try Compose.keyring(),
            clock: world.clock,
            schedule: .standard,
            policy: .standard,
            actor: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            confirmations: try settings()
        )
        _ = try service.run(stop: StopSignal())
        return relay
    }

    private func ingest(_ world: SendWorld, _ messages: [[UInt8]]) throws -> IngestSummary {
        var summary = IngestSummary()
        try BouncePipeline(
            store: world.store,
            reader: ReturnReader(
                keyring: try Compose.keyring(),
                unsubscribeMailbox: "unsubscribe+{token}@moi.example",
                confirmationMailbox: "confirm+{token}@moi.example"
            ),
            policy: .standard,
            actor: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            issuer: { _ in nil }
        ).run(ScriptedSource(messages), stop: StopSignal(), into: &summary)
        return summary
    }

    @Test func `a letter to the address in the mail subscribes its owner, once`() throws {
        let world = try SendWorld([])
        _ = try ask(world, "sara")
        let relay = try send(world)
        let taken = try #require(relay.taken.first)
        #expect(taken.envelope.recipient.text == "sara@example.org")
        let mail = try #require(try PythonMail.read([taken.message]).first)
        let address = "confirm+\(try token(#require(mail.text)))@moi.example"
        let summary = try ingest(world, [Returned.letter(to: address.uppercased())])
        #expect(summary.confirmed == 1 && summary.replies == 0)
        let person = try world.store.subscriber(try EmailAddress.parse("sara@example.org"))
        #expect(person?.subscriber.state == .active && person?.subscriptions.map(\.isPending) == [false])
        let again = try ingest(world, [Returned.letter(to: address, text: "مرة أخرى")])
        #expect(again.confirmed == 0 && again.odd == 0 && again.forged == 0)
        #expect(try world.store.outboxCounts().queued == 0)
    }

    @Test func `a machine's answer, a bounce, a forged token and a late letter subscribe nobody`() throws {
        let world = try SendWorld([])
        let id = try ask(world, "sara")
        let state = try #require(try world.store.confirmations(open: true, limit: 1).first)
        let token = try Compose.keyring().confirmationToken(for: id, expires: state.expiresAt)
        let address = "confirm+\(token)@moi.example"
        let forged = "confirm+\(String(token.dropLast()))\(token.hasSuffix("a") ? "b" : "a")@moi.example"
        let summary = try ingest(
            world,
            [
                Returned.letter(to: address, more: "Auto-Submitted: auto-replied\n"),
                Returned.bounce(to: address), Returned.letter(to: forged),
            ]
        )
        #expect(summary.confirmed == 0 && summary.forged == 1 && summary.odd == 2, "\(summary)")
        #expect(summary.suppressed == 0)
        world.clock.advance(by: .seconds(8 * 86_400))
        let late = try ingest(world, [Returned.letter(to: address, text: "نعم")])
        #expect(late.confirmed == 0 && late.odd == 1)
        #expect(
            try world.store.subscriber(EmailAddress.parse("sara@example.org"))?.subscriber.state == .pending
        )
    }

    @Test func `a relay that is away keeps the question waiting, and nothing is lost`() throws {
        let world = try SendWorld([])
        _ = try ask(world, "sara")
        let service = OutboxService(
            store: world.store,
            transport: ListeningRelay(isAway: true),
            keyring: try Compose.keyring(),
            clock: world.clock,
            schedule: .standard,
            policy: .standard,
            actor: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            confirmations: try settings()
        )
        #expect(try service.run(stop: StopSignal()).deferred == 1)
        world.clock.advance(by: .seconds(86_400))
        #expect(try send(world).taken.count == 1)
    }
}
