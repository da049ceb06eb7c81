// SPDX-License-Identifier: Apache-2.0
//
// A server on loopback that does one thing wrong at one step, with bare sockets so that a reset is a reset.
// One thread serves one connection after the other; nothing here sleeps, a stall waits for the test.
import Foundation
import NashraCore
import Synchronization

/// What goes wrong.
enum Fault: String, Sendable, CaseIterable {
    case drop, reset, closing, transient, permanent, stall

    /// The reply, for those faults that are one.
    var reply: String? {
        switch self {
        case .closing: "421 4.3.2 closing"
        case .transient: "451 4.3.0 later"
        case .permanent: "554 5.7.1 مرفوض"
        case .drop, .reset, .stall: nil
        }
    }
}

/// What a server saw.
struct Seen: Sendable {
    var connections = 0
    var commands: [String] = []
    /// Final dots after a message.
    var dots = 0
    /// Bytes of messages, as they came.
    var bodyBytes = 0
    /// The client's port, of the last connection.
    var clientPort: UInt16 = 0
    /// Connections that are over.
    var ended = 0
}

final class ScriptedServer: Sendable {
    /// A line that tells the server that the body ends here, before the dot.
    static let lastLine = "END-OF-BODY"

    let port: Int
    private let record = Mutex(Seen())
    /// Signalled once when the fault has happened.
    let faulted = DispatchSemaphore(value: 0)
    /// Signalled when a connection is over.
    let ended = DispatchSemaphore(value: 0)
    /// Ends a stall, and lets the server say ``afterword``.
    ///
    /// The end of a client that could not write all it had does not show on a socket that nobody reads.
    let hold = DispatchSemaphore(value: 0)
    let fault: Fault?
    let stage: SMTPStage
    let extensions: [String]
    /// What it says unasked once a message is accepted; then it says no more.
    let afterword: String?
    private let listener: Int32
    private let fired = Atomic<Bool>(false)

    init(
        _ fault: Fault? = nil,
        at stage: SMTPStage = .quit,
        extensions: [String] = ["PIPELINING", "SIZE 99999999"],
        afterword: String? = nil
    ) {
        self.afterword = afterword
        (self.fault, self.stage, self.extensions) = (fault, stage, extensions)
        let (descriptor, port) = Self.listen()
        (listener, self.port) = (descriptor, port)
        let thread = Thread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                serve(client)
                record.withLock { $0.ended += 1 }
                ended.signal()
            }
        }
        thread.start()
    }

    /// What was seen so far.
    var seen: Seen { record.withLock { $0 } }

    /// No more connections; the one that is served goes on until its client is gone.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// A listening socket on a free port of 127.0.0.1, with a receive buffer so small that a client notices a reader who
    /// does not read.
    static func listen() -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size: Int32 = 4096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = bind(descriptor, generic, length)
                _ = Glibc.listen(descriptor, 16)
                _ = getsockname(descriptor, generic, &length)
            }
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Waits until the client's own socket can read what this server did last: bytes, an end or a reset.
    func waitUntilHeard() {
        let port = record.withLock { $0.clientPort }
        for descriptor in Int32(3)..<1024 where Self.port(of: descriptor, getsockname) == port {
            guard Self.port(of: descriptor, getpeername) == UInt16(self.port) || Self.hasEnded(descriptor)
            else { continue }
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&polled, 1, 5000)
        }
    }

    /// After a reset there is no peer to ask for.
    private static func hasEnded(_ descriptor: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) == 1
    }

    private static func port(
        of descriptor: Int32,
        _ name: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name(descriptor, $0, &length) }
        }
        return result == 0 && address.sin_family == sa_family_t(AF_INET)
            ? UInt16(bigEndian: address.sin_port) : nil
    }

    private func serve(_ client: Int32) {
        let line = LineSocket(client)
        record.withLock {
            $0.connections += 1
            $0.clientPort = Self.peerPort(client)
        }
        guard !trip(.connect, line), !trip(.greeting, line) else { return line.finish() }
        if !(stage == .greeting && fault?.reply != nil) { line.say("220 relay.example") }
        while let command = line.next() {
            record.withLock { $0.commands.append(command) }
            guard answer(command, line) else { break }
        }
        line.finish()
    }

    private static func peerPort(_ descriptor: Int32) -> UInt16 { port(of: descriptor, getpeername) ?? 0 }

    /// Answers one command; `false` ends the connection.
    private func answer(_ command: String, _ line: LineSocket) -> Bool {
        let verb = command.prefix(4).uppercased()
        let step: SMTPStage? =
            switch verb {
            case "EHLO", "HELO": .ehlo
            case "STAR": .startTLS
            case "AUTH": .auth
            case "MAIL": .mail
            case "RCPT": .rcpt
            case "DATA": .data
            case "RSET": .rset
            case "QUIT": .quit
            default: nil
            }
        guard let step else {
            line.say("500 what")
            return true
        }
        let refuses = fires(step) && fault?.reply != nil
        if trip(step, line) { return false }
        if refuses {
            line.refused = step == .mail || step == .rcpt
            return true
        }
        return reply(step, line)
    }

    private func reply(_ step: SMTPStage, _ line: LineSocket) -> Bool {
        switch step {
        case .ehlo:
            let words = ["relay.example"] + extensions
            line.say(words.dropLast().map { "250-\($0)" } + ["250 \(words[words.count - 1])"])
        case .auth: line.say("235 2.7.0 Ok")
        case .startTLS: line.say("454 4.7.0 not now")
        case .mail, .rset:
            line.refused = false
            line.say("250 Ok")
        case .rcpt: line.say(line.refused ? "503 5.5.1 no MAIL" : "250 Ok")
        case .data:
            guard line.refused else {
                line.say("354 go on")
                return message(line)
            }
            line.say("554 5.5.1 no valid recipients")
        case .quit:
            line.say("221 bye")
            return false
        default: break
        }
        return true
    }

    private func message(_ line: LineSocket) -> Bool {
        var first = true
        while let text = line.next() {
            record.withLock { $0.bodyBytes += text.utf8.count + 2 }
            if first, trip(.body, line) { return false }
            first = false
            if text == Self.lastLine, trip(.beforeDot, line) { return false }
            guard text == "." else { continue }
            record.withLock { $0.dots += 1 }
            let refuses = fires(.afterDot) && fault?.reply != nil
            if trip(.afterDot, line) { return false }
            if !refuses { line.say("250 2.0.0 Ok") }
            return sayAfterword(line)
        }
        return false
    }

    private func sayAfterword(_ line: LineSocket) -> Bool {
        guard let afterword else { return true }
        hold.wait()
        line.say(afterword)
        line.sayNoMore()
        faulted.signal()
        return false
    }

    /// EHLO fails every time: in plain text libcurl tries HELO next, and we say EHLO once more.
    private func fires(_ step: SMTPStage) -> Bool {
        fault != nil && step == stage && (step == .ehlo || !fired.load(ordering: .acquiring))
    }

    /// Does the fault when this is its step; `true` when the connection is over.
    private func trip(_ step: SMTPStage, _ line: LineSocket) -> Bool {
        guard fires(step), let fault else { return false }
        fired.store(true, ordering: .releasing)
        defer { faulted.signal() }
        if let reply = fault.reply { line.say(reply) }
        switch fault {
        case .drop: line.close()
        case .reset: line.reset()
        case .closing: line.sayNoMore()
        case .stall:
            faulted.signal()
            hold.wait()
        case .transient, .permanent:
            guard step == .body || step == .beforeDot else { return false }
        }
        return true
    }
}
