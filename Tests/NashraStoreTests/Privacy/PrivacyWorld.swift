// SPDX-License-Identifier: Apache-2.0
//
// A person of whom the store holds something everywhere, for the tests of export and erasure.
// Touches the store of the test.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

/// The person whom the tests hand out and forget, and those who must not notice.
enum Fatima {
    static let text = "Fatima.AlHarbi@moi.example"
    static let name = "فاطمة الحربي"
    static let city = "خميس مشيط"

    static func address() throws -> EmailAddress { try EmailAddress.parse(text) }

    /// What no file may hold once she is erased.
    static let traces = ["fatima.alharbi", name, city, "شكوى فاطمة", "tel-0555123456"]

    /// A keyed hash, as the keyring would make it.
    static func hash(_ key: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0x5A, count: 32)
        for (index, byte) in key.utf8.enumerated() { bytes[index % 32] = bytes[index % 32] &* 31 &+ byte }
        return bytes
    }
}

extension StoreWorld {
    /// People, and Fatima: mailed twice, bounced, written back, probed, suppressed, in an import, asked to confirm.
    func settleFatima() throws -> (finished: Campaign, sending: Campaign) {
        let address = try Fatima.address()
        let added = try store.addSubscriber(
            ImportRow(
                address: address,
                name: Fatima.name,
                language: .arabic,
                attributes: ["city": Fatima.city, "phone": "tel-0555123456"]
            ),
            topic: "fraud",
            source: "form of \(Fatima.text)",
            actor: "test"
        )
        #expect(added == .added)
        let first = try mail(AudienceQuery(topics: ["fraud"], addresses: [address]))
        let delivery = try delivery(first, address)
        try record(
            Back.entry(
                .proven(delivery, by: .envelope),
                Back.verdict(
                    .soft,
                    EnhancedStatusCode(4, 2, 2),
                    .mailboxFull,
                    recipients: [
                        BounceVerdict.Recipient(
                            address: Fatima.text,
                            kind: .soft,
                            action: .failed,
                            diagnostic: "452 4.2.2 <\(Fatima.text)> is full"
                        )
                    ]
                )
            ),
            fatimasReply(delivery),
            strangersLetter()
        )
        _ = try store.addSuppression(
            address,
            reason: .operator,
            origin: "telephone call of \(Fatima.text)",
            note: "شكوى فاطمة",
            actor: "test"
        )
        _ = try store.removeSuppression(address, why: "شكوى فاطمة settled", actor: "test")
        let second = try store.freeze(draft(hash: UUID().uuidString))
        try settleByHand(delivery)
        return (first, second)
    }

    private func fatimasReply(_ delivery: DeliveryID) throws -> ReturnedEntry {
        var reply = Back.reply(delivery, to: StoreWorld.address("issuer", domain: "moi.example"))
        reply.raw = Array("From: \(Fatima.name) <\(Fatima.text)>\r\nSubject: شكوى فاطمة\r\n\r\nنص\r\n".utf8)
        reply.sender = Fatima.text
        reply.subject = "شكوى فاطمة"
        return reply
    }

    private func strangersLetter() -> ReturnedEntry {
        var letter = Back.entry(
            .untied,
            Back.verdict(
                .hard,
                EnhancedStatusCode(5, 1, 1),
                .unknownUser,
                recipients: [
                    BounceVerdict.Recipient(address: Fatima.text.lowercased(), kind: .hard, action: .failed)
                ]
            )
        )
        letter.raw = Array("To: <\(Fatima.text)>\r\n\r\nundeliverable\r\n".utf8)
        return letter
    }

    /// What other parts of the program write, as rows.
    private func settleByHand(_ delivery: DeliveryID) throws {
        let key = try Fatima.address().key
        let id = try int("SELECT id FROM subscriber WHERE address_key = '\(key)'") ?? 0
        try run(
            """
            INSERT INTO import (file, digest, format, source, actor, started_at_ms)
                VALUES ('people.csv', zeroblob(32), 'csv', 'file people.csv', 'test', 5);
            INSERT INTO import_change (import_id, subscriber_id, what, before, after)
                VALUES (1, \(id), 'values', '{"name":"\(Fatima.name)"}', '{"city":"\(Fatima.city)"}');
            INSERT INTO consent_text (version, language, text, created_at_ms) VALUES ('c1', 'ar', 'أوافق', 5);
            INSERT INTO confirmation (subscriber_id, topic_id, language, consent_text, source, actor, asked_at_ms,
                expires_at_ms) VALUES (\(id), 1, 'ar', 'c1', 'form', '\(Fatima.text)', 5, 100);
            INSERT INTO subscriber_event (subscriber_id, event, source, actor, detail, at_ms)
                VALUES (\(id), 'edited', 'mail of \(Fatima.text)', '\(Fatima.text)', '{"name":"\(Fatima.name)"}', 5);
            INSERT INTO probe (delivery_id, campaign_id, address_key, asked_at_ms)
                SELECT id, campaign_id, address_key, 5 FROM delivery WHERE id = \(delivery.rawValue);
            INSERT INTO outbox (work, probe_id, recipient, next_at_ms, created_at_ms, words)
                SELECT 'probe', max(id), '\(Fatima.text)', 5, 5, '450 <\(Fatima.text)>' FROM probe;
            INSERT INTO outbox (work, confirmation_id, recipient, next_at_ms, created_at_ms)
                SELECT 'confirmation', max(id), '\(Fatima.text)', 5, 5 FROM confirmation;
            UPDATE attempt SET reply = '250 <\(Fatima.text)> ok' WHERE delivery_id = \(delivery.rawValue);
            """
        )
    }

    /// Every byte of the store's files that holds a text, as file names.
    func filesNaming(_ text: String) throws -> [String] {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { name in
            let bytes = try Data(contentsOf: folder.appendingPathComponent(name))
            let lower = Data(bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
            return lower.range(of: Data(text.lowercased().utf8)) != nil
        }
    }

    /// Everything in the store's tables, as one text.
    func dump(_ tables: [String]? = nil) throws -> String {
        let all = try texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return try store.pool.read { db in
            try (tables ?? all).sorted().map { table in
                "\(table)\n"
                    + (try Row.fetchAll(db, sql: "SELECT * FROM \(table)")).map { row in
                        row.databaseValues.map(\.description).joined(separator: "|")
                    }.joined(separator: "\n")
            }.joined(separator: "\n\n")
        }
    }

    func reportBytes(_ campaign: Campaign) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(try store.report(campaign.name)), as: UTF8.self)
    }
}
