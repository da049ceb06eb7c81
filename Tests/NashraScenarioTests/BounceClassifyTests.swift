// SPDX-License-Identifier: Apache-2.0
//
// `bounces classify` and `bounces explain`, where there is no workspace.
import Foundation
import Testing

@Suite struct BounceClassifyTests {
    private func mail() throws -> SentMail {
        try #require(
            SentMail([
                "recipients": ["فاطمة@example.org"], "mail_from": "b+x@moi.example",
                "message_id": "<a@b.example>",
            ])
        )
    }

    /// Runs the program in an empty folder without a workspace.
    private func run(_ arguments: [String], in folder: URL, input: String = "") throws -> Output {
        let process = Process()
        process.executableURL = World.program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NASHRA_") }
        process.currentDirectoryURL = folder
        return try Running(process, folder: FileManager.default.temporaryDirectory, input: input).finish()
    }

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "nashra-classify-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test func `each file is one line in the order of names, and a file that cannot be read stops nothing`()
        throws
    {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let mail = try mail()
        let box = folder.appending(path: "box/below")
        try FileManager.default.createDirectory(at: box, withIntermediateDirectories: true)
        try Data(mail.bounce("5.1.1", words: "no \"such\" \\ user").utf8)
            .write(to: folder.appending(path: "box/b.eml"))
        try Data(mail.complaint().utf8).write(to: folder.appending(path: "box/below/ا.eml"))
        try Data(mail.reply("شكرا").utf8).write(to: folder.appending(path: "box/a.eml"))
        try Data("x".utf8).write(to: folder.appending(path: "box/.hidden"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: "box/c.eml").path,
            withDestinationPath: "/nowhere"
        )
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: "box/loop").path,
            withDestinationPath: ".."
        )
        mkfifo(folder.appending(path: "box/pipe").path, 0o600)
        let done = try run(
            ["bounces", "classify", "box", "missing", "-", "--format", "json"],
            in: folder,
            input: "Hello"
        )
        #expect(done.status == 1, "\(done)")
        let lines = try done.out.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
        #expect(
            lines.compactMap { $0["file"] as? String } == ["box/a.eml", "box/b.eml", "box/below/ا.eml", "-"]
        )
        #expect(lines.compactMap { $0["kind"] as? String } == ["none", "hard", "complaint", "none"])
        #expect(lines.allSatisfy { $0["schema"] as? String == "nashra.bounce.v1" })
        let hard = lines[1]
        #expect(hard["recipients"] as? [String] == ["فاطمة@example.org"])
        #expect(hard["status"] as? String == "5.1.1")
        #expect(hard["action"] as? String == "failed")
        #expect(hard["reason"] as? String == "unknown-user")
        #expect(hard["evidence"] as? String == "delivery-status")
        #expect(lines[0]["status"] is NSNull)
        for path in ["box/c.eml", "box/pipe", "missing"] {
            #expect(done.error.contains("\(path): "), "\(done)")
        }
        #expect(!done.error.contains("loop"))
    }

    @Test func `columns and CSV have the same facts`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(try mail().bounce("5.2.2").utf8).write(to: folder.appending(path: "a.eml"))
        let table = try run(["bounces", "classify", "a.eml"], in: folder)
        #expect(table.status == 0)
        #expect(table.out.contains("soft        failed     5.2.2      mailbox-full"), "\(table)")
        let csv = try run(["bounces", "classify", "a.eml", "--format", "csv"], in: folder)
        #expect(csv.out.hasPrefix("\"file\",\"kind\","))
        #expect(csv.out.contains("\"a.eml\",\"soft\",\"failed\",\"5.2.2\",\"mailbox-full\""))
    }

    @Test(arguments: [("ar", "صندوق"), ("en", "mailbox"), ("fr", "boîte")])
    func `a mail is explained in the reader's language`(language: String, word: String) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let done = try run(
            ["bounces", "explain", "-", "--lang", language],
            in: folder,
            input: try mail().bounce("5.2.2", words: "quota exceeded")
        )
        #expect(done.status == 0, "\(done)")
        #expect(done.out.lowercased().contains(word), "\(done)")
        #expect(done.out.contains("mailbox-full"))
        #expect(done.out.contains("فاطمة@example.org"))
    }

    @Test func `in a workspace a mail is explained with the delivery that it is tied to`() throws {
        let world = try World()
        let sink = try world.sink()
        try world.people(1)
        _ = try world.send("2026-001")
        let mail = try #require(try sink.messages().compactMap(SentMail.init).first)
        let done = try world.run(["bounces", "explain", "-"], input: mail.bounce("5.1.1"))
        #expect(done.out.contains("Delivery 1, proven by the envelope sender"), "\(done)")
        #expect(done.out.contains("Suppresses the address at once"))
        let wrong = try world.run(["bounces", "explain", "-", "--lang", "xx"])
        #expect(wrong.status == 64)
        #expect(try world.run(["bounces", "explain", "nowhere.eml"]).status == 66)
    }
}
