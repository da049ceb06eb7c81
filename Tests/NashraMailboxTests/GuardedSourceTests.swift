// SPDX-License-Identifier: Apache-2.0
//
// A message over which the process dies again and again, in a Maildir and in an mbox file.
// A death is a guard that is dropped without being closed. Writes temporary folders.
import Foundation
import NashraCore
import Testing

@testable import NashraMailbox

@Suite struct GuardedSourceTests {
    private let folder: MailFolder

    init() throws { folder = try MailFolder() }

    private func maildir() throws -> String {
        let path = try folder.makeMaildir("box")
        for number in 0..<5 { try folder.write("box/new/17000000\(number).host", fullMailbox(number)) }
        return path
    }

    /// - Returns: Whether the process died over the poison.
    private func work(_ source: any BounceSource, poison: [UInt8], done: inout [[UInt8]]) throws -> Bool {
        while true {
            let mails = try source.next(limit: 3)
            guard !mails.isEmpty else { return false }
            if mails.contains(where: { $0.bytes == poison }) { return true }
            try source.acknowledge(mails.map(\.id))
            done += mails.map(\.bytes)
        }
    }

    @Test
    func `a message in a Maildir that ends the process three times is set aside, and the others are not`()
        throws
    {
        let path = try maildir()
        let poison = fullMailbox(2)
        var done: [[UInt8]] = []
        var lives = 0
        var findings: [Diagnostic] = []
        for life in 1...9 {
            lives = life
            let source = try GuardedSource.guarding(
                try MaildirSource(path: path),
                in: folder.path("attempts")
            )
            let died = try work(source, poison: poison, done: &done)
            findings += source.takeFindings()
            guard died else {
                source.close()
                break
            }
        }
        #expect(lives == 4)
        #expect(done.count == 4)
        #expect(Set(done) == Set([0, 1, 3, 4].map(fullMailbox)))
        #expect(findings.map(\.severity) == [.warning])
        #expect(findings.first?.message.contains("3 times") == true)
        #expect(folder.names("box/new").isEmpty)
        let aside = try MaildirSource(path: path).asideFolder
        let kept = try #require(FileManager.default.contentsOfDirectory(atPath: aside + "/new").first)
        #expect(try Data(contentsOf: URL(filePath: "\(aside)/new/\(kept)")) == Data(poison))
        #expect(marks() == 0)
    }

    /// How many files of marks are left, locks aside.
    private func marks() -> Int {
        folder.names("attempts").filter { !$0.hasSuffix(".lock") }
            .map { folder.names("attempts/\($0)").count }.reduce(0, +)
    }

    @Test func `an end in good order counts against no message`() throws {
        let path = try maildir()
        for _ in 0..<5 {
            let source = try GuardedSource.guarding(
                try MaildirSource(path: path),
                in: folder.path("attempts")
            )
            #expect(try source.next(limit: 9).count == 5)
            source.close()
        }
        #expect(marks() == 0)
    }

    @Test func `what a dead process had begun comes one at a time`() throws {
        let path = try maildir()
        do {
            let dead = try GuardedSource.guarding(try MaildirSource(path: path), in: folder.path("attempts"))
            _ = try dead.next(limit: 2)
        }
        let source = try GuardedSource.guarding(try MaildirSource(path: path), in: folder.path("attempts"))
        #expect(try source.next(limit: 9).map(\.bytes) == [2, 3, 4].map(fullMailbox))
        #expect(try source.next(limit: 9).map(\.bytes) == [fullMailbox(0)])
        #expect(try source.next(limit: 9).map(\.bytes) == [fullMailbox(1)])
        #expect(try source.next(limit: 9).isEmpty)
    }

    @Test func `the same message twice in one batch is finished twice`() throws {
        let path = try folder.makeMaildir("box")
        for number in 0..<2 { try folder.write("box/new/17000000\(number).host", fullMailbox(7)) }
        let source = try GuardedSource.guarding(try MaildirSource(path: path), in: folder.path("attempts"))
        let mails = try source.next(limit: 9)
        for mail in mails { try source.acknowledge([mail.id]) }
        #expect(mails.count == 2)
        #expect(marks() == 0)
        #expect(folder.names("box/new").isEmpty)
    }

    @Test func `a second process at the same source reads without a guard, and takes nobody for dead`() throws
    {
        let path = try maildir()
        let first = try GuardedSource.guarding(try MaildirSource(path: path), in: folder.path("attempts"))
        _ = try first.next(limit: 9)
        let second = try GuardedSource.guarding(try MaildirSource(path: path), in: folder.path("attempts"))
        #expect(second is MaildirSource)
        #expect(first is GuardedSource)
        first.close()
    }

    @Test func `an mbox file is guarded too`() throws {
        let text = Array("From MAILER-DAEMON Sun Nov 22 10:00:00 2026\n".utf8)
        try folder.write("box", text + fullMailbox(1) + Array("\n".utf8) + text + fullMailbox(2))
        var lives = 0
        for life in 1...9 {
            lives = life
            let source = try GuardedSource.guarding(
                try MboxSource(path: folder.path("box"), done: .delete),
                in: folder.path("attempts")
            )
            var died = false
            while let mail = try source.next(limit: 1).first {
                if String(decoding: mail.bytes, as: UTF8.self).contains("(2)") {
                    died = true
                    break
                }
                try source.acknowledge([mail.id])
            }
            if !died {
                source.close()
                break
            }
        }
        #expect(lives == 4)
        #expect(marks() == 0)
    }
}
