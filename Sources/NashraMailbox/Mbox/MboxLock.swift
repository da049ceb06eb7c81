// SPDX-License-Identifier: Apache-2.0
//
// The two locks that keep an mbox file to one program at a time, as mail systems take them.
// Makes and removes `FILE.lock`; locks the open file.
// Rules: Debian policy 11.6 (fcntl, then the dot lock; all or nothing); Postfix mailbox_delivery_lock; fcntl(2) on OFD
// locks, which exclude the older kind too and, unlike those, do not vanish when somebody else here closes the file.
import Glibc
import NashraCore

/// The right to change an mbox file; held for moments only, until ``release()``.
struct MboxLock {
    private let descriptor: Int32
    private let lockFile: String?

    private static let setLock: Int32 = 37  // F_OFD_SETLK, which Glibc shows only with _GNU_SOURCE
    /// Postfix's stale_lock_time: a dot lock that is older belongs to nobody any more.
    private static let staleAge = 500

    private init(descriptor: Int32, lockFile: String?) {
        self.descriptor = descriptor
        self.lockFile = lockFile
    }

    /// Gives both back, in the reverse order.
    func release() {
        if let lockFile { unlink(lockFile) }
        _ = Self.lock(descriptor, F_UNLCK)
    }

    /// Takes both locks; with `isShared` only the one that keeps writers out.
    ///
    /// Throws `tryAgain` when somebody else keeps them for longer than `patience`.
    static func take(
        _ file: borrowing OpenFile,
        _ path: String,
        isShared: Bool,
        patience: Duration
    ) throws(UserError) -> MboxLock {
        let end = Moment.now + patience
        while true {
            if lock(file.descriptor, isShared ? F_RDLCK : F_WRLCK) {
                if isShared { return MboxLock(descriptor: file.descriptor, lockFile: nil) }
                switch makeLockFile("\(path).lock") {
                case .made: return MboxLock(descriptor: file.descriptor, lockFile: "\(path).lock")
                case .notPossible: return MboxLock(descriptor: file.descriptor, lockFile: nil)
                case .taken: _ = lock(file.descriptor, F_UNLCK)
                }
            }
            guard Moment.now < end else { break }
            _ = poll(nil, 0, min(end - .now, .milliseconds(100)).milliseconds)
        }
        throw UserError(
            .tryAgain,
            "\(path) is locked by another program",
            remedy: "Try again; when none uses it, remove \(path).lock."
        )
    }

    private static func lock(_ descriptor: Int32, _ kind: Int32) -> Bool {
        var range = flock()
        range.l_type = Int16(kind)
        range.l_whence = Int16(SEEK_SET)
        return fcntl(descriptor, setLock, &range) == 0
    }

    private enum LockFile { case made, taken, notPossible }

    private static func makeLockFile(_ path: String) -> LockFile {
        for _ in 0..<2 {
            do {
                let file = try OpenFile.open(path, O_WRONLY | O_CREAT | O_EXCL)
                try? file.write(Array("\(getpid())\n".utf8), path: path)
                return .made
            } catch {
                // Where we may not write beside the file the other lock has to do, as Postfix does it too.
                guard error.code == EEXIST else { return .notPossible }
            }
            var status = stat()
            guard lstat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > staleAge else {
                return .taken
            }
            unlink(path)
        }
        return .taken
    }
}
