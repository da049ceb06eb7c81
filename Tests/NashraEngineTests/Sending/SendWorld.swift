// SPDX-License-Identifier: Apache-2.0
//
// A whole sender in a folder of its own: a store on disk, a sink on loopback with a ledger, the real transport between.
// Touches a temporary folder, which it removes, and loopback.
import Foundation
import Logging
import NashraCore
import NashraKeys
import NashraSMTP
import NashraSink
import NashraStore
import NashraTemplates
import NashraTestKit
import Synchronization

@testable import NashraEngine

/// One workspace's worth of sending.
final class SendWorld: Sendable {
    let folder: URL
    let clock = ManualClock()
    private let current: Mutex<(store: Store?, sink: SinkServer?)>

    /// The open store.
    var store: Store {
        guard let store = current.withLock({ $0.store }) else { preconditionFailure("the store is open") }
        return store
    }

    private var path: String { folder.appending(path: "var/nashra.db").path }
    private var sinkFile: String { folder.appending(path: "sink.jsonl").path }

    /// Makes a store with `locals` subscribed to the topic `fraud`, each at `@example.org`, and starts a sink.
    init(_ locals: [String], sink change: (inout SinkOptions) -> Void = { _ in }) throws {
        folder = URL(filePath: NSTemporaryDirectory()).appending(path: "send-\(UUID().uuidString)")
        current = Mutex((nil, nil))
        try openStore()
        _ = try store.addTopic(name: "fraud", title: ["ar": "احتيال", "en": "Fraud"], actor: "test")
        let people = try locals.enumerated().map { try Self.person($0.offset, $0.element) }
        _ = try store.importBatch(people, topic: "fraud", source: "test")
        try startSink(change: change)
    }

    deinit {
        current.withLock {
            $0.sink?.stop()
            $0.store?.close()
        }
        try? FileManager.default.removeItem(at: folder)
    }

    private static func person(_ index: Int, _ local: String) throws -> ImportRow {
        let names = ["نُورَة العتيبي", "Alice \"<>&,;", "Éloïse"]
        let languages: [Language] = [.arabic, .english, .french]
        return ImportRow(
            address: try EmailAddress.parse("\(local)@example.org"),
            name: names[index % 3],
            language: languages[index % 3]
        )
    }

    /// Closes the store and opens it again, with a fault or none.
    func openStore(fault: FaultPlan? = nil) throws {
        current.withLock { $0.store }?.close()
        let store =
            if let fault { try Store.open(at: path, clock: clock, fault: fault) } else {
                try Store.open(at: path, clock: clock)
            }
        current.withLock { $0.store = store }
    }

    // MARK: the sink

    var port: Int { current.withLock { $0.sink?.port } ?? 0 }

    /// Starts a sink, on a port of its choice or on the one that an earlier one had.
    func startSink(port: Int = 0, change: (inout SinkOptions) -> Void = { _ in }) throws {
        var options = SinkOptions()
        options.port = port
        options.ledger = sinkFile
        change(&options)
        let sink = try SinkServer.start(options)
        current.withLock { $0.sink = sink }
    }

    func stopSink() { current.withLock { $0.sink }?.stop() }

    var sinkStatistics: SinkStatistics { current.withLock { $0.sink?.statistics } ?? SinkStatistics() }

    /// What the sinks have accepted.
    func received() throws -> [Received] {
        let lines = try Data(contentsOf: URL(filePath: sinkFile)).split(separator: 0x0A)
        return try lines.map { try JSONDecoder().decode(Received.self, from: Data($0)) }
    }

    /// One line of the sink's ledger.
    struct Received: Decodable {
        let message_id: String
        let recipients: [String]
        let sha256: String
    }

    // MARK: sending

    /// Freezes a campaign to the topic.
    @discardableResult
    func freeze(_ change: (inout CampaignSettings) -> Void = { _ in }) throws -> Campaign {
        var settings = Compose.settings
        settings.date = clock.now()
        change(&settings)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try store.freeze(
            CampaignDraft(
                bulletin: "2026-014",
                contentHash: "abc1",
                rendered: try encoder.encode(Compose.bulletin),
                settings: settings,
                query: AudienceQuery(topics: ["fraud"]),
                fields: ["name"],
                chain: [.arabic, .english],
                available: [.arabic, .english, .french],
                actor: "test"
            )
        )
    }

    /// Options with which a test does not wait long.
    static func options(connections: Int) -> SendService.Options {
        var options = SendService.Options(
            connections: connections,
            drainTimeout: .seconds(5),
            relayPatience: .seconds(10),
            stormGuard: nil
        )
        options.firstRelayPause = .milliseconds(20)
        return options
    }

    /// Sends what is due.
    ///
    /// `hook` is called on the thread of each connection before each message, with the count of messages from 1;
    /// `onProgress` on this thread.
    func send(
        _ campaign: Campaign,
        connections: Int = 3,
        options: SendService.Options? = nil,
        stop: StopSignal = StopSignal(),
        hook: @escaping @Sendable (Int) -> Void = { _ in },
        onProgress: @escaping @Sendable (SendProgress) -> Void = { _ in }
    ) throws -> SendEnd {
        var timeouts = Timeouts()
        timeouts.connect = .seconds(5)
        timeouts.quit = .milliseconds(200)
        let settings = RelaySettings(
            name: "primary",
            host: "127.0.0.1",
            port: port,
            tls: .none,
            ehloName: "sender.moi.example",
            timeouts: timeouts
        )
        let service = SendService(
            store: store,
            transport: HookedTransport(inner: SMTPTransport(settings), hook: hook),
            keyring: try Compose.keyring(),
            clock: clock,
            options: options ?? Self.options(connections: connections),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            stop: stop,
            onProgress: onProgress
        )
        return try service.run(campaign.name)
    }

    /// How many deliveries are in each state.
    func states(_ campaign: Campaign) throws -> [DeliveryState: Int] {
        try store.stateCounts(of: campaign.id)
    }

    /// What is due now, as the ledger would give it.
    func due(_ campaign: Campaign) throws -> [DueDelivery] {
        try store.due(campaign.id, after: 0, now: clock.now(), limit: 10_000)
    }
}

/// The real transport, with a place to act between two messages.
private struct HookedTransport: MessageTransport {
    let inner: SMTPTransport
    let hook: @Sendable (Int) -> Void
    private let count = Counter()

    init(inner: SMTPTransport, hook: @escaping @Sendable (Int) -> Void) {
        self.inner = inner
        self.hook = hook
    }

    var relay: String { inner.relay }

    func makeConnection() -> any RelayConnection {
        HookedConnection(inner: inner.makeConnection()) { hook(count.next()) }
    }

    final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { value.add(1, ordering: .sequentiallyConsistent).newValue }
    }
}

private final class HookedConnection: RelayConnection {
    private let inner: any RelayConnection
    private let hook: () -> Void

    init(inner: any RelayConnection, hook: @escaping () -> Void) {
        self.inner = inner
        self.hook = hook
    }

    var isOpen: Bool { inner.isOpen }
    var abort: @Sendable () -> Void { inner.abort }

    func open() throws(DeliveryFailure) { try inner.open() }
    func close() { inner.close() }

    func transfer(_ envelope: Envelope, message: [UInt8], intent: () -> Bool) -> TransferResult {
        hook()
        return inner.transfer(envelope, message: message, intent: intent)
    }
}
