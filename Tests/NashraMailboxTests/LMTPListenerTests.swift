// SPDX-License-Identifier: Apache-2.0
//
// The LMTP listener on real sockets: Python's smtplib as a mail system, and bare sockets for the rest.
// Starts python3; throws when there is none.
import Foundation
import NashraCore
import Synchronization
import Testing

@testable import NashraMailbox

@Suite struct LMTPListenerTests {
    let folder: MailFolder

    init() throws { folder = try MailFolder() }

    func spool() throws -> Spool { try Spool(path: folder.path("spool")) }

    /// Runs a listener for as long as `body` takes.
    @discardableResult
    func serve<Result>(_ listener: LMTPListener, _ body: () throws -> Result) rethrows -> Result {
        let isOver = Monitor(false)
        Thread {
            listener.run()
            isOver.withLock { isOver, access in
                isOver = true
                access.broadcast()
            }
        }.start()
        defer {
            listener.stop()
            isOver.wait { isOver, _ in isOver ? .done(()) : .again(within: nil) }
        }
        return try body()
    }

    func python(_ script: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let text = String(decoding: said, as: UTF8.self)
        try #require(process.terminationStatus == 0, "python3 (package python3) said: \(text)")
        return text
    }

    static let sendTwo = """
        import smtplib, sys
        client = smtplib.LMTP(sys.argv[1], int(sys.argv[2]))
        client.ehlo()
        for number in range(2):
            assert client.mail("", ["BODY=8BITMIME"])[0] == 250
            for name in (str(number), "z"):
                assert client.rcpt(f"b+{name}@x.example")[0] == 250
            replies = [client.data(f"Subject: {number}\\r\\n\\r\\nصندوق\\r\\n.dot\\r\\n".encode()), client.getreply()]
            assert [code for code, _ in replies] == [250, 250], replies
        print(client.quit())
        """

    @Test func `Python's LMTP client delivers over a socket in the file system`() throws {
        let path = folder.path("lmtp.sock")
        let spool = try spool()
        let listener = try LMTPListener(.socket(path: path), spool: spool)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o660)
        let said = try serve(listener) { try python(Self.sendTwo, [path, "0"]) }
        #expect(said.contains("221"))
        #expect(listener.counts.kept == 4)
        let mails = try drain(SpoolSource(spool))
        #expect(
            mails.compactMap(\.envelopeRecipient).sorted() == [
                "b+0@x.example", "b+1@x.example", "b+z@x.example", "b+z@x.example",
            ]
        )
        #expect(text(mails[0].bytes) == "Subject: 0\r\n\r\nصندوق\r\n.dot\r\n")
        #expect(!FileManager.default.fileExists(atPath: path), "the socket's file goes")
    }

    @Test func `and over a port of this machine`() throws {
        let spool = try spool()
        let listener = try LMTPListener(.port(0), spool: spool)
        guard case .port(let port) = listener.place else { throw ClientError() }
        _ = try serve(listener) { try python(Self.sendTwo, ["127.0.0.1", "\(port)"]) }
        #expect(try drain(SpoolSource(spool)).count == 4)
    }

    @Test func `what cannot be kept is put off, not refused`() throws {
        let listener = try LMTPListener(.port(0)) { message in
            message.recipients.map { _ in "the disk is full" }
        }
        try serve(listener) {
            let client = try Client(listener)
            try client.say("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\nx\r\n.\r\n")
            #expect(try client.hear(until: "451 ").hasSuffix("451 4.3.0 the disk is full\r\n"))
        }
        #expect(listener.counts.failed == 1)
    }

    @Test func `one connection too many is told so, and the others go on`() throws {
        let listener = try LMTPListener(.port(0), connections: 2) { $0.recipients.map { _ in nil } }
        try serve(listener) {
            let clients = [try Client(listener), try Client(listener)]
            for client in clients { #expect(try client.hear(until: "220 ").contains("LMTP")) }
            #expect(try Client(listener).hear(until: "421 ").hasPrefix("421 4.3.2 Too many"))
            for client in clients {
                try client.say("NOOP\r\n")
                #expect(try client.hear(until: "250 ").contains("2.0.0"))
            }
        }
        #expect(listener.counts.turnedAway == 1)
    }

    @Test func `stopping waits for open transactions and answers them`() throws {
        let listener = try LMTPListener(.port(0)) { $0.recipients.map { _ in nil } }
        try serve(listener) {
            let idle = try Client(listener)
            _ = try idle.hear(until: "220 ")
            let busy = try Client(listener)
            try busy.say("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\nx")
            _ = try busy.hear(until: "354 ")
            listener.stop()
            #expect(try idle.hear(until: "421 ").hasPrefix("421 4.3.2"))
            try busy.say("\r\n.\r\n")
            #expect(try busy.hear(until: "421 ") == "250 2.0.0 Kept\r\n421 4.3.2 Stopping\r\n")
        }
    }

    @Test func `a client that says nothing is sent away, and so is one that never ends`() throws {
        let patience = LMTPConnection.Patience(command: .milliseconds(30), message: .milliseconds(30))
        let listener = try LMTPListener(.port(0), patience: patience) { $0.recipients.map { _ in nil } }
        try serve(listener) {
            #expect(try Client(listener).hear(until: "421 ").hasSuffix("421 4.4.2 Too slow\r\n"))
            let client = try Client(listener)
            try client.say("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\nx")
            #expect(try client.hear(until: "421 ").hasSuffix("421 4.4.2 Too slow\r\n"))
        }
    }

    @Test func `a client that vanishes at any byte leaves nothing behind`() throws {
        let kept = Mutex(0)
        let listener = try LMTPListener(.port(0)) { message in
            kept.withLock { $0 += 1 }
            return message.recipients.map { _ in nil }
        }
        let dialogue = Array("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\nx\r\n.\r\n".utf8)
        try serve(listener) {
            for length in 0..<dialogue.count {
                let client = try Client(listener)
                try client.say(Array(dialogue[..<length]))
                client.vanish(hard: length % 2 == 0)
            }
        }
        #expect(kept.withLock { $0 } == 0)
        #expect(listener.counts.connections <= dialogue.count)
    }

    @Test func `a stale socket is replaced, a live one is not, and nothing else is removed`() throws {
        let path = folder.path("lmtp.sock")
        let live = try LMTPListener(.socket(path: path), spool: spool())
        #expect { try LMTPListener(.socket(path: path), spool: spool()) } throws: {
            ($0 as? UserError)?.status == .tryAgain
        }
        #expect(FileManager.default.fileExists(atPath: path))
        serve(live) {}

        // A process that is killed leaves its socket.
        _ = try python(
            "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()",
            [path]
        )
        #expect(FileManager.default.fileExists(atPath: path))
        serve(try LMTPListener(.socket(path: path), spool: spool())) {}
        #expect(!FileManager.default.fileExists(atPath: path))

        try folder.write("lmtp.sock", Array("مهم".utf8))
        #expect { try LMTPListener(.socket(path: path), spool: spool()) } throws: {
            ($0 as? UserError)?.status == .cannotCreate
        }
        #expect(try folder.read("lmtp.sock") == Array("مهم".utf8))
    }

    @Test func `a foreign program that answers there keeps its socket`() throws {
        let path = folder.path("lmtp.sock")
        let other = try LMTPListener(.socket(path: path), spool: spool())
        unlink(path + ".lock")  // it is another program: it knows nothing of our lock
        serve(other) {
            #expect { try LMTPListener(.socket(path: path), spool: spool()) } throws: {
                ($0 as? UserError)?.status == .tryAgain
            }
        }
    }

    @Test func `a port in use, a path that is too long and a group that is not there are said`() throws {
        let listener = try LMTPListener(.port(0), spool: spool())
        #expect { try LMTPListener(listener.place, spool: spool()) } throws: {
            ($0 as? UserError)?.status == .tryAgain
        }
        let long = folder.path(String(repeating: "x", count: 120))
        #expect { try LMTPListener(.socket(path: long), spool: spool()) } throws: {
            ($0 as? UserError) != nil
        }
        let group = LMTPListener.Place.socket(path: folder.path("s"), group: "no-such-group")
        #expect { try LMTPListener(group, spool: spool()) } throws: { ($0 as? UserError)?.status == .noInput }
        serve(listener) {}
    }
}

struct ClientError: Error {}

/// A bare connection to a listener on a port.
final class Client {
    private let descriptor: Int32

    init(_ listener: LMTPListener) throws {
        guard case .port(let port) = listener.place else { throw ClientError() }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw ClientError() }
    }

    deinit { close(descriptor) }

    func say(_ text: String) throws { try say(Array(text.utf8)) }

    func say(_ bytes: [UInt8]) throws {
        guard bytes.isEmpty || send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw ClientError()
        }
    }

    /// Everything up to the end of the first line that begins with `code`, or to the end of the connection.
    func hear(until code: String) throws -> String {
        var heard: [UInt8] = []
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) == 1 {
            heard.append(byte)
            guard byte == 0x0A else { continue }
            let lines = text(heard).split(separator: "\r\n")
            if lines.last?.hasPrefix(code) == true { return text(heard) }
        }
        return text(heard)
    }

    func vanish(hard: Bool) {
        guard hard else {
            shutdown(descriptor, Int32(SHUT_RDWR))
            return
        }
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
    }
}
