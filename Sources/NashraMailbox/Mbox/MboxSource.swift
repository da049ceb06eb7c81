// SPDX-License-Identifier: Apache-2.0
//
// Returned messages in an mbox file, also while a mail system appends to it.
// Touches that file, FILE.lock, and FILE.unparsed for what could not be read.
// Rules: mbox(5). The file is emptied in place and never replaced: a mail system that waits for its lock has it open, and
// would go on to write into a file without a name. Emptying is one operation, so there is no half-way for a crash.
import Glibc
public import NashraCore

/// The messages of an mbox file.
///
/// The lock is held for moments only: to see how long the file is, and to empty it. In between, mail systems append; what
/// they append is handed out too. The file is emptied when every message in it was acknowledged and nothing was
/// added or changed; otherwise it stays as it is, everything in it comes again, and the store knows it.
public final class MboxSource: BounceSource {
    /// `mbox PATH`.
    public let name: String
    /// Where messages go that could not be read: an mbox file too.
    public let asideFile: String

    let path: String
    let done: AfterRecording
    let patience: Duration
    let file: OpenFile
    var reader: MboxReader
    var seen = SeenFile()
    /// Those handed out and not finished, by id.
    var unfinished: [String: Range<Int>] = [:]
    /// How often reading began anew; part of the ids, so that they stay unique.
    var round = 0
    /// Whether nothing more may be done with the file.
    var isLeft = false
    private var findings: [Diagnostic] = []
    /// Called before each step that changes a file; tests break one by throwing.
    var before: (String) throws(SystemFailure) -> Void = { (_) throws(SystemFailure) in }

    private static let bytesAtOnce = 32 << 20

    /// Opens an mbox file and looks how long it is.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - done: Whether it is emptied when everything in it was recorded.
    ///   - patience: How long to wait for its lock.
    /// - Throws: `noInput`, `notPermitted`, or `tryAgain` when it stays locked.
    public init(path: String, done: AfterRecording = .delete, patience: Duration = .seconds(10))
        throws(UserError)
    {
        self.path = path
        self.done = done
        self.patience = patience
        name = "mbox \(path)"
        asideFile = "\(path).unparsed"
        reader = MboxReader(path: path, to: 0)
        file = try Self.open(path, done)
        try measure()
    }

    private static func open(_ path: String, _ done: AfterRecording) throws(UserError) -> OpenFile {
        do {
            let file = try OpenFile.open(path, (done == .delete ? O_RDWR : O_RDONLY) | O_NONBLOCK)
            if try file.status(path).st_mode & S_IFMT == S_IFREG { return file }
        } catch {
            guard error.code != EISDIR else { throw notAFile(path) }
            let remedy = error.code == EACCES ? "It has to be writable, unless you say --keep." : ""
            throw error.asUserError(remedy: remedy)
        }
        throw notAFile(path)
    }

    private static func notAFile(_ path: String) -> UserError {
        UserError(.noInput, "\(path) is not a file", remedy: "A Maildir is read with --maildir.")
    }

    /// The next messages; see ``BounceSource/next(limit:)``.
    ///
    /// - Throws: `badData` when the file is no mbox; `inputOutput`.
    public func next(limit: Int) throws(UserError) -> [ReturnedMail] {
        var mails: [ReturnedMail] = []
        var size = 0
        while mails.count < limit, size < Self.bytesAtOnce, !isLeft, let message = try nextMessage() {
            let id = "\(round).\(message.range.lowerBound)"
            unfinished[id] = message.range
            size += message.bytes.count
            mails.append(ReturnedMail(id: id, bytes: message.bytes))
        }
        return mails
    }

    private func nextMessage() throws(UserError) -> MboxReader.Message? {
        do {
            return try reader.next(in: file)
        } catch {
            switch error {
            case .system(let failure): throw failure.asUserError()
            case .notAnMbox:
                throw UserError(
                    .badData,
                    "\(path) is not an mbox file: no line \"From \" at byte \(reader.position)",
                    remedy: "A single message is read with --stdin, a folder with --maildir."
                )
            }
        }
    }

    /// Notes that messages are recorded, and empties the file when they were the last.
    public func acknowledge(_ ids: [String]) throws(UserError) {
        for id in ids { unfinished[id] = nil }
        try emptyIfFinished()
    }

    /// Appends messages to ``asideFile``; with ``AfterRecording/keep`` they only stay where they are.
    public func setAside(_ ids: [String]) throws(UserError) {
        if done == .delete {
            do { try copyAside(ids.compactMap { unfinished[$0] }) } catch { throw error.asUserError() }
        }
        try acknowledge(ids)
    }

    /// Does nothing more; what was not acknowledged stays in the file.
    public func close() {
        isLeft = true
        unfinished = [:]
    }

    /// That another program changed the file.
    public func takeFindings() -> [Diagnostic] {
        defer { findings = [] }
        return findings
    }

    /// Leaves the file as it is, and says why.
    func leave(_ why: String) {
        isLeft = true
        findings.append(
            Diagnostic(
                .warning,
                file: path,
                "\(why) while it was read; it is left as it is",
                remedy: "What was read is recorded. Run again for the rest."
            )
        )
    }
}
