// SPDX-License-Identifier: Apache-2.0
//
// One rule of the sink's script: at which step, for whom, what instead, how often.
// Pure values.

/// A reply that a rule gives in place of the usual one.
public struct SinkReply: Sendable, Hashable {
    /// 400...599; 421 also closes the connection.
    public let code: Int
    /// What follows the code; printable ASCII, at most 500 bytes.
    public let text: String

    /// Makes a reply, or `nil` when the code or the text may not go on the wire.
    public init?(_ code: Int, _ text: String) {
        guard (400...599).contains(code), text.utf8.count <= 500 else { return nil }
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        self.code = code
        self.text = text
    }

    /// Reads `451 4.2.0 come back later`.
    public init?(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard let first = parts.first, first.utf8.count == 3, let code = Int(first) else { return nil }
        self.init(code, parts.count > 1 ? String(parts[1]) : "Scripted refusal")
    }
}

/// What a rule does.
public enum SinkAction: Sendable, Hashable {
    /// Says this instead.
    case reply(SinkReply)
    /// Goes on as usual, but replies so much later.
    case delay(Duration)
    /// Closes without a word. After the dot the message has been kept.
    case drop
    /// Resets the connection. After the dot the message has been kept.
    case reset
    /// Says nothing more and leaves the connection open. After the dot the message has been kept.
    case stall

    /// Closes with a 421.
    public static let closing = SinkReply(421, "4.3.2 Service shutting down").map(SinkAction.reply) ?? .drop

    /// Reads `reply 451 4.2.0 later`, `delay 250ms`, `delay 2s`, `drop`, `reset`, `stall` or `421`.
    public static func parse(_ text: String) -> SinkAction? {
        let words = text.split(separator: " ", maxSplits: 1)
        switch (words.first, words.count) {
        case ("drop", 1): return .drop
        case ("reset", 1): return .reset
        case ("stall", 1): return .stall
        case ("421", 1): return .closing
        case ("reply", 2): return SinkReply(String(words[1])).map(SinkAction.reply)
        case ("delay", 2): return duration(words[1]).map(SinkAction.delay)
        default: return nil
        }
    }

    /// Reads a whole number followed by `ms` or `s`, at most an hour.
    private static func duration(_ text: Substring) -> Duration? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let number = Int(digits) else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return number <= 3_600_000 ? .milliseconds(number) : nil
        case "s": return number <= 3600 ? .seconds(number) : nil
        default: return nil
        }
    }
}

/// One rule of the script.
public struct SinkRule: Sendable, Hashable {
    /// The step at which it acts.
    public var stage: SinkStage
    /// For whom: a pattern over addresses.
    ///
    /// `*` and `?` match any bytes and one byte; with an `@` the whole address is compared, without one the
    /// local part. ASCII letters match in either case. At steps before MAIL only `*` matches.
    public var match: String
    /// What it does.
    public var action: SinkAction
    /// How many tries it spoils for each address before it lets pass; `nil` for all.
    public var times: Int?

    /// Makes a rule.
    public init(_ stage: SinkStage, match: String = "*", _ action: SinkAction, times: Int? = nil) {
        self.stage = stage
        self.match = match
        self.action = action
        self.times = times
    }
}
