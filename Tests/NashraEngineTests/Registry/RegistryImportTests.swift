// SPDX-License-Identifier: Apache-2.0
//
// Files into a real register: twice is once, leavers stay away, a dry run leaves no trace and tells the same.
import Foundation
import NashraCore
import NashraEngine
import NashraStore
import NashraTestKit
import Testing

@Suite struct RegistryImportTests {
    private let people =
        "email,name,language,city\na@x.example,سارة,ar,الدوحة\nb@x.example,Ali,en,\nc@x.example,Zoé,fr,Lyon\nbad,,,\n"

    @Test func `importing twice is importing once`() throws {
        let world = try ImportWorld()
        let first = try world.run(people)
        #expect(first.added == 3)
        #expect(first.refused == 1)
        let second = try world.run(people)
        #expect(second.added == 0)
        #expect(second.unchanged == 3)
        #expect(try world.store.subscriberCount() == 3)
        #expect(try world.store.imports().map(\.state) == [.finished, .finished])
    }

    @Test func `a dry run tells what the import then does, and leaves no trace`() throws {
        let world = try ImportWorld()
        try world.run("email,name\nb@x.example,علي\nc@x.example,Zoé\n", as: "قديم.csv")
        let text = people + "A@x.example,سارة,ar,الدوحة\na@x.example,ليلى,ar,الدوحة\n"
        let dry = try world.run(text, ImportWorld.Ways(isDryRun: true))
        #expect(try world.store.subscriberCount() == 2)
        #expect(try world.store.imports().count == 1)
        #expect(dry.importID == nil)
        let real = try world.run(text)
        #expect(dry.counts.map(\.count) == real.counts.map(\.count))
        #expect(dry.tally == real.tally)
        #expect(dry.samples == real.samples)
        #expect(dry.refusals == real.refusals)
        #expect(real.tally.fields == ["name": 1, "language": 2, "city": 1])
        #expect(real.importID == 2)
    }

    @Test func `every row is counted once`() throws {
        let world = try ImportWorld()
        try world.run("email,name\nold@x.example,قديم\nsame@x.example,Same\ngone@x.example,رحل\n")
        let gone = try EmailAddress.parse("gone@x.example")
        try world.store.removeSubscriber(gone, reason: "asked", actor: "test")
        try world.store.addSuppression(
            try EmailAddress.parse("mute@x.example"),
            reason: .operator,
            origin: "test",
            actor: "test"
        )
        let rows = [
            "email,name", "new@x.example,جديد", "old@x.example,New", "same@x.example,Same",
            "gone@x.example,رحل",
            "mute@x.example,صامت", "new@x.example,جديد", "NEW@x.example,other", "nonsense,",
            "lost@x.example,مفقود",
        ]
        try world.erase("lost@x.example")
        let summary = try world.run(
            rows.joined(separator: "\n"),
            ImportWorld.Ways(erased: ["lost@x.example"])
        )
        #expect(summary.rows == 9)
        #expect(summary.counts.dropFirst().dropLast().reduce(0) { $0 + $1.count } == summary.rows)
        #expect(summary.counts.dropFirst().dropLast().map(\.count) == [1, 1, 1, 1, 1, 1, 1, 1, 1])
        #expect(try world.person("lost@x.example") == nil)
    }

    @Test
    func `of rows that contradict each other the first counts, and the other goes to the rejected rows`()
        throws
    {
        let world = try ImportWorld()
        let summary = try world.run(
            "الاسم,email,راتب\nنورة,n@x.example,=1+1\n\"=cmd|' /C calc'!A0\",N@X.example,2\nنورة,n@x.example,=1+1\n"
        )
        #expect(summary.added == 1)
        #expect(summary.conflicting == 1)
        #expect(summary.duplicates == 1)
        #expect(try world.person("n@x.example")?.subscriber.name == "نورة")
        let text = try world.rejected()
        #expect(
            text == """
                "line","reason","الاسم","email","راتب"\r
                "3","says something else than line 2 of the same person","'=cmd|' /C calc'!A0","N@X.example","2"\r

                """
        )
    }

    @Test func `rejected rows keep their own fields, and open as a table again`() throws {
        let world = try ImportWorld()
        let summary = try world.run(people)
        #expect(summary.rejects == world.rejects.path)
        #expect(
            try world.rejected().hasPrefix(
                "\"line\",\"reason\",\"email\",\"name\",\"language\",\"city\"\r\n\"5\","
            )
        )
        let mode = try FileManager.default.attributesOfItem(atPath: world.rejects.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let again = try world.run("email\nz@x.example\n", as: "good.csv")
        #expect(again.rejects == nil)
    }

    @Test func `rejected rows that cannot be written stop the import before anything is changed`() throws {
        let world = try ImportWorld()
        try FileManager.default.createDirectory(at: world.rejects, withIntermediateDirectories: true)
        try Data().write(to: world.rejects.appending(path: "full"))
        #expect(throws: UserError.self) { try world.run("email\nbad\n") }
        #expect(try world.store.subscriberCount() == 0)
    }

    @Test func `who left is not joined again, and who is suppressed stays so`() throws {
        let world = try ImportWorld()
        try world.run(people)
        let leaver = try EmailAddress.parse("a@x.example")
        try world.store.removeSubscriber(leaver, reason: "asked", actor: "test")
        let summary = try world.run(people)
        #expect(summary.unsubscribed == 1)
        #expect(summary.unchanged == 2)
        #expect(try world.store.subscriber(leaver)?.subscriber.state == .unsubscribed)
    }

    @Test func `an import leaves one line in the audit, with its counts`() throws {
        let world = try ImportWorld()
        try world.run(people)
        let entries = try world.store.auditEntries().filter { $0.action == "subscribers.import" }
        #expect(entries.count == 1)
        #expect(entries.first?.detail["added"] == "3")
        #expect(entries.first?.detail["refused"] == "1")
        #expect(entries.first?.detail["source"] == "a test")
        #expect(entries.first?.object.hasSuffix("مشتركون.csv") == true)
    }

    @Test func `a topic that does not exist is an error and imports nobody`() throws {
        let world = try ImportWorld()
        let error = try #require(throws: UserError.self) {
            try world.run(people, ImportWorld.Ways(topic: "fruad"))
        }
        #expect(error.status == .unknownObject)
        #expect(try world.store.subscriberCount() == 0)
        #expect(try world.store.imports().isEmpty)
    }

    @Test func `a second import has to wait for the first, and its command can be said again`() throws {
        let world = try ImportWorld()
        let file = world.folder.appending(path: "b.csv")
        try Data("email\nz@x.example\n".utf8).write(to: file)
        var second: UserError?
        _ = try world.run(
            file: {
                try Data(people.utf8).write(to: $0); return $0.path
            }(world.folder.appending(path: "a.csv")),
            ImportWorld.Ways(),
            check: { () throws(UserError) in
                do { _ = try world.run(file: file.path, ImportWorld.Ways()) } catch {
                    second = error as? UserError
                }
            }
        )
        #expect(second?.status == .tryAgain)
        #expect(second?.remedy.isEmpty == false)
        #expect(try world.run(file: file.path, ImportWorld.Ways()).added == 1)
    }

    @Test func `a file that is changed while it is read changes nothing`() throws {
        let world = try ImportWorld()
        let file = world.folder.appending(path: "a.csv")
        try Data(people.utf8).write(to: file)
        let error = try #require(throws: UserError.self) {
            try world.run(
                file: file.path,
                ImportWorld.Ways(),
                check: { () throws(UserError) in
                    guard let handle = try? FileHandle(forUpdating: file) else { return }
                    _ = try? handle.seekToEnd()
                    try? handle.write(contentsOf: Data("d@x.example,,,\n".utf8))
                }
            )
        }
        #expect(error.status == .tryAgain)
        #expect(try world.store.subscriberCount() == 0)
        #expect(try world.store.imports().isEmpty)
    }

    @Test func `many rows of one person are one person`() throws {
        let world = try ImportWorld()
        var text = "email,name\n"
        for index in 0..<20_000 { text += "ليلى@x.example,\(index.isMultiple(of: 2) ? "ليلى" : "L")\n" }
        let summary = try world.run(text)
        #expect(summary.added == 1)
        #expect(summary.duplicates == 9_999)
        #expect(summary.conflicting == 10_000)
        #expect(summary.refusals.count == ImportSummary.keptRefusals)
    }

    @Test func `nothing is left in the folder but the register and what was asked for`() throws {
        let world = try ImportWorld()
        try world.run(people)
        let names = try FileManager.default.contentsOfDirectory(atPath: world.folder.path)
        #expect(
            Set(names).subtracting(["nashra.db-wal", "nashra.db-shm"]) == [
                "nashra.db", "nashra.db-users", "nashra.db-import", "rejected.csv", "مشتركون.csv",
            ]
        )
    }
}
