// SPDX-License-Identifier: Apache-2.0
//
// Returned mail as it arrives: a folder that is watched, a mail system that delivers by LMTP.
// Blocks the caller's thread; LMTP has a thread of its own. Rules: docs/decisions/0007-bounces.md.
import Foundation
import NashraConfig
public import NashraCore
public import NashraEngine
import NashraMailbox

extension BounceDesk {
    /// Takes in what waits in a folder and what arrives there, until it is asked to end.
    ///
    /// What can only be a matter of time, such as a store that another process holds, is told and tried again.
    ///
    /// - Parameters:
    ///   - source: A Maildir or the spool.
    ///   - stop: Ends it after the batch under way.
    ///   - summary: What came.
    ///   - onTrouble: Called with what is tried again.
    ///   - onBatch: Called after every batch.
    /// - Throws: What no waiting mends.
    public func watch(
        _ source: any BounceSource,
        stop: StopSignal,
        into summary: inout IngestSummary,
        onTrouble: (UserError) -> Void,
        onBatch: (IngestSummary) -> Void
    ) throws(UserError) {
        let watch = FolderWatch(folders: Self.watchedFolders(source))
        repeat {
            do throws(UserError) {
                try ingest(source, stop: stop, into: &summary, onBatch: onBatch)
                _ = try sendOutbox(stop: stop)
            } catch {
                guard error.status == .tryAgain || error.status == .unavailable else { throw error }
                onTrouble(error)
            }
        } while watch.wait(until: { stop.count > 0 }) == .look
    }

    /// Takes messages by LMTP into the spool, and what is in the spool into the store, until it is asked to end.
    ///
    /// - Parameters:
    ///   - place: A socket's path, or a port of this machine; port 0 lets the system choose.
    ///   - stop: Ends it; open transactions get their answer.
    ///   - summary: What came.
    ///   - onListening: Called once, with `unix:PATH` or `127.0.0.1:PORT`.
    ///   - onTrouble: Called with what is tried again.
    /// - Throws: `tryAgain` when somebody listens there or reads the spool already; `cannotCreate`, `notPermitted`.
    public func listen(
        lmtp place: String,
        stop: StopSignal,
        into summary: inout IngestSummary,
        onListening: (String) throws(UserError) -> Void,
        onTrouble: (UserError) -> Void
    ) throws(UserError) {
        let source = try source(.spool)
        defer { source.close() }
        let listener = try LMTPListener(
            UInt16(place).map { .port($0) } ?? .socket(path: place),
            spool: try application.spool(),
            host: application.configuration.relay.ehloName
        )
        let ended = Monitor(false)
        let thread = Thread {
            listener.run(until: { stop.count > 0 })
            ended.withLock { done, _ in done = true }
        }
        thread.start()
        defer {
            listener.stop()
            while !ended.withLock({ done, _ in done }) { usleep(20_000) }
        }
        try onListening("\(listener.place)")
        try watch(source, stop: stop, into: &summary, onTrouble: onTrouble) { _ in }
    }
}
