// SPDX-License-Identifier: Apache-2.0
//
// Our side of SMTP on one connection that libcurl opened: the server's bytes in, commands and verdicts out.
// Pure: no socket, no clock. SMTPConnection owns one, does each `action` and reports back.
// Rules: RFC 5321, RFC 2920 (pipelining); docs/decisions/0001-transport.md.
import NashraCore

/// The state machine of one connection: EHLO, then one transaction after another, then QUIT.
struct SMTPDialogue: Sendable {
    /// What there is to write.
    enum Piece: Sendable, Hashable {
        /// The bytes of ``SMTPDialogue/commands``.
        case commands
        /// The body without the final dot.
        case body
        /// Body and final dot in one go.
        case bodyAndDot
        /// The final dot.
        case dot
    }

    /// What the driver has to do next.
    enum Action: Sendable, Hashable {
        /// Write the piece, then call ``SMTPDialogue/wrote()``.
        case write(Piece)
        /// Wait for bytes, as long as the stage allows, then call ``SMTPDialogue/receive(_:)``.
        case read(SMTPStage)
        /// Ask for the intent, then call ``SMTPDialogue/answerIntent(_:)``.
        case askIntent
        /// Nothing: EHLO was answered, or QUIT was.
        case rest
        /// Hand out the result. Whether another transaction may begin says ``SMTPDialogue/isUsable``.
        case finish(TransferResult)
    }

    enum Phase: Sendable, Hashable {
        case hello, idle, commands, loneDot, body, intent, ending, verdict, quit, closed
    }

    /// What to write for `.write(.commands)`.
    var commands: [UInt8] = []
    /// What to do next.
    var action = Action.rest
    /// What the relay offers, known after EHLO.
    var offer = RelayOffer()

    var phase = Phase.closed
    var reader = ReplyReader()
    /// The steps whose replies are outstanding, in order, and those whose commands were not written yet.
    var awaited: [SMTPStage] = []
    var unsent: [SMTPStage] = []
    /// The refusal that decides this transaction, once there is one.
    var refusal: DeliveryFailure?
    /// Whether the server took MAIL, and RCPT, of this transaction.
    var mailTaken = false
    var rcptTaken = false
    /// Whether the server still holds a transaction that RSET must end; it leaves with the next commands.
    var needsReset = false
    var bodyIsLarge = false
    var envelope: Envelope?
    var messageSize = 0
    var isSevenBit = true

    /// Whether a transaction may begin.
    var isUsable: Bool { phase == .idle }

    /// Begins with EHLO, which is allowed at any time and resets whatever libcurl left.
    mutating func start(ehloName: String) {
        reader.forget()
        commands.removeAll(keepingCapacity: true)
        commands.append(contentsOf: "EHLO \(ehloName)\r\n".utf8)
        (awaited, unsent, needsReset) = ([.ehlo], [], false)
        (phase, action) = (.hello, .write(.commands))
    }

    /// Begins a transaction; the connection must be usable.
    mutating func begin(_ envelope: Envelope, size: Int, isSevenBit: Bool, isLarge: Bool) {
        precondition(isUsable, "a transaction begins on a usable connection")
        guard reader.isEmpty else { return outOfTurn() }
        if let fault = EnvelopeCommands.fault(envelope, size: size, isSevenBit: isSevenBit, offer: offer) {
            action = .finish(.failed(fault))
            return
        }
        (self.envelope, messageSize, self.isSevenBit, bodyIsLarge) = (envelope, size, isSevenBit, isLarge)
        (mailTaken, rcptTaken) = (false, false)
        awaited.removeAll(keepingCapacity: true)
        unsent.removeAll(keepingCapacity: true)
        if needsReset { unsent.append(.rset) }
        unsent.append(contentsOf: [.mail, .rcpt, .data])
        phase = .commands
        sendCommands()
    }

    /// Says QUIT when that is possible.
    mutating func quit() {
        guard isUsable else {
            (phase, action) = (.closed, .rest)
            return
        }
        commands.removeAll(keepingCapacity: true)
        commands.append(contentsOf: "QUIT\r\n".utf8)
        awaited = [.quit]
        (phase, action) = (.quit, .write(.commands))
    }

    /// The piece that was to be written is written.
    mutating func wrote() {
        switch phase {
        case .hello, .commands, .quit: action = .read(awaited.first ?? .data)
        case .loneDot: action = .read(.data)
        case .body: (phase, action) = (.intent, .askIntent)
        case .ending: (phase, action) = (.verdict, .read(.afterDot))
        case .idle, .intent, .verdict, .closed: break
        }
    }

    /// The answer of the intent.
    mutating func answerIntent(_ granted: Bool) {
        guard phase == .intent else { return }
        if granted {
            (phase, action) = (.ending, .write(bodyIsLarge ? .dot : .bodyAndDot))
        } else {
            end(.withdrawn)
        }
    }

    /// Bytes arrived.
    mutating func receive(_ bytes: some Collection<UInt8>) {
        reader.append(bytes)
        guard phase != .idle else { return outOfTurn() }
        do {
            while !hasEnded, let raw = try reader.next() { handle(raw) }
        } catch {
            lose(.malformed)
        }
    }

    /// The connection failed in a way that is no reply.
    ///
    /// - Parameters:
    ///   - answer: `.lost`, `.timedOut`, `.malformed` or `.aborted`.
    ///   - cause: The system's or libcurl's sentence, or an empty string.
    ///   - dotIsOut: Whether a byte of the final dot was taken while it was being written.
    mutating func lose(_ answer: FailureMap.Answer, cause: String = "", dotIsOut: Bool = false) {
        guard phase != .closed else { return }
        if let refusal { return end(.failed(refusal)) }
        let stage: SMTPStage =
            switch phase {
            case .ending: dotIsOut ? .afterDot : unendedStage
            case .body, .intent: unendedStage
            case .verdict: .afterDot
            case .idle: .mail
            case .hello, .commands, .loneDot, .quit, .closed: awaited.first ?? .data
            }
        end(.failed(FailureMap.failure(stage, answer, cause: cause)))
    }

    /// Whether nothing more is expected: ``action`` holds the result.
    var hasEnded: Bool { phase == .idle || phase == .closed }

    /// Where we are between 354 and the dot: before it only when the whole body is written.
    var unendedStage: SMTPStage { bodyIsLarge && phase != .body ? .beforeDot : .body }

    /// Ends the transaction; the connection stays usable.
    mutating func settle(_ result: TransferResult) {
        refusal = nil
        (phase, action) = (.idle, .finish(result))
    }

    /// Ends the transaction and the connection.
    mutating func end(_ result: TransferResult) {
        refusal = nil
        (phase, action) = (.closed, .finish(result))
    }

    /// Writes the next command, or all of them where the relay takes them together.
    mutating func sendCommands() {
        commands.removeAll(keepingCapacity: true)
        guard let envelope else { return }
        repeat {
            let stage = unsent.removeFirst()
            switch stage {
            case .mail:
                EnvelopeCommands.mail(
                    envelope,
                    size: messageSize,
                    isSevenBit: isSevenBit,
                    offer: offer,
                    to: &commands
                )
            case .rcpt: EnvelopeCommands.rcpt(envelope, to: &commands)
            case .data: commands.append(contentsOf: "DATA\r\n".utf8)
            default: commands.append(contentsOf: "RSET\r\n".utf8)
            }
            awaited.append(stage)
        } while offer.pipelining && !unsent.isEmpty
        action = .write(.commands)
    }
}
