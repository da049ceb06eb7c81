// SPDX-License-Identifier: Apache-2.0
//
// What is handed out: all of one person, and the register as a table.
// Writes stores of its own.
import Foundation
import GRDB
import NashraCore
import NashraTestKit
import Testing

@testable import NashraStore

@Suite struct PersonExportTests {
    @Test func `all that is held about a person is in it, with names instead of numbers`() throws {
        let world = try StoreWorld(people: 3)
        let (finished, _) = try world.settleFatima()
        let export = try world.store.export(
            of: try EmailAddress.parse("fatima.alharbi@MOI.example"),
            actor: "ahmad"
        )
        #expect(export.subscriber?["name"]?.asText == Fatima.name)
        #expect(export.subscriber?["attributes"]?["city"]?.asText == Fatima.city)
        for table in PersonalData.tables
        where table.rows != nil && !["subscriber", "suppression"].contains(table.name) {
            #expect(export.sections[table.section ?? ""]?.isEmpty == false, "\(table.name) is missing")
        }
        let deliveries = try #require(export.sections["deliveries"])
        #expect(deliveries.count == 2)
        #expect(deliveries.first?["campaign"]?.asText == finished.name.rawValue)
        #expect(deliveries.first?["bulletin"]?.asText == "2026-014")
        #expect(export.sections["subscriptions"]?.first?["topic"]?.asText == "fraud")
        #expect(export.sections["consent_texts"]?.first?["text"]?.asText == "أوافق")
        #expect(
            export.sections["letters"]?.contains { $0["bytes"]?.asText?.contains(Fatima.name) == true }
                == true
        )
        let json = String(decoding: try JSONEncoder().encode(export), as: UTF8.self)
        #expect(json.contains("nashra.person.v1"))
        #expect(!json.contains("_ms\""))
        #expect(!json.contains("person0@example.org"))
    }

    @Test func `no row that names the person is missing from it`() throws {
        let world = try StoreWorld(people: 3)
        _ = try world.settleFatima()
        let json = String(
            decoding: try JSONEncoder().encode(world.store.export(of: Fatima.address(), actor: "x")),
            as: UTF8.self
        )
        let handedOut = json.lowercased().components(separatedBy: "fatima").count - 1
        let held =
            try world.dump(
                PersonalData.tables.filter { $0.rows != nil && $0.section != nil }.map(\.name)
            ).lowercased().components(separatedBy: "fatima").count - 1
        // The address that was asked for stands in it once more; the text of bytes is hexadecimal in the dump.
        #expect(handedOut >= held, "\(handedOut) of \(held)")
    }

    @Test func `it leaves an audit entry with a number, and an event in the person's history`() throws {
        let world = try StoreWorld(people: 3)
        _ = try world.settleFatima()
        _ = try world.store.export(of: try Fatima.address(), actor: "ahmad")
        let entry = try #require(try world.store.auditEntries(limit: 1).first)
        #expect(entry.action == "subscriber.export")
        #expect(entry.object == "subscriber-4")
        #expect(try world.int("SELECT count(*) FROM subscriber_event WHERE event = 'exported'") == 1)
    }

    @Test func `of somebody unknown nothing is held, and nothing is recorded`() throws {
        let world = try StoreWorld(people: 3)
        let before = try world.dump()
        let export = try world.store.export(of: StoreWorld.address("nobody"), actor: "ahmad")
        #expect(export.isEmpty)
        #expect(try world.dump() == before)
    }
}

@Suite struct RegisterExportTests {
    private func csv(_ world: StoreWorld, _ export: RegisterExport) throws -> String {
        var bytes: [UInt8] = []
        _ = try world.store.exportRegister(export) { piece throws(UserError) in bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `the register comes in the order of the keys, however it was filled`() throws {
        let one = try StoreWorld()
        let other = try StoreWorld()
        let people = (0..<50).map(StoreWorld.person)
        _ = try one.store.importBatch(people, topic: "fraud", source: "a")
        one.clock.advance(by: .seconds(5_000))
        _ = try other.store.importBatch(people.reversed(), topic: "fraud", source: "b")
        let first = try csv(one, RegisterExport())
        #expect(first == (try csv(other, RegisterExport())))
        #expect(first.utf8.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(first.contains("\"email\",\"name\",\"language\",\"state\",\"city\"\r\n"))
        #expect(first.contains("\"person0@example.org\",\"نُورَة العتيبي\",\"ar\",\"active\",\"الرياض\"\r\n"))
        #expect(first.components(separatedBy: "\r\n").count == 52)
    }

    @Test func `a formula is guarded for spreadsheets and left alone for machines`() throws {
        let world = try StoreWorld()
        _ = try world.store.importBatch(
            [
                ImportRow(
                    address: StoreWorld.address("eve"),
                    name: "=HYPERLINK(\"http://x\")",
                    attributes: ["phone": "+97455551234", "note": "'=1", "＝col": "@x"]
                )
            ],
            topic: nil,
            source: "t"
        )
        let guarded = try csv(world, RegisterExport())
        #expect(guarded.contains("\"'=HYPERLINK(\"\"http://x\"\")\""))
        #expect(guarded.contains("\"+97455551234\""))
        #expect(guarded.contains("\"''=1\""))
        #expect(guarded.contains("\"'＝col\""))
        let plain = try csv(
            world,
            RegisterExport(form: .csv(separator: UInt8(ascii: ";"), hasMark: false, isPlain: true))
        )
        #expect(plain.contains("\"eve@example.org\";\"=HYPERLINK(\"\"http://x\"\")\";"))
        #expect(!plain.utf8.starts(with: [0xEF]))
    }

    @Test func `a topic means who is subscribed now and has confirmed; erased people are never in it`() throws
    {
        let world = try StoreWorld(people: 6)
        try world.store.removeSubscriber(StoreWorld.address("person1"), reason: "بطلبه", actor: "t")
        try world.run("UPDATE subscription SET is_pending = 1 WHERE subscriber_id = 3")
        _ = try world.store.erase(
            StoreWorld.address("person3"),
            hash: Fatima.hash,
            isSending: false,
            actor: "t"
        )
        let text = try csv(world, RegisterExport(SubscriberFilter(topic: "fraud")))
        #expect(["person0", "person4", "person5"].allSatisfy(text.contains))
        #expect(!["person1", "person2", "person3", "erased"].contains(where: text.contains))
        let lines = try csv(world, RegisterExport(form: .lines)).split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[1].contains("\"reason\":\"بطلبه\""))
    }

    @Test func `a topic that is not there is an error, and so is what the reader says`() throws {
        let world = try StoreWorld(people: 1)
        #expect(throws: UserError.self) { try csv(world, RegisterExport(SubscriberFilter(topic: "frawd"))) }
        let error = #expect(throws: UserError.self) {
            _ = try world.store.exportRegister(RegisterExport()) { _ throws(UserError) in
                throw UserError(.inputOutput, "full")
            }
        }
        #expect(error?.message == "full")
    }
}
