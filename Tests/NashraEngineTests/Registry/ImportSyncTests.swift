// SPDX-License-Identifier: Apache-2.0
//
// A topic made equal to a file: who leaves, how many may, and who never comes back.
import Foundation
import NashraCore
import NashraEngine
import NashraStore
import Testing

@Suite struct ImportSyncTests {
    private func file(_ range: Range<Int>, extra: String = "") -> String {
        "email,name\n" + range.map { "p\($0)@x.example,شخص \($0)\n" }.joined() + extra
    }

    private let sync = ImportWorld.Ways(sync: ImportSync(maxDrop: 5))

    @Test func `the topic becomes equal to the file, and whoever left for that comes back by a later file`()
        throws
    {
        let world = try ImportWorld()
        try world.run(file(0..<100))
        let summary = try world.run(file(4..<102), sync)
        #expect(summary.left == 4)
        #expect(summary.added == 2)
        #expect(summary.members == 100)
        #expect(try world.store.topic(named: "fraud")?.subscribers == 98)
        #expect(
            try world.person("p0@x.example")?.subscriptions.first?.endedReason?.hasPrefix("not in ") == true
        )
        let back = try world.run(file(0..<100), as: "back.csv", sync)
        #expect(back.updated == 4)
        #expect(back.left == 2)
        #expect(try world.isIn("fraud", "p0@x.example"))
    }

    @Test func `more than may leave are refused, and nothing at all is changed`() throws {
        let world = try ImportWorld()
        try world.run(file(0..<100))
        let text = file(20..<120).replacingOccurrences(of: "شخص 20\n", with: "اسم جديد\n")
        let dry = try world.run(text, ImportWorld.Ways(isDryRun: true, sync: ImportSync()))
        #expect(dry.left == 20)
        #expect(dry.samples[.left]?.samples.map(\.text).first == "p0@x.example")
        let error = try #require(throws: UserError.self) { try world.run(text, sync) }
        #expect(error.status == .notPermitted)
        #expect(error.message.contains("20 of the 100"))
        #expect(try world.store.topic(named: "fraud")?.subscribers == 100)
        #expect(try world.person("p20@x.example")?.subscriber.name == "شخص 20")
        #expect(try world.store.imports().count == 1)
        var asked: ImportSync.Question?
        let done = try world.run(text, sync) { question in
            asked = question
            return true
        }
        #expect(asked?.leaving == 20)
        #expect(done.left == 20)
        #expect(try world.store.topic(named: "fraud")?.subscribers == 100)
    }

    @Test func `who unsubscribed is not brought back, and does not count as leaving`() throws {
        let world = try ImportWorld()
        try world.run(file(0..<40))
        try world.store.removeSubscriber(try EmailAddress.parse("p1@x.example"), reason: "طلب", actor: "test")
        let summary = try world.run(file(0..<40), sync)
        #expect(summary.unsubscribed == 1)
        #expect(summary.left == 0)
        #expect(try !world.isIn("fraud", "p1@x.example"))
    }

    @Test(arguments: ["email\n", "email,name\nbad,\n", "email,name\n\"p1@x.example,broken\n"])
    func `a file that names nobody never empties a topic, whatever was agreed to`(_ text: String) throws {
        let world = try ImportWorld()
        try world.run(file(0..<3))
        let error = try #require(throws: UserError.self) {
            try world.run(text, ImportWorld.Ways(sync: ImportSync(maxDrop: 100, isConfirmed: true)))
        }
        #expect(error.status == .badData)
        #expect(try world.store.topic(named: "fraud")?.subscribers == 3)
    }

    @Test func `a person whose row cannot be taken is in the file all the same`() throws {
        let world = try ImportWorld()
        try world.run(file(0..<3))
        let summary = try world.run(
            file(0..<2, extra: "P2@x.example,\u{202E}اسم\n"),
            ImportWorld.Ways(sync: ImportSync(maxDrop: 0))
        )
        #expect(summary.refused == 1)
        #expect(summary.left == 0)
        #expect(try world.isIn("fraud", "p2@x.example"))
    }
}
