// SPDX-License-Identifier: Apache-2.0
//
// One connection under odd circumstances: told to stop, left idle, given much to carry.
// Loopback sockets only; nothing sleeps.
import Foundation
import NashraCore
import NashraSMTP
import Testing

@Suite struct ConnectionTests {
    private static func settings(_ port: Int) -> RelaySettings {
        RelaySettings(name: "scripted", host: "127.0.0.1", port: port, tls: .none, ehloName: "sender.example")
    }

    private static func envelope(_ address: String = "huda@moi.example") throws -> Envelope {
        Envelope(sender: "b@bounces.example", recipient: try EmailAddress.parse(address))
    }

    private static func label(_ result: TransferResult) -> String {
        switch result {
        case .accepted: "accepted"
        case .failed(let failure): failure.label
        case .withdrawn: "withdrawn"
        }
    }

    @Test(arguments: [
        (SMTPStage.greeting, "greeting/connection/retry"), (.ehlo, "ehlo/connection/retry"),
        (.rcpt, "rcpt/connection/retry"), (.afterDot, "after-dot/ambiguous/resolve"),
    ])
    func `abort ends a wait that would take minutes, and every later one`(
        _ stage: SMTPStage,
        _ expected: String
    ) throws {
        // One by one: with all commands under way, which reply was read last would be a matter of luck.
        let server = ScriptedServer(.stall, at: stage, extensions: ["SIZE 99999999"])
        defer { server.stop() }
        let connection = SMTPTransport(Self.settings(server.port)).makeConnection()
        let abort = connection.abort
        Thread {
            server.faulted.wait()
            abort()
        }.start()
        let started = ContinuousClock.now
        var label = ""
        do {
            try connection.open()
            label = Self.label(
                connection.transfer(try Self.envelope(), message: Array("a\r\n".utf8), intent: { true })
            )
        } catch let failure as DeliveryFailure { label = failure.label }
        #expect(label == expected)
        #expect(ContinuousClock.now - started < .seconds(30))
        #expect(!connection.isOpen)
        #expect {
            try connection.open()
        } throws: { ($0 as? DeliveryFailure)?.label == "connect/connection/retry" }
        connection.close()
        server.hold.signal()
    }

    @Test func `nobody listens: the connection's fault, and a sentence that says so`() throws {
        let (descriptor, port) = ScriptedServer.listen()
        close(descriptor)
        let connection = SMTPTransport(Self.settings(port)).makeConnection()
        #expect {
            try connection.open()
        } throws: { error in
            guard let failure = error as? DeliveryFailure else { return false }
            return failure.label == "connect/connection/retry" && failure.detail.contains("onnect")
        }
        #expect(
            Self.label(
                connection.transfer(try Self.envelope(), message: Array("a\r\n".utf8), intent: { true })
            )
                == "mail/connection/retry"
        )
    }

    @Test func `a name that does not resolve is the connection's fault`() throws {
        var settings = Self.settings(25)
        settings.host = "relay.invalid"
        let connection = SMTPTransport(settings).makeConnection()
        #expect {
            try connection.open()
        } throws: { ($0 as? DeliveryFailure)?.label == "connect/connection/retry" }
    }

    @Test(
        arguments: [("421 4.4.2 idle for too long", 421), ("", nil), ("250 Ok again", 250), ("hello", nil)]
            as [(String, Int?)]
    )
    func `what came while the connection was idle is not taken for an answer, and charges nobody`(
        _ afterword: String,
        _ code: Int?
    ) throws {
        let server = ScriptedServer(afterword: afterword)
        defer { server.stop() }
        let connection = SMTPTransport(Self.settings(server.port)).makeConnection()
        try connection.open()
        let message = Array("a\r\n".utf8)
        #expect(
            Self.label(connection.transfer(try Self.envelope(), message: message, intent: { true }))
                == "accepted"
        )
        server.hold.signal()
        server.faulted.wait()
        server.waitUntilHeard()
        let second = connection.transfer(try Self.envelope(), message: message) {
            Issue.record("no intent on a dead connection")
            return true
        }
        guard case .failed(let failure) = second else {
            Issue.record("\(second)")
            return
        }
        #expect(failure.label == "mail/connection/retry")
        #expect(failure.reply?.code == code)
        #expect(!connection.isOpen)
        server.ended.wait()
        #expect(server.seen.commands.filter { $0.hasPrefix("MAIL") }.count == 1)
    }

    @Test func `an address that this relay cannot take leaves the connection as it is`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        let connection = SMTPTransport(Self.settings(server.port)).makeConnection()
        try connection.open()
        let message = Array("a\r\n".utf8)
        let first = connection.transfer(
            try Self.envelope("علي@moi.example"),
            message: message,
            intent: { true }
        )
        #expect(Self.label(first) == "rcpt/recipient/give-up")
        #expect(
            Self.label(connection.transfer(try Self.envelope(), message: message, intent: { true }))
                == "accepted"
        )
        connection.close()
    }

    @Test func `a megabyte with dots arrives whole, in order, through a narrow socket`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        let connection = SMTPTransport(Self.settings(server.port)).makeConnection()
        try connection.open()
        let message = Array(String(repeating: ".نشرة التوعية رقم ١٤\r\n", count: 26_000).utf8)
        let result = connection.transfer(try Self.envelope(), message: message, intent: { true })
        #expect(
            Self.label(result) == "mail/campaign/ask-operator",
            "8-bit, and the server does not offer 8BITMIME"
        )
        let sevenBit = Array(
            String(repeating: ".a line of thirty-eight bytes, or so\r\n", count: 26_000).utf8
        )
        #expect(
            Self.label(connection.transfer(try Self.envelope(), message: sevenBit, intent: { true }))
                == "accepted"
        )
        connection.close()
        server.ended.wait()
        #expect(server.seen.bodyBytes == sevenBit.count + 26_000 + 3)
    }
}
