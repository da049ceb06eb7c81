// SPDX-License-Identifier: Apache-2.0
//
// The server's side of one LMTP dialogue: bytes in, actions out. Commands are in LMTPDialogue+Commands.swift.
// Pure: no socket, no clock, no disk; LMTPConnection owns one and carries the actions out.
// Rules: RFC 2033, RFC 5321, RFC 2920 (pipelining), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8).

/// A message that has arrived whole.
struct LMTPMessage: Sendable, Hashable {
    /// Whom the envelope names, in their order; never empty.
    var recipients: [String]
    /// The message, dots unstuffed, without the final dot's line.
    var bytes: [UInt8]
}

/// What the owner of a dialogue has to do next.
enum LMTPAction: Sendable, Hashable {
    /// Write these bytes.
    case say([UInt8])
    /// Keep this message durably and call ``LMTPDialogue/finish(_:)``; nothing else happens until then.
    case keep(LMTPMessage)
    /// Close the connection, after everything has been written.
    case close
}

/// One connection's dialogue.
///
/// A line ends in CR LF and in nothing else, and so does a message: CR LF . CR LF. A bare LF in a command is refused. In
/// a message, bare CR and LF stay what they are, ordinary bytes: a dot beside them is neither an end nor stuffed. So no
/// sender can make us see an end, and with it commands, where the server before us saw none.
struct LMTPDialogue: Sendable {
    /// What is offered and how much is borne.
    struct Limits: Sendable, Hashable {
        /// The longest command, its end included.
        var line = 4096
        /// The largest message, in bytes.
        var message = 10 << 20
        /// How many bytes too many are read before the connection is given up.
        var excess = 100 << 20
        /// The most recipients of one message.
        var recipients = 100
        /// After how many commands that make no sense the connection ends.
        var errors = 20
    }

    enum Place: Sendable { case command, data, keeping, ended }

    struct Transaction: Sendable {
        var isInternational: Bool
        var recipients: [String] = []
    }

    let host: String
    let limits: Limits
    var place = Place.command
    var isGreeted = false
    var transaction: Transaction?
    var actions: [LMTPAction] = []

    private var input: [UInt8] = []
    private var cursor = 0
    private var line: [UInt8] = []
    private var lineIsTooLong = false
    private var data: LMTPData
    private var errors = 0

    /// Greets.
    ///
    /// - Parameters:
    ///   - host: Our name, ASCII.
    ///   - limits: What is borne.
    init(host: String, limits: Limits = Limits()) {
        self.host = host
        self.limits = limits
        data = LMTPData(limit: limits.message)
        say("220 \(host) LMTP Nashra")
    }

    /// Whether a message has begun: the next thing to wait for may take its time, and stopping waits for it.
    var isInTransaction: Bool { transaction != nil }

    /// Whether bytes of a message are awaited.
    var isInData: Bool {
        if case .data = place { true } else { false }
    }

    /// The actions that are due, each once, in their order.
    mutating func takeActions() -> [LMTPAction] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    /// Reads what has arrived.
    mutating func receive(_ bytes: some Collection<UInt8>) {
        if case .ended = place { return }
        if cursor == input.count {
            input.removeAll(keepingCapacity: true)
            cursor = 0
        }
        input.append(contentsOf: bytes)
        goOn()
    }

    /// Answers for each recipient of the message that was to be kept, and goes on with what has arrived meanwhile.
    ///
    /// - Parameter failures: For each recipient, in their order: `nil` when the message is kept durably, otherwise why
    ///   not, for the log of the server that gave it. One that is missing counts as a failure.
    mutating func finish(_ failures: [String?]) {
        guard case .keeping = place, let recipients = transaction?.recipients else { return }
        for index in recipients.indices {
            let failure = failures.indices.contains(index) ? failures[index] : "not kept"
            say(failure.map { "451 4.3.0 \(LMTPText.oneLine($0))" } ?? "250 2.0.0 Kept")
        }
        transaction = nil
        place = .command
        goOn()
    }

    /// Ends the dialogue between two transactions: nothing was promised.
    mutating func end(_ text: String) {
        guard !isEnded else { return }
        say(text)
        close()
    }

    // MARK: Saying

    /// Adds one line to what is said; without its end.
    mutating func say(_ text: String) {
        // Replies to pipelined commands leave in one write.
        var bytes: [UInt8] = []
        if case .say(let before)? = actions.last {
            bytes = before
            actions.removeLast()
        }
        bytes.append(contentsOf: text.utf8)
        bytes.append(contentsOf: [0x0D, 0x0A])
        actions.append(.say(bytes))
    }

    /// Refuses a command that makes no sense; a client that goes on like that is shown the door.
    mutating func complain(_ text: String) {
        errors += 1
        guard errors < limits.errors else { return end("421 4.7.0 Too many errors") }
        say(text)
    }

    /// Closes the connection.
    mutating func close() {
        place = .ended
        input = []
        cursor = 0
        line = []
        transaction = nil
        data = LMTPData(limit: limits.message)
        actions.append(.close)
    }

    /// Waits for a message.
    mutating func beginData() {
        place = .data
        data = LMTPData(limit: limits.message)
        say("354 End with <CRLF>.<CRLF>")
    }

    // MARK: Reading

    private var isEnded: Bool {
        if case .ended = place { true } else { false }
    }

    private mutating func goOn() {
        while cursor < input.count {
            switch place {
            case .command: readLine()
            case .data: readData()
            case .keeping, .ended: return
            }
        }
    }

    private mutating func readLine() {
        let rest = input[cursor...]
        guard let feed = rest.firstIndex(of: 0x0A) else {
            keepPartOfLine(rest)
            cursor = input.count
            return
        }
        keepPartOfLine(rest[...feed])
        cursor = feed + 1
        let whole = line
        let isTooLong = lineIsTooLong
        line.removeAll(keepingCapacity: true)
        lineIsTooLong = false
        if isTooLong { return complain("500 5.5.2 Line too long") }
        let text = whole.dropLast(2)
        guard whole.suffix(2) == [0x0D, 0x0A], !text.contains(0x0D) else {
            return complain("500 5.5.2 Lines end in CR LF and in nothing else")
        }
        guard !text.contains(0) else { return complain("500 5.5.2 No NUL in commands") }
        obey(text)
    }

    private mutating func keepPartOfLine(_ part: ArraySlice<UInt8>) {
        if line.count + part.count > limits.line {
            lineIsTooLong = true
            line.removeAll(keepingCapacity: true)
        }
        if !lineIsTooLong { line.append(contentsOf: part) }
    }

    private mutating func readData() {
        let isWhole = data.read(input, from: &cursor)
        guard isWhole else {
            if data.size - limits.message > limits.excess { end("421 4.3.1 This message never ends") }
            return
        }
        guard let recipients = transaction?.recipients, !data.isTooLarge else {
            for _ in transaction?.recipients ?? [] {
                say("552 5.3.4 The message is larger than \(limits.message) bytes")
            }
            transaction = nil
            place = .command
            return
        }
        place = .keeping
        actions.append(.keep(LMTPMessage(recipients: recipients, bytes: data.takeContent())))
    }
}

/// What a reply may hold.
enum LMTPText {
    /// `text` in ASCII without controls, at most 200 bytes.
    static func oneLine(_ text: String) -> String {
        String(decoding: text.utf8.prefix(200).map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }
}
