// SPDX-License-Identifier: Apache-2.0
//
// What a sink has seen so far.
// Pure values.

/// Counts since the sink started.
public struct SinkStatistics: Sendable, Hashable, Codable {
    /// Connections accepted, those that were told 421 at once among them.
    public var connections = 0
    /// Connections open now.
    public var openConnections = 0
    /// Connections on which TLS was started.
    public var tlsConnections = 0
    /// Messages kept (or, without Maildir and ledger, accepted).
    public var messages = 0
    /// Recipients of those messages.
    public var recipients = 0
    /// Bytes of those messages, dots unstuffed.
    public var bytes = 0
    /// Negative replies given, by code.
    public var refused: [Int: Int] = [:]
    /// Commands read, by verb; what is no verb counts as `OTHER`.
    public var commands: [String: Int] = [:]
    /// Bare CR and bare LF seen in messages.
    public var bareLineEnds = 0
    /// Lines of more than 998 bytes seen in messages.
    public var longLines = 0

    /// Starts at nothing.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case connections
        case openConnections = "open_connections"
        case tlsConnections = "tls_connections"
        case messages, recipients, bytes, refused, commands
        case bareLineEnds = "bare_line_ends"
        case longLines = "long_lines"
    }
}

/// What one connection adds to the counts between two looks at the shared ones.
struct SinkTally: Sendable {
    var refused: [Int: Int] = [:]
    var commands = [Int](repeating: 0, count: SinkVerb.allCases.count)
    var bareLineEnds = 0
    var longLines = 0
    var isEmpty = true

    mutating func count(_ verb: SinkVerb) {
        commands[verb.rawValue] += 1
        isEmpty = false
    }

    mutating func countRefusal(_ code: Int) {
        refused[code, default: 0] += 1
        isEmpty = false
    }

    mutating func count(_ data: DataReader) {
        bareLineEnds += data.bareLineEnds
        longLines += data.longLines
        isEmpty = false
    }

    /// Adds what was counted to `total` and starts again at nothing.
    mutating func move(to total: inout SinkStatistics) {
        for (code, count) in refused { total.refused[code, default: 0] += count }
        for verb in SinkVerb.allCases where commands[verb.rawValue] > 0 {
            total.commands[verb.name, default: 0] += commands[verb.rawValue]
            commands[verb.rawValue] = 0
        }
        total.bareLineEnds += bareLineEnds
        total.longLines += longLines
        refused.removeAll(keepingCapacity: true)
        bareLineEnds = 0
        longLines = 0
        isEmpty = true
    }
}

/// The commands the sink knows.
enum SinkVerb: Int, CaseIterable, Sendable {
    case helo, ehlo, starttls, auth, mail, rcpt, data, rset, noop, vrfy, expn, help, quit, other

    /// The verb as it stands in the protocol.
    var name: String {
        switch self {
        case .helo: "HELO"
        case .ehlo: "EHLO"
        case .starttls: "STARTTLS"
        case .auth: "AUTH"
        case .mail: "MAIL"
        case .rcpt: "RCPT"
        case .data: "DATA"
        case .rset: "RSET"
        case .noop: "NOOP"
        case .vrfy: "VRFY"
        case .expn: "EXPN"
        case .help: "HELP"
        case .quit: "QUIT"
        case .other: "OTHER"
        }
    }

    private static let byName = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0 != .other }.map { (Array($0.name.utf8), $0) }
    )

    /// The verb at the start of a line, and what follows it without the one space between.
    static func parse(_ line: [UInt8]) -> (verb: SinkVerb, argument: ArraySlice<UInt8>) {
        let end = line.firstIndex(of: Byte.space) ?? line.endIndex
        guard end <= 8, let verb = byName[line[..<end].map(PathArgument.upper)] else { return (.other, []) }
        return (verb, line[end...].dropFirst())
    }
}
