// SPDX-License-Identifier: Apache-2.0
//
// Files of suppressions: lists, tables in any encoding, our own export; what is taken, rejected, and done twice.
import Foundation
import NashraCore
import NashraStore
import NashraTestKit
import Testing

@testable import NashraEngine

/// A store with two topics, and a folder for files.
private final class World {
    let folder = FileManager.default.temporaryDirectory.appending(path: "suppress-\(UUID().uuidString)")
    let clock = ManualClock()
    let store: Store

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(at: folder.appending(path: "nashra.db").path, clock: clock)
        try store.addTopic(name: "fraud", actor: "test")
        try store.addTopic(name: "traffic", title: ["ar": "المرور"], actor: "test")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @discardableResult
    func run(
        _ bytes: some Sequence<UInt8>,
        isDryRun: Bool = false,
        defaults: SuppressionImport.Defaults = .init(origin: "file x"),
        batchRows: Int = 3
    ) throws -> SuppressionSummary {
        let file = folder.appending(path: "ممنوعون.csv")
        try Data(bytes).write(to: file)
        let work = SuppressionImport(
            into: store,
            defaults: defaults,
            actor: "cli:هند",
            isDryRun: isDryRun,
            batchRows: batchRows
        )
        return try work.run(path: file.path)
    }

    func listed() throws -> [Suppression] { try store.suppressions(limit: 1_000) }

    static func counts(_ summary: SuppressionSummary) -> [Int] {
        [summary.added, summary.replaced, summary.unchanged, summary.duplicates, summary.rejected]
    }
}

@Suite struct SuppressionFiles {
    @Test func `one address per line is a file, with comments, blank lines and a byte order mark`() throws {
        let world = try World()
        let text =
            "\u{FEFF}sara@example.org\r\n\r\n# من النظام القديم\r\nنورة@مثال.example\r\nSARA@example.org\r\nnobody\r\n"
        let dry = try world.run(text.utf8, isDryRun: true)
        #expect(try world.listed().isEmpty)
        let summary = try world.run(text.utf8)
        #expect(World.counts(summary) == [2, 0, 0, 1, 1])
        #expect(World.counts(dry) == World.counts(summary))
        #expect(summary.rejections.map(\.line) == [6])
        #expect(summary.rows == 4)
        let again = try world.run(text.utf8)
        #expect(World.counts(again) == [0, 0, 2, 1, 1])
        #expect(try world.listed().map(\.origin) == ["file x", "file x"])
        let actions = try world.store.auditEntries(limit: 10).map(\.action)
        #expect(!actions.contains("suppression.add"))
    }

    @Test func `a table says scope, reason, note and times, in any order and in Arabic`() throws {
        let world = try World()
        let text = """
            السبب;البريد الإلكتروني;حتى;منذ;ملاحظة;الموضوع
            Hard-Bounce;a@example.org;;2026-01-31;الصندوق مغلق;
            spam;b@example.org;2027-01-01;2026-02-01T10:00:00+03:00;;traffic
            ;c@example.org;;;'=1+1;topic:fraud
            mood;d@example.org;;;;
            ;e@example.org;2026-01-01;;;
            ;f@example.org;;2030-01-01;;
            ;g@example.org;;;;frauds
            ;;;;بلا عنوان;

            """
        let summary = try world.run(text.utf8)
        #expect(World.counts(summary) == [3, 0, 0, 0, 5])
        let reasons = summary.rejections.map(\.message)
        #expect(reasons[0].contains("hard_bounce, soft_bounce"))
        #expect(reasons[1].contains("2026-01-01"))
        #expect(reasons[2].contains("future"))
        #expect(reasons[3] == "there is no topic frauds; is it fraud?")
        #expect(reasons[4] == "the row has no address")
        let found = try world.listed()
        #expect(found.map(\.reason) == [.hardBounce, .complaint, .operator])
        #expect(found.map(\.scope) == [.everywhere, .topic("traffic"), .topic("fraud")])
        #expect(found[0].createdAt.iso8601 == "2026-01-31T00:00:00Z")
        #expect(found[0].note == "الصندوق مغلق")
        #expect(found[1].createdAt.iso8601 == "2026-02-01T07:00:00Z")
        #expect(found[1].expiresAt?.iso8601 == "2027-01-01T00:00:00Z")
        #expect(found[2].note == "=1+1", "the guard of an export is taken away again")
    }

    @Test func `what rows do not say, the options say`() throws {
        let world = try World()
        let end = world.clock.now() + .seconds(86_400)
        let defaults = SuppressionImport.Defaults(
            scope: .topic("traffic"),
            reason: .complaint,
            origin: "مكتب المرور",
            note: "قائمة",
            expires: end
        )
        try world.run("email,reason\na@example.org,\nb@example.org,operator\n".utf8, defaults: defaults)
        let found = try world.listed()
        #expect(found.map(\.reason) == [.complaint, .operator])
        #expect(found.map(\.expiresAt) == [end, end])
        #expect(found.allSatisfy { $0.scope == .topic("traffic") && $0.origin == "مكتب المرور" })
    }

    @Test func `an Arabic file in Windows-1256 is read as what it says`() throws {
        let world = try World()
        // "العنوان غير صحيح", as Excel on an Arabic Windows writes it.
        let note: [UInt8] = [
            0xC7, 0xE1, 0xDA, 0xE4, 0xE6, 0xC7, 0xE4, 0x20, 0xDB, 0xED, 0xD1, 0x20, 0xD5, 0xCD, 0xED, 0xCD,
        ]
        try world.run(Array("email,note\na@example.org,".utf8) + note + [0x0A])
        #expect(try world.listed().first?.note == "العنوان غير صحيح")
    }

    @Test func `JSON Lines are read as our export writes them, and a broken line costs itself`() throws {
        let world = try World()
        let text = """
            {"schema":"nashra.suppression.v1","address":"نورة@مثال.example","scope":"topic:fraud","reason":"complaint","origin":"ARF","note":"=cmd","created":"2026-05-01T08:00:00Z","created_by":"bounces","expires":null}
            {"address":
            {"address":"b@example.org"}

            """
        let summary = try world.run(text.utf8)
        #expect(World.counts(summary) == [2, 0, 0, 0, 1])
        let found = try #require(try world.listed().last)
        #expect(found.note == "=cmd")
        #expect(found.createdBy == "bounces")
        #expect(found.scope == .topic("fraud"))
    }

    @Test func `a file without addresses, or with two columns of them, is refused whole`() throws {
        let world = try World()
        for text in ["", "name,city\nسارة,الدوحة\n", "email,mail\na@b.example,c@d.example\n"] {
            let error = #expect(throws: UserError.self, "\(text)") { try world.run(text.utf8) }
            #expect(error?.status == .badData)
        }
    }

    @Test func `an import that was cut off goes on when it is run again`() throws {
        let world = try World()
        let rows = (0..<50).map { "person\($0)@example.org\n" }
        try world.run(rows[..<20].joined().utf8)
        let summary = try world.run(rows.joined().utf8, batchRows: 7)
        #expect(World.counts(summary) == [30, 0, 20, 0, 0])
        #expect(try world.listed().count == 50)
    }

    @Test func `times of files are read with their zones, and nothing else is a time`() {
        let good = [
            "2026-01-31": "2026-01-31T00:00:00Z", "2026-01-31T10:11:12Z": "2026-01-31T10:11:12Z",
            "2026-01-31 10:11:12.345678+03:00": "2026-01-31T07:11:12Z",
            "2026-01-31T10:11:12-0530": "2026-01-31T15:41:12Z",
        ]
        for (text, moment) in good { #expect(SuppressionMoment.parse(text)?.iso8601 == moment, "\(text)") }
        for text in [
            "", "31/01/2026", "2026-02-30", "2026-01-31T25:00:00Z", "2026-01-31T10:11:12", "٢٠٢٦-٠١-٣١",
        ] {
            #expect(SuppressionMoment.parse(text) == nil, "\(text)")
        }
    }
}
