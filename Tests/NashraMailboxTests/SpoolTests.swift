// SPDX-License-Identifier: Apache-2.0
//
// The spool: deposits broken at every step, messages that end the process, and the pipe that fills it.
import Foundation
import NashraCore
import Synchronization
import Testing

@testable import NashraMailbox

@Suite struct SpoolTests {
    let folder: MailFolder

    init() throws { folder = try MailFolder() }

    func spool() throws -> Spool { try Spool(path: folder.path("spool")) }

    @Test func `what is deposited is handed out with its envelope, and goes when it is acknowledged`() throws
    {
        let spool = try spool()
        try spool.deposit(fullMailbox(1), for: "b+abc@example.org")
        try spool.deposit(fullMailbox(2))
        let source = try SpoolSource(spool)
        let mails = try source.next(limit: 10)
        #expect(mails.map(\.bytes) == [fullMailbox(1), fullMailbox(2)])
        #expect(mails.map(\.envelopeRecipient) == ["b+abc@example.org", nil])
        #expect(folder.names("spool/new").count == 2)
        try source.acknowledge(mails.map(\.id))
        #expect(folder.names("spool/new").isEmpty)
        #expect(folder.names("spool/attempts").isEmpty)
        #expect(folder.names("spool/tmp").isEmpty)
        #expect(try source.next(limit: 10).isEmpty)
    }

    @Test func `one entry for each recipient, and the file is a message for everybody`() throws {
        let results = try spool().deposit(fullMailbox(1), for: ["b+1@x.example", "b+2@x.example"])
        let names = try results.map { try $0.get() }
        #expect(folder.names("spool/new") == names.sorted())
        let file = try folder.read("spool/new/\(names[0])")
        #expect(text(file).hasPrefix("X-Nashra-Spool: 1 b+1@x.example\r\nFrom: MAILER-DAEMON"))
    }

    @Test(arguments: [
        "b+x@example.org\r\nX: y", "a\nb", "", " ", "a b", String(repeating: "ن", count: 600), "x\u{7F}",
    ])
    func `an address that could end its line is left out`(address: String) throws {
        try spool().deposit(fullMailbox(1), for: address)
        let mail = try #require(try SpoolSource(spool()).next(limit: 1).first)
        #expect(mail.envelopeRecipient == nil)
        #expect(mail.bytes == fullMailbox(1))
    }

    @Test func `a message cannot name its own envelope`() throws {
        let liar = Array("X-Nashra-Spool: 1 b+forged@example.org\r\nSubject: x\r\n\r\n".utf8)
        let spool = try spool()
        try spool.deposit(liar)
        try spool.deposit(liar, for: "b+true@example.org")
        let mails = try SpoolSource(spool).next(limit: 9)
        #expect(mails.map(\.envelopeRecipient) == [nil, "b+true@example.org"])
        #expect(mails.allSatisfy { $0.bytes == liar })
    }

    @Test func `a file that somebody put there by hand is a message too`() throws {
        let spool = try spool()
        try folder.write("spool/new/by-hand.eml", fullMailbox(1))
        let mail = try #require(try SpoolSource(spool).next(limit: 1).first)
        #expect(mail == ReturnedMail(id: "by-hand.eml", bytes: fullMailbox(1)))
    }

    @Test func `ten megabytes are kept and the rest is cut`() throws {
        let spool = try spool()
        try spool.deposit([UInt8](repeating: 0x61, count: 11 << 20), for: "b+1@x.example")
        let mail = try #require(try SpoolSource(spool).next(limit: 1).first)
        #expect(mail.bytes.count == ReturnedMail.maximumBytes)
        #expect(mail.envelopeRecipient == "b+1@x.example")
    }

    @Test func `a deposit broken at any step says no and leaves nothing`() throws {
        for step in 1... {
            let count = Mutex(0)
            let spool = try Spool(path: folder.path("spool")) { (_) throws(SystemFailure) in
                let isDue = count.withLock { count in
                    count += 1
                    return count == step
                }
                if isDue { throw SystemFailure("write", "spool", code: ENOSPC) }
            }
            let results = spool.deposit(fullMailbox(1), for: ["a@x.example", "b@x.example"])
            let kept = results.count { (try? $0.get()) != nil }
            #expect(folder.names("spool/new").count == kept, "at step \(step)")
            #expect(folder.names("spool/tmp").isEmpty, "at step \(step)")
            for result in results {
                if case .failure(let error) = result { #expect(error.remedy == "Make room on that disk.") }
            }
            guard kept < 2 else {
                #expect(step > 10)
                break
            }
            for name in folder.names("spool/new") { unlink(folder.path("spool/new/\(name)")) }
        }
    }

    @Test func `many threads deposit at once and every message arrives whole`() throws {
        let spool = try spool()
        DispatchQueue.concurrentPerform(iterations: 8) { worker in
            for number in 0..<10 { _ = try? spool.deposit(fullMailbox(worker * 10 + number)) }
        }
        let mails = try drain(SpoolSource(spool), limit: 50)
        #expect(Set(mails.map(\.bytes)) == Set((0..<80).map(fullMailbox)))
        #expect(mails.count == 80)
    }

    @Test func `two processes do not read one spool at once`() throws {
        let spool = try spool()
        let first = try SpoolSource(spool)
        #expect { try SpoolSource(spool) } throws: { ($0 as? UserError)?.status == .tryAgain }
        first.close()
        _ = try SpoolSource(spool)
    }

    @Test func `a message that ends the process three times is set aside, and the others are not`() throws {
        let spool = try spool()
        var names: [String] = []
        for number in 0..<5 { names.append(try spool.deposit(fullMailbox(number))) }
        let poison = names[2]
        var done: [String] = []
        var lives = 0
        for life in 1... {
            lives = life
            // What a dead process leaves: the lock is free, nothing was given back.
            let source = try SpoolSource(spool)
            let findings = source.takeFindings()
            if life == 4 { #expect(findings.map(\.file) == [folder.path("spool/failed/\(poison)")]) }
            guard work(source, poison: poison, done: &done) else { break }
            source.dieForTest()
        }
        #expect(lives == 4)
        #expect(done.sorted() == names.filter { $0 != poison }.sorted())
        #expect(folder.names("spool/failed") == [poison])
        #expect(folder.names("spool/new").isEmpty)
        #expect(folder.names("spool/attempts").isEmpty)
        #expect(text(try folder.read("spool/failed/\(poison)")).contains("ممتلئ (2)"))
    }

    /// - Returns: Whether the process died.
    private func work(_ source: SpoolSource, poison: String, done: inout [String]) -> Bool {
        while let mails = try? source.next(limit: 3), !mails.isEmpty {
            if mails.contains(where: { $0.id == poison }) { return true }
            try? source.acknowledge(mails.map(\.id))
            done += mails.map(\.id)
        }
        return false
    }

    @Test func `messages that were begun come last and one at a time`() throws {
        let spool = try spool()
        for number in 0..<3 { try spool.deposit(fullMailbox(number)) }
        let first = try SpoolSource(spool)
        _ = try first.next(limit: 2)
        first.dieForTest()
        try spool.deposit(fullMailbox(3))
        let second = try SpoolSource(spool)
        #expect(try second.next(limit: 9).map(\.bytes) == [fullMailbox(2), fullMailbox(3)])
        #expect(try second.next(limit: 9).map(\.bytes) == [fullMailbox(0)])
        #expect(try second.next(limit: 9).map(\.bytes) == [fullMailbox(1)])
        #expect(try second.next(limit: 9).isEmpty)
    }

    @Test func `an end in good order counts against nobody`() throws {
        let spool = try spool()
        let name = try spool.deposit(fullMailbox(1))
        for _ in 0..<5 {
            let source = try SpoolSource(spool)
            #expect(try source.next(limit: 1).map(\.id) == [name])
            source.close()
            #expect(folder.names("spool/attempts").isEmpty)
        }
    }

    @Test func `what could not be understood goes to failed`() throws {
        let spool = try spool()
        let name = try spool.deposit(fullMailbox(1))
        let source = try SpoolSource(spool)
        _ = try source.next(limit: 1)
        try source.setAside([name])
        #expect(folder.names("spool/failed") == [name])
        #expect(folder.names("spool/new").isEmpty)
        #expect(folder.names("spool/attempts").isEmpty)
    }

    @Test func `leftovers of deposits that died go after an hour, and those being written stay`() throws {
        let spool = try spool()
        let old = try folder.write("spool/tmp/old", [1])
        try folder.write("spool/tmp/fresh", [1])
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -4000)],
            ofItemAtPath: old
        )
        _ = try SpoolSource(spool)
        #expect(folder.names("spool/tmp") == ["fresh"])
    }
}

@Suite struct SpoolPipeTests {
    let folder: MailFolder

    init() throws { folder = try MailFolder() }

    func run(_ input: [UInt8], recipient: String? = nil, environment: [String: String] = [:]) throws
        -> PipeDelivery.Answer
    {
        let file = try folder.write("input", input)
        let descriptor = open(file, O_RDONLY)
        defer { close(descriptor) }
        return PipeDelivery.run(
            spool: folder.path("spool"),
            input: descriptor,
            recipient: recipient,
            environment: environment
        )
    }

    func kept() throws -> [ReturnedMail] { try drain(SpoolSource(Spool(path: folder.path("spool")))) }

    @Test func `a message is in the spool when the status is 0`() throws {
        #expect(try run(fullMailbox(1), recipient: "b+1@x.example") == .kept)
        let mail = try #require(try kept().first)
        #expect(mail.bytes == fullMailbox(1))
        #expect(mail.envelopeRecipient == "b+1@x.example")
    }

    @Test(arguments: [
        (["ORIGINAL_RECIPIENT": "b+o@x.example", "RECIPIENT": "nashra@x.example"], "b+o@x.example"),
        (["RECIPIENT": "b+r@x.example"], "b+r@x.example"), ([:], nil),
    ])
    func `the envelope comes from the environment when no argument names it`(
        environment: [String: String],
        expected: String?
    ) throws {
        _ = try run(fullMailbox(1), environment: environment)
        #expect(try kept().map(\.envelopeRecipient) == [expected])
    }

    @Test func `every failure is 75 with a 4.3.0 in one line`() throws {
        try folder.write("spool", [1])
        let inTheWay = try run(fullMailbox(1))
        #expect(inTheWay.status == 75)
        #expect(inTheWay.text.hasPrefix("4.3.0 cannot make the folder"))
        let noParent = PipeDelivery.run(spool: "/nonexistent/x", input: 0, recipient: nil, environment: [:])
        #expect(noParent.status == 75)
        let closed = PipeDelivery.run(spool: folder.path("s"), input: 999, recipient: nil, environment: [:])
        #expect(closed.status == 75)
        let long = PipeDelivery.Answer.later("one\ntwo\u{1B}[2J" + String(repeating: "ن", count: 9999))
        #expect(long.text.split(separator: "\n").count == 1)
        #expect(long.text.hasPrefix("4.3.0 one two [2J"))
        #expect(long.text.utf8.count < 1000)
    }

    @Test func `a mail system that stops in the middle is told to come again`() throws {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        defer { for end in ends { close(end) } }
        write(ends[1], "Subject: x", 10)
        let answer = PipeDelivery.run(
            spool: folder.path("spool"),
            input: ends[0],
            recipient: nil,
            environment: [:],
            limit: .milliseconds(20)
        )
        #expect(answer.status == 75)
        #expect(folder.names("spool/new").isEmpty)
    }

    @Test func `a message without end is read to its end and cut`() throws {
        #expect(try run([UInt8](repeating: 0x0A, count: 12 << 20)) == .kept)
        #expect(try kept().map(\.bytes.count) == [ReturnedMail.maximumBytes])
    }

    @Test func `standard input is one message, once`() throws {
        let file = try folder.write("input", fullMailbox(1))
        let descriptor = open(file, O_RDONLY)
        defer { close(descriptor) }
        let source = StandardInputSource(descriptor: descriptor, recipient: "b+1@x.example")
        #expect(try drain(source).map(\.bytes) == [fullMailbox(1)])
        source.acknowledge(["-"])
        let empty = StandardInputSource(descriptor: descriptor)
        #expect { try empty.next(limit: 1) } throws: { ($0 as? UserError)?.status == .badData }
    }
}
