// SPDX-License-Identifier: Apache-2.0
//
// Hands out what waits in the spool, and keeps a message that ends the process from ending it for ever.
// Touches the spool's folder; one process at a time, by a lock that ends with it.
// Rules: docs/threat-model.md, row 12: a message that is never finished is set aside after three tries.
import Glibc
public import NashraCore

/// The messages of a spool.
///
/// Before a message is handed out, an empty file in `attempts/` says so, durably; it goes when the message is done. Those
/// found at the start belong to messages during which the process died. They are handed out last and one at a time, so
/// that the guilty one is found and the others are not held up. The third such death moves the message to `failed/`.
public final class SpoolSource: BounceSource {
    /// `spool PATH`.
    public let name: String
    /// For ``FolderWatch``.
    public var watchedFolders: [String] { [new] }

    private let spool: Spool
    private let new: String
    private let attempts: String
    private let failed: String
    private var lock: OpenFile?
    private var waiting: ArraySlice<String> = []
    private var suspects: [String] = []
    private var tries: [String: Int] = [:]
    private var handedOut: Set<String> = []
    private var passedOver: Set<String> = []
    private var findings: [Diagnostic] = []

    /// How often a message may end the process.
    public static let mostTries = 3
    private static let namesAhead = 10_000
    private static let bytesAtOnce = 32 << 20
    /// What a deposit that died has left in tmp/ goes after an hour; a deposit takes less than a second.
    private static let leftoverAge = 3600

    /// Opens a spool for reading.
    ///
    /// - Throws: `tryAgain` when another process reads it.
    public init(_ spool: Spool) throws(UserError) {
        self.spool = spool
        name = "spool \(spool.path)"
        new = spool.folder(.new)
        attempts = spool.folder(.attempts)
        failed = spool.folder(.failed)
        do {
            lock = try Self.takeLock(spool.path + "/lock")
            try clearLeftovers()
            try countTries()
        } catch {
            guard error.code == EWOULDBLOCK else { throw error.asUserError() }
            throw UserError(
                .tryAgain,
                "another nashra reads the spool \(spool.path)",
                remedy: "Let it: it takes what comes. Or end it first."
            )
        }
    }

    deinit { close() }

    private static func takeLock(_ path: String) throws(SystemFailure) -> OpenFile {
        let file = try OpenFile.open(path, O_RDWR | O_CREAT)
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else { throw SystemFailure("lock", path) }
        return file
    }

    /// The next messages; see ``BounceSource/next(limit:)``.
    public func next(limit: Int) throws(UserError) -> [ReturnedMail] {
        do {
            if waiting.isEmpty, suspects.isEmpty { try lookAgain() }
            var mails: [ReturnedMail] = []
            var size = 0
            while mails.count < limit, size < Self.bytesAtOnce, let id = nextName(isFirst: mails.isEmpty) {
                try mark(id)
                guard let mail = read(id) else { continue }
                size += mail.bytes.count
                mails.append(mail)
                if tries[id, default: 0] > 1 { break }
            }
            if !mails.isEmpty { try Folder.synchronize(attempts) }
            return mails
        } catch {
            throw error.asUserError()
        }
    }

    /// Deletes messages.
    ///
    /// Not synced: a message that a power cut brings back is known to the store.
    public func acknowledge(_ ids: [String]) throws(UserError) {
        do {
            for id in ids where handedOut.contains(id) {
                try Folder.remove("\(new)/\(id)")
                try forget(id)
            }
        } catch {
            throw error.asUserError()
        }
    }

    /// Moves messages to `failed/`.
    public func setAside(_ ids: [String]) throws(UserError) {
        do {
            for id in ids where handedOut.contains(id) {
                try moveToFailed(id)
                try forget(id)
            }
        } catch {
            throw error.asUserError()
        }
    }

    /// Gives back what was handed out and not finished; it is nobody's fault.
    public func close() {
        guard lock != nil else { return }
        for id in handedOut { try? forget(id) }
        waiting = []
        suspects = []
        lock = nil
    }

    /// Leaves everything as a process that is killed would.
    func dieForTest() { lock = nil }

    /// Messages that were set aside because they ended the process, and files that could not be read.
    public func takeFindings() -> [Diagnostic] {
        defer { findings = [] }
        return findings
    }

    // MARK: Order

    private func lookAgain() throws(SystemFailure) {
        let names = try Folder.names(in: new, limit: Self.namesAhead) {
            !handedOut.contains($0) && !passedOver.contains($0)
        }
        waiting = names.filter { tries[$0] == nil }[...]
        suspects = names.filter { tries[$0] != nil }.reversed()
    }

    /// Fresh ones first; a suspect only by itself.
    private func nextName(isFirst: Bool) -> String? {
        waiting.popFirst() ?? (isFirst ? suspects.popLast() : nil)
    }

    private func read(_ id: String) -> ReturnedMail? {
        let path = "\(new)/\(id)"
        do throws(SystemFailure) {
            let file = try OpenFile.openMessage(path)
            let status = try file.status(path)
            guard status.st_mode & S_IFMT == S_IFREG else { throw SystemFailure("read", path, code: EISDIR) }
            let most = ReturnedMail.maximumBytes + SpoolLine.longestBytes
            let bytes = try OpenFile.read(
                file.descriptor,
                count: min(max(0, Int(status.st_size)), most),
                path: path
            )
            let (line, start) = SpoolLine.read(bytes)
            handedOut.insert(id)
            let message = bytes[start...].prefix(ReturnedMail.maximumBytes)
            return ReturnedMail(id: id, bytes: Array(message), envelopeRecipient: line.recipient)
        } catch {
            try? forget(id)
            guard !error.isMissing else { return nil }
            passedOver.insert(id)
            findings.append(Diagnostic(.warning, file: path, "passed over: \(error)"))
            return nil
        }
    }

    // MARK: Tries

    /// Says that `id` is begun; durable when `attempts/` is synced.
    private func mark(_ id: String) throws(SystemFailure) {
        let count = tries[id, default: 0] + 1
        _ = try OpenFile.open("\(attempts)/\(id).\(count)", O_WRONLY | O_CREAT)
        tries[id] = count
    }

    /// The message is finished, or given back: nothing counts against it any more.
    private func forget(_ id: String) throws(SystemFailure) {
        handedOut.remove(id)
        guard let count = tries.removeValue(forKey: id), count > 0 else { return }
        for number in 1...count { try Folder.remove("\(attempts)/\(id).\(number)") }
    }

    /// Reads what the last processes left: how often each message was begun and not finished.
    private func countTries() throws(SystemFailure) {
        for marker in try Folder.names(in: attempts, limit: 1_000_000) {
            guard let dot = marker.lastIndex(of: "."), let number = Int(marker[marker.index(after: dot)...]),
                (1...Self.mostTries).contains(number), Folder.has("\(new)/\(marker[..<dot])")
            else {
                try Folder.remove("\(attempts)/\(marker)")
                continue
            }
            tries[String(marker[..<dot])] = max(number, tries[String(marker[..<dot])] ?? 0)
        }
        for (id, count) in tries where count >= Self.mostTries {
            try moveToFailed(id)
            try forget(id)
            findings.append(
                Diagnostic(
                    .warning,
                    file: "\(failed)/\(id)",
                    "set aside: the process died \(count) times while it read this message",
                    remedy: "Look at it with nashra bounces explain; to try again, move it back to \(new)."
                )
            )
        }
    }

    private func moveToFailed(_ id: String) throws(SystemFailure) {
        do { try Folder.move("\(new)/\(id)", to: "\(failed)/\(id)") } catch {
            guard error.isMissing else { throw error }
        }
        try Folder.synchronize(failed)
        try Folder.synchronize(new)
    }

    private func clearLeftovers() throws(SystemFailure) {
        let tmp = spool.folder(.tmp)
        for name in try Folder.names(in: tmp, limit: Self.namesAhead) {
            var status = stat()
            let path = "\(tmp)/\(name)"
            guard lstat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > Self.leftoverAge else {
                continue
            }
            try Folder.remove(path)
        }
    }
}
