// SPDX-License-Identifier: Apache-2.0
//
// The spool: where the pipe and the LMTP listener put what they were given, durably, before they say "yes".
// Writes below one folder: tmp/ → new/; SpoolSource reads. Safe from several threads and several processes.
// Rules: docs/returned-mail.md; fsync(2), rename(2).
import Glibc
public import NashraCore
import Synchronization

/// The folder in which messages wait until they are read.
///
/// It needs no store and no configuration: a message can be taken in while either is away.
public final class Spool: Sendable {
    /// The folder, `var/spool`.
    public let path: String

    private let counter = Atomic<UInt32>(0)
    private let process = getpid()
    /// Called before each operation on the disk, with its name; tests break one by throwing.
    let before: @Sendable (String) throws(SystemFailure) -> Void

    /// The parts of the spool.
    enum Part: String, CaseIterable {
        /// What is being written.
        case tmp
        /// What waits.
        case new
        /// How often a message was begun; see `SpoolSource`.
        case attempts
        /// What ended the process too often, or could not be read.
        case failed
    }

    /// Uses a spool, and makes it when it is missing.
    ///
    /// - Parameter path: The folder; its parent has to exist.
    /// - Throws: `notPermitted`, or `inputOutput`.
    public convenience init(path: String) throws(UserError) {
        try self.init(path: path, before: { (_) throws(SystemFailure) in })
    }

    init(path: String, before: @escaping @Sendable (String) throws(SystemFailure) -> Void) throws(UserError) {
        self.path = path
        self.before = before
        do {
            try Folder.make(path)
            for part in Part.allCases { try Folder.make(folder(part)) }
        } catch {
            throw error.asUserError()
        }
    }

    func folder(_ part: Part) -> String { "\(path)/\(part.rawValue)" }

    // MARK: Deposits

    /// Keeps one message for each recipient.
    ///
    /// When it returns, each of them survives a power cut.
    ///
    /// - Parameters:
    ///   - message: The message as it came, of any size; what is longer than ``ReturnedMail/maximumBytes`` is cut there.
    ///   - recipients: Whom the envelope named; `nil` where nobody knows.
    /// - Returns: For each recipient the new file's name, or why it could not be kept.
    public func deposit(_ message: [UInt8], for recipients: [String?]) -> [Result<String, UserError>] {
        let kept = message.prefix(ReturnedMail.maximumBytes)
        var results: [Result<String, UserError>] = []
        for recipient in recipients {
            do { results.append(.success(try write(kept, for: recipient))) } catch {
                results.append(.failure(error.asUserError()))
            }
        }
        do {
            try publish(results)
        } catch {
            // Which names are durable is unknown: to say "yes" to none and be given it again is the safe side.
            let failure = error.asUserError()
            return results.map { _ in .failure(failure) }
        }
        return results
    }

    /// The same for one recipient.
    ///
    /// - Throws: Why it could not be kept.
    @discardableResult
    public func deposit(_ message: [UInt8], for recipient: String? = nil) throws(UserError) -> String {
        guard let result = deposit(message, for: [recipient]).first else { return "" }
        return try result.get()
    }

    /// Writes and syncs a file in tmp/; it has no name in new/ yet.
    private func write(_ message: ArraySlice<UInt8>, for recipient: String?) throws(SystemFailure) -> String {
        let name = newName()
        let temporary = "\(folder(.tmp))/\(name)"
        try before("create")
        let file = try OpenFile.open(temporary, O_WRONLY | O_CREAT | O_EXCL)
        do {
            try before("write")
            try file.write(SpoolLine(recipient: recipient).bytes, path: temporary)
            try file.write(message, path: temporary)
            try before("sync")
            try file.synchronize(temporary)
            try before("close")
            try file.close(temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        return name
    }

    /// Gives the files that were written their names in new/, all or none, and syncs once.
    private func publish(_ results: [Result<String, UserError>]) throws(SystemFailure) {
        let names = results.compactMap { try? $0.get() }
        guard !names.isEmpty else { return }
        do {
            for name in names {
                try before("rename")
                try Folder.move("\(folder(.tmp))/\(name)", to: "\(folder(.new))/\(name)")
            }
            try before("sync-folder")
            try Folder.synchronize(folder(.new))
        } catch {
            for name in names {
                unlink("\(folder(.tmp))/\(name)")
                unlink("\(folder(.new))/\(name)")
            }
            throw error
        }
    }

    /// Sorts by time; unique over threads, processes, and a clock that was set back.
    private func newName() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let number = counter.add(1, ordering: .relaxed).newValue
        let micros = String(now.tv_nsec / 1000)
        let padding = String(repeating: "0", count: max(0, 6 - micros.count))
        let chance = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        return "\(now.tv_sec).\(padding)\(micros)-\(process)-\(number)-\(chance)"
    }
}

/// The first line of a file in the spool: a header field of ours, so that the file is a message for everybody.
///
/// `X-Nashra-Spool: 1 b+token@example.org`. Only the first line counts, and we wrote it; a message cannot forge it.
struct SpoolLine: Equatable {
    var recipient: String?

    static let start = "X-Nashra-Spool: 1"
    /// RFC 5321 section 4.5.3.1: a path has at most 256 octets; SMTPUTF8 addresses may have more.
    static let longestRecipient = 1024
    /// The longest line, its end included.
    static let longestBytes = start.utf8.count + 1 + longestRecipient + 2

    /// An address that is too long, or that could end the line, is left out: it is none of ours.
    init(recipient: String?) {
        guard let recipient, !recipient.isEmpty, recipient.utf8.count <= Self.longestRecipient,
            recipient.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return }
        self.recipient = recipient
    }

    var bytes: [UInt8] {
        Array((recipient.map { "\(Self.start) \($0)\r\n" } ?? "\(Self.start)\r\n").utf8)
    }

    /// Reads the line at the start of a file.
    ///
    /// - Returns: The line and where the message begins; a file without one is a message from its first byte.
    static func read(_ file: [UInt8]) -> (line: SpoolLine, message: Int) {
        let start = Array(Self.start.utf8)
        let head = file.prefix(longestBytes)
        guard head.starts(with: start), let feed = head.firstIndex(of: 0x0A), feed > start.count,
            head[feed - 1] == 0x0D
        else { return (SpoolLine(recipient: nil), 0) }
        let address = head[start.count..<(feed - 1)].dropFirst()
        return (SpoolLine(recipient: String(decoding: address, as: UTF8.self)), feed + 1)
    }
}
