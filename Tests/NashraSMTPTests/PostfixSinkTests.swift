// SPDX-License-Identifier: Apache-2.0
//
// The transport against Postfix's smtp-sink, which disconnects, says 421, 4xx and 5xx at the command it is told.
// Loopback only.
import Foundation
import NashraCore
import NashraSMTP
import Testing

@Suite struct PostfixSinkTests {
    private static let message = Array("Subject: =?utf-8?B?2YbYtNix2Kk=?=\r\n\r\n.one\r\n..two\r\n".utf8)

    private static func settings(_ port: Int) -> RelaySettings {
        var settings = RelaySettings(
            name: "sink",
            host: "127.0.0.1",
            port: port,
            tls: .none,
            ehloName: "sender.example"
        )
        settings.timeouts.quit = .milliseconds(200)
        return settings
    }

    private static func envelope() throws -> Envelope {
        Envelope(sender: "b@bounces.example", recipient: try EmailAddress.parse("huda@moi.example"))
    }

    @Test(arguments: [[], ["-p"], ["-e"], ["-8"]])
    func `a hundred messages go through one connection`(_ options: [String]) throws {
        // -p: no PIPELINING; -8: no 8BITMIME. With -e there is no EHLO, and we do not go on without it.
        let sink = try PostfixSink(options)
        let connection = SMTPTransport(Self.settings(sink.port)).makeConnection()
        if options == ["-e"] {
            #expect {
                try connection.open()
            } throws: { ($0 as? DeliveryFailure)?.label == "ehlo/connection/retry" }
            return
        }
        try connection.open()
        var asked = 0
        for _ in 0..<100 {
            let result = connection.transfer(try Self.envelope(), message: Self.message) {
                asked += 1
                return true
            }
            guard case .accepted = result else {
                Issue.record("\(result)")
                break
            }
        }
        #expect(asked == 100)
        connection.close()
        connection.close()
        #expect(!connection.isOpen)
    }

    @Test(arguments: [
        ("-q", "CONNECT", "greeting/connection/retry"), ("-q", "EHLO", "ehlo/connection/retry"),
        ("-q", "MAIL", "mail/connection/retry"), ("-q", "RCPT", "rcpt/connection/retry"),
        ("-q", "DATA", "data/connection/retry"), ("-q", ".", "after-dot/ambiguous/resolve"),
        ("-Q", "CONNECT", "greeting/connection/retry"), ("-Q", "EHLO", "ehlo/connection/retry"),
        ("-Q", "MAIL", "mail/connection/retry"), ("-Q", "RCPT", "rcpt/connection/retry"),
        ("-Q", "DATA", "data/connection/retry"), ("-Q", ".", "after-dot/connection/retry"),
        ("-r", "CONNECT", "greeting/connection/retry"), ("-r", "EHLO", "ehlo/connection/retry"),
        ("-r", "MAIL", "mail/relay/retry"), ("-r", "RCPT", "rcpt/recipient/retry"),
        ("-r", "DATA", "data/relay/retry"), ("-r", ".", "after-dot/relay/retry"),
        ("-f", "CONNECT", "greeting/connection/retry"), ("-f", "EHLO", "ehlo/connection/retry"),
        ("-f", "MAIL", "mail/campaign/ask-operator"), ("-f", "RCPT", "rcpt/recipient/give-up"),
        ("-f", "DATA", "data/recipient/give-up"), ("-f", ".", "after-dot/recipient/give-up"),
    ])
    func `what smtp-sink is told to spoil`(_ option: String, _ command: String, _ expected: String) throws {
        let sink = try PostfixSink([option, command])
        let connection = SMTPTransport(Self.settings(sink.port)).makeConnection()
        defer { connection.close() }
        #expect(try Self.outcome(connection) == expected)
        if ["-r", "-f"].contains(option), ["MAIL", "RCPT", "DATA", "."].contains(command) {
            #expect(connection.isOpen)
            #expect(try Self.outcome(connection) == expected, "the same again, on the same connection")
        }
    }

    private static func outcome(_ connection: any RelayConnection) throws -> String {
        do { if !connection.isOpen { try connection.open() } } catch { return error.label }
        switch connection.transfer(try envelope(), message: message, intent: { true }) {
        case .accepted: return "accepted"
        case .failed(let failure): return failure.label
        case .withdrawn: return "withdrawn"
        }
    }

    @Test func `a withdrawn message ends the connection, and the next one needs a new one`() throws {
        let sink = try PostfixSink()
        let connection = SMTPTransport(Self.settings(sink.port)).makeConnection()
        try connection.open()
        #expect(
            connection.transfer(try Self.envelope(), message: Self.message, intent: { false }) == .withdrawn
        )
        #expect(!connection.isOpen)
        #expect(try Self.outcome(connection) == "accepted")
    }

    @Test
    func `a malformed message is our bug: it asks for us, reaches nobody and leaves the connection open`()
        throws
    {
        let sink = try PostfixSink()
        let connection = SMTPTransport(Self.settings(sink.port)).makeConnection()
        try connection.open()
        let smuggling = Array("a\n.\r\nMAIL FROM:<evil@x.example>\r\n".utf8)
        let result = connection.transfer(try Self.envelope(), message: smuggling) {
            Issue.record("no intent for a message that cannot leave")
            return true
        }
        guard case .failed(let failure) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(failure.label == "body/campaign/ask-operator")
        #expect(try Self.outcome(connection) == "accepted")
    }
}
