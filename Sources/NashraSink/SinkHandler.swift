// SPDX-License-Identifier: Apache-2.0
//
// Carries out what a session decides: writes when it is time, keeps messages, starts TLS, ends connections.
// Lives on one event loop; one handler for each connection.
import NIOCore
import NIOSSL
import NashraCore

/// One connection's place in the channel pipeline.
final class SinkHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Work { case write([UInt8]), startTLS, end(SinkEnd) }

    /// Replies that wait longer than their turn may hold so many bytes before the client has to wait too.
    private static let mostQueuedBytes = 64 << 10
    /// How long a connection we have closed may go on sending before it is cut off.
    private static let linger = TimeAmount.seconds(1)

    private let shared: SinkShared
    private var session: SinkSession
    private var queue: [(due: NIODeadline, work: Work)] = []
    private var queuedBytes = 0
    private var lastDue = NIODeadline.distantPast
    private var lastRead = NIODeadline.now()
    private var timer: Scheduled<Void>?
    private var idleCheck: Scheduled<Void>?
    private var isReadHeld = false
    private var awaitsTLS = false

    init(_ shared: SinkShared, connection: Int) {
        self.shared = shared
        session = SinkSession(
            shared.settings,
            connection: connection,
            isSecure: shared.settings.options.tls == .implicit
        )
    }

    // MARK: Events

    func channelActive(context: ChannelHandlerContext) {
        let hasRoom = shared.update { statistics in
            statistics.connections += 1
            statistics.openConnections += 1
            if session.isSecure { statistics.tlsConnections += 1 }
            return statistics.openConnections <= shared.settings.options.maximumConnections
        }
        if hasRoom { session.open() } else { session.refuseToOpen() }
        scheduleIdleCheck(context)
        perform(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        idleCheck?.cancel()
        queue = []
        session.close()
        shared.update { $0.openConnections -= 1 }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        lastRead = .now()
        guard !session.isEnded else { return }
        session.receive(Array(buffer.readableBytesView))
        perform(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { readOn(context) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { cut(context) }

    /// Reading waits while the client does not take its replies: memory stays bounded.
    func read(context: ChannelHandlerContext) {
        if mustHoldReads(context) { isReadHeld = true } else { context.read() }
    }

    // MARK: Steps

    private func perform(_ context: ChannelHandlerContext) {
        let usual = lastRead + TimeAmount(shared.settings.options.replyDelay)
        for step in session.takeSteps() {
            switch step {
            case .say(let bytes, let delay): enqueue(.write(bytes), at: usual, delay)
            case .keep(let message, let delay): enqueue(.write(keep(message)), at: usual, delay)
            case .keepAndEnd(let message, let how):
                _ = keep(message)
                enqueue(.end(how), at: usual, .zero)
            case .startTLS:
                awaitsTLS = true
                enqueue(.startTLS, at: usual, .zero)
            case .end(let how): enqueue(.end(how), at: usual, .zero)
            }
        }
        if !session.tally.isEmpty { shared.update { session.tally.move(to: &$0) } }
        drain(context)
    }

    /// Keeps `message`; the reply to give for it.
    private func keep(_ message: ReceivedMessage) -> [UInt8] {
        guard shared.store.keep(message) else {
            session.tally.countRefusal(452)
            return Array("452 4.3.1 The message could not be kept\r\n".utf8)
        }
        shared.update { statistics in
            statistics.messages += 1
            statistics.recipients += message.recipients.count
            statistics.bytes += message.bytes.count
        }
        return Array("250 2.0.0 Ok\r\n".utf8)
    }

    /// Replies leave in the order of their commands, so none is due before the one ahead of it.
    private func enqueue(_ work: Work, at usual: NIODeadline, _ delay: Duration) {
        lastDue = max(lastDue, usual + TimeAmount(delay))
        if case .write(let bytes) = work { queuedBytes += bytes.count }
        queue.append((lastDue, work))
    }

    private func drain(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        let due = queue.prefix { $0.due <= now }
        queue.removeFirst(due.count)
        for (_, work) in due {
            switch work {
            case .write(let bytes):
                queuedBytes -= bytes.count
                context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .startTLS:
                context.flush()
                startTLS(context)
            case .end(let how): end(how, context)
            }
        }
        if !due.isEmpty { context.flush() }
        schedule(context)
        readOn(context)
    }

    private func schedule(_ context: ChannelHandlerContext) {
        guard let first = queue.first, timer == nil else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: first.due) {
            self.timer = nil
            self.drain(context)
        }
    }

    private func mustHoldReads(_ context: ChannelHandlerContext) -> Bool {
        !session.isEnded && (queuedBytes > Self.mostQueuedBytes || !context.channel.isWritable) || awaitsTLS
    }

    private func readOn(_ context: ChannelHandlerContext) {
        guard isReadHeld, !mustHoldReads(context) else { return }
        isReadHeld = false
        context.read()
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        awaitsTLS = false
        guard let tls = shared.tls else { return cut(context) }
        do {
            try context.pipeline.syncOperations.addHandler(
                NIOSSLServerHandler(context: tls),
                position: .first
            )
        } catch {
            return cut(context)
        }
        session.didStartTLS()
        shared.update { $0.tlsConnections += 1 }
    }

    // MARK: Ends

    private func end(_ how: SinkEnd, _ context: ChannelHandlerContext) {
        switch how {
        case .stall: break
        case .drop: cut(context)
        case .reset: reset(context)
        case .close: closeAfterWrites(context)
        }
    }

    /// Closes when all is written.
    ///
    /// Our side first and the rest a second later: closing with bytes unread would send a reset, which can
    /// overtake the reply.
    private func closeAfterWrites(_ context: ChannelHandlerContext) {
        let written = context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
        let isSecure = session.isSecure
        written.assumeIsolated().whenComplete { _ in
            guard !isSecure else { return context.close(promise: nil) }
            context.close(mode: .output, promise: nil)
            self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.linger) {
                self.cut(context)
            }
        }
    }

    /// Closes at once, without the goodbye of TLS.
    private func cut(_ context: ChannelHandlerContext) {
        session.close()
        let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tls ?? context).close(promise: nil)
    }

    private func reset(_ context: ChannelHandlerContext) {
        if let socket = context.channel as? any SocketOptionProvider {
            // struct linger, on for zero seconds: two C integers. Its own name is not importable from here.
            let linger = SIMD2<CInt>(1, 0)
            _ = socket.unsafeSetSocketOption(level: .socket, name: .so_linger, value: linger)
        }
        cut(context)
    }

    private func scheduleIdleCheck(_ context: ChannelHandlerContext) {
        let patience = TimeAmount(shared.settings.options.idleTimeout)
        let deadline = lastRead + patience
        idleCheck = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            if self.lastRead + patience <= .now() {
                self.cut(context)
            } else {
                self.scheduleIdleCheck(context)
            }
        }
    }
}
