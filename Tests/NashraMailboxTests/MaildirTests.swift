// SPDX-License-Identifier: Apache-2.0
//
// A Maildir that others deliver into, read from and tidy up while we read it.
import Foundation
import NashraCore
import NashraMailbox
import Testing

@Suite struct MaildirTests {
    let folder: MailFolder
    let box: String

    init() throws {
        folder = try MailFolder()
        box = try folder.makeMaildir("box")
    }

    @Test func `everything in new and cur is handed out once, in the order of arrival`() throws {
        for number in [3, 1, 2] {
            try folder.write("box/new/170000000\(number).M1.host", fullMailbox(number))
        }
        try folder.write("box/cur/1600000000.M1.host:2,S", fullMailbox(0))
        let source = try MaildirSource(path: box + "/")
        #expect(source.name == "maildir \(box)")
        let mails = try drain(source)
        let ids = ["1700000001.M1.host", "1700000002.M1.host", "1700000003.M1.host", "1600000000.M1.host"]
        #expect(mails.map(\.id) == ids)
        #expect(mails.map(\.bytes) == [1, 2, 3, 0].map(fullMailbox))
        #expect(mails.allSatisfy { $0.envelopeRecipient == nil })
        #expect(try source.next(limit: 10).isEmpty)
    }

    @Test func `nothing is deleted before it is acknowledged, and everything after`() throws {
        for number in 0..<5 { try folder.write("box/new/\(number)", fullMailbox(number)) }
        let source = try MaildirSource(path: box)
        let mails = try drain(source)
        #expect(folder.names("box/new").count == 5)
        try source.acknowledge(["1", "3"])
        #expect(folder.names("box/new") == ["0", "2", "4"])
        try source.acknowledge(mails.map(\.id))
        #expect(folder.names("box/new").isEmpty)
        try source.acknowledge(["1", "nobody"])
    }

    @Test func `what was not acknowledged comes again after a restart`() throws {
        for number in 0..<4 { try folder.write("box/new/\(number)", fullMailbox(number)) }
        let first = try MaildirSource(path: box)
        _ = try drain(first)
        try first.acknowledge(["0"])
        first.close()
        first.close()
        #expect(try drain(MaildirSource(path: box)).map(\.id) == ["1", "2", "3"])
    }

    @Test func `with keep, a message moves to cur as seen and is not read again`() throws {
        try folder.write("box/new/1.M1.host", fullMailbox(1))
        try folder.write("box/cur/0.M1.host:2,S", fullMailbox(0))
        let source = try MaildirSource(path: box, done: .keep)
        #expect(try drain(source).map(\.id) == ["1.M1.host"])
        try source.acknowledge(["1.M1.host"])
        #expect(folder.names("box/cur") == ["0.M1.host:2,S", "1.M1.host:2,S"])
        #expect(try drain(MaildirSource(path: box, done: .keep)).isEmpty)
    }

    @Test func `messages that somebody put into the bin are left alone`() throws {
        try folder.write("box/cur/1:2,ST", fullMailbox(1))
        try folder.write("box/cur/2:2,S", fullMailbox(2))
        try folder.write("box/cur/T3:2,", fullMailbox(3))
        #expect(try drain(MaildirSource(path: box)).map(\.id) == ["2", "T3"])
    }

    @Test func `another reader that moves, flags or deletes a message meanwhile is no error`() throws {
        for number in 0..<4 { try folder.write("box/new/\(number)", fullMailbox(number)) }
        let source = try MaildirSource(path: box)
        #expect(try source.next(limit: 3).map(\.id) == ["0", "1", "2"])
        try FileManager.default.moveItem(atPath: box + "/new/0", toPath: box + "/cur/0:2,RS")
        try FileManager.default.removeItem(atPath: box + "/new/1")
        try FileManager.default.removeItem(atPath: box + "/new/3")
        #expect(try source.next(limit: 3).isEmpty, "3 is gone, and 0 was handed out under its old name")
        try source.acknowledge(["0", "1", "2"])
        #expect(folder.names("box/new").isEmpty)
        #expect(folder.names("box/cur").isEmpty)
        #expect(source.takeFindings().isEmpty)
    }

    @Test func `what cannot be read is named, and the others go on`() throws {
        try folder.write("box/new/1", fullMailbox(1))
        try FileManager.default.createDirectory(atPath: box + "/new/2", withIntermediateDirectories: true)
        symlink("/etc/hostname", box + "/new/3")
        mkfifo(box + "/new/4", 0o600)
        try folder.write("box/new/.hidden", fullMailbox(5))
        try folder.write("box/new/6", fullMailbox(6))
        let source = try MaildirSource(path: box)
        #expect(try drain(source).map(\.id) == ["1", "6"])
        let findings = source.takeFindings()
        #expect(findings.map(\.file) == ["2", "3", "4"].map { "\(box)/new/\($0)" })
        #expect(findings.allSatisfy { $0.message.hasPrefix("passed over: it is") && !$0.remedy.isEmpty })
        #expect(source.takeFindings().isEmpty, "each once")
        #expect(try source.next(limit: 9).isEmpty)
    }

    @Test func `a name that is not UTF-8 is named once and holds nobody up`() throws {
        close(open(Array((box + "/new/1").utf8CString.dropLast()) + [-1, 0], O_CREAT | O_WRONLY, 0o600))
        try folder.write("box/new/2", fullMailbox(2))
        let source = try MaildirSource(path: box)
        #expect(try drain(source).map(\.id) == ["2"])
        #expect(source.takeFindings().map(\.message) == ["passed over: it has a name that is not UTF-8"])
        #expect(try source.next(limit: 5).isEmpty)
        #expect(source.takeFindings().isEmpty)
    }

    @Test func `what could not be understood goes to a Maildir++ folder of its own`() throws {
        try folder.write("box/new/1", fullMailbox(1))
        try folder.write("box/cur/2:2,S", fullMailbox(2))
        let source = try MaildirSource(path: box)
        _ = try drain(source)
        try source.setAside(["1", "2"])
        #expect(source.asideFolder == box + "/.Nashra.Unparsed")
        #expect(folder.names("box/.Nashra.Unparsed/new") == ["1", "2"])
        #expect(try folder.read("box/.Nashra.Unparsed/new/1") == fullMailbox(1))
        #expect(folder.names("box/.Nashra.Unparsed").contains("maildirfolder"))
        #expect(try drain(MaildirSource(path: box)).isEmpty)
        try source.setAside([])
    }

    @Test func `beside a folder of a Maildir++ the other folder lies side by side`() throws {
        let sub = try folder.makeMaildir("box/.Bounces")
        try folder.write("box/.Bounces/maildirfolder", [])
        #expect(try MaildirSource(path: sub).asideFolder == sub + ".Nashra.Unparsed")
    }

    @Test func `of a message that is too long the first 10 MiB are read`() throws {
        try folder.write("box/new/1", fullMailbox(1) + [UInt8](repeating: 0x61, count: 11 << 20))
        let mail = try #require(try MaildirSource(path: box).next(limit: 1).first)
        #expect(mail.bytes.count == ReturnedMail.maximumBytes)
        #expect(mail.bytes.starts(with: fullMailbox(1)))
    }

    @Test func `a batch ends when it grows large, so that memory stays flat`() throws {
        let large = [UInt8](repeating: 0x61, count: 9 << 20)
        for number in 0..<6 { try folder.write("box/new/\(number)", large) }
        let source = try MaildirSource(path: box)
        #expect(try source.next(limit: 1000).count == 4)
        #expect(try source.next(limit: 1000).count == 2)
    }

    @Test func `a folder that is no Maildir is refused with what to do`() throws {
        do {
            _ = try MaildirSource(path: folder.path)
            Issue.record("it was taken for a Maildir")
        } catch {
            #expect(error.status == .noInput)
            #expect(error.message.contains("has no folder new"))
            #expect(!error.remedy.isEmpty)
        }
    }

    @Test func `twelve thousand messages are read in pieces and none is missed or doubled`() throws {
        for number in 0..<12_000 { try Data().write(to: URL(filePath: "\(box)/new/m\(number)")) }
        let source = try MaildirSource(path: box)
        var ids: Set<String> = []
        while true {
            let mails = try source.next(limit: 500)
            guard !mails.isEmpty else { break }
            #expect(ids.isDisjoint(with: mails.map(\.id)))
            ids.formUnion(mails.map(\.id))
            try source.acknowledge(mails.map(\.id))
        }
        #expect(ids.count == 12_000)
        #expect(folder.names("box/new").isEmpty)
    }
}

@Suite struct MaildirWatchTests {
    let folder: MailFolder
    let box: String

    init() throws {
        folder = try MailFolder()
        box = try folder.makeMaildir("box")
    }

    @Test func `a delivery ends the wait, also one between the look and the wait`() throws {
        let source = try MaildirSource(path: box)
        let watch = FolderWatch(folders: source.watchedFolders, interval: .seconds(3600))
        #expect(try source.next(limit: 1).isEmpty)
        try folder.write("box/tmp/1", fullMailbox(1))
        try FileManager.default.moveItem(atPath: box + "/tmp/1", toPath: box + "/new/1")
        #expect(watch.wait { false } == .look)
        #expect(try source.next(limit: 1).map(\.id) == ["1"])
    }

    @Test func `a delivery from elsewhere ends a wait that has begun`() throws {
        let watch = FolderWatch(folders: [box + "/new"], interval: .seconds(3600))
        let target = box + "/new/1"
        Thread { try? Data(fullMailbox(1)).write(to: URL(filePath: target)) }.start()
        #expect(watch.wait { false } == .look)
    }

    @Test func `without events it looks again when the interval is over`() {
        let watch = FolderWatch(folders: ["/nonexistent"], interval: .milliseconds(1))
        #expect(watch.wait { false } == .look)
    }

    @Test func `it ends when it is woken or told to stop`() {
        let watch = FolderWatch(folders: [box + "/new"], interval: .seconds(3600))
        watch.wake()
        #expect(watch.wait { false } == .look)
        #expect(watch.wait { true } == .stopped)
    }
}
