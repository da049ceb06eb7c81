// SPDX-License-Identifier: Apache-2.0
//
// The fault matrix: what can go wrong at each step of a delivery, and what must come of it.
// Loopback sockets only. Stalls are cut short by a time-out of 150 ms for that one step.
import Foundation
import NashraCore
import NashraSMTP
import Testing

/// One cell, and what it must give: `stage/scope/remedy`, or `accepted`.
struct FaultCell: Sendable, CustomTestStringConvertible {
    var fault: Fault
    var stage: SMTPStage
    var expected: String
    var isPipelined: Bool
    var testDescription: String {
        "\(fault) at \(stage.rawValue), \(isPipelined ? "pipelined" : "one by one")"
    }
}

/// Columns: drop, reset, 421, 4xx, 5xx, stall.
private let matrix: [(SMTPStage, [String])] = [
    (.connect, Array(repeating: "connect/connection/retry", count: 6)),
    (.greeting, Array(repeating: "greeting/connection/retry", count: 6)),
    (.ehlo, Array(repeating: "ehlo/connection/retry", count: 6)),
    (
        .startTLS,
        [
            "starttls/connection/retry", "starttls/connection/retry", "starttls/connection/retry",
            "starttls/connection/retry", "starttls/configuration/ask-operator", "starttls/connection/retry",
        ]
    ),
    (
        .auth,
        [
            "auth/connection/retry", "auth/connection/retry", "auth/connection/retry",
            "auth/connection/retry",
            "auth/configuration/ask-operator", "auth/connection/retry",
        ]
    ),
    (
        .mail,
        [
            "mail/connection/retry", "mail/connection/retry", "mail/connection/retry", "mail/relay/retry",
            "mail/campaign/ask-operator", "mail/connection/retry",
        ]
    ),
    (
        .rcpt,
        [
            "rcpt/connection/retry", "rcpt/connection/retry", "rcpt/connection/retry", "rcpt/recipient/retry",
            "rcpt/recipient/give-up", "rcpt/connection/retry",
        ]
    ),
    (
        .data,
        [
            "data/connection/retry", "data/connection/retry", "data/connection/retry", "data/relay/retry",
            "data/recipient/give-up", "data/connection/retry",
        ]
    ),
    (
        .body,
        [
            "body/connection/retry", "body/connection/retry", "body/connection/retry", "body/relay/retry",
            "body/recipient/give-up", "body/connection/retry",
        ]
    ),
    (
        .beforeDot,
        [
            "before-dot/connection/retry", "before-dot/connection/retry", "before-dot/connection/retry",
            "before-dot/relay/retry", "before-dot/recipient/give-up",
            // The server is only silent: the dot leaves, and no answer comes.
            "after-dot/ambiguous/resolve",
        ]
    ),
    (
        .afterDot,
        [
            "after-dot/ambiguous/resolve", "after-dot/ambiguous/resolve", "after-dot/connection/retry",
            "after-dot/relay/retry", "after-dot/recipient/give-up", "after-dot/ambiguous/resolve",
        ]
    ),
    (.quit, Array(repeating: "accepted", count: 6)),
]

private let cells = matrix.flatMap { stage, row in
    zip(Fault.allCases, row).flatMap { fault, expected in
        [true, false].map { FaultCell(fault: fault, stage: stage, expected: expected, isPipelined: $0) }
    }
}

@Suite struct FaultMatrixTests {
    @Test(arguments: cells)
    func `each fault at each step has its scope, its remedy and its last byte`(_ cell: FaultCell) throws {
        let server = ScriptedServer(cell.fault, at: cell.stage, extensions: Self.extensions(cell))
        defer { server.stop() }
        let connection = SMTPTransport(Self.settings(cell, port: server.port)).makeConnection()
        var asked = 0
        let (label, reply) = try Self.outcome(connection, Self.message(for: cell.stage)) {
            asked += 1
            if cell.stage == .beforeDot, cell.fault != .stall {
                server.faulted.wait()
                server.waitUntilHeard()
            }
            return true
        }
        #expect(label == cell.expected)
        if let said = cell.fault.reply, cell.stage != .connect, cell.stage != .quit { #expect(reply == said) }
        let mayGoOn =
            [.transient, .permanent].contains(cell.fault)
            && [.mail, .rcpt, .data, .afterDot].contains(cell.stage)
        if mayGoOn { try Self.sendAnother(connection, server, cell) }
        connection.close()
        if cell.fault == .stall { server.hold.signal() }
        #expect(!connection.isOpen)
        server.ended.wait()
        Self.checkBytes(cell, server, asked: asked, extra: mayGoOn ? 1 : 0)
    }

    /// Opens and sends one message; says what came of it.
    private static func outcome(
        _ connection: any RelayConnection,
        _ message: [UInt8],
        _ intent: () -> Bool
    ) throws -> (label: String, reply: String?) {
        do { try connection.open() } catch { return (error.label, error.reply?.description) }
        let envelope = Envelope(
            sender: "b@bounces.example",
            recipient: try EmailAddress.parse("huda@moi.example")
        )
        switch connection.transfer(envelope, message: message, intent: intent) {
        case .accepted(let reply): return ("accepted", reply.description)
        case .failed(let failure): return (failure.label, failure.reply?.description)
        case .withdrawn: return ("withdrawn", nil)
        }
    }

    /// A refusal is not the connection's fault: the next message goes through it, after an RSET where one is due.
    private static func sendAnother(
        _ connection: any RelayConnection,
        _ server: ScriptedServer,
        _ cell: FaultCell
    ) throws {
        #expect(connection.isOpen)
        #expect(try outcome(connection, message(for: .mail), { true }).label == "accepted")
        let seen = server.seen
        #expect(seen.connections == 1)
        #expect(seen.commands.filter { $0 == "RSET" }.count == ([.rcpt, .data].contains(cell.stage) ? 1 : 0))
    }

    /// Before AUTH and TLS stand no MAIL is said; the final dot is there when it must be and not otherwise.
    private static func checkBytes(_ cell: FaultCell, _ server: ScriptedServer, asked: Int, extra: Int) {
        let seen = server.seen
        if [.connect, .greeting, .ehlo, .startTLS, .auth].contains(cell.stage) {
            #expect(!seen.commands.contains { $0.hasPrefix("MAIL") })
        }
        let hasDot = [.afterDot, .quit].contains(cell.stage)
        if cell.expected == "after-dot/ambiguous/resolve", cell.stage == .beforeDot {
            #expect(asked == 1)
        } else {
            #expect(seen.dots == (hasDot ? 1 : 0) + extra)
            if !hasDot, cell.stage != .beforeDot { #expect(asked == 0) }
        }
    }

    private static func extensions(_ cell: FaultCell) -> [String] {
        (cell.isPipelined ? ["PIPELINING"] : []) + ["SIZE 99999999", "STARTTLS", "AUTH PLAIN LOGIN"]
    }

    private static func settings(_ cell: FaultCell, port: Int) -> RelaySettings {
        var settings = RelaySettings(
            name: "scripted",
            host: "127.0.0.1",
            port: port,
            tls: .none,
            ehloName: "sender.example"
        )
        if cell.stage == .connect { settings.tls = .implicit }
        if cell.stage == .startTLS { settings.tls = .startTLS }
        if cell.stage == .auth {
            settings.user = "نشرة"
            settings.password = Secret("سرّ")
        }
        guard cell.fault == .stall else { return settings }
        let short = Duration.milliseconds(150)
        switch cell.stage {
        case .connect: settings.timeouts.connect = short
        case .greeting: settings.timeouts.greeting = short
        case .ehlo: settings.timeouts.ehlo = short
        case .startTLS: settings.timeouts.startTLS = short
        case .auth: settings.timeouts.auth = short
        case .mail: settings.timeouts.mail = short
        case .rcpt: settings.timeouts.rcpt = short
        case .data: settings.timeouts.data = short
        case .body: settings.timeouts.body = short
        case .beforeDot, .afterDot: settings.timeouts.afterDot = short
        case .rset: settings.timeouts.rset = short
        case .quit: settings.timeouts.quit = short
        }
        return settings
    }

    /// For the cells in the body one that no socket buffer takes whole; before the dot one that leaves before the intent.
    private static func message(for stage: SMTPStage) -> [UInt8] {
        switch stage {
        case .body: huge
        case .beforeDot: large
        default: small
        }
    }

    private static let small = lines(20)
    private static let large = lines(2000)
    private static let huge = lines(160_000)

    private static func lines(_ count: Int) -> [UInt8] {
        let line = ".An Arabic word in base64: 2YbYtNix2Kk= and so on\r\n"
        return Array((String(repeating: line, count: count) + "\(ScriptedServer.lastLine)\r\n").utf8)
    }
}
