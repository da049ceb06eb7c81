// SPDX-License-Identifier: Apache-2.0
//
// One connection to a relay: does what the dialogue asks for, on the thread that made it, and blocks while
// it does. May touch the network through Wire, and the monotonic clock. Decides nothing: verdicts come from
// SMTPDialogue.
import Glibc
public import NashraCore

/// One SMTP connection; see ``RelayConnection``.
///
/// After `abort()` it stays unusable for good: make another.
public final class SMTPConnection: RelayConnection {
    private let settings: RelaySettings
    private let signal = AbortSignal()
    private var wire: Wire?
    private var dialogue = SMTPDialogue()
    private var body = MessageBody()

    /// A connection that is not open yet.
    public init(_ settings: RelaySettings) { self.settings = settings }

    deinit { close() }

    /// Whether ``open()`` succeeded and nothing has closed the connection since.
    public var isOpen: Bool { wire != nil }

    /// What the relay offers; nothing before ``open()``.
    public var offer: RelayOffer { dialogue.offer }

    /// Whether the open connection goes through TLS.
    public var isEncrypted: Bool { wire?.isEncrypted ?? false }

    /// Makes a blocked call on the owning thread return soon, and every later one at once; for any thread.
    public var abort: @Sendable () -> Void { { [signal] in signal.raise() } }

    /// Connects, greets, starts TLS and authenticates, and asks what the relay offers.
    ///
    /// Blocks; each step may take as long as the settings' timeouts say. Nothing is thrown away on failure:
    /// it may be called again.
    ///
    /// - Throws: The failure, with the step, the server's reply when there was one, scope and remedy.
    public func open() throws(DeliveryFailure) {
        guard wire == nil else { return }
        if let fault = settings.fault { throw CurlFailure.configuration(.connect, "the relay's \(fault)") }
        if signal.isRaised { throw FailureMap.failure(.connect, .aborted) }
        let wire = try connect()
        self.wire = wire
        dialogue.start(ehloName: settings.ehloName)
        if case .failed(let failure)? = run(wire, intent: { false }) {
            hangUp()
            throw failure
        }
        wire.noteEncryption()
        do { try checkSecurity(wire) } catch {
            close()
            throw error
        }
    }

    /// Hands over one message; see ``RelayConnection/transfer(_:message:intent:)``.
    public func transfer(
        _ envelope: Envelope,
        message: [UInt8],
        intent: () -> Bool
    ) -> TransferResult {
        guard let wire else { return .failed(FailureMap.failure(.mail, .lost, cause: "it is not open")) }
        do { try body.load(message) } catch {
            return .failed(
                DeliveryFailure(
                    stage: .body,
                    scope: .campaign,
                    remedy: .askOperator,
                    detail: "the message is malformed, \(error.reason); this is a bug in Nashra"
                )
            )
        }
        drain(wire)
        if dialogue.isUsable {
            dialogue.begin(envelope, size: body.size, isSevenBit: body.isSevenBit, isLarge: body.isLarge)
        }
        let result = run(wire, intent: intent)
        if !dialogue.isUsable { hangUp() }
        return result ?? .failed(FailureMap.failure(.mail, .lost))
    }

    /// Says QUIT when it can without waiting long, and closes.
    public func close() {
        guard let wire else { return }
        if !signal.isRaised {
            dialogue.quit()
            _ = run(wire, intent: { false })
        }
        hangUp()
    }

    private func hangUp() {
        wire = nil
        dialogue.lose(.lost)
    }
}

// Opening
extension SMTPConnection {
    private func connect() throws(DeliveryFailure) -> Wire {
        let handle: EasyHandle
        do { handle = try EasyHandle.make(settings) } catch {
            throw CurlFailure.failure(code: error.code, stage: .connect, reply: nil, message: error.message)
        }
        do { try handle.connect(settings, abort: signal) } catch {
            let log = handle.log
            if log.fault != nil { throw FailureMap.failure(log.stage, .malformed) }
            throw CurlFailure.failure(
                code: error.code,
                stage: log.stage,
                reply: log.reply,
                message: error.message
            )
        }
        return Wire(handle, abort: signal)
    }

    /// libcurl goes on silently without a login when the relay does not offer AUTH; we do not, nor without
    /// TLS.
    private func checkSecurity(_ wire: Wire) throws(DeliveryFailure) {
        if settings.tls != .none, !wire.isEncrypted {
            throw CurlFailure.configuration(.startTLS, "the connection is not encrypted")
        }
        if settings.user != nil, !wire.isAuthenticated {
            throw CurlFailure.configuration(.auth, "the relay does not offer AUTH, and a login is configured")
        }
    }
}

// Doing what the dialogue asks for
extension SMTPConnection {
    /// Acts until the dialogue rests or has a result.
    private func run(_ wire: Wire, intent: () -> Bool) -> TransferResult? {
        while true {
            switch dialogue.action {
            case .rest: return nil
            case .finish(let result): return result
            case .askIntent: askIntent(wire, intent)
            case .write(.commands): writeCommands(wire)
            case .write(.body): writeBody(wire, 0..<body.dot)
            case .write(.bodyAndDot): writeBody(wire, 0..<body.wire.count)
            case .write(.dot): writeBody(wire, body.dot..<body.wire.count)
            case .read(let stage):
                do {
                    dialogue.receive(try wire.read(until: Deadline(after: settings.timeouts[stage])))
                } catch { dialogue.lose(error.answer, cause: error.cause) }
            }
        }
    }

    /// Takes what the server said unasked, before something that must not follow it: a transaction, or the
    /// dot.
    private func drain(_ wire: Wire) {
        do {
            while let bytes = try wire.readNow() {
                dialogue.receive(bytes)
                if dialogue.hasEnded { return }
            }
        } catch { dialogue.lose(error.answer, cause: error.cause) }
    }

    private func askIntent(_ wire: Wire, _ intent: () -> Bool) {
        drain(wire)
        guard dialogue.action == .askIntent else { return }
        let granted = intent()
        // The commit may have taken a while; a server that gave up meanwhile is heard before the dot and not
        // after it.
        if granted { drain(wire) }
        if dialogue.action == .askIntent { dialogue.answerIntent(granted) }
    }

    private func writeCommands(_ wire: Wire) {
        let stage = dialogue.awaited.first ?? .data
        let deadline = Deadline(after: settings.timeouts[stage])
        // A copy of the reference, so that the dialogue may change while the bytes are borrowed.
        let commands = dialogue.commands
        let loss = commands.withUnsafeBytes { bytes -> WireLoss? in
            do throws(WireLoss) { try wire.write(bytes, until: deadline) } catch { return error }
            return nil
        }
        guard let loss else { return dialogue.wrote() }
        // What the server said before it went says more than the broken pipe.
        drain(wire)
        dialogue.lose(loss.answer, cause: loss.cause)
    }

    /// Writes a part of the body, listening for a server that has seen enough as long as the dot is not out.
    private func writeBody(_ wire: Wire, _ range: Range<Int>) {
        let dot = body.dot
        body.wire.withUnsafeBytes { bytes in
            var offset = range.lowerBound
            do throws(WireLoss) {
                while offset < range.upperBound {
                    let end = min(offset + 2 * MessageBody.largestTogether, range.upperBound)
                    let taken = try wire.writeNow(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
                    offset += taken ?? 0
                    guard offset < range.upperBound else { break }
                    let listens = offset <= dot
                    if taken == nil {
                        _ = try wire.wait(
                            for: listens ? POLLOUT | POLLIN : POLLOUT,
                            until: Deadline(after: settings.timeouts.body)
                        )
                    }
                    if listens { drain(wire) }
                    if dialogue.hasEnded { return }
                }
                dialogue.wrote()
            } catch {
                let dotIsOut = offset > dot
                if !dotIsOut { drain(wire) }
                dialogue.lose(error.answer, cause: error.cause, dotIsOut: dotIsOut)
            }
        }
    }
}
