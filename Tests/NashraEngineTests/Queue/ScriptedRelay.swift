// SPDX-License-Identifier: Apache-2.0
//
// A relay in memory that does what a test says, and a store on disk to send from: for what no server need be there.
// Touches a temporary folder, which it removes.
import Foundation
import Logging
import NashraCore
import NashraStore
import NashraTestKit
import Synchronization

@testable import NashraEngine

/// A relay that takes everything until it is told otherwise.
struct ScriptedRelay: MessageTransport {
    /// What one connection is, for the scripts.
    final class Line: Sendable {
        /// From 0, in the order in which connections are made.
        let index: Int
        private let aborted = Monitor(false)

        init(index: Int) { self.index = index }

        var isAborted: Bool { aborted.withLock { aborted, _ in aborted } }

        func abort() {
            aborted.withLock { aborted, access in
                aborted = true
                access.broadcast()
            }
        }

        /// Does nothing until it is aborted.
        func stall() { aborted.wait { aborted, _ in aborted ? .done(()) : .again(within: nil) } }
    }

    static let lost = DeliveryFailure(
        stage: .connect,
        scope: .connection,
        remedy: .retry,
        detail: "the test broke it"
    )

    let relay = "primary"
    /// Returns why a connection does not come up, or `nil`.
    var open: @Sendable (Line) -> DeliveryFailure? = { _ in nil }
    /// Does one message over an open connection.
    var transfer: @Sendable (Line, Envelope, () -> Bool) -> TransferResult = { _, _, intent in
        intent() ? .accepted(SMTPReply(code: 250)) : .withdrawn
    }
    private let made = Count()

    func makeConnection() -> any RelayConnection {
        Connection(line: Line(index: made.next()), relay: self)
    }

    private final class Count: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
    }

    private final class Connection: RelayConnection {
        private let line: Line
        private let script: ScriptedRelay
        private(set) var isOpen = false

        init(line: Line, relay: ScriptedRelay) {
            self.line = line
            script = relay
        }

        var abort: @Sendable () -> Void { { [line] in line.abort() } }

        func open() throws(DeliveryFailure) {
            if let failure = script.open(line) { throw failure }
            isOpen = true
        }

        func transfer(_ envelope: Envelope, message: [UInt8], intent: () -> Bool) -> TransferResult {
            let result = script.transfer(line, envelope, intent)
            switch result {
            case .withdrawn: isOpen = false
            case .failed(let failure) where failure.scope == .connection || failure.scope == .ambiguous:
                isOpen = false
            default: break
            }
            return result
        }

        func close() { isOpen = false }
    }
}

/// A campaign in a store of its own, and a sender for it.
final class Desk: Sendable {
    let clock = ManualClock()
    let store: Store
    let campaign: Campaign
    private let folder: URL

    init(people: Int) throws {
        folder = URL(filePath: NSTemporaryDirectory()).appending(path: "desk-\(UUID().uuidString)")
        store = try Store.open(at: folder.appending(path: "var/nashra.db").path, clock: clock)
        _ = try store.addTopic(name: "fraud", title: ["ar": "احتيال"], actor: "test")
        let rows = try (0..<people).map { index in
            ImportRow(
                address: try EmailAddress.parse("قارئ\(index)@example.org"),
                name: "نورة",
                language: .arabic
            )
        }
        _ = try store.importBatch(rows, topic: "fraud", source: "test")
        var settings = Compose.settings
        settings.date = clock.now()
        campaign = try store.freeze(
            CampaignDraft(
                bulletin: "2026-014",
                contentHash: "abc1",
                rendered: try JSONEncoder().encode(Compose.bulletin),
                settings: settings,
                query: AudienceQuery(topics: ["fraud"]),
                fields: ["name"],
                chain: [.arabic, .english],
                available: [.arabic, .english, .french],
                actor: "test"
            )
        )
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sends what is due.
    func send(
        _ relay: ScriptedRelay,
        connections: Int = 2,
        waits: Bool = false,
        messagesPerConnection: Int = 1_000,
        stop: StopSignal = StopSignal(),
        onProgress: @escaping @Sendable (SendProgress) -> Void = { _ in }
    ) throws -> SendEnd {
        var options = SendService.Options(
            connections: connections,
            messagesPerConnection: messagesPerConnection,
            waits: waits,
            stormGuard: nil
        )
        options.firstRelayPause = .milliseconds(5)
        let service = SendService(
            store: store,
            transport: relay,
            keyring: try Compose.keyring(),
            clock: clock,
            options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            stop: stop,
            onProgress: onProgress
        )
        return try service.run(campaign.name)
    }

    var states: [DeliveryState: Int] { get throws { try store.stateCounts(of: campaign.id) } }
}
