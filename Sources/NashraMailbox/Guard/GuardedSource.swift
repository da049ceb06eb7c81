// SPDX-License-Identifier: Apache-2.0
//
// A source of returned mail with a guard: a message over which the process died again and again is set aside.
// Touches one folder of its own, and whatever the source touches. Rules: docs/threat-model.md, row 12.
// The spool has such a guard built in, because it knows its messages by name.
import Glibc
public import NashraCore

/// Hands out the messages of another source, and remembers on the disk which ones are being read.
///
/// Messages are known by their bytes, so that it does not matter what the source calls them the next time. One that was
/// begun and not finished comes by itself; after ``SpoolSource/mostTries`` deaths it is set aside unread.
public final class GuardedSource: BounceSource {
    /// The source's own name.
    public var name: String { base.name }
    /// What is guarded.
    public let base: any BounceSource

    private let lock: OpenFile
    private var log: AttemptLog
    /// How often a message was begun by processes that are dead.
    private var tries: [String: Int]
    /// Messages that wait to be handed out by themselves.
    private var suspects: [(mail: ReturnedMail, mark: String)] = []
    /// The marks of what is handed out, by id.
    private var marks: [String: String] = [:]
    private var findings: [Diagnostic] = []

    /// Marks of messages that never came again are forgotten beyond so many.
    private static let mostMarks = 20_000

    /// Guards a source.
    ///
    /// - Parameters:
    ///   - base: The source.
    ///   - folder: Where the guard keeps what it must not forget; made when it is missing, its parent too. Each source
    ///     has one of its own there, by its name.
    /// - Returns: The guarded source; `base` itself while another process guards the same one, because that one's
    ///   messages would look like those of a dead process.
    /// - Throws: `notPermitted`, or `inputOutput`.
    public static func guarding(_ base: any BounceSource, in folder: String) throws(UserError)
        -> any BounceSource
    {
        do {
            try Folder.make(folder)
            let mine = "\(folder)/\(mark(of: Array(base.name.utf8)))"
            try Folder.make(mine)
            let lock = try OpenFile.open(
                "\(folder)/\(mark(of: Array(base.name.utf8))).lock",
                O_RDWR | O_CREAT
            )
            guard flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 else { return base }
            return try GuardedSource(base, lock: lock, folder: mine)
        } catch {
            throw error.asUserError()
        }
    }

    private init(_ base: any BounceSource, lock: consuming OpenFile, folder: String) throws(SystemFailure) {
        self.base = base
        self.lock = lock
        log = AttemptLog(folder: folder)
        tries = try log.read()
        if tries.count > Self.mostMarks { tries = tries.filter { $0.value > 1 } }
        try log.replace(by: tries)
    }

    /// The next messages: fresh ones together, each suspect alone.
    public func next(limit: Int) throws(UserError) -> [ReturnedMail] {
        while suspects.isEmpty {
            let mails = try base.next(limit: limit)
            guard !mails.isEmpty else {
                try forgetThoseWhoNeverCame()
                return []
            }
            let fresh = try sort(mails)
            guard fresh.isEmpty else { return try begin(fresh) }
        }
        guard let first = suspects.popLast() else { return [] }
        return try begin([first])
    }

    /// Suspects that somebody else has taken away: once everything was seen and finished, no mark means anything.
    private func forgetThoseWhoNeverCame() throws(UserError) {
        guard marks.isEmpty else { return }
        tries = [:]
        do { try log.forgetInherited() } catch { throw error.asUserError() }
    }

    /// Tells fresh messages from suspects, and sets aside what ended the process too often.
    private func sort(_ mails: [ReturnedMail]) throws(UserError) -> [(mail: ReturnedMail, mark: String)] {
        var fresh: [(mail: ReturnedMail, mark: String)] = []
        var condemned: [String] = []
        for mail in mails {
            let mark = Self.mark(of: mail.bytes)
            marks[mail.id] = mark
            switch tries[mark] ?? 0 {
            case 0: fresh.append((mail, mark))
            case ..<SpoolSource.mostTries: suspects.append((mail, mark))
            case let count:
                condemned.append(mail.id)
                findings.append(
                    Diagnostic(
                        .warning,
                        file: name,
                        "message \(mail.id) is set aside: the process died \(count) times while it read this message",
                        remedy:
                            "Look at it with nashra bounces explain, and report it: no message may do that."
                    )
                )
            }
        }
        suspects.reverse()
        if !condemned.isEmpty { try setAside(condemned) }
        return fresh
    }

    private func begin(_ batch: [(mail: ReturnedMail, mark: String)]) throws(UserError) -> [ReturnedMail] {
        var counts: [String: Int] = [:]
        for (_, mark) in batch { counts[mark] = (tries[mark] ?? 0) + 1 }
        do { try log.begin(counts.map { ($0.key, $0.value) }) } catch { throw error.asUserError() }
        return batch.map(\.mail)
    }

    /// As the source does; what is done counts against no message any more.
    public func acknowledge(_ ids: [String]) throws(UserError) {
        try base.acknowledge(ids)
        try finish(ids)
    }

    /// As the source does.
    public func setAside(_ ids: [String]) throws(UserError) {
        try base.setAside(ids)
        try finish(ids)
    }

    private func finish(_ ids: [String]) throws(UserError) {
        do {
            for mark in Set(ids.compactMap { marks.removeValue(forKey: $0) }) {
                tries[mark] = nil
                try log.end(mark)
            }
        } catch {
            throw error.asUserError()
        }
    }

    /// Ends in good order: what was handed out and not finished counts against nobody.
    public func close() {
        try? log.giveBack()
        suspects = []
        marks = [:]
        base.close()
    }

    /// The source's findings, and what was set aside here.
    public func takeFindings() -> [Diagnostic] {
        defer { findings = [] }
        return findings + base.takeFindings()
    }

    /// FNV-1a of the bytes, 64 bits, and their number: tells messages apart, and proves nothing.
    private static func mark(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        return "\(String(hash, radix: 16))-\(bytes.count)"
    }
}
