// SPDX-License-Identifier: Apache-2.0
//
// Files into a real register: twice is once, leavers stay away, a dry run leaves no trace.
import Foundation
import NashraCore
import NashraEngine
import NashraStore
import NashraTestKit
import Testing

@Suite struct RegistryImportTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    private let store: Store

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(at: folder.appending(path: "nashra.db").path, clock: ManualClock())
        try store.addTopic(name: "fraud", actor: "test")
    }

    private func run(_ text: String, topic: String? = "fraud", isDryRun: Bool = false) throws -> ImportSummary
    {
        let file = folder.appending(path: "مشتركون.csv")
        try Data(text.utf8).write(to: file)
        return try SubscriberImport(batchRows: 2).run(
            path: file.path,
            into: store,
            .init(topic: topic, source: "a test", actor: "test", isDryRun: isDryRun)
        )
    }

    private let people =
        "email,name,language\na@x.example,سارة,ar\nb@x.example,Ali,en\nc@x.example,Zoé,fr\nbad\n"

    @Test func `importing twice is importing once`() throws {
        let first = try run(people)
        #expect(first.added == 3)
        #expect(first.refused == 1)
        let second = try run(people)
        #expect(second.added == 0)
        #expect(second.unchanged == 3)
        #expect(try store.subscriberCount() == 3)
    }

    @Test func `a dry run says what would happen and leaves no trace`() throws {
        let summary = try run(people, isDryRun: true)
        #expect(summary.added == 3)
        #expect(try store.subscriberCount() == 0)
        #expect(try store.auditEntries().allSatisfy { $0.action != "subscribers.import" })
    }

    @Test func `who left is not joined again, and who is suppressed stays so`() throws {
        _ = try run(people)
        let leaver = try EmailAddress.parse("a@x.example")
        try store.removeSubscriber(leaver, reason: "asked", actor: "test")
        let summary = try run(people)
        #expect(summary.unsubscribed == 1)
        #expect(summary.unchanged == 2)
        #expect(try store.subscriber(leaver)?.subscriber.state == .unsubscribed)
    }

    @Test func `an import leaves one line in the audit, with its counts`() throws {
        _ = try run(people)
        let entries = try store.auditEntries().filter { $0.action == "subscribers.import" }
        #expect(entries.count == 1)
        #expect(entries.first?.detail["added"] == "3")
        #expect(entries.first?.detail["refused"] == "1")
        #expect(entries.first?.detail["source"] == "a test")
        #expect(entries.first?.object.hasSuffix("مشتركون.csv") == true)
    }

    @Test func `a topic that does not exist is an error and imports nobody`() throws {
        let error = try #require(throws: UserError.self) { try run(people, topic: "fruad") }
        #expect(error.status == .unknownObject)
        #expect(try store.subscriberCount() == 0)
    }
}
