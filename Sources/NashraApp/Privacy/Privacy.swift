// SPDX-License-Identifier: Apache-2.0
//
// What is held about people, as use cases: handed out, forgotten, kept for so long and no longer.
// Reads and changes the store and the state's folder; reads the keys. Rules: docs/privacy.md.
import Foundation
import NashraConfig
public import NashraCore
import NashraKeys
public import NashraStore

/// What erasing some people did, in the store and in files.
public struct ErasureResult: Sendable {
    /// What was done in the store, in the order of the addresses.
    public var erasures: [Erasure]
    /// Addresses that nothing was held about.
    public var unknown: [String]
    /// What is left in the store's files.
    public var traces: TraceFinding
    /// Files of the workspace that named somebody, and what was done about them.
    public var files: [PersonFile]
}

extension Application {
    /// Everything that is held about one person.
    ///
    /// - Throws: `unknownObject` when nothing is, saying so when the person was erased.
    public func export(person text: String) throws(UserError) -> PersonExport {
        let address = try Self.address(text)
        let store = try openStore()
        let export = try store.export(of: address, actor: actor)
        guard export.isEmpty else { return export }
        if try store.erasedCount() > 0, let at = try store.erasedAt(keyring().erasureHashes(of: address.key))
        {
            throw UserError(
                .unknownObject,
                "\(text) was erased on \(at.iso8601); nothing is held but a keyed hash of the address.",
                remedy:
                    "The hash keeps files from bringing the person back. It goes with a confirmation of her own."
            )
        }
        throw UserError(
            .unknownObject,
            "Nothing is held about \(text).",
            remedy: "nashra subscribers list names those who are in the register."
        )
    }

    /// Writes the register in a form, piece by piece, and records that it was handed out.
    ///
    /// - Returns: How many people were written.
    public func export(
        register export: RegisterExport,
        _ write: ([UInt8]) throws(UserError) -> Void
    ) throws(UserError) -> Int {
        let store = try openStore()
        let count = try store.exportRegister(export, write)
        var detail = ["people": String(count), "state": export.filter.state?.rawValue ?? "all"]
        if let topic = export.filter.topic { detail["topic"] = topic }
        try store.recordAudit(actor: actor, action: "register.export", object: "register", detail: detail)
        return count
    }

    /// Erases people for ever.
    ///
    /// - Parameters:
    ///   - texts: Their addresses; all are checked before the first is erased.
    ///   - onErased: Called after each person whom something was held about.
    /// - Returns: What was done, also about addresses that nothing was held about.
    /// - Throws: `tryAgain` while a message to one of them is being handed over; those before are erased by then.
    public func erase(
        _ texts: [String],
        onErased: (String, Erasure) -> Void
    ) throws(UserError) -> ErasureResult {
        let addresses = try texts.map { text throws(UserError) in try Self.address(text) }
        let store = try openStore()
        let keyring = try keyring()
        // Who holds this lock sends; as long as we hold it, nobody begins to.
        let lock = try? SenderLock.acquire(at: workspace.senderLock)
        defer { lock?.release() }
        var result = ErasureResult(erasures: [], unknown: [], traces: .clean, files: [])
        for (text, address) in zip(texts, addresses) {
            let erasure = try store.erase(
                address,
                hash: { keyring.erasureHash(of: $0) },
                isSending: lock == nil,
                actor: actor
            )
            guard let erasure else {
                result.unknown.append(text)
                continue
            }
            result.erasures.append(erasure)
            onErased(text, erasure)
        }
        guard !result.erasures.isEmpty else { return result }
        let searches = result.erasures.map(\.search)
        result.traces = try store.clearTraces(of: searches)
        result.files = try PersonFiles(self).clear(of: searches)
        return result
    }

    /// The configured rules of how long things are kept.
    public var retention: Retention {
        var spans: [Retention.Rule: Duration] = [:]
        for (name, span) in configuration.privacy.retention {
            if let rule = Retention.Rule(rawValue: name) { spans[rule] = span }
        }
        return Retention(spans)
    }

    /// Counts what has been kept for long enough, and prunes it unless it is a dry run.
    public func prune(
        isDryRun: Bool,
        onProgress: (Retention.Rule, Int) -> Void = { _, _ in }
    ) throws(UserError) -> [PruneCount] {
        let keyring = try keyring()
        let store = isDryRun ? try openStoreForReading() : try openStore()
        let counts = try store.prune(
            retention,
            isDryRun: isDryRun,
            hash: { keyring.erasureHash(of: $0) },
            actor: actor,
            onProgress: onProgress
        )
        if counts.contains(where: { $0.pruned > 0 }) { _ = try store.clearTraces(of: []) }
        return counts
    }

    /// Takes addresses of people who were erased out of a question for an audience.
    ///
    /// - Returns: The question without them, and how many they were.
    func withoutErased(_ query: AudienceQuery, in store: Store) throws(UserError) -> (AudienceQuery, Int) {
        guard !query.addresses.isEmpty, try store.erasedCount() > 0 else { return (query, 0) }
        let keyring = try keyring()
        var kept: [EmailAddress] = []
        for address in query.addresses
        where try store.erasedAt(keyring.erasureHashes(of: address.key)) == nil {
            kept.append(address)
        }
        var query = query
        let left = query.addresses.count - kept.count
        query.addresses = kept
        return (query, left)
    }
}
