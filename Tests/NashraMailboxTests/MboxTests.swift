// SPDX-License-Identifier: Apache-2.0
//
// An mbox file that a mail system appends to, and its emptying, broken at every step.
import Foundation
import NashraCore
import Testing

@testable import NashraMailbox

@Suite struct MboxTests {
    let folder: MailFolder

    init() throws { folder = try MailFolder() }

    static let from = "From MAILER-DAEMON Sun Nov 22 19:00:00 2026\n"

    func entry(_ number: Int) -> [UInt8] { Array(Self.from.utf8) + fullMailbox(number) + [0x0A] }

    func mbox(_ numbers: Range<Int>) throws -> String {
        try folder.write("mbox", numbers.flatMap { entry($0) })
    }

    func contents(_ text: String) throws -> [String] {
        let path = try folder.write("mbox", Array(text.utf8))
        return try drain(MboxSource(path: path)).map { NashraMailboxTests.text($0.bytes) }
    }

    @Test func `messages come out as they went in`() throws {
        let source = try MboxSource(path: mbox(0..<7))
        let mails = try drain(source)
        #expect(mails.map(\.bytes) == (0..<7).map(fullMailbox))
        #expect(Set(mails.map(\.id)).count == 7)
        #expect(try folder.read("mbox") == (0..<7).flatMap { entry($0) })
    }

    @Test func `every dialect is read`() throws {
        let body = "Subject: x\n\n>From the ministry\n>>From us\n> From no\nFrom here on, 12 people\n"
        #expect(
            try contents(
                "\(Self.from)\(body)\nFrom a@b Mon Jan  2 03:04:05 +0000 2006 remote from c\nSubject: y\n\n"
            )
                == [
                    "Subject: x\n\nFrom the ministry\n>From us\n> From no\nFrom here on, 12 people\n",
                    "Subject: y\n",
                ]
        )
        // People write "From " behind blank lines too.
        #expect(
            try contents("\(Self.from)A: b\n\nx\n\nFrom all of us, 2026\n\n") == [
                "A: b\n\nx\n\nFrom all of us, 2026\n"
            ]
        )
        // A time and a year in the middle of a paragraph begin nothing.
        #expect(
            try contents("\(Self.from)A: b\n\nx\nFrom a 19:00:00 2026\n") == [
                "A: b\n\nx\nFrom a 19:00:00 2026\n"
            ]
        )
    }

    @Test func `lines may end in CR LF`() throws {
        let from = "From x Sun Nov 22 19:00 2026\r\n"
        #expect(
            try contents("\(from)A: b\r\n\r\nc\r\n\r\n\(from)D: e\r\n\r\n\r\n") == [
                "A: b\r\n\r\nc\r\n", "D: e\r\n\r\n",
            ]
        )
    }

    @Test func `a Content-Length cannot hide the messages behind it`() throws {
        let hidden = "\(Self.from)Subject: hidden\n\nx\n\n"
        let liar = "\(Self.from)Content-Length: \(hidden.utf8.count + 2)\n\na\n\n"
        #expect(try contents(liar + hidden + hidden).count == 3)
    }

    @Test func `files without an end, with blanks around, and empty ones are read`() throws {
        #expect(try contents("") == [])
        #expect(try contents("\n\n") == [])
        #expect(try contents("\n\(Self.from)A: b\n\nلا نهاية") == ["A: b\n\nلا نهاية"])
        #expect(try contents("\(Self.from)") == [""])
        #expect(try contents("From ") == [""])
    }

    @Test func `what is no mbox is refused, whatever it is`() throws {
        for wrong in ["Subject: x\n\nFrom a", "\0\0\0", "<html>"] {
            let path = try folder.write("wrong", Array(wrong.utf8))
            let source = try MboxSource(path: path)
            #expect { try source.next(limit: 1) } throws: { ($0 as? UserError)?.status == .badData }
            #expect(try folder.read("wrong") == Array(wrong.utf8))
        }
        for path in [folder.path, folder.path("nothing"), "/dev/null"] {
            #expect { try MboxSource(path: path) } throws: { ($0 as? UserError)?.status == .noInput }
        }
    }

    @Test func `lines and messages of any length are read, and cut at 10 MiB`() throws {
        let long = [UInt8](repeating: 0x61, count: 12 << 20)
        let path = try folder.write("mbox", Array(Self.from.utf8) + long + Array("\n\n".utf8) + entry(1))
        let mails = try drain(MboxSource(path: path))
        #expect(mails.map(\.bytes.count) == [ReturnedMail.maximumBytes, fullMailbox(1).count])
        #expect(mails.last?.bytes == fullMailbox(1))
    }

    @Test func `a border falls anywhere in the buffer`() throws {
        for size in (256 << 10) - 12...(256 << 10) + 2 {
            let head = Self.from + "A: b\n\n"
            let filler = String(repeating: "a", count: size - head.utf8.count)
            let path = try folder.write("mbox", Array((head + filler + "\n\n").utf8) + entry(1))
            let mails = try drain(MboxSource(path: path))
            #expect(mails.count == 2, "at \(size)")
            #expect(mails.last?.bytes == fullMailbox(1), "at \(size)")
        }
    }

    @Test func `the file is emptied when all is acknowledged, in place, and not before`() throws {
        let path = try mbox(0..<5)
        let source = try MboxSource(path: path)
        let mails = try drain(source)
        try source.acknowledge(mails.dropLast().map(\.id))
        #expect(try folder.read("mbox") == (0..<5).flatMap { entry($0) })
        let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
        try source.acknowledge([#require(mails.last).id])
        #expect(try folder.read("mbox").isEmpty)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == before)
        #expect(!FileManager.default.fileExists(atPath: path + ".lock"))
    }

    @Test func `nothing is emptied before its end was read`() throws {
        let source = try MboxSource(path: mbox(0..<5))
        try source.acknowledge(source.next(limit: 3).map(\.id))
        #expect(try folder.read("mbox") == (0..<5).flatMap { entry($0) })
        try source.acknowledge(source.next(limit: 3).map(\.id))
        #expect(try folder.read("mbox").isEmpty)
    }

    @Test func `with keep the file is not touched`() throws {
        let path = try mbox(0..<3)
        chmod(path, 0o400)
        let source = try MboxSource(path: path, done: .keep)
        try source.acknowledge(drain(source).map(\.id))
        #expect(try folder.read("mbox") == (0..<3).flatMap { entry($0) })
    }

    @Test func `what is appended while we read is read too, before anything is emptied`() throws {
        let source = try MboxSource(path: mbox(0..<2))
        let first = try drain(source)
        try folder.append("mbox", entry(2))
        try source.acknowledge(first.map(\.id))
        #expect(try folder.read("mbox").count == 3 * entry(0).count)
        let second = try drain(source)
        #expect(second.map(\.bytes) == [fullMailbox(2)])
        try source.acknowledge(second.map(\.id))
        #expect(try folder.read("mbox").isEmpty)
        try folder.append("mbox", entry(3))
        #expect(try drain(source).isEmpty, "the next run takes it")
        #expect(try drain(MboxSource(path: folder.path("mbox"))).map(\.bytes) == [fullMailbox(3)])
        #expect(source.takeFindings().isEmpty)
    }

    @Test func `a mailbox that another program rewrites is read anew, and none is lost`() throws {
        let source = try MboxSource(path: mbox(0..<3))
        let first = try drain(source)
        // A mail reader has deleted the first message, and a mail system has appended two.
        _ = try mbox(1..<5)
        try source.acknowledge(first.map(\.id))
        #expect(try folder.read("mbox") == (1..<5).flatMap { entry($0) })
        let second = try drain(source)
        #expect(second.map(\.bytes) == (1..<5).map(fullMailbox))
        #expect(Set(second.map(\.id)).isDisjoint(with: first.map(\.id)))
    }

    @Test func `a mailbox that is replaced is left alone, and said to be`() throws {
        let path = try mbox(0..<3)
        let source = try MboxSource(path: path)
        let mails = try drain(source)
        try folder.write("other", entry(9))
        rename(folder.path("other"), path)
        try source.acknowledge(mails.map(\.id))
        #expect(try folder.read("mbox") == entry(9))
        #expect(source.takeFindings().first?.message.contains("replaced") == true)
        #expect(try source.next(limit: 1).isEmpty)
    }

    @Test func `what could not be understood is copied aside, whole, before it goes`() throws {
        let source = try MboxSource(path: mbox(0..<3))
        let mails = try drain(source)
        try source.setAside([mails[1].id])
        #expect(try folder.read("mbox.unparsed") == entry(1))
        try source.acknowledge([mails[0].id, mails[2].id])
        #expect(try folder.read("mbox").isEmpty)
        #expect(try drain(MboxSource(path: source.asideFile)).map(\.bytes) == [fullMailbox(1)])
    }

    @Test func `a locked mailbox is not touched, by either lock`() throws {
        let path = try mbox(0..<1)
        try folder.write("mbox.lock", Array("1\n".utf8))
        #expect { try MboxSource(path: path, patience: .zero) } throws: {
            ($0 as? UserError)?.status == .tryAgain
        }
        unlink(path + ".lock")
        let holder = try LockHolder(path)
        #expect { try MboxSource(path: path, patience: .zero) } throws: {
            ($0 as? UserError)?.status == .tryAgain
        }
        holder.stop()
        #expect(try drain(MboxSource(path: path, patience: .seconds(10))).count == 1)
    }

    @Test func `a dot lock that a dead program left long ago is removed`() throws {
        let path = try mbox(0..<1)
        let lock = try folder.write("mbox.lock", [])
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -600)],
            ofItemAtPath: lock
        )
        #expect(try drain(MboxSource(path: path, patience: .zero)).count == 1)
        #expect(!FileManager.default.fileExists(atPath: lock))
    }

    @Test func `emptying cut off anywhere loses nothing`() throws {
        for step in 1... {
            let path = try mbox(0..<3)
            try? FileManager.default.removeItem(atPath: path + ".unparsed")
            let source = try MboxSource(path: path)
            let mails = try drain(source)
            var count = 0
            source.before = { (_) throws(SystemFailure) in
                count += 1
                if count == step { throw SystemFailure("break", path, code: EIO) }
            }
            do {
                try source.setAside([mails[0].id])
                try source.acknowledge(mails.map(\.id))
            } catch {
                #expect(error.status == .inputOutput)
            }
            let left = try drain(MboxSource(path: path)).map(\.bytes)
            // Emptied or untouched, nothing between; and what was not understood is in one place at least.
            #expect(left.isEmpty || left == (0..<3).map(fullMailbox), "at step \(step)")
            if left.isEmpty { #expect(try folder.read("mbox.unparsed").starts(with: entry(0))) }
            guard count >= step else {
                #expect(step > 3)
                break
            }
        }
    }

    @Test func `random bytes never trap, and come out in the right number`() throws {
        let words = [
            "From ", "From x 1:23:45 2026\n", ">From ", "\n", "\r\n", "\0", "a", "ن", ">",
            "From a 12:00 2026 \n",
        ]
        var dice = Dice(seed: 7)
        for _ in 0..<400 {
            let text = Self.from + (0..<dice.next(40)).map { _ in words[dice.next(words.count)] }.joined()
            let path = try folder.write("mbox", Array(text.utf8))
            let borders = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
            #expect(try drain(MboxSource(path: path, done: .keep)).count <= borders.count)
        }
    }
}

/// Numbers that are the same in each run.
struct Dice {
    var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(count))
    }
}

/// Another process that holds the fcntl lock of a file, as a mail system does.
final class LockHolder {
    private let process = Process()
    private let input = Pipe()

    init(_ path: String) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = """
            import fcntl, sys
            file = open(sys.argv[1], "r+b")
            fcntl.lockf(file, fcntl.LOCK_EX)
            print("locked", flush=True)
            sys.stdin.read()
            """
        process.arguments = ["python3", "-c", script, path]
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        try #require(
            !output.fileHandleForReading.availableData.isEmpty,
            "python3 is missing (package python3)"
        )
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
