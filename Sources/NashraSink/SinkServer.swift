// SPDX-License-Identifier: Apache-2.0
//
// An SMTP server on loopback that keeps or discards what it gets, counts, and misbehaves on request.
// Opens a socket and threads; blocks only in start and stop.
// Rules: RFC 5321 and what SinkSession names.
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
public import NashraCore
import Synchronization

/// A running sink.
public final class SinkServer: Sendable {
    /// The port it listens on.
    public let port: Int
    /// The certificate it shows, as PEM, when it speaks TLS.
    public let certificatePEM: String?

    private let shared: SinkShared
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let isStopped = Mutex(false)

    private init(
        shared: SinkShared,
        group: MultiThreadedEventLoopGroup,
        listener: any Channel,
        port: Int,
        pem: String?
    ) {
        self.shared = shared
        self.group = group
        self.listener = listener
        self.port = port
        certificatePEM = pem
    }

    /// Starts a sink and returns when it listens.
    ///
    /// Blocks for a moment; not for the cooperative pool's threads.
    public static func start(_ options: SinkOptions) throws(UserError) -> SinkServer {
        let address = try listeningAddress(options)
        let store = try MessageStore(maildir: options.maildir, ledger: options.ledger)
        let certificate = try certificate(options)
        let settings = SinkSession.Settings(
            options: options,
            script: SinkScript(options.rules, usesBuiltIn: options.usesBuiltInScript),
            budget: MemoryBudget(limit: options.memoryLimit)
        )
        let shared = SinkShared(settings: settings, store: store, tls: certificate?.context)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, options.threads))
        do {
            let listener = try bootstrap(group, shared).bind(to: address).wait()
            let port = listener.localAddress?.port ?? options.port
            return SinkServer(
                shared: shared,
                group: group,
                listener: listener,
                port: port,
                pem: certificate?.pem
            )
        } catch {
            try? group.syncShutdownGracefully()
            throw UserError(
                .unavailable,
                "The sink cannot listen on \(options.host):\(options.port): \(error)",
                remedy: "Choose another port with --port; 0 takes any that is free."
            )
        }
    }

    /// What it has seen so far.
    public var statistics: SinkStatistics { shared.update { $0 } }

    /// Closes the listener and all connections, and returns when that is done; safe to call twice.
    public func stop() {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        try? listener.close().wait()
        try? group.syncShutdownGracefully()
    }

    private static func bootstrap(_ group: MultiThreadedEventLoopGroup, _ shared: SinkShared)
        -> ServerBootstrap
    {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = shared.tls, shared.settings.options.tls == .implicit {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    let handler = SinkHandler(shared, connection: shared.nextConnection())
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
    }

    /// Only loopback: a server that accepts everything must not be within anybody's reach.
    private static func listeningAddress(_ options: SinkOptions) throws(UserError) -> SocketAddress {
        let host = options.host.lowercased() == "localhost" ? "127.0.0.1" : options.host
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        let isLoopback = host == "::1" || parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
        guard isLoopback, (0...65535).contains(options.port) else {
            throw UserError(
                .usage,
                "The sink does not listen on \(options.host):\(options.port).",
                remedy: "It takes localhost, 127.x.x.x or ::1, and a port from 0 to 65535."
            )
        }
        do {
            return try SocketAddress(ipAddress: host, port: options.port)
        } catch {
            throw UserError(.usage, "\(options.host) is no address: \(error)")
        }
    }

    private static func certificate(
        _ options: SinkOptions
    ) throws(UserError) -> (pem: String, context: NIOSSLContext)? {
        guard options.tls != .none else { return nil }
        let made: (pem: String, context: NIOSSLContext)
        do {
            let certificate = try ThrowawayCertificate.make(options.certificate)
            made = (certificate.pem, try certificate.context())
        } catch {
            throw UserError(.bug, "The sink's certificate could not be made: \(error)")
        }
        guard let file = options.certificateFile else { return made }
        do {
            try Data(made.pem.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw UserError(
                .cannotCreate,
                "The certificate cannot be written to \(file): \(error.localizedDescription)",
                remedy: "Name a file in a folder that you may write to."
            )
        }
        return made
    }
}

/// What all connections of a server share.
final class SinkShared: Sendable {
    let settings: SinkSession.Settings
    let store: MessageStore
    let tls: NIOSSLContext?
    private let statistics = Mutex(SinkStatistics())
    private let connections = Atomic<Int>(0)

    init(settings: SinkSession.Settings, store: MessageStore, tls: NIOSSLContext?) {
        self.settings = settings
        self.store = store
        self.tls = tls
    }

    /// Looks at the counts, or changes them.
    @discardableResult
    func update<Result>(_ body: (inout SinkStatistics) -> Result) -> Result {
        // The mutex wants its closure's result to be sendable; what we take out is never shared.
        var result: Result?
        statistics.withLock { result = body(&$0) }
        guard let result else { preconditionFailure("the body has run") }
        return result
    }

    /// The number of the next connection, from 1.
    func nextConnection() -> Int { connections.add(1, ordering: .relaxed).newValue }
}
