// SPDX-License-Identifier: Apache-2.0
//
// The lock that makes a store have one sender: held for as long as a process sends, gone when it ends, however.
// Touches one file. Rules: docs/decisions/0002-ledger.md; flock(2).
import Foundation
public import NashraCore

/// The right to send, for one process at a time.
public final class SenderLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Takes the lock, or says at once who has it.
    ///
    /// - Parameter path: The lock's file, `var/sender.lock`; made when it is missing, and never removed.
    /// - Returns: The lock; it ends with the object.
    /// - Throws: `tryAgain`, naming the process that sends; `cannotCreate` when the file cannot be made.
    public static func acquire(at path: String) throws(UserError) -> SenderLock {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UserError(
                .cannotCreate,
                "the lock \(path) cannot be made: \(String(cString: strerror(errno)))",
                remedy: "Check that its folder exists and belongs to the user who runs nashra."
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = readHolder(descriptor)
            Glibc.close(descriptor)
            throw UserError(
                .tryAgain,
                "another nashra is sending\(holder.map { " (process \($0))" } ?? "")",
                remedy: "Wait for it, or stop it with SIGTERM; what it has not sent stays queued."
            )
        }
        let line = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, Glibc.write(descriptor, line, line.count) == line.count else {
            Glibc.close(descriptor)
            throw UserError(
                .inputOutput,
                "the lock \(path) cannot be written",
                remedy: "Make room on that disk."
            )
        }
        return SenderLock(descriptor: descriptor)
    }

    /// Gives the lock back; ending the process does the same.
    public func release() { flock(descriptor, LOCK_UN) }

    deinit { Glibc.close(descriptor) }

    private static func readHolder(_ descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count].prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
    }
}
