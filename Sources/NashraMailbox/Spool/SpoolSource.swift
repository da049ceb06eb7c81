// SPDX-License-Identifier: Apache-2.0
//
// Hands out what waits in the spool, and keeps a message that ends the process from ending it for ever.
// Touches the spool's folder; one process at a time, by a lock that ends with it.
// Rules: docs/threat-model.md, row 12: a message that is never finished is set aside after three tries.
import Glibc
public import NashraCore

/// The messages of a spool.
///
/// Before messages are handed out, a file in `attempts/` names them, durably; it goes when all of them are done. Those that
/// are named there at the start are messages during which the process died. They are handed out last and one at a time,
/// so that the guilty one is found and the others are not held up. The third such death moves the message to `failed/`.
public final class SpoolSource: BounceSource {
    /// `spool PATH`.
    public let name: String
    /// For ``FolderWatch``.
    public var watchedFolders: [String] { [new] }

    private let spool: Spool
    private let new: String
    private let failed: String
    private var lock: OpenFile?
    private var waiting: ArraySlice<String> = []
    private var suspects: [String] = []
    /// How often the process has died with a suspect.
    private var tries: [String: Int] = [:]
    private var log: AttemptLog
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
        log = AttemptLog(folder: spool.folder(.attempts))
        failed = spool.folder(.failed)
        do {
            lock = try Self.takeLock(spool.path + "/lock")
            try clearLeftovers()
            try judgeSuspects()
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
                guard let mail = read(id) else { continue }
                size += mail.bytes.count
                mails.append(mail)
                if tries[id] != nil { break }
            }
            try log.begin(mails.map { ($0.id, tries[$0.id, default: 0] + 1) })
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
                try finish(id)
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
                try finish(id)
            }
        } catch {
            throw error.asUserError()
        }
    }

    /// Gives back what was handed out and not finished; it is nobody's fault.
    public func close() {
        guard lock != nil else { return }
        handedOut = []
        try? log.giveBack()
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
            guard !error.isMissing else { return nil }
            passedOver.insert(id)
            findings.append(Diagnostic(.warning, file: path, "passed over: \(error)"))
            return nil
        }
    }

    // MARK: Suspects

    /// The message is done: nothing counts against it any more.
    private func finish(_ id: String) throws(SystemFailure) {
        handedOut.remove(id)
        tries[id] = nil
        try log.end(id)
    }

    /// Reads what the last processes left: how often each message was begun and not finished.
    private func judgeSuspects() throws(SystemFailure) {
        tries = try log.read().filter { Folder.has("\(new)/\($0.key)") }
        for (id, count) in tries where count >= Self.mostTries {
            try moveToFailed(id)
            tries[id] = nil
            findings.append(
                Diagnostic(
                    .warning,
                    file: "\(failed)/\(id)",
                    "set aside: the process died \(count) times while it read this message",
                    remedy: "Look at it with nashra bounces explain; to try again, move it back to \(new)."
                )
            )
        }
        try log.replace(by: tries)
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
