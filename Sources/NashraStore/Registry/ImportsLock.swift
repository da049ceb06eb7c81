// SPDX-License-Identifier: Apache-2.0
//
// The lock that makes a store have one import at a time: gone with the process that holds it, however that ends.
// Touches one file beside the store. Rules: docs/importing.md; flock(2).
import Foundation
import NashraCore

/// The right to import, for one process at a time.
final class ImportsLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Takes the lock, or says at once who has it.
    ///
    /// - Parameter store: The store's file; the lock is beside it, and never removed.
    /// - Returns: The lock; it ends with the object.
    /// - Throws: `tryAgain`, naming the process that imports; `cannotCreate` when the file cannot be made.
    static func acquire(store: String) throws(UserError) -> ImportsLock {
        let path = store + "-import"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UserError(
                .cannotCreate,
                "the lock \(path) cannot be made: \(String(cString: strerror(errno)))",
                remedy: "Check that its folder exists and belongs to the user who runs nashra."
            )
        }
        let lock = ImportsLock(descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = lock.holder.map { " (process \($0))" } ?? ""
            throw UserError(
                .tryAgain,
                "another import is running\(holder)",
                remedy: "Wait for it; or stop it, and run its command again: it goes on where it was."
            )
        }
        let line = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, line, line.count, 0) == line.count else {
            throw UserError(
                .inputOutput,
                "the lock \(path) cannot be written",
                remedy: "Make room on that disk."
            )
        }
        return lock
    }

    deinit { Glibc.close(descriptor) }

    private var holder: Int? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count].prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
    }
}
