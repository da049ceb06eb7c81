// SPDX-License-Identifier: Apache-2.0
//
// The server's side of one dialogue: bytes in, steps out. Commands are in SinkSession+Commands.swift.
// Pure but for the script's counts; SinkHandler owns one and carries the steps out.
// Rules: RFC 5321, RFC 2920 (pipelining), RFC 3207 (STARTTLS), RFC 4954 (AUTH).
import NashraCore

/// A message that has arrived whole.
struct ReceivedMessage: Sendable {
    let sender: [UInt8]
    let recipients: [[UInt8]]
    /// The message, dots unstuffed, without the final dot's line.
    let bytes: [UInt8]
    /// The connection's number, from 1.
    let connection: Int
    /// Which message of the connection it is, from 1.
    let sessionMessage: Int
}

/// Something the handler has to do; steps are done in order.
enum SinkStep: Sendable {
    /// Write these bytes, so much later than usual.
    case say([UInt8], delay: Duration)
    /// Keep this message and then reply 250, so much later than usual; when it cannot be kept, reply 452.
    case keep(ReceivedMessage, delay: Duration)
    /// Keep this message and end the connection.
    case keepAndEnd(ReceivedMessage, SinkEnd)
    /// Start TLS.
    case startTLS
    /// End the connection.
    case end(SinkEnd)
}

/// The ways a connection ends.
enum SinkEnd: Sendable {
    /// After everything has been written.
    case close
    case drop, reset, stall
}

/// One connection's dialogue.
struct SinkSession: Sendable {
    /// What all sessions of a server share.
    struct Settings: Sendable {
        let options: SinkOptions
        let script: SinkScript
        let budget: MemoryBudget
    }

    /// Where the dialogue stands.
    enum Place: Sendable { case command, data, authPlain, authUser, authPassword([UInt8]), ended }

    /// A transaction between MAIL and the dot.
    struct Transaction: Sendable {
        var sender: [UInt8]
        var isInternational: Bool
        var recipients: [[UInt8]] = []
    }

    static let longestLine = 2048
    static let mostRecipients = 1000
    static let mostErrors = 100

    let settings: Settings
    let connection: Int
    var place = Place.command
    var isSecure: Bool
    var isGreeted = false
    var isAuthenticated = false
    var transaction: Transaction?
    var data: DataReader?
    var steps: [SinkStep] = []
    var tally = SinkTally()
    /// How much later than usual the next reply leaves.
    var delay = Duration.zero

    private var line: [UInt8] = []
    private var lineIsTooLong = false
    private var errors = 0
    private var kept = 0

    init(_ settings: Settings, connection: Int, isSecure: Bool) {
        self.settings = settings
        self.connection = connection
        self.isSecure = isSecure
    }

    /// Whether nothing that comes in matters any more.
    var isEnded: Bool {
        if case .ended = place { true } else { false }
    }

    /// The steps that are due, each once.
    mutating func takeSteps() -> [SinkStep] {
        defer { steps.removeAll(keepingCapacity: true) }
        return steps
    }

    /// Says the greeting.
    mutating func open() {
        guard passes(.connect), passes(.greeting) else { return }
        say("220 localhost ESMTP Nashra sink, keeps or discards, delivers nothing")
    }

    /// Says that there is no room, and ends.
    mutating func refuseToOpen() {
        say("421 4.3.2 Too many connections")
    }

    /// Goes on after TLS has started: everything said before is forgotten (RFC 3207, section 4.2).
    mutating func didStartTLS() {
        isSecure = true
        isGreeted = false
        isAuthenticated = false
        transaction = nil
        line = []
        lineIsTooLong = false
        place = .command
    }

    /// Gives back what the session holds; call when its connection is gone.
    mutating func close() {
        data?.release()
        data = nil
        place = .ended
    }

    /// Reads what has arrived.
    mutating func receive(_ bytes: [UInt8]) {
        var index = 0
        while index < bytes.count {
            switch place {
            case .ended: return
            case .data: index = readData(bytes, from: index)
            default: index = readLine(bytes, from: index)
            }
        }
    }

    // MARK: Saying

    /// Adds one line to what is said; code and text, without the line end.
    mutating func say(_ text: String) {
        let code = Int(text.utf8.prefix(3).reduce(0) { $0 * 10 + Int($1) - 0x30 })
        if code >= 400 { tally.countRefusal(code) }
        append(text, delay: delay)
        delay = .zero
        if code == 421 { end(.close) }
    }

    /// Refuses a command that makes no sense; a client that goes on like that is shown the door.
    mutating func complain(_ text: String) {
        errors += 1
        say(errors < Self.mostErrors ? text : "421 4.7.0 Too many errors")
    }

    /// Does what the script wants at `stage`.
    ///
    /// - Returns: Whether to go on as usual.
    mutating func passes(_ stage: SinkStage, for address: [UInt8] = []) -> Bool {
        guard let action = settings.script.action(at: stage, for: address) else { return true }
        switch action {
        case .delay(let more):
            delay = max(delay, more)
            return true
        case .reply(let reply): say("\(reply.code) \(reply.text)")
        case .drop: end(.drop)
        case .reset: end(.reset)
        case .stall: end(.stall)
        }
        return false
    }

    /// Ends the connection in a way.
    mutating func end(_ how: SinkEnd) {
        place = .ended
        steps.append(.end(how))
    }

    private mutating func append(_ text: String, delay: Duration) {
        // Replies to pipelined commands leave in one write; one with a delay of its own stands alone.
        if delay == .zero, case .say(var bytes, .zero)? = steps.last {
            steps.removeLast()
            bytes.append(contentsOf: text.utf8)
            bytes.append(contentsOf: [Byte.return, Byte.lineFeed])
            steps.append(.say(bytes, delay: .zero))
        } else {
            steps.append(.say(Array(text.utf8) + [Byte.return, Byte.lineFeed], delay: delay))
        }
    }

    // MARK: Lines

    private mutating func readLine(_ bytes: [UInt8], from start: Int) -> Int {
        guard let feed = bytes[start...].firstIndex(of: Byte.lineFeed) else {
            keepPartOfLine(bytes[start...])
            return bytes.count
        }
        keepPartOfLine(bytes[start..<feed])
        let endsRight = line.last == Byte.return
        if endsRight { line.removeLast() }
        let whole = line
        let isTooLong = lineIsTooLong
        line.removeAll(keepingCapacity: true)
        lineIsTooLong = false
        if isTooLong {
            complain("500 5.5.2 Line too long")
        } else if !settings.options.isLenient, !endsRight || whole.contains(Byte.return) {
            complain("500 5.5.2 Lines end in CR LF and in nothing else")
        } else if whole.contains(0) {
            complain("500 5.5.2 No NUL in commands")
        } else {
            obey(whole)
        }
        return feed + 1
    }

    private mutating func keepPartOfLine(_ part: ArraySlice<UInt8>) {
        if line.count + part.count > Self.longestLine { lineIsTooLong = true }
        if !lineIsTooLong { line.append(contentsOf: part) }
    }

    // MARK: Messages

    private mutating func readData(_ bytes: [UInt8], from start: Int) -> Int {
        guard var reader = data else {
            place = .command
            return start
        }
        if reader.isFresh, !passesForAll(.body) {
            // Whatever was said, the rest of the message must not be read as commands.
            if !isEnded { end(.close) }
            finishData()
            return bytes.count
        }
        data = nil  // so that the content is not copied when it grows
        let end = reader.read(bytes, from: start)
        data = reader
        guard let end else { return bytes.count }
        place = .command
        judge(reader)
        finishData()
        return end
    }

    private mutating func passesForAll(_ stage: SinkStage) -> Bool {
        for recipient in transaction?.recipients ?? [] {
            guard passes(stage, for: recipient) else { return false }
        }
        return true
    }

    private mutating func finishData() {
        if let data { tally.count(data) }
        data?.release()
        data = nil
        transaction = nil
    }

    /// What becomes of a message whose dot has arrived.
    private mutating func judge(_ reader: DataReader) {
        if reader.isTooLarge {
            return say("552 5.3.4 The message is larger than \(settings.options.sizeLimit) bytes")
        }
        if reader.isOutOfMemory { return say("452 4.3.1 No memory for so large a message now") }
        if reader.bareLineEnds > 0, !settings.options.isLenient {
            return say("550 5.6.0 The message has a bare CR or LF")
        }
        guard let transaction else { return }
        var ending: SinkEnd?
        for recipient in transaction.recipients where ending == nil {
            switch settings.script.action(at: .dot, for: recipient) {
            case nil: break
            case .delay(let more): delay = max(delay, more)
            case .reply(let reply): return say("\(reply.code) \(reply.text)")
            case .drop: ending = .drop
            case .reset: ending = .reset
            case .stall: ending = .stall
            }
        }
        kept += 1
        let message = ReceivedMessage(
            sender: transaction.sender,
            recipients: transaction.recipients,
            bytes: reader.content,
            connection: connection,
            sessionMessage: kept
        )
        if let ending {
            place = .ended
            steps.append(.keepAndEnd(message, ending))
        } else {
            steps.append(.keep(message, delay: delay))
            delay = .zero
        }
    }
}
